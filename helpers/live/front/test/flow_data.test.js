import assert from "node:assert/strict";
import { test } from "node:test";
import * as flow from "../src/board/flow_data.js";
import { outlineOf } from "../src/board/outline.js";
import { call, reservation, store, task, worker } from "./fakes.js";

const QUEUES = [
  { sid: "WQ1", name: "Spanish", expression: "1==1", order: "FIFO", at_most: 1 },
  { sid: "WQ2", name: "English", expression: "1==1", order: "FIFO", at_most: 1 },
];
const ALL = { sid: "WW1", name: "All", url: "", timeout: 60, default: null };
const SPANISH = { name: "es", expression: 'a == "es"', targets: [{ queue: "WQ1", timeout: 60 }, { queue: "WQ2" }] };
const onPath = (items) => items.map((each) => each.onPath);

test("a target is described with its terms", () => {
  const known = store({ task_queues: QUEUES });
  const target = { queue: "WQ1", priority: 5, timeout: 30, expression: "a==b", skip_if: "c", order_by: "d" };
  const terms = "priority 5 · for 30 s · a==b · skip if c · ordered by d";
  assert.deepEqual(flow.describeTarget(target, known), { queue: "Spanish", terms });
  for (const key of ["known_worker_sid", "known_worker_friendly_name"]) {
    const { terms: toOne } = flow.describeTarget({ queue: "WQ1", [key]: "task.agent" }, known);
    assert.equal(toOne, "only for the worker in task.agent");
  }
  assert.deepEqual(flow.describeTarget({ queue: "WQ9" }, known), { queue: "the queue before", terms: "" });
});

test("of several targets with a task's queue it is at the one whose expression matched", () => {
  const targets = [{ queue: "WQ1", expression: "a" }, { queue: "WQ1" }, { queue: "WQ2" }];
  const index = (more) => flow.targetIndex(task("WT1", more), targets);
  assert.equal(index({ queue: "WQ1", target_expression: "a" }), 0);
  assert.equal(index({ queue: "WQ1", target_expression: null }), 1);
  assert.equal(index({ queue: "WQ1", target_expression: "x" }), 0);
  assert.equal(index({ queue: "WQ9" }), -1);
});

test("the present task's filter and target are marked", () => {
  const present = task("WT1", { workflow: "WW1", queue: "WQ2", filter: "es", filter_expression: SPANISH.expression });
  const [filter] = flow.filtersOf({ ...ALL, filters: [SPANISH] }, store({ task_queues: QUEUES }), present);
  assert.equal(filter.onPath, true);
  assert.deepEqual(onPath(filter.targets), [false, true]);
});

test("of two filters with one expression the one is marked that has the name", () => {
  const filters = [SPANISH, { ...SPANISH, name: "again" }];
  const present = task("WT1", { workflow: "WW1", filter: "again", filter_expression: SPANISH.expression });
  assert.deepEqual(onPath(flow.filtersOf({ ...ALL, filters }, store(), present)), [false, true]);
});

test("a task that no filter matched came by the default one", () => {
  const workflow = { ...ALL, filters: [SPANISH], default: { queue: "WQ2" } };
  const present = task("WT1", { workflow: "WW1", queue: "WQ2", filter_expression: null });
  const last = (given) => flow.filtersOf(workflow, store(), given).at(-1);
  assert.equal(last(present).name, "everything else");
  assert.equal(last(present).onPath, true);
  assert.equal(last({ ...present, workflow: "WW2" }).onPath, false);
  assert.equal(last(null).onPath, false);
});

test("a queue serves by priority and age, a LIFO queue by age alone, the newest first", () => {
  const tasks = [task("WT1", { entered: 1, priority: 0 }), task("WT2", { entered: 2, priority: 5 })];
  tasks.push(task("WT3", { entered: 3, priority: 5 }), task("WT4", { entered: 4 }));
  const sids = (order) => flow.inServiceOrder(order, [...tasks]).map(({ sid }) => sid);
  assert.deepEqual(sids("FIFO"), ["WT2", "WT3", "WT1", "WT4"]);
  assert.deepEqual(sids("LIFO"), ["WT4", "WT3", "WT2", "WT1"]);
});

test("a task is shared while a transfer is under way, and when two workers have it", () => {
  const [mine, other] = ["WR1", "WR2"].map((sid) => reservation(sid, { status: "accepted" }));
  assert.equal(flow.isShared(task("WT1", { status: "assigned" }), [mine]), false);
  assert.equal(flow.isShared(task("WT1", { status: "reserved" }), [mine]), true);
  assert.equal(flow.isShared(task("WT1", { status: "assigned" }), [mine, other]), true);
  assert.equal(flow.isShared(undefined, [mine, { ...other, status: "rejected" }]), false);
});

