// A callback that fails, told on the board itself: nobody has the log open when it happens.

/** @import { LoggedAlert, LoggedCall, LogRow, Sid } from "../shared/types.js" */
/** @import { Workflow } from "../shared/entities.js" */
import { html, nothing } from "lit-html";
import { timesWords } from "../shared/call_row.js";
import { button } from "./context.js";

const AGAIN =
  "TaskRouter cancels the reservation and offers the task again, in the sandbox twice a second; how often Twilio does is not documented.";

/** Whether the workflow that asked still has an address to ask.
 * @param {LoggedCall} row
 * @param {{ get: (sid: Sid) => Workflow | undefined }} workflows */
function isStillAsked({ form }, workflows) {
  const sid = new Map(form).get("WorkflowSid");
  return sid === undefined || Boolean(workflows.get(sid)?.url);
}

/** The newest assignment callback, if it failed, and its workflow still has one.
 * @param {Iterable<LogRow>} rows
 * @param {{ get: (sid: Sid) => Workflow | undefined }} workflows those that there are
 * @returns {LoggedCall | null} */
export function troubleOf(rows, workflows) {
  /** @type {LoggedCall | null} */
  let newest = null;
  for (const row of rows) {
    if (row.of === "call" && row.reservation && row.ms_at >= (newest?.ms_at ?? 0)) newest = row;
  }
  return newest?.problem && isStillAsked(newest, workflows) ? newest : null;
}

/** The newest warning that nobody has looked at, such as of an expression that can never match, and that still holds.
 * @param {Iterable<LogRow>} rows
 * @param {number} since milliseconds since 1970
 * @returns {LoggedAlert | null} */
export function warningOf(rows, since) {
  /** @type {LoggedAlert | null} */
  let newest = null;
  for (const row of rows) {
    if (row.of !== "alert" || row.level !== "warning" || !row.problem) continue;
    if (row.ms_at > (newest?.ms_at ?? since)) newest = row;
  }
  return newest;
}

/** Draw the warning, until the log is opened.
 * @param {LoggedAlert | null} row
 * @param {() => void} openLog */
export const warning = (row, openLog) =>
  html`<div class="tr-armed tr-warning" ?hidden=${!row}>
    <span role="status">${row ? html`<strong>! Warning ${row.code}:</strong> ${row.text}` : nothing}</span>
    ${button("Open the log", openLog)}
  </div>`;

/** Count the rows with a problem that came after a time.
 * @param {Iterable<LogRow>} rows
 * @param {number} since milliseconds since 1970 */
export function newProblems(rows, since) {
  let count = 0;
  for (const { problem, ms_at } of rows) if (problem && ms_at > since) count += 1;
  return count;
}

/** Draw what is wrong with the callback; nothing when it works.
 * @param {LoggedCall | null} row
 * @param {() => void} openLog */
export function trouble(row, openLog) {
  const again = row && row.times > 2 && !row.warning;
  return html`<div class="tr-armed" ?hidden=${!row}>
    <span role="status">${row ? html`<strong>✕ Your callback failed:</strong> ${row.problem}.` : nothing}</span>
    <span>${row && row.times > 1 ? `${timesWords(row)}.` : nothing}</span>
    ${button("Open the log", openLog)}
    <span class="tr-soft" ?hidden=${!again}>${AGAIN}</span>
  </div>`;
}
