// A worker's page connects its worker with a customer, in the conference of a task; the phones are the sandbox's.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { connect, heard, letAnswer, makeToken, makeWorld, rest, TaskRouter, until } from "./world.mjs";

const [NUMBER, CUSTOMER] = ["+15005550006", "+15005550199"];
const world = await makeWorld();
for (const name of ["alice", "bob"]) {
  const phone = `client:scenario-${name}`;
  await rest("POST", `${world.path}/Workers/${world[name]}`, { Attributes: JSON.stringify({ contact_uri: phone }) });
  await letAnswer(phone);
}
await letAnswer(CUSTOMER);
const account = `/2010-04-01/Accounts/${process.env.ACCOUNT_SID}`;
beforeEach(async () => {
  await world.clear();
  const { calls } = await rest("GET", `${account}/Calls.json?Status=in-progress`);
  for (const call of calls) await rest("POST", `${account}/Calls/${call.sid}.json`, { Status: "completed" });
});

/** Alice calls a customer, and talks; gives her client, and the reservation. */
async function talking() {
  const alice = await world.available("alice");
  const offer = heard(alice, "reservationCreated");
  await alice.createTask(CUSTOMER, NUMBER, world.workflow, world.queue);
  const reservation = await offer;
  const accepted = heard(reservation, "accepted");
  assert.equal(await reservation.conference({ endConferenceOnExit: false, beep: "onEnter" }), reservation);
  await accepted;
  const { sid } = reservation.task.attributes.conference;
  const participant = async (who) => {
    const call = reservation.task.attributes.conference.participants[who];
    return rest("GET", `${account}/Conferences/${sid}/Participants/${call}.json`);
  };
  return { alice, reservation, task: reservation.task, participant };
}

test("the customer is called into the conference of the task", async () => {
  const { reservation, task } = await talking();
  assert.deepEqual([reservation.status, task.status], ["accepted", "assigned"]);
  assert.match(task.attributes.conference.sid, /^CF/);
  assert.deepEqual(Object.keys(task.attributes.conference.participants).sort(), ["customer", "worker"]);
});

test("held, muted, and taken out", async () => {
  const { alice, reservation, task, participant } = await talking();
  await task.updateParticipant({ hold: true });
  assert.equal((await participant("customer")).hold, true);
  await task.updateParticipant({ hold: false });
  assert.equal((await participant("customer")).hold, false);
  await task.hold(alice.sid, true);
  assert.equal((await participant("worker")).hold, true);
  await task.hold(alice.sid, false);
  await reservation.updateParticipant({ mute: true, endConferenceOnExit: true });
  const worker = await participant("worker");
  assert.deepEqual([worker.muted, worker.end_conference_on_exit], [true, true]);
  await assert.rejects(task.hold(world.bob, true), /status code 400/);
  await assert.rejects(task.kick(world.bob), /status code 400/);
  const wrapping = heard(reservation, "wrapup");
  await task.kick(alice.sid);
  await wrapping;
});

test("a supervisor listens in", async () => {
  const { reservation, task } = await talking();
  const bob = await connect(makeToken(world.sid, world.bob, { role: "supervisor" }), {}, TaskRouter.Supervisor);
  await bob.monitor(task.sid, reservation.sid, {});
  const { sid } = task.attributes.conference;
  const path = `${account}/Conferences/${sid}/Participants.json`;
  await until(async () => (await rest("GET", path)).participants.length === 3);
});

test("a customer who is not reached cancels the reservation, with a code", async () => {
  const nobody = "+15005550198";
  await letAnswer(nobody, "busy");
  const alice = await world.available("alice");
  const offer = heard(alice, "reservationCreated");
  await alice.createTask(nobody, NUMBER, world.workflow, world.queue);
  const reservation = await offer;
  const ends = [heard(reservation, "canceled"), heard(reservation.task, "canceled")];
  await reservation.conference({ endConferenceOnExit: true });
  await Promise.all(ends);
  assert.equal(reservation.canceledReasonCode, 45303);
  assert.ok(reservation.task.reason.includes(alice.sid));
  assert.equal(alice.reservations.size, 0);
});

test("without a conference there is nobody to hold", async () => {
  const { reservation } = await world.reserved();
  await reservation.accept();
  await assert.rejects(reservation.task.updateParticipant({ hold: true }), /status code 4\d\d\. .*conference/);
});

test("a task for a workflow or a queue that does not exist is refused", async () => {
  const alice = await connect(makeToken(world.sid, world.alice));
  await assert.rejects(alice.createTask(CUSTOMER, NUMBER, `${world.workflow}z`, world.queue), /status code 400/);
  await assert.rejects(alice.createTask(CUSTOMER, NUMBER, world.workflow, `${world.queue}z`), /status code 400/);
});
