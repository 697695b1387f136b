// What reached the callback server and what TaskRouter complained of: searchable, each row unfolds.

/** @import { LoggedAlert, LoggedCall, LogRow } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { callRow, fieldList } from "../shared/call_row.js";
import { plural } from "../shared/text.js";
import { button } from "./context.js";

const ROWS_AT_MOST = 60;

/** @typedef {LoggedAlert & { times: number, since: string }} FoldedAlert */

/** Make one row of an alert that came again and again, where it came last; it has the id of the first, so that it stays
 * unfolded when it comes again.
 * @param {LogRow[]} rows the newest first
 * @returns {(LoggedCall | FoldedAlert)[]} */
export function foldAlerts(rows) {
  /** @type {Map<string, FoldedAlert>} */
  const alerts = new Map();
  const kept = [];
  for (const row of rows) {
    if (row.of === "call") {
      kept.push(row);
      continue;
    }
    const key = `${row.code} ${row.text}`;
    const known = alerts.get(key);
    if (known) {
      Object.assign(known, { times: known.times + 1, since: row.at, id: row.id });
      continue;
    }
    const alert = { ...row, times: 1, since: row.at };
    alerts.set(key, alert);
    kept.push(alert);
  }
  return kept;
}

/** The rows that have the words anywhere, the newest first.
 * @param {Iterable<LogRow>} rows
 * @param {string} wanted */
export function findRows(rows, wanted) {
  const all = [...rows].sort((a, b) => b.ms_at - a.ms_at);
  return wanted ? all.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : all;
}

/** @param {FoldedAlert} alert */
function alertRow({ at, level, code, text, times, since, detail }) {
  const isError = level === "error";
  return html`<li><details>
    <summary>
      <span class="tr-time">${at}</span>
      <strong class="tr-request">${level} ${code}</strong>
      <span class="tr-right"><span class="tr-chip ${isError ? "tr-bad" : ""}">${isError ? "✕ alert" : "! alert"}</span></span>
      <span class="tr-said">${times > 1 ? `${times} times since ${since}: ${text}` : text}</span>
    </summary>
    ${fieldList(detail)}
  </details></li>`;
}

/**
 * @param {LoggedCall} row
 * @param {Context} context */
function loggedCall(row, { live, run }) {
  const { delivery, request, at } = row;
  if (!delivery) return callRow(row);
  const resend = () => run({ type: "resend-webhook", delivery });
  const options = { disabled: !live, acts: true, label: `Send ${request} of ${at} again` };
  return callRow(row, html`<div>${button("Send again", resend, options)}</div>`);
}

/** Make the panel.
 * @param {() => void} redraw
 * @returns {Panel} */
export function callbackLog(redraw) {
  let wanted = "";
  const onSearch = (/** @type {Event} */ event) => {
    wanted = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase();
    redraw();
  };
  return {
    template(context) {
      const count = context.store.rows.size;
      const rows = foldAlerts(findRows(context.store.rows.values(), wanted));
      const of = rows.length < count ? `${plural(rows.length, "row")} of ` : "";
      const words = count
        ? `${of}${plural(count, "entry", "entries")}, the newest first`
        : "No call yet. When TaskRouter calls your server, it appears here by itself.";
      return html`<div class="tr-callbacks">
        <div class="tr-line">
          <input type="search" class="tr-search" placeholder="search names, SIDs, answers" aria-label="Search the log" @input=${onSearch} />
          <p class="tr-soft" role="status">${words}</p>
        </div>
        <ol class="tr-rows tr-tall">${repeat(
          rows.slice(0, ROWS_AT_MOST),
          ({ id }) => id,
          (row) => (row.of === "alert" ? alertRow(row) : loggedCall(row, context)),
        )}</ol>
      </div>`;
    },
  };
}
