import assert from "node:assert/strict";
import { test } from "node:test";
import { attributePairs, brief, duration, listText, plural, shortSid, timeOfDay } from "../src/shared/text.js";

test("a duration is written as a person says it", () => {
  const seconds = [-1, 0, 59.9, 60, 80, 3599, 3600, 7261];
  const words = ["0 s", "0 s", "59 s", "1 min", "1 min 20 s", "59 min 59 s", "1 h 0 min", "2 h 1 min"];
  assert.deepEqual(seconds.map(duration), words);
});

test("a duration below a second has milliseconds", () => {
  assert.deepEqual([0.2, 1, 12.4, 999, 1500].map(brief), ["< 1 ms", "1 ms", "12 ms", "999 ms", "1 s"]);
});

test("a SID keeps its kind and its end", () => {
  assert.equal(shortSid(`WT${"0".repeat(28)}9f3a`), "WT…9f3a");
  assert.equal(shortSid(null), "");
});

test("one thing is not several", () => {
  const words = [plural(1, "step"), plural(2, "step"), plural(0, "entry", "entries")];
  assert.deepEqual(words, ["1 step", "2 steps", "0 entries"]);
});

test("the time of day has milliseconds where they are wanted", () => {
  const at = new Date(2026, 2, 4, 5, 6, 7, 89).getTime();
  assert.equal(timeOfDay(at), "05:06:07.089");
  assert.equal(timeOfDay(at, { fraction: false }), "05:06:07");
});

test("attributes are taken apart, and what is no object stays whole", () => {
  assert.deepEqual(attributePairs('{"language": "es", "level": 2}'), [
    ["language", "es"],
    ["level", "2"],
  ]);
  assert.deepEqual(attributePairs(undefined), []);
  assert.deepEqual(attributePairs("[1, 2]"), [["attributes", "[1, 2]"]]);
  assert.deepEqual(attributePairs("not json"), [["attributes", "not json"]]);
});

test("a list is written without its brackets", () => {
  assert.deepEqual(['["en","es"]', "es", "7"].map(listText), ["en, es", "es", "7"]);
});
