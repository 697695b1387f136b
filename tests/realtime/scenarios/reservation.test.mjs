// A reservation is accepted, rejected, canceled, wrapped up and completed.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { connect, heard, makeToken, makeWorld, rest } from "./world.mjs";

const world = await makeWorld();
beforeEach(world.clear);

test("accepted, wrapped up with a reason, and completed with another", async () => {
  const { alice, reservation } = await world.reserved();
  assert.equal(reservation.status, "pending");
  assert.deepEqual(reservation.task.attributes, { selected_language: "es" });
  assert.equal(alice.reservations.get(reservation.sid), reservation);

  const accepted = heard(reservation, "accepted");
  const answer = await reservation.accept();
  assert.equal(answer, reservation);
  assert.equal(answer.status, "accepted");
  await accepted;
  assert.equal(reservation.task.status, "assigned");

  const wrapping = heard(reservation, "wrapup");
  const { task } = reservation;
  await task.wrapUp({ reason: "Work is almost finished" });
  assert.deepEqual([task.status, task.reason], ["wrapping", "Work is almost finished"]);
  await wrapping;
  assert.equal(reservation.status, "wrapping");

  const completed = heard(reservation, "completed");
  await task.complete("Work is done");
  assert.deepEqual([task.status, task.reason], ["completed", "Work is done"]);
  await completed;
  assert.equal(alice.reservations.size, 0);
});

test("completed by way of its task", async () => {
  const { alice, reservation } = await world.reserved();
  const accepted = heard(reservation, "accepted");
  await reservation.accept();
  await accepted;
  const completed = heard(reservation, "completed");
  await reservation.task.complete("Work is done");
  await completed;
  assert.deepEqual([reservation.task.status, reservation.task.reason], ["completed", "Work is done"]);
  assert.equal(alice.reservations.size, 0);
});

test("wrapped up and completed by itself", async () => {
  const { reservation } = await world.reserved();
  await reservation.accept();
  const wrapping = heard(reservation, "wrapup");
  assert.equal((await reservation.wrap()).status, "wrapping");
  await wrapping;
  const completed = heard(reservation, "completed");
  assert.equal((await reservation.complete()).status, "completed");
  await completed;
});

test("a task that is deleted completes its accepted reservation", async () => {
  const { reservation } = await world.reserved();
  await reservation.accept();
  const completed = heard(reservation, "completed");
  await rest("DELETE", `${world.path}/Tasks/${reservation.task.sid}`);
  await completed;
});

test("a task that is canceled cancels the pending reservation", async () => {
  const { alice, reservation } = await world.reserved();
  const ends = [heard(reservation, "canceled"), heard(reservation.task, "canceled")];
  const change = { AssignmentStatus: "canceled", Reason: "The customer has left" };
  await rest("POST", `${world.path}/Tasks/${reservation.task.sid}`, change);
  await Promise.all(ends);
  assert.equal(reservation.status, "canceled");
  assert.equal(reservation.task.status, "canceled");
  assert.equal(alice.reservations.size, 0);
});

test("rejected for another activity", async () => {
  const { alice, reservation } = await world.reserved();
  const ends = [heard(reservation, "rejected"), heard(alice, "activityUpdated")];
  const answer = await reservation.reject({ activitySid: world.activity.Unavailable });
  assert.equal(answer.status, "rejected");
  await Promise.all(ends);
  assert.equal(alice.activity.name, "Unavailable");
  assert.equal(reservation.task.status, "pending");
  assert.equal(alice.reservations.size, 0);
});

test("its time is over", async () => {
  await rest("POST", `${world.path}/Workflows/${world.workflow}`, { TaskReservationTimeout: "1" });
  const { reservation } = await world.reserved();
  await heard(reservation, "timeout");
  assert.equal(reservation.status, "timeout");
  await rest("POST", `${world.path}/Workflows/${world.workflow}`, { TaskReservationTimeout: "120" });
});

test("its version grows by one when it is accepted, and is in the list", async () => {
  const { alice, reservation } = await world.reserved({ enableVersionCheck: true });
  const before = Number(reservation.version);
  await reservation.accept();
  assert.equal(Number(reservation.version), before + 1);
  const again = await connect(makeToken(world.sid, alice.sid));
  assert.equal(again.reservations.get(reservation.sid).version, reservation.version);
});

test("a task for oneself is accepted and completed", async () => {
  const alice = await world.available("alice");
  const offer = heard(alice, "reservationCreated");
  const sid = await alice.createTask("customer", "worker", world.workflow, world.queue, { attributes: { order: 7 } });
  const reservation = await offer;
  assert.equal(reservation.task.sid, sid);
  assert.equal(reservation.task.routingTarget, alice.sid);
  assert.deepEqual(reservation.task.attributes, { order: 7, from: "worker", outbound_to: "customer" });
  await reservation.accept();
  const completed = heard(reservation, "completed");
  await reservation.complete();
  await completed;
});
