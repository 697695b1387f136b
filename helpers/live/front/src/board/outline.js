// What several parts of a drawing need, worked out once for each.

/** @import { Reservation, Sid, Table, Task } from "../shared/types.js" */
/** @import { Store } from "./store.js" */
import { isHeld } from "../shared/statuses.js";

/**
 * @typedef {object} Outline
 * @property {Task | null} present the task that was picked, or else the one that changed last
 * @property {Table<Task[]>} waiting the pending tasks of each queue
 * @property {Table<Reservation[]>} held the reservations that bind each worker
 * @property {Table<Reservation[]>} offers all reservations of each task
 */

/** Group tasks and reservations by what they belong to.
 * @param {Store} store
 * @param {Sid | null} picked the task that was picked
 * @returns {Outline} */
export function outlineOf(store, picked) {
  /** @type {Task | null} */
  let newest = null;
  /** @type {Outline["waiting"]} */
  const waiting = new Map();
  for (const task of store.tasks.values()) {
    if (task.status === "pending") push(waiting, task.queue, task);
    if (!newest || task.updated > newest.updated) newest = task;
  }
  /** @type {Table<Reservation[]>} */
  const held = new Map();
  /** @type {Table<Reservation[]>} */
  const offers = new Map();
  for (const reservation of store.reservations.values()) {
    push(offers, reservation.task, reservation);
    if (isHeld(reservation.status)) push(held, reservation.worker, reservation);
  }
  const present = (picked && store.tasks.get(picked)) || newest;
  return { present, waiting, held, offers };
}

/** Say what is becoming of the selected task, for who does not see it.
 * @param {Store} store
 * @param {Outline} outline */
export function presentWords(store, { present, held }) {
  if (!present) return "";
  const holder = [...held.values()].flat().find((each) => each.task === present.sid)?.worker;
  const worker = holder && store.workers.get(holder);
  const activity = worker && store.activities.get(worker.activity)?.name;
  const call = [...store.calls.values()].find(
    ({ task, side, live }) => task === present.sid && side === "caller" && live,
  );
  const parts = [
    `The selected task is ${present.status}`,
    worker ? `${worker.name} is ${activity}` : null,
    call ? `the caller ${call.words}` : null,
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/**
 * @template Key, Value
 * @param {Map<Key, Value[]>} groups
 * @param {Key} key
 * @param {Value} value */
export function push(groups, key, value) {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