test("of a worker's channels those are named that matter", () => {
  const channel = (name, more = {}) => ({ channel: `TC${name}`, name, capacity: 1, available: true, ...more });
  const channels = [channel("default"), channel("voice")];
  channels.push(channel("chat", { capacity: 3 }), channel("sms", { available: false }));
  const known = store({ tasks: [task("WT1", { channel: "TCchat" })] });
  const words = flow.capacityWords(worker("WK1", "Alice", { channels }), [reservation("WR1")], known);
  assert.equal(
    words,
    [
      "capacity (channel default): 0 of 1 in use",
      "capacity (channel chat): 1 of 3 in use",
      "capacity (channel sms): 0 of 1 in use, channel unavailable",
    ].join(" · "),
  );
  assert.equal(flow.capacityWords(worker("WK1", "Alice"), [], known), "");
});

test("in a single-tasking workspace there is no capacity that could be exceeded", () => {
  const single = store();
  single.workspace.multitasking = false;
  const channels = [{ channel: "TC1", name: "default", capacity: 1, available: true }];
  const words = (/** @type {number} */ count) =>
    flow.capacityWords(worker("WK1", "Alice", { channels }), Array(count).fill(reservation("WR1")), single);
  assert.deepEqual([0, 1, 2].map(words), ["", "", "holds 2 tasks"]);
});

test("what a worker did before is told from the newest back", () => {
  const trail = [
    { activity: "WAoffline", ms: 1200 },
    { activity: "WAidle", ms: 10 },
  ];
  assert.equal(flow.trailWords(worker("WK1", "Alice", { trail }), store()), "before: Idle 10 ms ← Offline 1 s");
  assert.equal(flow.trailWords(worker("WK1", "Alice"), store()), "");
});

test("one skill needs no name", () => {
  assert.equal(flow.skillWords('{"languages": ["en", "es"]}'), "en, es");
  assert.equal(flow.skillWords('{"languages": ["en"], "level": 2}'), "languages en · level 2");
  assert.equal(flow.skillWords('{"skills": [], "level": 1}'), "skills none · level 1");
});

test("of too many workers those come first who hold the selected task, then who hold any", () => {
  const names = ["Worker 10", "Worker 2", "Worker 1", "Alice"];
  const known = store({
    workers: names.map((name, i) => worker(`WK${i}`, name)),
    tasks: [task("WT1", { updated: 9 }), task("WT2")],
    reservations: [reservation("WR1", { worker: "WK2" }), reservation("WR2", { worker: "WK1", task: "WT2" })],
  });
  const shown = (wanted, atMost) => {
    const { workers, count } = flow.shownWorkers(known, outlineOf(known, null), wanted, atMost);
    return [workers.map((each) => each.worker.name), count];
  };
  assert.deepEqual(shown("", 3), [["Worker 1", "Worker 2", "Alice"], 4]);
  assert.deepEqual(shown("", 4), [names, 4]);
  assert.deepEqual(shown("worker 1", 9), [["Worker 10", "Worker 1"], 2]);
  assert.deepEqual(shown("offline", 9)[1], 4);
});

test("in a crowd those come first who have something to do, or could have", () => {
  const names = ["F", "E", "D", "C", "B", "A", "Idle", "Busy"];
  const activity = (name) => (name === "Idle" ? "WAidle" : "WAoffline");
  const known = store({
    workers: names.map((name) => worker(`WK${name}`, name, { activity: activity(name) })),
    tasks: [task("WT1", { updated: 9 })],
    reservations: [reservation("WR1", { worker: "WKBusy", task: "WT2" })],
  });
  const { workers } = flow.shownWorkers(known, outlineOf(known, null), "", 30);
  assert.deepEqual(
    workers.map((each) => each.worker.name),
    ["Busy", "Idle", "A", "B", "C", "D", "E", "F"],
  );
});

test("a worker's calls are those at the phone of the contact_uri that go on", () => {
  const at = { phone: "client:alice", side: "agent" };
  const known = store({ calls: [call("CA1", at), call("CA2", { ...at, live: false }), call("CA3")] });
  const alice = worker("WK1", "Alice", { attributes: '{"contact_uri": "client:alice"}' });
  assert.deepEqual(
    flow.callsOfWorker(alice, known).map(({ sid }) => sid),
    ["CA1"],
  );
  assert.deepEqual(flow.callsOfWorker(worker("WK2", "Bob"), known), []);
  assert.deepEqual(flow.callsOfWorker(alice, store({})), []);
});
