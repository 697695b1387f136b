import "./dom.js"; // first
import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, fitEnds, fits } from "../src/board/svg_text.js";

const WIDTH = 84; // 12 characters, where the page cannot measure

test("a text that has room stays whole", () => {
  assert.ok(fits("Alice", WIDTH));
  assert.deepEqual([fit("Alice", WIDTH), fitEnds("Alice", WIDTH)], ["Alice", "Alice"]);
});

test("a label is cut at its end, and a name in its middle", () => {
  assert.equal(fit("reservation.created", WIDTH), "reservation…");
  assert.equal(fitEnds("Worker number 07", WIDTH), "Worker…er 07");
});

test("thirty names that differ at the end remain thirty", () => {
  const names = Array.from({ length: 30 }, (_, i) => fitEnds(`Worker number ${String(i).padStart(2, "0")}`, WIDTH));
  assert.equal(new Set(names).size, 30);
});

test("a label that is cut at a shortened SID or a space ends in one ellipsis", () => {
  assert.equal(fit("POST /a/WT…9f3a", WIDTH), "POST /a/WT…");
  assert.equal(fit("task waits in a queue", WIDTH), "task waits…");
});
