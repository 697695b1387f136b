// An administrator's page reads workers, queues and tasks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { administer, makeWorld, rest } from "./world.mjs";

const world = await makeWorld();
const NOBODY = "0".repeat(32);
for (const name of ["carla", "dora", "emil"]) {
  world[name] = (await rest("POST", `${world.path}/Workers`, { FriendlyName: name })).sid;
}
for (const FriendlyName of ["one", "two"]) await rest("POST", `${world.path}/TaskQueues`, { FriendlyName });
const workspace = administer(world.sid);
const names = (found) => [...found.values()].map((each) => each.friendlyName ?? each.queueName);

test("workers by name, activity and expression", async () => {
  assert.deepEqual(names(await workspace.fetchWorkersInfo()).sort(), ["alice", "bob", "carla", "dora", "emil"]);
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ FriendlyName: "bob" })), ["bob"]);
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ FriendlyName: "nobody" })), []);
  await world.setActivity(world.carla, "Available");
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ ActivityName: "Available" })), ["carla"]);
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ ActivitySid: world.activity.Available })), ["carla"]);
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ ActivityName: "Dancing" })), []);
  const TargetWorkersExpression = 'name == "alice"';
  assert.deepEqual(names(await workspace.fetchWorkersInfo({ TargetWorkersExpression })), ["alice"]);
  await assert.rejects(workspace.fetchWorkersInfo({ ActivitySid: "Available" }), /status code 400/);
});

test("pages of workers, and where they begin", async () => {
  const all = [...(await workspace.fetchWorkersInfo()).keys()];
  const small = administer(world.sid, { pageSize: 2 });
  assert.deepEqual([...(await small.fetchWorkersInfo()).keys()], all);
  assert.deepEqual([...(await small.fetchWorkersInfo({ AfterSid: all[1] })).keys()], all.slice(2));
  assert.equal((await small.fetchWorkersInfo({ MaxWorkers: 3 })).size, 3);
  await assert.rejects(small.fetchWorkersInfo({ AfterSid: "WK1" }), /status code 400/);
});

test("workers in the order of their last change", async () => {
  const small = administer(world.sid, { pageSize: 2 });
  const order = async (direction) =>
    names(await small.fetchWorkersInfo({ Ordering: `DateStatusChanged:${direction}` }));
  const [down, up] = [await order("desc"), await order("asc")];
  assert.equal(down[0], "carla");
  assert.equal(up.at(-1), "carla");
  assert.equal(new Set(down).size, 5);
});

test("queues by name and worker, in pages and in order", async () => {
  assert.deepEqual(names(await workspace.fetchTaskQueues()).sort(), ["everybody", "one", "two"]);
  assert.deepEqual(names(await workspace.fetchTaskQueues({ FriendlyName: "one" })), ["one"]);
  assert.deepEqual(names(await workspace.fetchTaskQueues({ FriendlyName: "none" })), []);
  const of = await workspace.fetchTaskQueues({ WorkerSid: world.alice });
  assert.ok(of.has(world.queue));
  const all = [...(await workspace.fetchTaskQueues()).keys()];
  const small = administer(world.sid, { pageSize: 1 });
  assert.deepEqual([...(await small.fetchTaskQueues()).keys()], all);
  assert.deepEqual([...(await small.fetchTaskQueues({ AfterSid: all[0] })).keys()], all.slice(1));
  await assert.rejects(small.fetchTaskQueues({ AfterSid: "WQ1" }), /status code 400/);
  const down = [...(await small.fetchTaskQueues({ Ordering: "DateUpdated:desc" })).values()];
  const times = down.map(({ dateUpdated }) => dateUpdated.getTime());
  assert.deepEqual(
    times,
    [...times].sort((one, other) => other - one),
  );
});

test("one worker, one queue, one task", async () => {
  assert.equal((await workspace.fetchWorkerInfo(world.alice)).friendlyName, "alice");
  assert.equal((await workspace.fetchTaskQueue(world.queue)).queueName, "everybody");
  const { sid } = await world.createTask();
  assert.equal((await workspace.fetchTask(sid)).sid, sid);
  await assert.rejects(workspace.fetchWorkerInfo(`WK${NOBODY}`), /status code 404/);
  await assert.rejects(workspace.fetchTaskQueue(`WQ${NOBODY}`), /status code 404/);
  await assert.rejects(workspace.fetchTask(`WT${NOBODY}`), /status code 404/);
});
