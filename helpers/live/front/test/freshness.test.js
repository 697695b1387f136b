import assert from "node:assert/strict";
import { test } from "node:test";
import { freshness } from "../src/shared/freshness.js";

test("each way of learning of news is said", () => {
  const now = 1000;
  const cases = [
    [{}, "connecting"],
    [{ now, every: null }, "live"],
    [{ now, every: 2, read: null }, "reading for the first time, then every 2 s"],
    [{ now, every: 2, read: 999.8 }, "live · read < 1 s ago · every 2 s"],
    [{ now, every: 2, read: 990 }, "live · read 10 s ago · every 2 s"],
    [{ now, every: 2, read: 990, paused: true }, "paused while nobody was looking"],
    [{ now, every: 2, read: 990, callbacks: true, heard: 996 }, "live · event callbacks arrive, the last 4 s ago"],
  ];
  for (const [heartbeat, words] of cases) assert.equal(freshness(heartbeat, 0)[1], words);
});

test("silence makes it older", () => {
  assert.equal(freshness({ now: 1000, every: 2, read: 998 }, 5)[1], "live · read 7 s ago · every 2 s");
});

test("where the last read failed, it is not live", () => {
  assert.deepEqual(freshness({ now: 1000, every: 2, read: 998 }, 4, false), ["✕", "not current · last read 6 s ago"]);
  assert.deepEqual(freshness({ now: 1000, every: 2, read: null }, 4, false), ["✕", "not current"]);
});
