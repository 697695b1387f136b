// Ages that go on by themselves: a template leaves an empty node that says since when, and `tickAges` fills it.

import { html } from "lit-html";
import { duration } from "./text.js";

/** An age, such as `waits 12 s`.
 * @param {number} since seconds since 1970, by TaskRouter's clock
 * @param {string} word what stands before it
 * @param {string} [className] */
export const age = (since, word, className = "") =>
  html`<span class="tr-age ${className}" data-since=${since} data-word=${word}></span>`;

/** Bring the ages below a node up to date.
 * @param {HTMLElement} root
 * @param {number} now seconds since 1970, by TaskRouter's clock */
export function tickAges(root, now) {
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".tr-age"))) {
    const { since, word } = node.dataset;
    const text = `${word ? `${word} ` : ""}${duration(now - Number(since))}`;
    if (node.textContent !== text) node.textContent = text;
  }
}
