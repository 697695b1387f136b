import assert from "node:assert/strict";
import { test } from "node:test";
import { activityAfterReject, faultWords, nextAnswers } from "../src/board/controls.js";
import { attributesOfFilters, knownPriorities } from "../src/board/new_task.js";
import { tabAfter } from "../src/board/tabs.js";
import { pathOf } from "../src/widgets/task_inspector.js";
import { store, task } from "./fakes.js";

test("a rejected offer sends the worker Offline, or else to what is not available either", () => {
  assert.equal(activityAfterReject(store()).name, "Offline");
  const activities = [
    { sid: "WA1", name: "Idle", available: true },
    { sid: "WA2", name: "Away", available: false },
  ];
  assert.equal(activityAfterReject(store({ activities })).name, "Away");
  const answers = new Map(nextAnswers(store()));
  const reject = answers.get("reject and move the worker to Offline");
  assert.deepEqual(reject, { instruction: "reject", activity_sid: "WAoffline" });
  assert.equal(answers.get("your app answers"), null);
});

test("a fault that is on is a sentence", () => {
  const words = (left, deliveries, kind) => faultWords({ what: "CreateTask answers 429", left, deliveries, kind });
  assert.equal(words(1, "timeout", "assignment"), "the next assignment callback times out");
  assert.equal(words(3, "twice", "event"), "the next 3 event callbacks arrive twice");
  assert.equal(words(2, "out-of-order", null), "the next 2 webhooks arrive out of order");
  assert.equal(words(1, null, null), "CreateTask answers 429, the next time");
  assert.equal(words(4, null, null), "CreateTask answers 429, the next 4 times");
});

test("attributes are offered for the filters that ask for one value", () => {
  const filters = [
    { name: "Spanish", expression: 'language == "es"', targets: [] },
    { name: "", expression: " level=='2' ", targets: [] },
    { name: "More", expression: "level > 2", targets: [] },
  ];
  assert.deepEqual(attributesOfFilters({ filters }), [
    ["Spanish", '{"language":"es"}'],
    [" level=='2' ", '{"level":"2"}'],
  ]);
  assert.deepEqual(attributesOfFilters(undefined), []);
});

test("the priorities of targets and tasks are offered, the lowest first", () => {
  const workflows = [{ sid: "WW1", filters: [{ expression: "", targets: [{ priority: "10" }, {}] }] }];
  const tasks = [task("WT1", { priority: 3 }), task("WT2", { priority: 3 })];
  assert.deepEqual(knownPriorities(store({ workflows, tasks })), [0, 3, 10]);
});

test("the keys go round the tabs", () => {
  const to = (key) => tabAfter(key, ["a", "b", "c"], "c");
  assert.deepEqual(["ArrowRight", "ArrowLeft", "Home", "End", "x"].map(to), ["a", "b", "a", "c", undefined]);
});

test("a task's path shows what is behind and ahead of it, and where it broke off", () => {
  const places = (status) => pathOf(status).map(({ name, place }) => `${name} ${place}`);
  assert.deepEqual(places("reserved"), ["pending past", "reserved here", "assigned ahead", "completed ahead"]);
  const wrapping = ["pending past", "reserved past", "assigned past", "wrapping here", "completed ahead"];
  assert.deepEqual(places("wrapping"), wrapping);
  const canceled = ["pending past", "reserved ahead", "assigned ahead", "completed ahead", "canceled broken"];
  assert.deepEqual(places("canceled"), canceled);
});
