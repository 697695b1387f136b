import assert from "node:assert/strict";
import { test } from "node:test";
import { findRows } from "../src/board/log.js";
import { newProblems, troubleOf, warningOf } from "../src/board/trouble.js";

const row = (of, id, at, more = {}) => ({ of, id, ms_at: at, at: String(at), problem: null, times: 1, ...more });
const call = (id, at, more = {}) => row("call", id, at, { reservation: "WR1", ...more });

test("a search finds the words anywhere in a row, the newest first", () => {
  const rows = [call("c1", 1), row("alert", "a1", 2, { text: "Nobody" })];
  assert.deepEqual(findRows(rows, "nobody"), [rows[1]]);
  assert.deepEqual(findRows(rows, ""), [rows[1], rows[0]]);
});

test("the board tells of a callback that fails until one works, or its workflow has none", () => {
  const form = [["WorkflowSid", "WW1"]];
  const failed = call("c1", 5, { problem: "KeyError: 'x', line 7 of the cell", times: 68, since: "12:00:01", form });
  const workflows = new Map([["WW1", { url: "http://127.0.0.1:1/assignment_callback" }]]);
  assert.equal(troubleOf([], workflows), null);
  assert.equal(troubleOf([call("c0", 1), failed, row("alert", "a1", 9)], workflows), failed);
  assert.equal(troubleOf([failed, row("call", "page", 6, { reservation: null })], workflows), failed);
  assert.equal(troubleOf([failed, call("c2", 6)], workflows), null);
  assert.equal(troubleOf([failed], new Map([["WW1", { url: "" }]])), null);
  assert.equal(troubleOf([failed], new Map()), null);
  assert.equal(troubleOf([{ ...failed, form: [] }], new Map()).id, "c1");
});

test("the newest warning is told until it is corrected, or somebody has looked at the log", () => {
  const alert = (id, at, level) => row("alert", id, at, { level, problem: "!" });
  const rows = [alert("a1", 5, "warning"), alert("a2", 6, "warning"), alert("a3", 7, "error"), call("c1", 8)];
  assert.equal(warningOf(rows, 0), rows[1]);
  assert.equal(warningOf(rows, 6), null);
  assert.equal(warningOf([rows[0], { ...rows[1], problem: null }], 0), rows[0]);
});

test("the log counts the problems that nobody has looked at", () => {
  const rows = [call("c1", 5, { problem: "?" }), call("c2", 6), row("alert", "a1", 7, { problem: "!" })];
  assert.equal(newProblems(rows, 0), 2);
  assert.equal(newProblems(rows, 5), 1);
  assert.equal(newProblems(rows, 7), 0);
});
