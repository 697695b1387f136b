// A task is handed to somebody else.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { heard, makeWorld } from "./world.mjs";

const world = await makeWorld();
beforeEach(world.clear);

/** Alice has accepted a task, and Bob is available. */
async function accepted() {
  const { alice, reservation } = await world.reserved();
  const told = heard(reservation, "accepted");
  await reservation.accept();
  await told;
  return { alice, bob: await world.available("bob"), reservation, task: reservation.task };
}

test("one that is canceled cannot be canceled again", async () => {
  const { bob, task } = await accepted();
  const offer = heard(bob, "reservationCreated");
  await task.transfer(bob.sid);
  const taken = heard(await offer, "canceled");
  const { outgoing } = task.transfers;
  assert.equal((await outgoing.cancel()).status, "canceled");
  await taken;
  const words = `Request failed with status code 400. Transfer ${outgoing.sid} is already canceled . Cannot cancel transfer.`;
  await assert.rejects(outgoing.cancel(), { message: words });
});

test("a warm one that is rejected fails, and the task stays where it was", async () => {
  const { alice, bob, task } = await accepted();
  const [initiated, offer] = [heard(task, "transferInitiated"), heard(bob, "reservationCreated")];
  await task.transfer(bob.sid);
  const outgoing = await initiated;
  assert.equal(outgoing.status, "initiated");
  const theirs = await offer;
  const about = ({ mode, type, to, workerSid, status }) => ({ mode, type, to, workerSid, status });
  const wanted = { mode: "WARM", type: "WORKER", to: bob.sid, workerSid: alice.sid, status: "initiated" };
  assert.deepEqual(about(theirs.transfer), wanted);
  assert.deepEqual(about(theirs.task.transfers.incoming), wanted);
  const ends = [heard(outgoing, "failed"), heard(theirs, "rejected")];
  await theirs.reject({ activitySid: world.activity.Unavailable });
  await Promise.all(ends);
  assert.equal(outgoing.status, "failed");
  assert.equal(theirs.task.transfers.incoming.status, "failed");
  assert.equal(theirs.task.status, "assigned");
});

test("a warm one that is accepted is complete", async () => {
  const { bob, task } = await accepted();
  const [initiated, offer] = [heard(task, "transferInitiated"), heard(bob, "reservationCreated")];
  await task.transfer(world.queue, { mode: "WARM", attributes: { why: "a question" }, priority: 5 });
  const outgoing = await initiated;
  const theirs = await offer;
  assert.equal(theirs.transfer.type, "QUEUE");
  const ends = [heard(outgoing, "completed"), heard(theirs, "accepted")];
  await theirs.accept();
  await Promise.all(ends);
  assert.equal(outgoing.status, "complete");
});

test("a cold one ends the first agent's work at once", async () => {
  const { bob, reservation, task } = await accepted();
  const [wrapping, offer] = [heard(reservation, "wrapup"), heard(bob, "reservationCreated")];
  await task.transfer(bob.sid, { mode: "COLD" });
  await wrapping;
  const theirs = await offer;
  assert.equal(theirs.transfer.mode, "COLD");
  const told = heard(theirs, "accepted");
  await theirs.accept();
  await told;
});
