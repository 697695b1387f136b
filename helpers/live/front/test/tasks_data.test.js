import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callsOfTask,
  factWords,
  offersOf,
  repeatedWords,
  shownAttributes,
  taskLanes,
  transferWords,
} from "../src/board/tasks_data.js";
import { ENDED_TASKS_KEPT } from "../src/shared/constants.js";
import { call, reservation, store, task, worker } from "./fakes.js";

const sids = (entities) => entities.map(({ sid }) => sid);

test("each task is in the lane of its status, a canceled one with the completed", () => {
  const statuses = ["pending", "reserved", "assigned", "wrapping", "completed", "canceled"];
  const tasks = statuses.map((status, i) => task(`WT${i}`, { status, updated: i }));
  const lanes = taskLanes(store({ tasks }), "").map((lane) => [lane.status, ...sids(lane.tasks), lane.count]);
  assert.deepEqual(lanes, [
    ["pending", "WT0", "1"],
    ["reserved", "WT1", "1"],
    ["assigned", "WT2", "1"],
    ["wrapping", "WT3", "1"],
    ["completed", "WT5", "WT4", "2"],
  ]);
});

test("those that wait stand as they are served, the others by what changed last", () => {
  const tasks = [task("WT1", { entered: 1, updated: 9 }), task("WT2", { entered: 2, priority: 3 })];
  tasks.push(task("WT3", { status: "assigned", updated: 4 }), task("WT4", { status: "assigned", updated: 6 }));
  const [pending, , assigned] = taskLanes(store({ tasks }), "");
  assert.deepEqual(sids(pending.tasks), ["WT2", "WT1"]);
  assert.deepEqual(sids(assigned.tasks), ["WT4", "WT3"]);
});

test("a search looks at SID, attributes and status", () => {
  const tasks = [task("WT1", { attributes: '{"language":"ES"}' }), task("WT2")];
  const found = (wanted) => taskLanes(store({ tasks }), wanted).flatMap((lane) => sids(lane.tasks));
  assert.deepEqual(["es", "wt2", "pending", "x"].map(found), [["WT1"], ["WT2"], ["WT1", "WT2"], []]);
});

test("where older ones are forgotten, the count says so", () => {
  const ended = (count) => Array.from({ length: count }, (_, i) => task(`WT${i}`, { status: "completed" }));
  const count = (many) => taskLanes(store({ tasks: ended(many) }), "").at(-1).count;
  assert.equal(count(ENDED_TASKS_KEPT - 1), String(ENDED_TASKS_KEPT - 1));
  assert.equal(count(ENDED_TASKS_KEPT), `the last ${ENDED_TASKS_KEPT}`);
});

test("the last offers are shown and all that stand, and several open ones are told apart", () => {
  const statuses = ["accepted", "rejected", "rejected", "pending", "pending"];
  const all = statuses.map((status, i) => reservation(`WR${i}`, { status, created: i, worker: i % 2 ? "WK1" : "WK2" }));
  const known = store({ workers: [worker("WK1", "Alice")] });
  const offers = offersOf(task("WT1"), new Map([["WT1", all.reverse()]]), known);
  assert.deepEqual(sids(offers.shown), ["WR0", "WR2", "WR3", "WR4"]);
  assert.deepEqual([offers.open, offers.openTo], ["WR3", "Alice"]);
  const one = offersOf(task("WT1"), new Map([["WT1", [reservation("WR1")]]]), known);
  assert.deepEqual([one.open, one.openTo], ["WR1", null]);
  assert.deepEqual(offersOf(task("WT1"), new Map(), known), { shown: [], open: null, openTo: null });
});

test("a transfer says who passes the task on, and to which worker", () => {
  const known = store({ workers: [worker("WK1", "Alice"), worker("WK2", "Bob")] });
  const passed = { initiating_worker_sid: "WK1", to: "WK2", mode: "WARM", sid: "TT1" };
  assert.equal(transferWords(task("WT1", { passed }), known), "Alice is transferring it to Bob (WARM)");
  assert.equal(
    transferWords(task("WT1", { passed: { ...passed, to: "WQ1" } }), known),
    "Alice is transferring it (WARM)",
  );
  assert.equal(transferWords(task("WT1"), known), null);
});

