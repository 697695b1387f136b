// A supervisor acts on other workers; a worker may not.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { connect, heard, makeToken, makeWorld, TaskRouter } from "./world.mjs";

const NOBODY = `WK${"0".repeat(32)}`;
const NOTHING = `WA${"0".repeat(32)}`;
const world = await makeWorld();
beforeEach(world.clear);

const supervise = () => connect(makeToken(world.sid, world.alice, { role: "supervisor" }), {}, TaskRouter.Supervisor);

test("another worker's activity and attributes", async () => {
  const [alice, bob] = [await supervise(), await connect(makeToken(world.sid, world.bob))];
  const told = [heard(bob, "activityUpdated"), heard(bob, "attributesUpdated")];
  await alice.setWorkerActivity(bob.sid, world.activity.Unavailable);
  await alice.setWorkerAttributes(bob.sid, { name: "bob", team: 2 });
  await Promise.all(told);
  assert.equal(bob.activity.name, "Unavailable");
  assert.deepEqual(bob.attributes, { name: "bob", team: 2 });
});

test("what does not exist is refused", async () => {
  const alice = await supervise();
  await assert.rejects(alice.setWorkerActivity(NOBODY, world.activity.Unavailable), /status code 404/);
  await assert.rejects(alice.setWorkerAttributes(NOBODY, {}), /status code 404/);
  await assert.rejects(alice.setWorkerActivity(world.bob, NOTHING), (error) => {
    assert.match(error.message, /status code 400/);
    assert.ok(error.message.includes(NOTHING));
    return true;
  });
  assert.throws(() => alice.setWorkerActivity(1, world.activity.Unavailable));
  assert.throws(() => alice.setWorkerActivity(world.bob, 1));
});

test("a worker may not", async () => {
  const token = makeToken(world.sid, world.alice);
  const alice = await connect(token, {}, TaskRouter.Supervisor);
  await assert.rejects(alice.setWorkerAttributes(world.bob, {}), /status code 403/);
});
