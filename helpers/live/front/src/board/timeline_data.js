// Who was in which activity and who handled which task, over time, as data; and what that comes to in numbers.

/** @import { Sid, Span, Worker } from "../shared/types.js" */
/** @import { Store } from "./store.js" */
import { brief } from "../shared/text.js";
import { NAMES } from "./context.js";
import { push } from "./outline.js";

/** Seconds that the chart shows at most by itself. */
const LONGEST = 900;
/** Milliseconds that the chart shows at least, and of an activity that went before everything else. */
const SHORTEST = 20_000;
const LEAD = 5_000;
export const WORKERS_AT_MOST = 20;
export const WAITS_AT_MOST = 12;

/** Seconds since the first thing that happened, so that the chart begins full and grows to a quarter of an hour.
 * @param {Iterable<Span>} spans
 * @param {number} now milliseconds since 1970 */
export function secondsSinceFirst(spans, now) {
  let first = now - SHORTEST;
  for (const { kind, from, to } of spans) {
    const start = kind !== "activity" ? from : to === null ? now : Math.max(from, to - LEAD);
    if (start < first) first = start;
  }
  return Math.min(LONGEST, (now - first) / 1000 + 1);
}

/** What happened in a stretch of time, in numbers.
 * @param {Span[]} spans
 * @param {number} start milliseconds since 1970
 * @param {number} now milliseconds since 1970
 * @returns {[string, string | number][]} */
export function timelineNumbers(spans, start, now) {
  const within = (/** @type {Span["kind"]} */ kind) =>
    spans.filter((span) => span.kind === kind && (span.to ?? now) >= start);
  const length = (/** @type {Span} */ { from, to }) => (to ?? now) - from;
  const ended = (/** @type {Span[]} */ all, /** @type {string[]} */ ...ends) =>
    all.filter(({ end }) => end && ends.includes(end));
  const goingOn = (/** @type {Span[]} */ all) => all.filter(({ to }) => to === null).length;
  const mean = (/** @type {number[]} */ all) =>
    all.length ? brief(all.reduce((sum, each) => sum + each, 0) / all.length) : "–";
  const most = (/** @type {number[]} */ all) => (all.length ? brief(all.reduce((a, b) => Math.max(a, b), 0)) : "–");

  const [waits, offers, works] = [within("wait"), within("offer"), within("work")];
  const accepted = ended(waits, "assigned").map(length);
  return [
    ["tasks", new Set(waits.map(({ task }) => task)).size],
    ["waiting now", goingOn(waits)],
    ["canceled while waiting", ended(waits, "canceled").length],
    ["mean wait until accepted", mean(accepted)],
    ["longest wait until accepted", most(accepted)],
    ["reservations", offers.length],
    ["accepted", ended(offers, "accepted").length],
    ["rejected", ended(offers, "rejected").length],
    ["timed out", ended(offers, "timeout").length],
    ["canceled or rescinded", ended(offers, "canceled", "rescinded").length],
    ["in progress now", goingOn(works)],
    ["mean handling time, finished", mean(works.filter(({ to }) => to !== null).map(length))],
  ];
}

/** @typedef {{ worker: Worker, spans: Span[], available: number, working: number, tasks: number }} WorkerRow
 *   available, working: milliseconds */

/** What each worker did in a stretch of time; the busiest first where not all are shown.
 * @param {Store} store
 * @param {Span[]} spans of that time
 * @param {number} start milliseconds since 1970
 * @param {number} now milliseconds since 1970
 * @returns {WorkerRow[]} */
export function workerRows(store, spans, start, now) {
  /** @type {Map<Sid, Span[]>} */
  const byWorker = new Map();
  for (const span of spans) if (span.worker) push(byWorker, span.worker, span);
  const spansOf = (/** @type {Worker} */ { sid }) => byWorker.get(sid) ?? [];
  const workers = [...store.workers.values()];
  if (workers.length > WORKERS_AT_MOST) {
    workers.sort((a, b) => spansOf(b).length - spansOf(a).length || NAMES.compare(a.name, b.name));
  }
  return workers.slice(0, WORKERS_AT_MOST).map((worker) => {
    const own = spansOf(worker);
    const time = (/** @type {Span[]} */ all) =>
      all.reduce((sum, { from, to }) => sum + (to ?? now) - Math.max(start, from), 0);
    const works = own.filter(({ kind }) => kind === "work");
    const free = own.filter(
      ({ kind, activity }) => kind === "activity" && activity && store.activities.get(activity)?.available,
    );
    return { worker, spans: own, available: time(free), working: time(works), tasks: works.length };
  });
}

/** The waits of each task, the task that began to wait last at the end. One that was transferred has waited more than once.
 * @param {Span[]} spans */
export function waitsByTask(spans) {
  /** @type {Map<Sid | undefined, Span[]>} */
  const byTask = new Map();
  for (const span of spans) if (span.kind === "wait") push(byTask, span.task, span);
  const begin = (/** @type {Span[]} */ waits) => waits[0]?.from ?? 0;
  return [...byTask.values()].sort((a, b) => begin(a) - begin(b));
}
