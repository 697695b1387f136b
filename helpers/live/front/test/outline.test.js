import assert from "node:assert/strict";
import { test } from "node:test";
import { outlineOf, presentWords } from "../src/board/outline.js";
import { call, reservation, store, task, worker } from "./fakes.js";

const tasks = [
  task("WT1", { updated: 5, queue: "WQ1" }),
  task("WT2", { updated: 9, status: "assigned" }),
  task("WT3", { updated: 7, queue: "WQ1" }),
];
const reservations = [
  reservation("WR1", { task: "WT2", status: "accepted" }),
  reservation("WR2", { task: "WT2", worker: "WK2", status: "rejected" }),
];
const full = () => store({ tasks, reservations, workers: [worker("WK1", "Alice", { activity: "WAbusy" })] });
const sids = (entities) => entities.map(({ sid }) => sid);

test("the present task is the picked one, or else the one that changed last", () => {
  assert.equal(outlineOf(full(), null).present.sid, "WT2");
  assert.equal(outlineOf(full(), "WT1").present.sid, "WT1");
  assert.equal(outlineOf(full(), "WTgone").present.sid, "WT2");
  assert.equal(outlineOf(store(), null).present, null);
});

test("tasks are grouped by queue, reservations by task and by who is bound", () => {
  const { waiting, held, offers } = outlineOf(full(), null);
  assert.deepEqual(sids(waiting.get("WQ1")), ["WT1", "WT3"]);
  assert.deepEqual([...held.keys()], ["WK1"]);
  assert.deepEqual(sids(offers.get("WT2")), ["WR1", "WR2"]);
});

test("who does not see the board is told of the selected task", () => {
  const known = full();
  assert.equal(presentWords(known, outlineOf(known, null)), "The selected task is assigned; Alice is Busy.");
  assert.equal(presentWords(known, outlineOf(known, "WT1")), "The selected task is pending.");
  assert.equal(presentWords(store(), outlineOf(store(), null)), "");
  known.calls.set("CA1", call("CA1"));
  known.calls.set("CA2", call("CA2", { side: "agent", words: "rings" }));
  const words = "The selected task is pending; the caller waits in the queue, place 1 of 1.";
  assert.equal(presentWords(known, outlineOf(known, "WT1")), words);
  known.calls.set("CA1", call("CA1", { live: false, words: "is not on the line any more" }));
  assert.equal(presentWords(known, outlineOf(known, "WT1")), "The selected task is pending.");
});
