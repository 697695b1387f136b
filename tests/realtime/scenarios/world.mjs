// What the scenarios play in: a workspace of a sandbox, tokens for it, and workers that are connected by Twilio's SDK.

import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { after, afterEach } from "node:test";

const { SANDBOX_URL, ACCOUNT_SID, AUTH_TOKEN, FRONT, TEST_PATIENCE } = process.env;
export const TaskRouter = createRequire(`${FRONT}/package.json`)("twilio-taskrouter");

/** Milliseconds that anything may take. */
const LIMIT = 10_000 * Number(TEST_PATIENCE || 1);
const BRIDGE = `${SANDBOX_URL}/v1/wschannels`;
const OPTIONS = { ebServer: BRIDGE, wsServer: BRIDGE.replace("http", "ws"), logLevel: "silent" };

/** Ask the REST API, as a program of somebody else does; gives what it answers, null for nothing.
 * path: below /v1, or with a slash before it a whole one. */
export async function rest(method, path, parameters, at = SANDBOX_URL) {
  const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString("base64")}`;
  const url = at + (path.startsWith("/") ? path : `/v1/${path}`);
  const body = parameters && new URLSearchParams(parameters);
  const answer = await fetch(url, { method, body, headers: { authorization } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Have a phone of the sandbox answer at once, or behave otherwise from the next call on. */
export const letAnswer = (phone, answer = "after") =>
  rest(
    "POST",
    `/_sandbox/phones/${encodeURIComponent(phone)}?answer=${answer}${answer === "after" ? "&seconds=0" : ""}`,
  );

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Make an access token, with the claims and the header of Twilio's libraries (agent-sdk.md §2). */
export function makeToken(workspace, worker, { role = "worker", seconds = 600 } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const key = `SK${ACCOUNT_SID.slice(2)}`;
  const grant = { workspace_sid: workspace, role, ...(worker && { worker_sid: worker }) };
  const claims = { jti: `${key}-${now}`, iss: key, sub: ACCOUNT_SID, iat: now, exp: now + seconds };
  const grants = { identity: "somebody", task_router: grant };
  const text = `${base64({ typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1" })}.${base64({ ...claims, grants })}`;
  return `${text}.${createHmac("sha256", AUTH_TOKEN).update(text).digest("base64url")}`;
}

/** Wait for an event; gives what comes with it. */
export function heard(emitter, event) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${event} within ${LIMIT} ms`)), LIMIT);
    emitter.once(event, (value) => {
      clearTimeout(late);
      resolve(value);
    });
  });
}

/** Wait until a condition is true; gives its value. */
export async function until(condition) {
  const end = Date.now() + LIMIT;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`did not become true: ${condition}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

const clients = new Set();

/** Start a client of the SDK, which is disconnected at the end of the test. */
export function start(token, options = {}, Kind = TaskRouter.Worker) {
  const client = new Kind(token, { ...OPTIONS, ...options });
  client.problems = [];
  client.on("error", (error) => client.problems.push(error));
  clients.add(client);
  return client;
}

/** Start a client, and wait until it is ready. */
export async function connect(token, options, Kind) {
  const client = start(token, options, Kind);
  await heard(client, "ready");
  return client;
}

/** Look at a workspace as an administrator's page does. */
export const administer = (workspace, options = {}) =>
  new TaskRouter.Workspace(makeToken(workspace, null, { role: "admin" }), { ...OPTIONS, ...options });

afterEach(() => {
  for (const client of clients) {
    client.removeAllListeners();
    client.on("error", () => {});
    client.disconnect();
  }
  clients.clear();
});

/** Make a workspace with Alice and Bob, who are Offline, a queue for each of them and one for both. */
export async function makeWorld({ capacity = 1 } = {}) {
  const { sid } = await rest("POST", "Workspaces", { FriendlyName: "Scenarios", MultiTaskEnabled: "true" });
  const path = `Workspaces/${sid}`;
  const { activities } = await rest("GET", `${path}/Activities`);
  const activity = Object.fromEntries(activities.map((each) => [each.friendly_name, each.sid]));
  const world = { sid, path, activity };
  for (const name of ["alice", "bob"]) {
    world[name] = (
      await rest("POST", `${path}/Workers`, { FriendlyName: name, Attributes: `{"name": "${name}"}` })
    ).sid;
    await rest("POST", `${path}/Workers/${world[name]}/Channels/default`, { Capacity: String(capacity) });
  }
  const target = { FriendlyName: "everybody", TargetWorkers: "1==1", MaxReservedWorkers: "1" };
  world.queue = (await rest("POST", `${path}/TaskQueues`, target)).sid;
  const routing = { task_routing: { default_filter: { queue: world.queue } } };
  const workflow = { FriendlyName: "to everybody", Configuration: JSON.stringify(routing) };
  world.workflow = (await rest("POST", `${path}/Workflows`, workflow)).sid;
  world.createTask = (attributes = { selected_language: "es" }, more = {}, at = SANDBOX_URL) => {
    const parameters = { WorkflowSid: world.workflow, Attributes: JSON.stringify(attributes), ...more };
    return rest("POST", `${path}/Tasks`, parameters, at);
  };
  world.setActivity = (worker, name) => rest("POST", `${path}/Workers/${worker}`, { ActivitySid: activity[name] });
  /** Have no task, and nobody available. */
  world.clear = async () => {
    for (const name of ["alice", "bob"]) await world.setActivity(world[name], "Offline");
    const { tasks } = await rest("GET", `${path}/Tasks`);
    for (const task of tasks) await rest("DELETE", `${path}/Tasks/${task.sid}`);
  };
  /** Connect a worker who is available then. */
  world.available = async (name, options) => {
    const client = await connect(makeToken(sid, world[name]), options);
    await client.activities.get(activity.Available).setAsCurrent();
    return client;
  };
  /** Connect Alice, and give her a task; gives her client and the reservation. */
  world.reserved = async (options) => {
    const alice = await world.available("alice", options);
    const offer = heard(alice, "reservationCreated");
    await world.createTask();
    return { alice, reservation: await offer };
  };
  after(() => rest("DELETE", path));
  return world;
}
