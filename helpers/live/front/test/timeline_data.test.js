import assert from "node:assert/strict";
import { test } from "node:test";
import {
  secondsSinceFirst,
  timelineNumbers,
  WORKERS_AT_MOST,
  waitsByTask,
  workerRows,
} from "../src/board/timeline_data.js";
import { span, store, worker } from "./fakes.js";

const NOW = 10_000_000;

test("the chart begins with the first thing that happened, within its limits", () => {
  const since = (...spans) => secondsSinceFirst(spans, NOW);
  assert.equal(since(), 21, "nothing yet");
  assert.equal(since(span("wait", NOW - 60_000, null)), 61);
  assert.equal(since(span("wait", NOW - 3_600_000, null)), 900, "a quarter of an hour at most");
  assert.equal(since(span("activity", NOW - 3_600_000, null)), 21, "an activity that goes on says nothing");
  assert.equal(since(span("activity", NOW - 3_600_000, NOW - 60_000)), 66, "the last seconds of one that was left");
});

test("the numbers count what is within the time", () => {
  const ends = ["accepted", "accepted", "rejected", "timeout", "rescinded", "canceled"];
  const spans = [
    span("wait", NOW - 9000, NOW - 8000, { task: "WT1", end: "assigned" }),
    span("wait", NOW - 7000, NOW - 4000, { task: "WT2", end: "assigned" }),
    span("wait", NOW - 3000, null, { task: "WT2" }),
    span("wait", NOW - 99000, NOW - 90000, { task: "WT0", end: "assigned" }),
    span("wait", NOW - 3000, NOW - 2000, { task: "WT3", end: "canceled" }),
    ...ends.map((end) => span("offer", NOW - 5000, NOW - 4000, { end })),
    span("offer", NOW - 500, null),
    span("work", NOW - 8000, NOW - 6000),
    span("work", NOW - 2000, null),
  ];
  assert.deepEqual(Object.fromEntries(timelineNumbers(spans, NOW - 60_000, NOW)), {
    tasks: 3,
    "waiting now": 1,
    "canceled while waiting": 1,
    "mean wait until accepted": "2 s",
    "longest wait until accepted": "3 s",
    reservations: 7,
    accepted: 2,
    rejected: 1,
    "timed out": 1,
    "canceled or rescinded": 2,
    "in progress now": 1,
    "mean handling time, finished": "2 s",
  });
  assert.equal(Object.fromEntries(timelineNumbers([], 0, NOW))["mean wait until accepted"], "–");
});

test("a worker's times are counted from the beginning of the chart", () => {
  const spans = [
    span("activity", NOW - 20_000, NOW - 6000, { worker: "WK1", activity: "WAidle" }),
    span("activity", NOW - 6000, null, { worker: "WK1", activity: "WAbusy" }),
    span("work", NOW - 6000, null, { worker: "WK1", task: "WT1" }),
  ];
  const known = store({ workers: [worker("WK1", "Alice"), worker("WK2", "Bob")] });
  const [alice, bob] = workerRows(known, spans, NOW - 10_000, NOW);
  assert.deepEqual([alice.available, alice.working, alice.tasks], [4000, 6000, 1]);
  assert.deepEqual([bob.available, bob.working, bob.tasks, bob.spans], [0, 0, 0, []]);
});

test("of too many workers the busiest are shown", () => {
  const workers = Array.from({ length: WORKERS_AT_MOST + 2 }, (_, i) => worker(`WK${i}`, `Worker ${i}`));
  const busy = workers.at(-1);
  const rows = workerRows(store({ workers }), [span("work", 0, null, { worker: busy.sid })], 0, NOW);
  assert.equal(rows.length, WORKERS_AT_MOST);
  assert.equal(rows[0].worker, busy);
  assert.equal(rows[1].worker.name, "Worker 0");
});

test("a task that was transferred has waited twice, and stands where it began to wait", () => {
  const spans = [
    span("wait", 5, 6, { task: "WT2" }),
    span("wait", 1, 2, { task: "WT1" }),
    span("wait", 8, null, { task: "WT1" }),
    span("work", 0, 1, { task: "WT3" }),
  ];
  assert.deepEqual(
    waitsByTask(spans).map((waits) => waits.map(({ from }) => from)),
    [[1, 8], [5]],
  );
});
