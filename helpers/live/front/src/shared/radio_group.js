// A worker's activity as a group of radio buttons. The arrow keys only move: on the way from Offline to Busy lies
// Idle, and passing it would hand the worker a task. Space, Enter or a click chooses.

/** @import { Activity, Sid } from "./types.js" */
import { html } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { isModified } from "./keys.js";

/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Move or choose by the keyboard.
 * @param {KeyboardEvent} event */
function onKeydown(event) {
  if (isModified(event)) return;
  const options = /** @type {HTMLElement} */ (event.currentTarget);
  const inputs = [...options.querySelectorAll("input")];
  const at = inputs.indexOf(/** @type {HTMLInputElement} */ (event.target));
  const step = ARROWS[event.key];
  if (step) inputs[(at + step + inputs.length) % inputs.length]?.focus();
  else if (event.key === "Enter") inputs[at]?.click();
  else return;
  event.preventDefault();
}

/** Draw the group.
 * @param {object} options
 * @param {string} options.name of the group, which no other on the page has
 * @param {string} options.label
 * @param {Activity[]} options.activities
 * @param {Sid | null | undefined} options.current the activity that TaskRouter reports
 * @param {Sid | null} options.pending the activity that was asked for and is not answered yet
 * @param {boolean} options.live
 * @param {boolean} [options.small]
 * @param {(activity: Sid) => void} options.choose */
export function radioGroup({ name, label, activities, current, pending, live: isLive, small = false, choose }) {
  const chosen = pending ?? current;
  const onChange = (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    if (value !== chosen) choose(value);
  };
  return html`<fieldset aria-describedby="${name}-keys" ?disabled=${!isLive}>
    <legend class="tr-unseen">${label}</legend>
    <div class="tr-options ${small ? "tr-small" : ""}" aria-busy=${String(pending !== null)} @keydown=${onKeydown} @change=${onChange}>
      ${repeat(
        activities,
        ({ sid }) => sid,
        ({ sid, name: activity, available }) =>
          html`<label
            class="tr-option ${available ? "tr-open" : "tr-shut"} ${sid === pending ? "tr-asked" : ""} ${sid === current ? "tr-now" : ""}"
            ><input type="radio" name=${name} value=${sid} .checked=${live(sid === chosen)} /><span
              class="tr-name"
              >${activity}</span
            ><span class="tr-kind">${available ? "available" : "not available"}</span></label
          >`,
      )}
    </div>
    <span class="tr-unseen" id="${name}-keys">Use the arrow keys to move, and Space or Enter to choose.</span>
  </fieldset>`;
}
