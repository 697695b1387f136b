// One call to the callback server: a row that unfolds to the whole form and the whole answer.

/** @import { CallRow } from "./types.js" */
import { html, nothing } from "lit-html";

/** The app's answer as a chip; nothing where none was due.
 * @param {CallRow} row */
function answerChip({ error, instruction, warning }) {
  if (warning) return html`<span class="tr-chip tr-warned" title=${warning}>! ${instruction}</span>`;
  if (error) return html`<span class="tr-chip tr-bad">✕ your app failed</span>`;
  if (instruction)
    return html`<span class="tr-chip tr-told">${instruction === "accept" ? "✓" : "→"} ${instruction}</span>`;
  return instruction === "" ? html`<span class="tr-chip tr-nothing">no instruction</span>` : nothing;
}

/** Say that it came more than once.
 * @param {{ times: number, since: string }} row */
export const timesWords = ({ times, since }) => (times > 1 ? `${times} times since ${since}` : "");

/** Names and values below one another.
 * @param {[string, string][]} pairs */
export const fieldList = (pairs) =>
  html`<dl>${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

/** Draw the row. It stays unfolded through redraws.
 * @param {CallRow} row
 * @param {unknown} [controls] what stands below the answer */
export const callRow = (row, controls = nothing) =>
  html`<li><details class=${row.problem ? "tr-failed" : ""}>
    <summary>
      <span class="tr-time">${row.at}</span>
      <code class="tr-request">${row.request}</code>
      <span class="tr-right">${answerChip(row)} ${row.status} · ${row.ms} ms</span>
      <span class="tr-said">${[timesWords(row), ...row.said, row.signature].filter(Boolean).join(" · ")}</span>
      ${row.problem ? html`<span class="tr-said tr-error">${row.problem}</span>` : nothing}
    </summary>
    ${row.form.length ? html`<p class="tr-soft">Form parameters of the request:</p>` : nothing}
    ${fieldList(row.form)}
    <p class="tr-soft">Answer, ${row.status}:</p>
    <pre>${row.answer || "(empty)"}</pre>
    ${controls}
  </details></li>`;
