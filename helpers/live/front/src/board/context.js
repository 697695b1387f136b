// What the parts of the board are handed for a drawing, and small things that they share.

/** @import { TemplateResult } from "lit-html" */
/** @import { Action, Sid, WhyAnswer } from "../shared/types.js" */
/** @import { Outline } from "./outline.js" */
/** @import { Store } from "./store.js" */
/** @import { Questions } from "../shared/question.js" */
import { html, nothing } from "lit-html";

/**
 * @typedef {Outline & {
 *   id: string,
 *   store: Store,
 *   now: number,
 *   width: number,
 *   compact: boolean,
 *   live: boolean,
 *   tasksChanged: boolean,
 *   why: WhyAnswer | null,
 *   questions: Questions,
 *   pendingActivity: (worker: Sid) => Sid | null,
 *   run: (action: Action) => void,
 *   pick: (task: Sid) => void,
 * }} Context  id: what no other board of the page has; now: seconds since 1970; width: pixels of the board; compact: whether there is little room;
 *   live: whether the kernel can be asked; tasksChanged: whether more is to be drawn than workers who moved;
 *   why: why a task went where it went, where that was asked
 */

/**
 * @typedef {object} Panel
 * @property {(context: Context) => unknown} template
 * @property {() => void} [drawn] called when what `template` gave is on the page
 */

/** The marks of the statuses of tasks and reservations.
 * @type {Record<string, string>} */
const STATUS_MARKS = {
  pending: "○",
  reserved: "◐",
  assigned: "●",
  wrapping: "◓",
  completed: "✓",
  canceled: "✕",
  accepted: "●",
  rejected: "✕",
  timeout: "✕",
  rescinded: "✕",
};

/** @param {string | null} status */
export const statusMark = (status) => STATUS_MARKS[status ?? ""] ?? "";

/**
 * @typedef {object} ButtonOptions
 * @property {boolean} [disabled]
 * @property {boolean} [hidden]
 * @property {string} [label] its name, where the words on it do not say enough
 * @property {string} [control] what it is for, by which the focus finds it again in a card that is drawn elsewhere
 * @property {boolean} [acts] whether it asks TaskRouter for something: where the focus goes when its own button is done
 */

/** A button.
 * @param {unknown} words
 * @param {(event: Event) => void} act
 * @param {ButtonOptions} [options]
 * @returns {TemplateResult} */
export const button = (words, act, { disabled = false, hidden = false, label, control, acts = false } = {}) =>
  html`<button type="button" class="tr-button" ?disabled=${disabled} ?hidden=${hidden} aria-label=${label ?? nothing}
    data-control=${control ?? nothing} ?data-acts=${acts} @click=${act}>${words}</button>`;

export const NAMES = new Intl.Collator(undefined, { numeric: true });
