// The tasks on their path, one lane for each status, and under each task who was asked.

/** @import { Task } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
/** @import { TaskLane } from "./tasks_data.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { age } from "../shared/ages.js";
import { isEnded, isWaiting } from "../shared/statuses.js";
import { listText, shortSid, timeOfDay } from "../shared/text.js";
import { callLine } from "./calls.js";
import { button, statusMark } from "./context.js";
import { callsOfTask, factWords, offersOf, repeatedWords, shownAttributes, taskLanes } from "./tasks_data.js";
import { whySection } from "./why.js";

const CARDS_AT_MOST = 20;
const FINISHED_AT_MOST = 3; // the others are folded away
const SEARCH_FROM = 8;

/** How long a task waits or lives, or when it ended.
 * @param {Task} task */
function ageOf(task) {
  const className = "tr-soft tr-right";
  if (isEnded(task.status))
    return html`<span class=${className}>${timeOfDay(task.updated, { fraction: false })}</span>`;
  const waits = isWaiting(task.status);
  return age(((waits && task.waits) || task.created) / 1000, waits ? "waits" : "age", className);
}

/** What can be done with the selected task.
 * @param {Task} task
 * @param {ReturnType<typeof offersOf>} offers
 * @param {Context} context */
function buttons(task, { open, openTo }, { live, run }) {
  const answer = (/** @type {"accepted" | "rejected"} */ status) => {
    if (open) run({ type: "update-reservation", task: task.sid, reservation: open, status });
  };
  const update = (/** @type {"completed" | "canceled"} */ status) =>
    run({ type: "update-task", task: task.sid, status });
  const whose = openTo ? ` for ${openTo}` : "";
  const options = { disabled: !live, acts: true };
  const worked = task.status === "assigned" || task.status === "wrapping";
  const waits = isWaiting(task.status);
  return html`
    ${button(`Accept${whose}`, () => answer("accepted"), { ...options, control: "accept", hidden: !open })}
    ${button(`Reject${whose}`, () => answer("rejected"), { ...options, control: "reject", hidden: !open })}
    ${button("Complete", () => update("completed"), { ...options, control: "complete", hidden: !worked })}
    ${button("Cancel", () => update("canceled"), { ...options, control: "cancel", hidden: !waits })}
  `;
}

/** A task's card.
 * @param {Task} task
 * @param {Context} context */
function card(task, context) {
  const { store, present, pick } = context;
  const isPresent = present?.sid === task.sid;
  const offers = offersOf(task, context.offers, store);
  return html`<li class="tr-task ${isPresent ? "tr-onpath" : ""}" data-key="task ${task.sid}" data-glide=${task.sid}>
    <button type="button" class="tr-pick tr-line" data-control="pick" aria-pressed=${String(isPresent)} @click=${() => pick(task.sid)}><code>${statusMark(task.status)} ${shortSid(task.sid)}</code>${ageOf(task)}</button>
    <div class="tr-attributes">${shownAttributes(task).map(([name, value]) => html`<span><span class="tr-soft">${name} </span>${listText(value)}</span>`)}</div>
    <ul class="tr-callsnow">${callsOfTask(task, store).map((call) => callLine(call, call.side === "caller" ? "caller" : `${call.name}’s phone`))}</ul>
    <div class="tr-soft">${factWords(task, store)}</div>
    <p class="tr-repeated">${repeatedWords(task, context.offers, store)}</p>
    <ul class="tr-offers">${offers.shown.map(({ status, worker }) => html`<li>${statusMark(status)} ${worker} <span class="tr-soft">${status}</span></li>`)}</ul>
    <div class="tr-buttons" ?hidden=${!isPresent}>${isEnded(task.status) ? nothing : buttons(task, offers, context)}
      ${button("Why?", () => context.run({ type: "explain-task", task: task.sid }), { disabled: !context.live, label: "Why did this task go there?", control: "why" })}</div>
  </li>`;
}

/**
 * @param {Task[]} tasks
 * @param {Context} context */
const cards = (tasks, context) =>
  html`<ul class="tr-cardlist">${repeat(
    tasks,
    ({ sid }) => sid,
    (task) => card(task, context),
  )}</ul>`;

/**
 * @param {TaskLane} lane
 * @param {Context} context */
function laneSection({ status, tasks, count }, context) {
  const isFinished = status === "completed";
  const name = isFinished ? "finished" : status;
  const first = tasks.slice(0, isFinished ? FINISHED_AT_MOST : CARDS_AT_MOST);
  const rest = tasks.slice(first.length, CARDS_AT_MOST);
  const more = tasks.length - first.length - rest.length;
  const isHidden = !tasks.length && (context.compact || status === "wrapping");
  return html`<div class="tr-lane" role="group" aria-label="Tasks ${name}" ?hidden=${isHidden}>
    <h4><span aria-hidden="true">${statusMark(status)} </span>${name} <span class="tr-count">${count}</span></h4>
    ${cards(first, context)}
    <details class="tr-fold" ?hidden=${!rest.length}><summary>${rest.length} earlier</summary>${cards(rest, context)}</details>
    <p class="tr-soft">${more ? `and ${more} more` : ""}</p>
  </div>`;
}

/** Make the panel.
 * @param {() => void} redraw
 * @returns {Panel} */
export function tasks(redraw) {
  let wanted = "";
  /** @type {string | undefined} */
  let closed; // the id of the answer that was put away
  const onSearch = (/** @type {Event} */ event) => {
    wanted = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase();
    redraw();
  };
  return {
    template: (context) =>
      html`<section class="tr-tasks">
        <div class="tr-line tr-finding">
          <h3>Tasks</h3>
          <input type="search" class="tr-search" placeholder="find a task" aria-label="Find a task" ?hidden=${context.store.tasks.size < SEARCH_FROM} @input=${onSearch} />
        </div>
        <p class="tr-soft" ?hidden=${!context.compact || context.store.tasks.size > 0}>No tasks yet.</p>
        ${whySection(context.why?.id === closed ? null : context.why, context, () => {
          closed = context.why?.id;
          redraw();
        })}
        <div class="tr-lanes ${context.compact ? "tr-stacked" : ""}">${taskLanes(context.store, wanted).map((lane) => laneSection(lane, context))}</div>
      </section>`,
  };
}
