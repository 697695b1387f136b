#!/usr/bin/env bash
# What people expect: `worker.disconnect()` is the end of a worker of Twilio's SDK. The SDK says `disconnected`, and in
# Node, where nothing else is left to do, the process ends.
#
# What really happens: twilio-taskrouter 2.1.1 closes the websocket and leaves its timers running. The one for the end of
# the token still fires, so a worker that was disconnected hears `tokenExpired`, 5 s before the token ends; and the
# process lives on until then, at least until the heartbeat's next turn, half a minute later. With a token of an hour
# it is 59 minutes and 55 seconds.
#
# Why it matters: a test of an agent in Node has passed, and its process does not end for as long as the token is valid,
# which in a CI is longer than most jobs may take. An application that answers `tokenExpired` with a new token goes on
# asking for tokens of agents who have left. The way out is
# `process.exit()`, or `node --test --test-force-exit`; and `worker.removeAllListeners()` beside `disconnect()`.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . twilio-taskrouter@2.1.1 graphql@16.11.0 ws@8.18.3 >/dev/null
cat >agent.cjs <<'JS'
const TaskRouter = require("twilio-taskrouter");

const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const [address, lifetime] = process.argv.slice(2);
const token = `${text({ alg: "HS256" })}.${text({ exp: Math.floor(Date.now() / 1000) + Number(lifetime) })}.x`;
const options = { ebServer: `http://${address}`, wsServer: `ws://${address}`, logLevel: "silent" };
const worker = new TaskRouter.Worker(token, options);
let began = Date.now();
const tell = (what) => console.log(`${what} ${((Date.now() - began) / 1000).toFixed(1)}`);
worker.on("error", () => {}); // this server has a websocket only
worker.on("disconnected", () => tell("disconnected"));
worker.on("tokenExpired", () => tell("tokenExpired"));
process.on("exit", () => tell("exit"));
setTimeout(() => {
  began = Date.now();
  worker.disconnect();
}, 2000);
JS
cat >try.cjs <<'JS'
const { createServer } = require("node:http");
const { execFile } = require("node:child_process");
const { WebSocketServer } = require("ws");

const LIFETIME = 45; // seconds
const server = createServer((_, answer) => answer.writeHead(404).end("{}")).listen(0, "127.0.0.1", () => {
  const address = `127.0.0.1:${server.address().port}`;
  execFile(process.execPath, ["agent.cjs", address, LIFETIME], (failed, said) => {
    const after = Object.fromEntries(said.trim().split("\n").map((line) => line.split(" ")));
    console.log(`seconds after disconnect(), with a token of ${LIFETIME} s: ${JSON.stringify(after)}`);
    console.log(`twilio-taskrouter ${require("twilio-taskrouter/package.json").version}, Node ${process.version}`);
    process.exit(!failed && after.disconnected < 1 && after.tokenExpired > 30 && after.exit > 30 ? 0 : 1);
  });
});
new WebSocketServer({ server }).on("connection", (socket) => {
  const payload = { channel_id: "WK", account_sid: "AC", workspace_sid: "WS", token_lifetime: LIFETIME * 1000 };
  socket.send(JSON.stringify({ event_type: "init", payload }));
});
JS
node try.cjs
