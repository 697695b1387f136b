// The calls that the controls made, the newest first, each ready to be copied into a cell.

/** @import { HistoryEntry, Outcome } from "../shared/types.js" */
/** @import { Store } from "./store.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { button } from "./context.js";

/** @type {Record<Outcome, [string, string]>} */
const OUTCOMES = { pending: ["…", "asking TaskRouter"], done: ["✓", "done"], refused: ["✕", "refused"] };

/** Whether an entry still says what is: a worker whom it set to Reserved may be Busy by now.
 * @param {HistoryEntry} entry
 * @param {Store} store */
export function holds({ action, outcome, said }, store) {
  if (outcome !== "done") return true;
  /** @type {string | null | undefined} */
  let now;
  if (action.type === "set-activity") now = store.activities.get(store.workers.get(action.worker)?.activity)?.name;
  else if (action.type === "update-reservation") now = store.reservations.get(action.reservation)?.status;
  else if (action.type === "update-task") now = store.tasks.get(action.task)?.status;
  return !now || said.endsWith(` is ${now}.`);
}

/** Say what came of the last click, next to the controls, for as long as it holds.
 * @param {HistoryEntry[]} history
 * @param {boolean} sending a click is on its way to the kernel
 * @param {Store} store */
export function notice(history, sending, store) {
  const last = history.at(-1);
  const newest = last && holds(last, store) ? last : undefined;
  const [mark, doing] = OUTCOMES[newest?.outcome ?? "pending"];
  const words = sending
    ? "Sending your click to the kernel …"
    : newest && `${mark} ${newest.at} · ${newest.outcome === "pending" ? doing : newest.said}`;
  return html`<p class="tr-notice ${newest?.outcome === "refused" && !sending ? "tr-refused" : ""}" role="status">${words || nothing}</p>`;
}

/** Make the section.
 * @param {() => void} redraw
 * @returns {(history: HistoryEntry[]) => unknown} */
export function actionHistory(redraw) {
  /** The call that was copied last, and how that went. */
  let copied = { id: "", words: "" };
  const copy = async (/** @type {HistoryEntry} */ { id, code }) => {
    const done = await navigator.clipboard.writeText(code).then(
      () => true,
      () => false,
    );
    copied = { id, words: done ? "copied" : "select the text and copy it" };
    redraw();
  };
  const item = (/** @type {HistoryEntry} */ entry) => {
    const { id, at, code, outcome, said, ms } = entry;
    const [mark, words] = OUTCOMES[outcome];
    const copyButton = button("Copy", () => copy(entry), { label: `Copy the call of ${at}` });
    return html`<li class="tr-call tr-${outcome}">
      <div class="tr-line">
        <span><span aria-hidden="true">${mark} </span>${at} · ${words}${outcome === "pending" ? "" : ` · ${ms} ms`}</span>
        <span>${said}</span>
        <span class="tr-right"><span class="tr-soft" role="status">${copied.id === id ? copied.words : ""}</span> ${code ? copyButton : nothing}</span>
      </div>
      ${code ? html`<pre tabindex="0">${code}</pre>` : nothing}
    </li>`;
  };
  const list = (/** @type {HistoryEntry[]} */ entries) =>
    html`<ol class="tr-made">${repeat(entries, ({ id }) => id, item)}</ol>`;

  return (history) => {
    const entries = [...history].reverse();
    return html`<section class="tr-calls">
      <h3>The call that your click made</h3>
      <p class="tr-soft" ?hidden=${entries.length > 0}>Each click on this board makes one call. The call appears here, ready to be copied into a cell.</p>
      ${list(entries.slice(0, 1))}
      <details class="tr-fold" ?hidden=${entries.length < 2}><summary>earlier calls</summary>${list(entries.slice(1))}</details>
    </section>`;
  };
}
