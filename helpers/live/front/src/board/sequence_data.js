// The steps of the sequence, as data: which are shown, in which order, and what everybody was after them.

/** @import { Call, Lane, Reservation, Sid, Step } from "../shared/types.js" */
/** @import { Store } from "./store.js" */
import { PHONE_LANES, SEQUENCE_LANES } from "../shared/constants.js";
import { duration, shortSid } from "../shared/text.js";
import { push } from "./outline.js";

/** Milliseconds by which calls that name no task may lie before and after the task's own steps. */
const AROUND = 3000;
/** Milliseconds by which the clocks of two machines may disagree. */
const CLOCKS_DIFFER = 200;
const ENDS_OFFER = ["reservation.accepted", "reservation.rejected"];
const TWILIO = "Twilio";
const STATES_AT_MOST = 4;

/** What can be shown and left out, each with the kinds of steps that it stands for.
 * @type {Record<string, { words: string, kinds: Step["kind"][], atFirst: boolean }>} */
export const GROUPS = {
  call: { words: "REST calls that change", kinds: ["call", "answer"], atFirst: true },
  read: { words: "REST calls that read", kinds: ["read", "result"], atFirst: false },
  webhook: { words: "webhooks and instructions", kinds: ["webhook", "instruction"], atFirst: true },
  state: { words: "changes of state", kinds: ["state"], atFirst: true },
  event: { words: "event callbacks", kinds: ["event"], atFirst: false },
  phone: { words: "phones", kinds: ["phone"], atFirst: true },
};

/** The lanes that are drawn, with what stands above each. Where there is a call, it is those that are used: there are many
 * then. Otherwise it is all but those of phones.
 * @param {Step[]} steps
 * @returns {Map<Lane, string>} */
export function lanesOf(steps) {
  const used = new Set(steps.flatMap(({ from, to }) => [from, to]));
  const lanes = /** @type {[Lane, string][]} */ (Object.entries(SEQUENCE_LANES));
  const hasCalls = steps.some(({ call }) => call);
  return new Map(
    lanes
      .filter(([lane]) => (hasCalls ? used.has(lane) : !PHONE_LANES.includes(lane)))
      .map(([lane, name]) => [lane, lane === "taskrouter" && hasCalls ? TWILIO : name]), // calls are not TaskRouter's
  );
}

/** The steps of one task: its own and those of its phone calls, and REST calls of its workers at the time that belong to
 * no task.
 * @param {Step[]} steps in order
 * @param {Sid} task
 * @param {Reservation[]} offers the task's reservations
 * @param {Store["calls"]} calls */
export function stepsOfTask(steps, task, offers, calls) {
  const isOwn = (/** @type {Step} */ step) =>
    step.task === task || Boolean(step.call && calls.get(step.call)?.task === task);
  const own = steps.filter(isOwn);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return own;
  const workers = new Set(offers.map(({ worker }) => worker));
  const isNear = (/** @type {Step} */ { at }) => at >= first.at - AROUND && at <= last.at + AROUND;
  const isTheirs = (/** @type {Step} */ step) => !step.task && step.worker && workers.has(step.worker) && isNear(step);
  return steps.filter((step) => isOwn(step) || isTheirs(step));
}

/** What the answer to a webhook was about, if this step may have come of it: a reservation whose offer has ended or whose
 * worker is called, or a call in which something is heard or for which a task is made.
 * @param {Step} step
 * @returns {Sid | null | undefined} */
function cameOfAnswer({ kind, type, from, call, reservation }) {
  if (kind === "phone") return from === "taskrouter" ? (reservation ?? call) : null;
  if (kind !== "state") return null;
  return type && ENDS_OFFER.includes(type) ? reservation : call;
}

/** Put steps in the order of time. The clocks of two machines may disagree by a moment, so an instruction stands before
 * what came of it, if it was asked for before: by half a microsecond, since a number of this size knows nothing below a
 * quarter of one.
 * @param {Iterable<Step>} steps
 * @returns {Step[]} */
export function inOrder(steps) {
  const all = [...steps];
  const askedAt = new Map(
    all.filter(({ kind }) => kind === "webhook").map(({ id, at }) => [id.replace("request", "instruction"), at]),
  );
  /** @type {Map<Sid, number[]>} */
  const outcomes = new Map();
  for (const step of all) {
    const about = cameOfAnswer(step);
    if (about) push(outcomes, about, step.at);
  }
  const placeOf = (/** @type {Step} */ { id, kind, at, reservation, call }) => {
    const asked = kind === "instruction" ? askedAt.get(id) : undefined;
    if (asked === undefined) return at;
    const isLate = (/** @type {number} */ end) => end < at && at - end < CLOCKS_DIFFER && asked < end;
    const late = (outcomes.get(reservation ?? call ?? "") ?? []).filter(isLate);
    return late.length ? Math.min(...late) - 0.0005 : at;
  };
  const places = new Map(all.map((step) => [step, placeOf(step)]));
  const place = (/** @type {Step} */ step) => places.get(step) ?? step.at;
  return all.sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
}

/** Where slow motion begins: so many steps in, at the call that led to the newest offer. What went before, such as the
 * making of the task, can be stepped through.
 * @param {Step[]} steps in order */
export function sceneStart(steps) {
  const offer = steps.findLastIndex(({ type }) => type === "reservation.created");
  return Math.max(
    0,
    steps.slice(0, offer + 1).findLastIndex(({ kind }) => kind === "call"),
  );
}

/** Say how long after the step before.
 * @param {number} ms */
export const gapWords = (ms) => (ms < 0.5 ? "" : ms < 10000 ? `+${Math.round(ms)} ms` : `+${duration(ms / 1000)}`);

/** Say whose phone it is.
 * @param {Call | undefined} call */
const phoneWords = (call) => call && (call.side === "caller" ? `caller ${call.name}` : `${call.name}’s phone`);

/** What workers, tasks and calls have been through in these steps, the last states of each.
 * @param {Step[]} steps in order
 * @param {Store} store
 * @param {Sid | null} task the only task that is of interest */
export function statesAfter(steps, store, task) {
  /** @type {Map<Sid, string[]>} */
  const states = new Map();
  for (const { sets } of steps) for (const [sid, state] of Object.entries(sets)) push(states, sid, state);
  return [...states]
    .filter(([sid]) => !sid.startsWith("WT") || task === null || sid === task)
    .slice(-STATES_AT_MOST)
    .map(([sid, all]) => {
      const ways = all.filter((state, i) => state !== all[i - 1]).slice(-STATES_AT_MOST);
      const name = store.workers.get(sid)?.name ?? phoneWords(store.calls.get(sid)) ?? `task ${shortSid(sid)}`;
      return { sid, name, before: ways.slice(0, -1), now: ways.at(-1) };
    });
}
