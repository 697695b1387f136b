import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GROUPS,
  gapWords,
  inOrder,
  lanesOf,
  sceneStart,
  statesAfter,
  stepsOfTask,
} from "../src/board/sequence_data.js";
import { drawingWidth, lanesIn } from "../src/board/sequence_drawing.js";
import { STEP_KINDS } from "../src/shared/constants.js";
import { call, reservation, step, store, worker } from "./fakes.js";

const ids = (steps) => steps.map(({ id }) => id);

test("steps stand by time, and by name within a moment", () => {
  assert.deepEqual(ids(inOrder([step("c", 3), step("b", 2), step("a", 2)])), ["a", "b", "c"]);
});

test("an instruction stands before what came of it, though a clock is a moment behind", () => {
  const accepted = step("EV1", 100, { type: "reservation.accepted", reservation: "WR1" });
  const asked = (at) => step("request 1", at, { kind: "webhook", reservation: "WR1" });
  const answered = (at) => step("instruction 1", at, { kind: "instruction", reservation: "WR1" });
  const order = (...steps) => ids(inOrder([accepted, ...steps]));
  assert.deepEqual(order(asked(90), answered(150)), ["request 1", "instruction 1", "EV1"]);
  assert.deepEqual(order(asked(90), answered(301)), ["request 1", "EV1", "instruction 1"], "more than a moment");
  assert.deepEqual(order(asked(120), answered(150)), ["EV1", "request 1", "instruction 1"], "asked for after it");
});

test("the answer to a question about a call stands before what came of it, and after what led to it", () => {
  const about = { call: "CA1" };
  const steps = [
    step("dialed", 90, { ...about, kind: "phone", from: "caller" }),
    step("request 1", 91, { ...about, kind: "webhook" }),
    step("pressed", 95, { ...about, kind: "phone", from: "caller" }),
    step("created", 100, { ...about, type: "task.created", from: "taskrouter" }),
    step("heard", 100.05, { ...about, kind: "phone", from: "taskrouter" }),
    step("of another", 99, { kind: "phone", from: "taskrouter", call: "CA2" }),
    step("instruction 1", 100.7, { ...about, kind: "instruction" }),
  ];
  const order = ["dialed", "request 1", "pressed", "of another", "instruction 1", "created", "heard"];
  assert.deepEqual(ids(inOrder(steps.reverse())), order);
});

test("an instruction to call a worker stands before the worker's phone rings", () => {
  const steps = [
    step("request 1", 90, { kind: "webhook", reservation: "WR1" }),
    step("rings", 100, { kind: "phone", from: "taskrouter", call: "CA2", reservation: "WR1" }),
    step("instruction 1", 100.7, { kind: "instruction", reservation: "WR1" }),
  ];
  assert.deepEqual(ids(inOrder(steps)), ["request 1", "instruction 1", "rings"]);
});

test("half a microsecond tells two times of today apart", () => {
  const at = Date.UTC(2026, 0, 1);
  assert.notEqual(at - 0.0005, at);
});

test("to a task belong its own steps, and calls of its workers around them that name no task", () => {
  const steps = [
    step("early", 1000, { worker: "WK1" }),
    step("near", 8000, { worker: "WK1" }),
    step("own", 10000, { task: "WT1" }),
    step("of another worker", 10000, { worker: "WK2" }),
    step("of another task", 10000, { task: "WT2", worker: "WK1" }),
    step("late", 14000, { worker: "WK1" }),
  ];
  assert.deepEqual(ids(stepsOfTask(steps, "WT1", [reservation("WR1")], new Map())), ["near", "own"]);
  assert.deepEqual(stepsOfTask(steps, "WT9", [], new Map()), []);
});

test("to a task belong the steps of its calls, also those from before there was a task", () => {
  const steps = [
    step("dialed", 1000, { call: "CA1" }),
    step("of another call", 1000, { call: "CA2" }),
    step("own", 90000, { task: "WT1" }),
  ];
  const { calls } = store({ calls: [call("CA1"), call("CA2", { task: null })] });
  assert.deepEqual(ids(stepsOfTask(steps, "WT1", [], calls)), ["dialed", "own"]);
});

test("where there is a call, those lanes are there that are used, and TaskRouter's is Twilio's", () => {
  const names = (...steps) => [...lanesOf(steps).values()].join(", ");
  const event = step("e", 1, { from: "taskrouter", to: "worker" });
  const dialed = step("d", 1, { from: "caller", to: "taskrouter", call: "CA1" });
  const answered = step("a", 1, { from: "agent", to: "taskrouter", call: "CA2" });
  assert.equal(names(event), "your code, TaskRouter, callback server, worker");
  assert.equal(names(event, dialed), "caller, Twilio, worker");
  assert.equal(names(event, dialed, answered), "caller, Twilio, worker, agent");
});

test("every kind of step can be shown and left out", () => {
  const kinds = Object.values(GROUPS).flatMap((group) => group.kinds);
  assert.deepEqual(kinds.sort(), [...STEP_KINDS].sort());
});

test("a gap is said only where there is one", () => {
  assert.deepEqual([0.4, 12.3, 9999, 61000].map(gapWords), ["", "+12 ms", "+9999 ms", "+1 min 1 s"]);
});

test("the states after some steps are the last of each, without repetitions", () => {
  const steps = ["Offline", "Idle", "Idle", "Reserved"].map((state, i) => step(`s${i}`, i, { sets: { WK1: state } }));
  steps.push(step("t", 9, { sets: { WT1: "reserved", WT2: "pending" } }));
  const known = store({ workers: [worker("WK1", "Alice")] });
  const [alice, ...tasks] = statesAfter(steps, known, "WT1");
  assert.deepEqual(alice, { sid: "WK1", name: "Alice", before: ["Offline", "Idle"], now: "Reserved" });
  assert.deepEqual(tasks, [{ sid: "WT1", name: "task WT…WT1", before: [], now: "reserved" }]);
  assert.equal(statesAfter(steps, known, null).length, 3);
  const calls = store({ calls: [call("CA1"), call("CA2", { side: "agent", name: "Alice" })] });
  const rang = [step("p", 1, { sets: { CA1: "waiting" } }), step("q", 2, { sets: { CA2: "ringing" } })];
  assert.deepEqual(
    statesAfter(rang, calls, "WT1").map(({ name, now }) => [name, now]),
    [
      ["caller +15005550100", "waiting"],
      ["Alice’s phone", "ringing"],
    ],
  );
});

test("the lanes stand apart, in little room too", () => {
  const lanes = ["caller", "code", "taskrouter", "server", "worker", "agent"];
  for (const board of [390, 700, 1100]) {
    for (const shown of [lanes.slice(1, 5), lanes]) {
      const width = drawingWidth(board, shown.length);
      const places = Object.values(lanesIn(shown, width));
      assert.equal(places.length, shown.length);
      assert.ok(
        places.every((x, i) => x - (places[i - 1] ?? 0) >= 72 && x < width - 30),
        `${width}: ${places}`,
      );
    }
  }
});

test("slow motion begins at the call that led to the newest offer", () => {
  const call = (id, at) => step(id, at, { kind: "call" });
  const offer = (id, at) => step(id, at, { type: "reservation.created" });
  assert.equal(sceneStart([]), 0);
  assert.equal(sceneStart([call("c1", 1), step("s1", 2)]), 0);
  assert.equal(sceneStart([call("c1", 1), step("s1", 2), call("c2", 3), offer("o1", 4), call("c3", 5)]), 2);
  assert.equal(sceneStart([offer("o1", 4)]), 0);
});
