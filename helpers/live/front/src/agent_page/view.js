// What an agent sees: the activities, and a card for each reservation.

/** @import { Reservation, Task } from "twilio-taskrouter" */
/** @import { Session } from "./session.js" */
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { age } from "../shared/ages.js";
import { radioGroup } from "../shared/radio_group.js";
import { attributePairs, shortSid, timeOfDay } from "../shared/text.js";

/** @type {Record<string, string>} */
const STATES = { pending: "Offered", accepted: "Accepted", wrapping: "Wrapping up" };
const PHASES = { connecting: ["○", "connecting"], ready: ["●", "connected"], away: ["✕", "not connected"] };

/**
 * @typedef {object} Doing
 * @property {string | null} busy key of what was asked for and is not answered yet
 * @property {string} refused why the last thing that was asked for was refused
 * @property {(key: string, act: () => Promise<unknown>) => void} run
 */

/** @param {Session} session
 * @param {Doing} doing */
export function agentPage(session, doing) {
  const { settings, worker, phase, trouble, lines } = session;
  const [mark, words] = PHASES[phase];
  const isReady = phase === "ready";
  return html`<header class="tr-head">
      <h1 class="tr-title">${settings?.name ?? "Agent"}${settings?.mode === "live" ? html` <strong class="tr-live">LIVE ACCOUNT</strong>` : ""}</h1>
      <span class="tr-fresh" role="status"><span aria-hidden="true">${mark}</span> <span>${words}</span></span>
    </header>
    <p class="tr-wrong" role="status">${trouble}</p>
    ${worker && session.lines.length ? activities(session, doing, isReady) : ""}
    <p class="tr-choice ${doing.refused ? "tr-refused" : ""}" role="status">${doing.refused}</p>
    <section aria-label="Reservations">
      <ul class="tr-cards">${repeat(
        worker ? [...worker.reservations.values()] : [],
        ({ sid }) => sid,
        (reservation) => card(session, reservation, doing, isReady),
      )}</ul>
      <p class="tr-soft" ?hidden=${!isReady || (worker?.reservations.size ?? 0) > 0}>No reservation.</p>
    </section>
    <div class="tr-events" role="log" aria-label="What has happened" tabindex="0">${lines.map(
      ({ at, text }) =>
        html`<p><span class="tr-soft">${timeOfDay(at, { fraction: false })}</span> <span>${text}</span></p>`,
    )}</div>`;
}

/** @param {Session} session
 * @param {Doing} doing
 * @param {boolean} live */
function activities({ worker, settings }, doing, live) {
  if (!worker?.activity) return "";
  const all = [...worker.activities.values()];
  const pending = doing.busy?.startsWith("WA") ? doing.busy : null;
  return html`<div data-key="activities">${radioGroup({
    name: "activity",
    label: `Activity of ${settings?.name}`,
    activities: all,
    current: worker.activity.sid,
    pending,
    live,
    choose: (sid) => doing.run(sid, async () => worker.activities.get(sid)?.setAsCurrent()),
  })}</div>`;
}

/** Whether the task is a phone call that waits to be connected.
 * @param {Task} task */
const isCall = (task) => typeof task.attributes.call_sid === "string";

/** @param {Session} session
 * @param {Reservation} reservation
 * @param {Doing} doing
 * @param {boolean} live */
function card(session, reservation, doing, live) {
  const { sid, task, status } = reservation;
  const state = STATES[status] ?? status;
  const hasPhone = Boolean(session.worker?.attributes.contact_uri);
  const idle = live && doing.busy === null;
  const born = (task.dateCreated.getTime() - (session.ahead.get(sid) ?? 0)) / 1000;
  /** @param {Element | null} button */
  const field = (button, name = "reason") => {
    const form = /** @type {HTMLFormElement} */ (button?.closest("form"));
    return /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name)).value.trim();
  };
  const button = (
    /** @type {string} */ control,
    /** @type {string} */ words,
    /** @type {(target: Element) => Promise<unknown>} */ act,
    main = false,
  ) =>
    html`<button type="button" class="tr-button ${main ? "tr-main" : ""}" data-control=${control} ?data-acts=${main} ?disabled=${!idle}
      @click=${(/** @type {Event} */ { currentTarget }) => {
        const target = /** @type {Element} */ (currentTarget);
        doing.run(sid, () => act(target));
      }}>${words}</button>`;
  const buttons =
    status === "pending"
      ? [
          isCall(task) && hasPhone
            ? button("answer", "Take the call", () => reservation.dequeue(), true)
            : button("accept", "Accept", () => reservation.accept(), true),
          button("reject", "Reject", (target) => reject(reservation, field(target), field(target, "then"))),
        ]
      : [
          status === "accepted" ? button("wrap", "Wrap up", (target) => task.wrapUp({ reason: field(target) })) : "",
          button("complete", "Complete", (target) => task.complete(field(target) || "Completed by the agent"), true),
        ];
  return html`<li class="tr-reservation tr-is${status}" data-key=${sid}>
    <h2><span>${state}</span> <span class="tr-soft">${task.queueName} · ${task.taskChannelUniqueName} · priority ${task.priority} · <code title=${sid}>${shortSid(sid)}</code></span></h2>
    <p>${age(born, status === "pending" ? "The customer has waited" : "Since the task was created:")}</p>
    <dl>${attributePairs(JSON.stringify(task.attributes)).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    <form class="tr-answers" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${buttons}
      <label class="tr-soft">Reason <input type="text" name="reason" maxlength="200" autocomplete="off" ?disabled=${!live} /></label>
      ${status === "pending" ? thenChoice(session, live) : ""}
    </form>
  </li>`;
}

/** Where a rejection leaves the agent.
 * @param {Session} session
 * @param {boolean} live */
function thenChoice({ worker }, live) {
  const away = [...(worker?.activities.values() ?? [])].filter(({ available }) => !available);
  return html`<label class="tr-soft">After a rejection <select name="then" ?disabled=${!live}>
    <option value="">as TaskRouter decides</option>
    ${away.map(({ sid, name }) => html`<option value=${sid}>${name}</option>`)}
  </select></label>`;
}

/** Reject a reservation. TaskRouter knows no reason for that, so it goes into the task's attributes, before the task is
 * somebody else's.
 * @param {Reservation} reservation
 * @param {string} reason
 * @param {string} activitySid */
async function reject(reservation, reason, activitySid) {
  const { task } = reservation;
  if (reason) await task.setAttributes({ ...task.attributes, rejected_because: reason });
  return reservation.reject(activitySid ? { activitySid } : undefined);
}
