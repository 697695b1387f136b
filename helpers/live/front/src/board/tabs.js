// The views of the board as tabs, which the keyboard moves between.

import { html, nothing } from "lit-html";
import { isModified } from "../shared/keys.js";

/** Draw the list of tabs. The panel of a tab has the id `<id>-<name>-panel`.
 * @param {object} options
 * @param {string} options.id what no other element of the page has
 * @param {Record<string, string>} options.names the words on each tab
 * @param {string} options.selected
 * @param {Record<string, number>} options.problems how many a tab has, which nobody has looked at
 * @param {(name: string) => void} options.select */
export function tabList({ id, names, selected, problems, select }) {
  const onKeydown = (/** @type {KeyboardEvent} */ event) => {
    const to = isModified(event) ? undefined : tabAfter(event.key, Object.keys(names), selected);
    if (to === undefined) return;
    event.preventDefault();
    select(to);
    const list = /** @type {HTMLElement} */ (event.currentTarget);
    /** @type {HTMLElement | null} */ (list.querySelector(`[data-tab="${to}"]`))?.focus();
  };
  return html`<div class="tr-tabs" role="tablist" aria-label="Views" @keydown=${onKeydown}>
    ${Object.entries(names).map(
      ([name, words]) =>
        html`<button type="button" role="tab" class="tr-tab" id="${id}-${name}" data-tab=${name} aria-controls="${id}-${name}-panel"
          aria-selected=${String(name === selected)} tabindex=${name === selected ? 0 : -1} @click=${() => select(name)}>${words}${problems[name] ? html` <span class="tr-badge">${problems[name]}<span class="tr-unseen"> new ${problems[name] === 1 ? "problem" : "problems"}</span></span>` : nothing}</button>`,
    )}
  </div>`;
}

/** The tab that a key leads to; undefined for a key that leads to none.
 * @param {string} key
 * @param {string[]} names
 * @param {string} selected */
export function tabAfter(key, names, selected) {
  if (key === "Home") return names[0];
  if (key === "End") return names.at(-1);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  return step === undefined ? undefined : names[(names.indexOf(selected) + step + names.length) % names.length];
}
