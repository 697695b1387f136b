// The task of a reservation changes, by its agent and by others.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { heard, makeWorld, rest } from "./world.mjs";

const world = await makeWorld();
beforeEach(world.clear);

test("a change from elsewhere is told, and takes nothing away", async () => {
  const { alice, reservation } = await world.reserved();
  const told = heard(reservation.task, "updated");
  const change = { Attributes: '{"selected_language": "en"}' };
  await rest("POST", `${world.path}/Tasks/${reservation.task.sid}`, change);
  const task = await told;
  assert.equal(task, reservation.task);
  assert.deepEqual(task.attributes, { selected_language: "en" });
  assert.deepEqual([task.status, task.taskChannelUniqueName, task.routingTarget], ["reserved", "default", null]);
  assert.deepEqual([task.workflowSid, task.queueSid], [world.workflow, world.queue]);
  assert.equal(alice.reservations.size, 1);
});

test("its attributes are set by its agent", async () => {
  const { reservation } = await world.reserved();
  const { task } = reservation;
  const wanted = { selected_language: "es", notes: [1, { two: null }] };
  assert.equal(await task.setAttributes(wanted), task);
  assert.deepEqual(task.attributes, wanted);
  const kept = await rest("GET", `${world.path}/Tasks/${task.sid}`);
  assert.deepEqual(JSON.parse(kept.attributes), wanted);
  assert.throws(() => task.setAttributes("none"), /attributes/);
});

test("its version grows with each change, and an old one is refused", async () => {
  const { reservation } = await world.reserved({ enableVersionCheck: true });
  const { task } = reservation;
  const before = Number(task.version);
  await task.setAttributes({ turn: 1 });
  assert.ok(Number(task.version) > before);
  await task.setAttributes({ turn: 2 });
  await rest("POST", `${world.path}/Tasks/${task.sid}`, { Attributes: "{}" });
  await assert.doesNotReject(task.fetchLatestVersion());
  await task.setAttributes({ turn: 3 });
});

test("it began at another time", async () => {
  const { reservation } = await world.reserved();
  const { task } = reservation;
  const began = new Date(Math.floor(Date.now() / 1000 - 90) * 1000);
  await task.setVirtualStartTime(began);
  assert.deepEqual(task.virtualStartTime, began);
  assert.throws(() => task.setVirtualStartTime(), /date is a required parameter/);
  await assert.rejects(task.setVirtualStartTime(new Date(Date.now() + 3_600_000)), /status code 400/);
});
