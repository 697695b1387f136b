// The way of a task from the left to the right, as data: the workflows' filters, the queues, the workers.

/** @import { Call, Reservation, Sid, Target, Task, Worker, Workflow } from "../shared/types.js" */
/** @import { Outline } from "./outline.js" */
/** @import { Store } from "./store.js" */
import { DEFAULT_TASK_CHANNEL } from "../shared/constants.js";
import { isHeld, isWaiting } from "../shared/statuses.js";
import { attributePairs, brief, listText } from "../shared/text.js";
import { NAMES } from "./context.js";

/** Say where a target leads, and on what terms.
 * @param {Target} target
 * @param {Store} store */
export function describeTarget(target, store) {
  const terms = [
    target.priority === undefined ? null : `priority ${target.priority}`,
    target.timeout === undefined ? null : `for ${target.timeout} s`,
    target.expression ?? null,
    knownWorker(target.known_worker_sid ?? target.known_worker_friendly_name),
    target.skip_if ? `skip if ${target.skip_if}` : null,
    target.order_by ? `ordered by ${target.order_by}` : null,
  ];
  return {
    queue: store.task_queues.get(target.queue)?.name ?? "the queue before",
    terms: terms.filter(Boolean).join(" · "),
  };
}

/** Say which worker a target is for: the one that an attribute of the task names (behaviour.md §5.4).
 * @param {string | undefined} attribute */
const knownWorker = (attribute) => (attribute === undefined ? null : `only for the worker in ${attribute}`);

/** Find the target that a task is at: that of its queue, and of several the one whose expression matched. -1: none.
 * @param {Task} task
 * @param {Target[]} targets */
export function targetIndex(task, targets) {
  const here = (/** @type {Target} */ target) => target.queue === task.queue;
  const matched = task.target_expression ?? undefined;
  const exact = targets.findIndex((target) => here(target) && target.expression === matched);
  return exact >= 0 ? exact : targets.findIndex(here);
}

/** A workflow's filters in order, the default one last, with the selected task's way marked.
 * @param {Workflow} workflow
 * @param {Store} store
 * @param {Task | null} present */
export function filtersOf(workflow, store, present) {
  const own = present?.workflow === workflow.sid ? present : null;
  const isKnown = workflow.filters.some(({ expression }) => expression === own?.filter_expression);
  const filters = workflow.filters.map(({ name, expression, targets }, i) => {
    const onPath = Boolean(own && expression === own.filter_expression && (!own.filter || name === own.filter));
    const at = own && onPath && targets.length > 1 ? targetIndex(own, targets) : -1;
    return {
      name: name || `filter ${i + 1}`,
      expression,
      onPath,
      targets: targets.map((target, n) => ({ ...describeTarget(target, store), onPath: n === at })),
    };
  });
  if (workflow.default) {
    filters.push({
      name: "everything else",
      expression: "default filter",
      onPath: Boolean(own && !isKnown && own.queue === workflow.default.queue),
      targets: [{ ...describeTarget(workflow.default, store), onPath: false }],
    });
  }
  return filters;
}

/** Put a queue's waiting tasks in the order in which they are served (behaviour.md §3.3).
 * @param {string} order LIFO or FIFO
 * @param {Task[]} tasks */
export function inServiceOrder(order, tasks) {
  if (order === "LIFO") return tasks.sort((a, b) => b.entered - a.entered);
  return tasks.sort((a, b) => b.priority - a.priority || a.entered - b.entered);
}

/** Whether a worker holds only a part of the task, since a transfer has given it to another, too, or is under way.
 * @param {Task | undefined} task
 * @param {Reservation[]} offers the task's reservations */
export function isShared(task, offers) {
  return isWaiting(task?.status) || offers.filter(({ status }) => isHeld(status)).length > 1;
}

/** Say how much a worker has taken on: by channel of its capacity, which counts in a multitasking workspace only.
 * @param {Worker} worker
 * @param {Reservation[]} held
 * @param {Store} store */
export function capacityWords(worker, held, store) {
  if (store.workspace.multitasking === false) return held.length > 1 ? `holds ${held.length} tasks` : "";
  const channels = worker.channels ?? [];
  const used = (/** @type {Sid | null} */ channel) =>
    held.filter(({ task }) => store.tasks.get(task)?.channel === channel).length;
  return channels
    .map((each) => ({ ...each, used: used(each.channel) }))
    .filter((each) => each.used || each.name === DEFAULT_TASK_CHANNEL || !each.available || each.capacity !== 1)
    .map(
      ({ name, used, capacity, available }) =>
        `capacity (channel ${name}): ${used} of ${capacity} in use${available ? "" : ", channel unavailable"}`,
    )
    .join(" · ");
}

/** Say which activities a worker was in before, the newest first.
 * @param {Worker} worker
 * @param {Store} store */
export function trailWords(worker, store) {
  const before = worker.trail.map(({ activity, ms }) => `${store.activities.get(activity)?.name ?? "?"} ${brief(ms)}`);
  return before.length ? `before: ${before.reverse().join(" ← ")}` : "";
}

/** Say what a worker can do, by its attributes.
 * @param {string} attributes */
export function skillWords(attributes) {
  const pairs = attributePairs(attributes);
  return pairs.map(([name, value]) => (pairs.length > 1 ? `${name} ${listText(value)}` : listText(value))).join(" · ");
}

/** The calls at a worker's phone that go on.
 * @param {Worker} worker
 * @param {Store} store
 * @returns {Call[]} */
export function callsOfWorker({ attributes }, store) {
  if (!store.calls.size) return [];
  const address = new Map(attributePairs(attributes)).get("contact_uri");
  return [...store.calls.values()].filter(({ live, phone }) => live && phone === address);
}

/** More workers than this are drawn as lines, and sorted by what they do. */
export const CROWD = 6;

/** The workers that are drawn, and how many there are. In a crowd who holds the selected task comes first, then who holds
 * another, then who is available.
 * @param {Store} store
 * @param {Outline} outline
 * @param {string} wanted what is searched for
 * @param {number} atMost */
export function shownWorkers(store, { present, held }, wanted, atMost) {
  let workers = [...store.workers.values()].map((worker) => {
    const holds = held.get(worker.sid) ?? [];
    return { worker, holds, onPath: Boolean(present && holds.some(({ task }) => task === present.sid)) };
  });
  if (wanted) {
    const words = (/** @type {Worker} */ each) =>
      `${each.name} ${each.attributes} ${store.activities.get(each.activity)?.name}`.toLowerCase();
    workers = workers.filter(({ worker }) => words(worker).includes(wanted));
  }
  const count = workers.length;
  if (count > atMost || store.workers.size > CROWD) {
    const rank = (/** @type {typeof workers[number]} */ { worker, holds, onPath }) =>
      (onPath ? 4 : 0) + (holds.length ? 2 : 0) + (store.activities.get(worker.activity)?.available ? 1 : 0);
    workers.sort((a, b) => rank(b) - rank(a) || NAMES.compare(a.worker.name, b.worker.name));
  }
  return { workers: workers.slice(0, atMost), count };
}
