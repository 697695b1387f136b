// Stand-ins for the kernel, and the entities of a small workspace.

import { storeOf } from "../src/board/store.js";

/** A model as an anywidget host gives it, with what was sent in `sent`. */
export class FakeModel {
  sent = [];
  #traits;
  #listeners = new Map();

  constructor(traits = {}) {
    this.#traits = { state: {}, heartbeat: { now: 100, every: null }, ...traits };
  }

  get(name) {
    return this.#traits[name];
  }

  on(event, act) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), act]);
  }

  off(event, act) {
    this.#listeners.set(
      event,
      (this.#listeners.get(event) ?? []).filter((each) => each !== act),
    );
  }

  send(message) {
    this.sent.push(message);
  }

  /** Set a trait, as the kernel does. */
  set(name, value) {
    this.#traits[name] = value;
    this.#tell(`change:${name}`);
  }

  /** Send a message, as the kernel does. */
  message(content) {
    this.#tell("msg:custom", content);
  }

  kernelEnds() {
    this.#tell("comm_live_update");
  }

  get listeners() {
    return [...this.#listeners.values()].flat().length;
  }

  #tell(event, ...values) {
    for (const act of this.#listeners.get(event) ?? []) act(...values);
  }
}

const bySid = (entities) => Object.fromEntries(entities.map((each) => [each.sid ?? each.id, each]));

export const task = (sid, more = {}) => ({
  sid,
  status: "pending",
  attributes: "{}",
  priority: 0,
  created: 0,
  updated: 0,
  entered: 0,
  reason: null,
  ...more,
});
export const reservation = (sid, more = {}) => ({
  sid,
  task: "WT1",
  worker: "WK1",
  status: "pending",
  created: 0,
  updated: 0,
  ...more,
});
export const worker = (sid, name, more = {}) => ({
  sid,
  name,
  attributes: "{}",
  activity: "WAoffline",
  since: 0,
  trail: [],
  channels: null,
  ...more,
});
export const call = (sid, more = {}) => ({
  sid,
  task: "WT1",
  side: "caller",
  phone: "+15005550100",
  name: "+15005550100",
  live: true,
  words: "waits in the queue, place 1 of 1",
  since: 0,
  ...more,
});
export const step = (id, at, more = {}) => ({ id, at, kind: "state", label: id, sets: {}, ...more });
export const span = (kind, from, to, more = {}) => ({ sid: `${kind} ${from}`, kind, from, to, ...more });

export const ACTIVITIES = [
  { sid: "WAoffline", name: "Offline", available: false },
  { sid: "WAidle", name: "Idle", available: true },
  { sid: "WAbusy", name: "Busy", available: false },
];

/** A snapshot with the collections that are given, as lists. */
export const snapshot = ({ revision = 1, ...collections } = {}) => ({
  revision,
  workspace: { name: "Test" },
  activities: bySid(ACTIVITIES),
  ...Object.fromEntries(Object.entries(collections).map(([name, entities]) => [name, bySid(entities)])),
});

/** A store with these collections. */
export const store = (collections) => storeOf(snapshot(collections));

/** Wait until the condition gives something, and give that; fails after half a minute. */
export async function until(condition) {
  const end = performance.now() + 30_000;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`did not become true: ${condition}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
