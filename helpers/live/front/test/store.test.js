import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChange, openStore, storeOf } from "../src/board/store.js";
import { FakeModel, snapshot, task } from "./fakes.js";

const change = (from, to, collections) => ({ kind: "change", from, to, change: collections });

test("a store is what its snapshot says", () => {
  const store = storeOf(snapshot({ tasks: [task("WT1")] }));
  assert.equal(store.revision, 1);
  assert.equal(store.tasks.get("WT1").status, "pending");
  assert.equal(store.workers.size, 0);
  assert.ok(store.changed.has("tasks"));
});

test("a change replaces, adds and removes, and says what it touched", () => {
  const store = storeOf(snapshot({ tasks: [task("WT1"), task("WT2")] }));
  store.changed.clear();
  const tasks = { WT1: null, WT2: task("WT2", { status: "reserved" }), WT3: task("WT3") };
  assert.equal(applyChange(store, change(1, 2, { tasks, workspace: { name: "Other" } })), "applied");
  assert.deepEqual([...store.tasks.keys()], ["WT2", "WT3"]);
  assert.equal(store.tasks.get("WT2").status, "reserved");
  assert.equal(store.workspace.name, "Other");
  assert.deepEqual(store.changed, new Set(["workspace", "tasks"]));
  assert.equal(store.revision, 2);
});

test("a change that is known already does nothing, and one after a gap is not taken", () => {
  const store = storeOf(snapshot());
  assert.equal(applyChange(store, change(0, 1, { tasks: { WT1: task("WT1") } })), "known");
  assert.equal(applyChange(store, change(5, 6, { tasks: { WT1: task("WT1") } })), "missed");
  assert.equal(store.tasks.size, 0);
  assert.equal(store.revision, 1);
});

test("a gap is asked for once, until the snapshot has come", () => {
  const model = new FakeModel();
  let drawn = 0;
  const { store, close } = openStore(model, () => {
    drawn += 1;
  });
  const asked = () => model.sent.filter(({ kind }) => kind === "snapshot").length;
  assert.equal(asked(), 1);
  model.set("snapshot", snapshot({ tasks: [task("WT1")] }));
  model.message(change(1, 2, { tasks: { WT2: task("WT2") } }));
  assert.deepEqual([...store.tasks.keys()], ["WT1", "WT2"]);
  model.message(change(7, 8, {}));
  model.message(change(8, 9, {}));
  assert.equal(asked(), 2);
  assert.equal(drawn, 2);
  close();
  assert.equal(model.listeners, 0);
});