test("the facts of a task are those that there are", () => {
  const known = store({ task_queues: [{ sid: "WQ1", name: "Spanish", order: "FIFO" }] });
  assert.equal(factWords(task("WT1", { queue: "WQ1", priority: 7 }), known), "Spanish · priority 7");
  assert.equal(factWords(task("WT1", { status: "canceled", reason: "Gone" }), known), "canceled · Gone");
});

test("a task's channel is told where it counts, in a multitasking workspace, and unless it is the usual one", () => {
  const task_channels = [
    { sid: "TC1", name: "Default", unique_name: "default" },
    { sid: "TC2", name: "Chat", unique_name: "chat" },
  ];
  const known = store({ task_channels });
  known.workspace.multitasking = true;
  assert.equal(factWords(task("WT1", { channel: "TC2" }), known), "channel chat");
  assert.equal(factWords(task("WT1", { channel: "TC1" }), known), "");
  known.workspace.multitasking = false;
  assert.equal(factWords(task("WT1", { channel: "TC2" }), known), "");
});

test("a task from a call shows who calls and the application's own attributes, any other all of them", () => {
  const call = {
    call_sid: "CA1",
    from: "+15005550100",
    to: "+15005550006",
    called_city: "",
    api_version: "2010-04-01",
    worker_call_sid: "CA2",
    conference: { sid: "CF1" },
  };
  const of = (attributes) => shownAttributes(task("WT1", { attributes: JSON.stringify(attributes) }));
  assert.deepEqual(of({ selected_language: "es", to_address: "x", ...call }), [
    ["call from", "+15005550100"],
    ["selected_language", "es"],
    ["to_address", "x"],
  ]);
  assert.deepEqual(of({ from: "Bob", to: "Alice" }), [
    ["from", "Bob"],
    ["to", "Alice"],
  ]);
});

test("a task shows its caller's call, and the agents' phones that ring", () => {
  const agent = { side: "agent", name: "Alice" };
  const calls = [
    call("CA1", { live: false, words: "is not on the line any more" }),
    call("CA2", { ...agent, words: "rings" }),
    call("CA3", { ...agent, words: "talks with +15005550100" }),
    call("CA4", { ...agent, live: false, words: "was not answered" }),
    call("CA5", { task: "WT2" }),
  ];
  assert.deepEqual(sids(callsOfTask(task("WT1"), store({ calls }))), ["CA1", "CA2"]);
});

test("what is offered to one worker again and again is said, with how the last call ended", () => {
  const said = (statuses, { calls = [], more = {}, workers = statuses.map(() => "WK1") } = {}) => {
    const all = statuses.map((status, i) => reservation(`WR${i}`, { status, created: i, worker: workers[i] }));
    const known = store({ workers: [worker("WK1", "Alice"), worker("WK2", "Bob")], calls });
    return repeatedWords(task("WT1", more), new Map([["WT1", all]]), known);
  };
  const leg = { side: "agent", name: "Alice", task: "WT1" };
  const calls = [
    call("CA1", { ...leg, live: false, words: "was not answered: busy, or rejected", since: 1 }),
    call("CA2", { ...leg, words: "rings", since: 2 }),
  ];
  const busy = ["canceled", "canceled", "canceled", "pending"];
  const words = "Offered 4 times in a row to Alice, whose last call was not answered: busy, or rejected.";
  assert.equal(said(busy, { calls }), words);
  assert.equal(said(busy), "Offered 4 times in a row to Alice.");
  assert.equal(said(busy, { workers: ["WK1", "WK2", "WK1", "WK1"] }), null);
  assert.equal(said(["canceled", "rejected", "canceled", "canceled"]), null);
  assert.equal(said(["canceled", "canceled", "canceled", "accepted"], { more: { status: "assigned" } }), null);
  assert.equal(said([]), null);
});
