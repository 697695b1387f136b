// The sandbox is killed, and started again at the same address: the SDK connects again, and misses nothing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const data = await mkdtemp(join(tmpdir(), "restart-"));
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const options = ["--data", data, "--account-sid", process.env.ACCOUNT_SID, "--stop-with-input"];

/** Start the sandbox, and wait until it answers; at another port the page does not find it. */
async function startSandbox(at = port) {
  const env = { ...process.env, TASKROUTER_SANDBOX_AUTH_TOKEN: process.env.AUTH_TOKEN };
  const command = ["-m", "taskrouter_sandbox", "serve", "--port", String(at), ...options];
  const sandbox = spawn(process.env.PYTHON, command, { env, stdio: ["pipe", "pipe", "inherit"] });
  const said = await new Promise((answers) => sandbox.stdout.once("data", answers));
  sandbox.url = String(said).match(/http:\S+/)[0];
  return sandbox;
}

/** End it at once, as a power cut does. */
async function kill() {
  const ended = new Promise((done) => sandbox.once("exit", done));
  sandbox.kill("SIGKILL");
  await ended;
}

let sandbox = await startSandbox();
process.env.SANDBOX_URL = `http://127.0.0.1:${port}`;
const { heard, makeWorld, rest } = await import("./world.mjs"); // which reads where the sandbox is
const world = await makeWorld();
after(async () => {
  sandbox.kill();
  await rm(data, { recursive: true, force: true });
});

test("what was accepted before is there, and what was offered meanwhile", async () => {
  await rest("POST", `${world.path}/Workers/${world.alice}/Channels/default`, { Capacity: "2" });
  const { alice, reservation } = await world.reserved();
  await reservation.accept();
  const gone = heard(alice, "disconnected");
  await kill();
  await gone;
  sandbox = await startSandbox(0);
  const { sid } = await world.createTask({ selected_language: "en" }, {}, sandbox.url);
  await kill();
  const ready = heard(alice, "ready");
  sandbox = await startSandbox();
  await ready;
  const states = [...alice.reservations.values()].map((each) => [each.task.sid, each.status]);
  assert.deepEqual(states.sort(), [[reservation.task.sid, "accepted"], [sid, "pending"]].sort());
  const offered = [...alice.reservations.values()].find((each) => each.task.sid === sid);
  const accepted = heard(offered, "accepted");
  await offered.accept();
  await accepted;
});
