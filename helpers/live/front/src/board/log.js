// What reached the callback server and what TaskRouter complained of: searchable, each row unfolds. What came again and
// again is one row with a count.

/** @import { LoggedAlert, LoggedCall, LogRow } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { callRow, fieldList, timesWords } from "../shared/call_row.js";
import { plural } from "../shared/text.js";
import { button } from "./context.js";

const ROWS_AT_MOST = 60;

/** The rows that have the words anywhere, the newest first.
 * @param {Iterable<LogRow>} rows
 * @param {string} wanted */
export function findRows(rows, wanted) {
  const all = [...rows].sort((a, b) => b.ms_at - a.ms_at);
  return wanted ? all.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : all;
}

/** @param {LoggedAlert} alert */
function alertRow(alert) {
  const { at, level, code, text, detail } = alert;
  const isError = level === "error";
  return html`<li><details>
    <summary>
      <span class="tr-time">${at}</span>
      <strong class="tr-request">${level} ${code}</strong>
      <span class="tr-right"><span class="tr-chip ${isError ? "tr-bad" : ""}">${isError ? "✕ alert" : "! alert"}</span></span>
      <span class="tr-said">${[timesWords(alert), text].filter(Boolean).join(": ")}</span>
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
      const rows = findRows(context.store.rows.values(), wanted);
      const of = rows.length < count ? `${rows.length} of ` : "";
      const words = count
        ? `${of}${plural(count, "entry", "entries")}, the newest first`
        : "No calls yet. When TaskRouter calls your server, the call appears here by itself.";
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
