// How fresh a widget is, and what is said when the kernel is gone.

/** @import { Heartbeat } from "./types.js" */
import { duration } from "./text.js";

/** Seconds without a heartbeat after which the kernel counts as gone; one comes each second, also while a cell runs. */
export const SILENT_AFTER = 6;

/** Say how a widget becomes live again.
 * @param {boolean} isBeside whether it stands beside its notebook, where no cell draws it anew */
const again = (isBeside) =>
  `run the notebook from the top down to ${isBeside ? "its cell, and press Open beside there" : "this cell"}.`;

/** @param {boolean} isBeside */
export const kernelEnded = (isBeside) =>
  `The kernel was restarted or has ended, so what you see is out of date. To make it live again, ${again(isBeside)}`;

/** @param {number} seconds since the last heartbeat
 * @param {boolean} isBeside */
export const kernelSilent = (seconds, isBeside) =>
  `No word from the kernel for ${seconds} s: it is very busy, or gone. If other cells still run, run ${isBeside ? "its cell again, and press Open beside there" : "this cell again"}. If the kernel was restarted, ${again(isBeside)}`;

/** Say how fresh a live widget is, as a mark and words.
 * @param {Heartbeat} heartbeat the newest one
 * @param {number} silence seconds since it came
 * @param {boolean} [isCurrent] whether the last look at TaskRouter has worked
 * @returns {[string, string]} */
export function freshness(heartbeat, silence, isCurrent = true) {
  const { now = 0, every, read, heard } = heartbeat;
  if (!isCurrent) return ["✕", read ? `not current · last read ${duration(now - read + silence)} ago` : "not current"];
  if (every === undefined) return ["○", "connecting"];
  if (every === null) return ["●", "live"];
  if (heartbeat.callbacks) {
    return ["●", `live · event callbacks arrive, the last ${duration(now - (heard ?? now) + silence)} ago`];
  }
  if (heartbeat.paused) return ["‖", "paused while nobody was looking"];
  if (!read) return ["○", `reading for the first time, then every ${every} s`];
  const age = now - read + silence;
  const ago = age < 0.5 + Math.min(0.5, every) ? "read < 1 s ago" : `read ${duration(age)} ago`;
  return ["●", `live · ${ago} · every ${every} s`];
}
