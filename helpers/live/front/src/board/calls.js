// A phone call in a line, on the card of its task or of the worker whose phone it is.

/** @import { Call } from "../shared/types.js" */
import { html } from "lit-html";
import { age } from "../shared/ages.js";
import { timeOfDay } from "../shared/text.js";

/** @param {number} ms since 1970 */
const time = (ms) => timeOfDay(ms, { fraction: false });

/** @param {Call} call
 * @param {string} whose what stands before what it does: whose phone it is */
export const callLine = ({ live, words, since }, whose) =>
  html`<li><span aria-hidden="true">☎ </span>${whose} ${words}<span class="tr-soft">${
    since === null ? "" : live ? html`, since ${time(since)}, ${age(since / 1000, "for")}` : ` at ${time(since)}`
  }</span></li>`;
