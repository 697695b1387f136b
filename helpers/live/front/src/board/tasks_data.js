// The tasks on their path, as data: one lane for each status, and under each task who was asked.

/** @import { Call, Sid, Table, Task } from "../shared/types.js" */
/** @import { Outline } from "./outline.js" */
/** @import { Store } from "./store.js" */
import { DEFAULT_TASK_CHANNEL, ENDED_TASKS_KEPT, TASK_PATH } from "../shared/constants.js";
import { isEnded, isHeld } from "../shared/statuses.js";
import { attributePairs } from "../shared/text.js";

/** Offers of a task that are shown besides those that stand. */
const LAST_OFFERS = 3;

/** @typedef {{ status: string, tasks: Task[], count: string }} TaskLane */

/** Sort the tasks into lanes: those that wait in the order in which they are served, the others newest first. Tasks that
 * were canceled stand with the completed ones.
 * @param {Store} store
 * @param {string} wanted what is searched for
 * @returns {TaskLane[]} */
export function taskLanes(store, wanted) {
  /** @type {Table<Task[]>} */
  const lanes = new Map(TASK_PATH.map((status) => [status, []]));
  for (const task of store.tasks.values()) {
    if (wanted && !`${task.sid} ${task.attributes} ${task.status}`.toLowerCase().includes(wanted)) continue;
    lanes.get(isEnded(task.status) ? "completed" : task.status)?.push(task);
  }
  return TASK_PATH.map((status) => {
    const tasks = lanes.get(status) ?? [];
    if (status === "pending") tasks.sort((a, b) => b.priority - a.priority || a.entered - b.entered);
    else tasks.sort((a, b) => b.updated - a.updated);
    const older = status === "completed" && tasks.length >= ENDED_TASKS_KEPT; // the kernel has forgotten them
    return { status, tasks, count: older ? `the last ${tasks.length}` : String(tasks.length) };
  });
}

/** The offers of a task: the last ones and all that stand; which is open, and to whom, where several are.
 * @param {Task} task
 * @param {Outline["offers"]} offers
 * @param {Store} store */
export function offersOf(task, offers, store) {
  const nameOf = (/** @type {Sid | null} */ worker) => store.workers.get(worker)?.name ?? "a worker";
  const all = [...(offers.get(task.sid) ?? [])].sort((a, b) => a.created - b.created);
  const open = all.filter(({ status }) => status === "pending");
  const shown = all.filter((each, i) => i >= all.length - LAST_OFFERS || isHeld(each.status));
  const first = open[0];
  return {
    shown: shown.map(({ sid, status, worker }) => ({ sid, status, worker: nameOf(worker) })),
    open: first?.sid ?? null,
    openTo: first && open.length > 1 ? nameOf(first.worker) : null,
  };
}

/** Offers to one worker, one after another and all canceled, from which on it is said how many they are. */
const REPEATED_FROM = 3;

/** Say that a task is offered again and again to one worker whose calls fail, as a conference does (voice.md §4.5).
 * @param {Task} task
 * @param {Outline["offers"]} offers
 * @param {Store} store */
export function repeatedWords(task, offers, store) {
  const all = [...(offers.get(task.sid) ?? [])].sort((a, b) => b.created - a.created);
  const worker = store.workers.get(all[0]?.worker ?? null);
  const other = all.findIndex((each, i) => each.worker !== worker?.sid || (i > 0 && each.status !== "canceled"));
  const times = other < 0 ? all.length : other;
  if (!worker || times < REPEATED_FROM || isEnded(task.status) || task.status === "assigned") return null;
  const called = [...store.calls.values()].filter((call) => call.task === task.sid && call.name === worker.name);
  const last = called.filter(({ live }) => !live).sort((a, b) => (b.since ?? 0) - (a.since ?? 0))[0];
  return `Offered ${times} times in a row to ${worker.name}${last ? `, whose last call ${last.words}` : ""}.`;
}

/** What a task made from a phone call has in its attributes besides the application's own (voice.md §3.1, §4.1). */
const CALL_ATTRIBUTE =
  /^(call_sid|worker_call_sid|conference|account_sid|api_version|direction|(from|to|caller|called)(_(city|state|zip|country))?)$/;

/** The attributes of a task as its card shows them: of a call, who calls, and not the rest that every call has.
 * @param {Task} task
 * @returns {[string, string][]} */
export function shownAttributes({ attributes }) {
  const pairs = attributePairs(attributes);
  const values = new Map(pairs);
  if (!values.get("call_sid")?.startsWith("CA")) return pairs;
  const own = pairs.filter(([name]) => !CALL_ATTRIBUTE.test(name));
  return [["call from", values.get("from") || "an unknown number"], ...own];
}

/** The calls of a task that its card shows: the caller's, and the agents' phones that ring.
 * @param {Task} task
 * @param {Store} store
 * @returns {Call[]} */
export function callsOfTask(task, store) {
  const own = [...store.calls.values()].filter((call) => call.task === task.sid);
  return own.filter(({ side, live, words }) => side === "caller" || (live && words === "rings"));
}

/** Say who passes a task on, and to whom; a queue that it goes to is named anyway.
 * @param {Task} task
 * @param {Store} store */
export function transferWords({ passed }, store) {
  if (!passed) return null;
  const by = store.workers.get(passed.initiating_worker_sid)?.name ?? "a worker";
  const to = store.workers.get(passed.to)?.name;
  return `${by} is transferring it${to ? ` to ${to}` : ""} (${passed.mode})`;
}

/** Say which channel a task takes up, where that counts: in a multitasking workspace.
 * @param {Task} task
 * @param {Store} store */
function channelWords(task, store) {
  const name = task.channel && store.task_channels.get(task.channel)?.unique_name;
  return store.workspace.multitasking && name && name !== DEFAULT_TASK_CHANNEL ? `channel ${name}` : null;
}

/** Say where a task is and why it has ended.
 * @param {Task} task
 * @param {Store} store */
export function factWords(task, store) {
  const facts = [
    task.queue && store.task_queues.get(task.queue)?.name,
    channelWords(task, store),
    transferWords(task, store),
    task.priority ? `priority ${task.priority}` : null,
    task.status === "canceled" ? "canceled" : null,
    task.reason,
  ];
  return facts.filter(Boolean).join(" · ");
}
