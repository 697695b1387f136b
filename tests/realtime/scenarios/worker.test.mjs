// A worker starts, changes activity and attributes, gets a new token, and leaves.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { connect, heard, makeToken, makeWorld, rest, start, until } from "./world.mjs";

const world = await makeWorld({ capacity: 3 });
const token = (name, more) => makeToken(world.sid, world[name], more);
beforeEach(world.clear);

test("everything is there when it is ready", async () => {
  const alice = await connect(token("alice"));
  assert.deepEqual([alice.sid, alice.workspaceSid, alice.name], [world.alice, world.sid, "alice"]);
  assert.deepEqual([...alice.activities.keys()].sort(), Object.values(world.activity).sort());
  const { channels } = await rest("GET", `${world.path}/Workers/${world.alice}/Channels`);
  assert.deepEqual([...alice.channels.keys()].sort(), channels.map(({ sid }) => sid).sort());
  const usual = [...alice.channels.values()].find(({ taskChannelUniqueName }) => taskChannelUniqueName === "default");
  assert.deepEqual([usual.capacity, usual.available, usual.availableCapacityPercentage], [3, true, 100]);
  assert.equal(alice.reservations.size, 0);
  assert.deepEqual(alice.attributes, { name: "alice" });
  assert.equal(alice.activity.name, "Offline");
  assert.deepEqual(alice.problems, []);
});

test("an activity for the connection, then another one", async () => {
  const alice = await connect(token("alice"), { connectActivitySid: world.activity.Available });
  await until(() => alice.activity.name === "Available");
  const told = heard(alice, "activityUpdated");
  const offline = alice.activities.get(world.activity.Offline);
  assert.equal(await offline.setAsCurrent(), offline);
  await told;
  await until(() => alice.activity === offline); // what is told first may still be the activity for the connection
  assert.ok(offline.isCurrent);
  assert.equal([...alice.activities.values()].filter(({ isCurrent }) => isCurrent).length, 1);
});

test("going away rejects what is pending, where that is asked for", async () => {
  const { alice, reservation } = await world.reserved({ enableVersionCheck: true });
  const rejected = heard(reservation, "rejected");
  const unavailable = alice.activities.get(world.activity.Unavailable);
  await unavailable.setAsCurrent({ rejectPendingReservations: true });
  await rejected;
  assert.equal(alice.activity.name, "Unavailable");
  assert.equal(alice.reservations.size, 0);
  const available = alice.activities.get(world.activity.Available);
  assert.throws(() => available.setAsCurrent({ rejectPendingReservations: true }), /Available activity/);
});

test("three reservations at once fill the channel", async () => {
  for (let each = 0; each < 3; each++) await world.createTask();
  await world.setActivity(world.alice, "Available");
  const alice = await connect(token("alice"));
  assert.deepEqual(
    [...alice.reservations.values()].map(({ status }) => status),
    ["pending", "pending", "pending"],
  );
  const usual = [...alice.channels.values()].find(({ taskChannelUniqueName }) => taskChannelUniqueName === "default");
  assert.equal(usual.availableCapacityPercentage, 0);
});

test("a change of capacity is told to its channel", async () => {
  const alice = await connect(token("alice"));
  const usual = [...alice.channels.values()].find(({ taskChannelUniqueName }) => taskChannelUniqueName === "default");
  const told = heard(usual, "capacityUpdated");
  await rest("POST", `${world.path}/Workers/${world.alice}/Channels/default`, { Capacity: "4" });
  await told;
  assert.equal(usual.capacity, 4);
  const shut = heard(usual, "availabilityUpdated");
  await rest("POST", `${world.path}/Workers/${world.alice}/Channels/default`, { Available: "false" });
  await shut;
  assert.equal(usual.available, false);
  await rest("POST", `${world.path}/Workers/${world.alice}/Channels/default`, { Capacity: "3", Available: "true" });
});

test("attributes are set, told to other pages, and refused when they are none", async () => {
  const [alice, elsewhere] = [await connect(token("alice")), await connect(token("alice"))];
  const told = heard(elsewhere, "attributesUpdated");
  const wanted = { name: "alice", languages: ["en", "es"] };
  await alice.setAttributes(wanted);
  assert.deepEqual(alice.attributes, wanted);
  await told;
  assert.deepEqual(elsewhere.attributes, wanted);
  assert.throws(() => alice.setAttributes("languages"), /attributes/);
  await alice.setAttributes({ name: "alice" });
});

test("its version is counted as TaskRouter counts it", async () => {
  const check = { enableVersionCheck: true };
  const { alice, reservation } = await world.reserved(check);
  const version = async () => (await rest("GET", `${world.path}/Workers/${world.alice}`)).version ?? null;
  const counted = Number(alice.version);
  await alice.fetchLatestVersion();
  assert.equal(Number(alice.version), counted, `REST says ${await version()}`);
  const rejected = heard(reservation, "rejected");
  await reservation.reject({ activitySid: world.activity.Unavailable });
  await rejected;
  await until(() => alice.activity.name === "Unavailable");
  await alice.activities.get(world.activity.Offline).setAsCurrent();
  await alice.setAttributes({ name: "alice", turn: 2 });
  await alice.setAttributes({ name: "alice" });
  assert.deepEqual(alice.problems, []);
});

test("an old version is refused", async () => {
  const alice = await connect(token("alice"), { enableVersionCheck: true });
  alice.version = String(Number(alice.version) - 1);
  await assert.rejects(alice.setAttributes({ name: "nobody" }), /status code 412/);
});

test("two workers in one page hear only their own", async () => {
  const [alice, bob] = [await connect(token("alice")), await connect(token("bob"))];
  bob.on("activityUpdated", () => assert.fail("Bob heard of Alice"));
  const told = heard(alice, "activityUpdated");
  await alice.activities.get(world.activity.Unavailable).setAsCurrent();
  await told;
  assert.equal(bob.activity.name, "Offline");
});

test("it leaves once", async () => {
  const alice = await connect(token("alice"));
  const left = heard(alice, "disconnected");
  alice.disconnect();
  assert.deepEqual(await left, { message: "SDK Disconnect" });
});

test("a token that ends is told, and a new one is used", async () => {
  const alice = start(token("alice", { seconds: 7 }));
  await heard(alice, "ready");
  await heard(alice, "tokenExpired");
  const told = heard(alice, "tokenUpdated");
  alice.updateToken(token("alice"));
  await told;
  await alice.setAttributes({ name: "alice" });
  assert.deepEqual(alice.problems, []);
});

test("a token that is no longer good is refused", async () => {
  const alice = start(token("alice", { seconds: -10 }));
  assert.match((await heard(alice, "error")).message, /Could not connect/);
});

test("another connection pushes out the first, which is back after a second", async () => {
  const first = await connect(token("alice"));
  const [gone, back] = [heard(first, "disconnected"), heard(first, "ready")];
  const second = await connect(token("alice"), { closeExistingSessions: true });
  await gone;
  await back;
  const told = [heard(first, "activityUpdated"), heard(second, "activityUpdated")];
  await second.activities.get(world.activity.Unavailable).setAsCurrent();
  await Promise.all(told);
});

test("whoever wants that is offline after the connection has ended", async () => {
  const alice = await connect(token("alice"), {
    connectActivitySid: world.activity.Available,
    setWorkerOfflineIfDisconnected: true,
  });
  await until(() => alice.activity.name === "Available");
  alice.disconnect();
  await until(async () => {
    const { activity_name } = await rest("GET", `${world.path}/Workers/${world.alice}`);
    return activity_name === "Offline";
  });
});
