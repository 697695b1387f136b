import assert from "node:assert/strict";
import { test } from "node:test";
import { findRows, foldAlerts } from "../src/board/log.js";

const row = (of, id, at, more = {}) => ({ of, id, ms_at: at, at: String(at), ...more });
const alert = (id, at, text = "no answer") => row("alert", id, at, { code: 11200, level: "error", text });

test("an alert that came again and again is one row, where it came last, with the id of the first", () => {
  const rows = [alert("a1", 1), row("call", "c1", 2), alert("a2", 3), alert("b1", 4, "else"), alert("a3", 5)];
  const folded = foldAlerts(findRows(rows, ""));
  assert.deepEqual(
    folded.map(({ id, at, times, since }) => [id, at, times, since]),
    [
      ["a1", "5", 3, "1"],
      ["b1", "4", 1, "4"],
      ["c1", "2", undefined, undefined],
    ],
  );
});

test("folding leaves the rows themselves alone", () => {
  const rows = [alert("a2", 2), alert("a1", 1)];
  foldAlerts(rows);
  assert.deepEqual(rows, [alert("a2", 2), alert("a1", 1)]);
});

test("a search finds the words anywhere in a row, the newest first", () => {
  const rows = [row("call", "c1", 1), alert("a1", 2, "Nobody")];
  assert.deepEqual(findRows(rows, "nobody"), [rows[1]]);
  assert.deepEqual(findRows(rows, ""), [rows[1], rows[0]]);
});
