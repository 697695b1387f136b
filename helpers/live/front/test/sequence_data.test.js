import assert from "node:assert/strict";
import { test } from "node:test";
import { GROUPS, gapWords, inOrder, sceneStart, statesAfter, stepsOfTask } from "../src/board/sequence_data.js";
import { lanesIn } from "../src/board/sequence_drawing.js";
import { STEP_KINDS } from "../src/shared/constants.js";
import { reservation, step, store, worker } from "./fakes.js";

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
  assert.deepEqual(ids(stepsOfTask(steps, "WT1", [reservation("WR1")])), ["near", "own"]);
  assert.deepEqual(stepsOfTask(steps, "WT9", []), []);
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
});

test("the lanes stand apart, in little room too", () => {
  for (const width of [390, 700, 1100]) {
    const places = Object.values(lanesIn(width));
    assert.equal(places.length, 4);
    assert.ok(
      places.every((x, i) => x > (places[i - 1] ?? 0) && x < width),
      `${width}: ${places}`,
    );
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
