#!/usr/bin/env bash
# What people expect: a page hands its SDK a new token with `worker.updateToken(token)`, and the SDK tells with
# `tokenExpired` shortly before *that* token ends. Its `exp` stands in the token, which anyone can read.
#
# What really happens: twilio-taskrouter 2.1.1 starts its timer again with the lifetime of the *first* token, which the
# server told when the websocket opened. It does not look into the new one, and tells the server nothing. So after a
# first token of 8 seconds a new one of an hour is called expired after 3 seconds (the SDK tells 5 s before the
# end), again and again; and a second token that is shorter than the first ends without a word.
#
# Why it matters: tokens whose lengths differ are usual, such as one until the end of a shift. With a shorter one the
# page goes on as if all were well, until the first request is refused. The way out is tokens of equal length, or a
# timer of one's own.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . twilio-taskrouter@2.1.1 graphql@16.11.0 ws@8.18.3 >/dev/null
cat >try.cjs <<'JS'
const { createServer } = require("node:http");
const { WebSocketServer } = require("ws");
const TaskRouter = require("twilio-taskrouter");

const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (seconds) => `${text({ alg: "HS256" })}.${text({ exp: Math.floor(Date.now() / 1000) + seconds })}.x`;

/** Tell how many seconds after `updateToken(token(second))` the SDK tells `tokenExpired`; null within the limit. */
function watch(first, second, limit) {
  return new Promise((resolve) => {
    const server = createServer((_, answer) => answer.writeHead(404).end("{}")).listen(0, "127.0.0.1", () => {
      const address = `127.0.0.1:${server.address().port}`;
      const options = { ebServer: `http://${address}`, wsServer: `ws://${address}`, logLevel: "silent" };
      const worker = new TaskRouter.Worker(token(first), options);
      const end = (seconds) => {
        worker.removeAllListeners();
        worker.on("error", () => {});
        resolve(seconds);
      };
      worker.on("error", () => {}); // this server has a websocket only
      worker.once("tokenExpired", () => {
        const at = Date.now();
        worker.once("tokenExpired", () => end((Date.now() - at) / 1000));
        setTimeout(end, limit * 1000, null);
        worker.updateToken(token(second));
      });
    });
    new WebSocketServer({ server }).on("connection", (socket) => {
      const payload = { channel_id: "WK", account_sid: "AC", workspace_sid: "WS", token_lifetime: first * 1000 };
      socket.send(JSON.stringify({ event_type: "init", payload }));
    });
  });
}

(async () => {
  const longer = await watch(8, 3600, 6);
  console.log(`8 s, then an hour: the new token is called expired after ${longer?.toFixed(1)} s`);
  const shorter = await watch(14, 6, 7);
  console.log(`14 s, then 6 s: within 7 s the SDK says ${shorter === null ? "nothing" : `so after ${shorter} s`}`);
  const [{ version }] = [require("twilio-taskrouter/package.json")];
  console.log(`twilio-taskrouter ${version}, Node ${process.version}`);
  process.exit(longer !== null && longer < 4 && shorter === null ? 0 : 1);
})();
JS
node try.cjs
