import assert from "node:assert/strict";
import { test } from "node:test";
import { freshness, kernelSilent } from "../src/shared/freshness.js";

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

test("a kernel that is silent may be there all the same, and then its cell is enough", () => {
  assert.equal(
    kernelSilent(7, false),
    "No word from the kernel for 7 s: it is very busy, or gone. If other cells still run, run this cell again. " +
      "If the kernel was restarted, run the notebook from the top down to this cell.",
  );
  assert.match(kernelSilent(7, true), /still run, run its cell again, and press Open beside there\. If/);
});
