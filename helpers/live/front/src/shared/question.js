// What is asked once before something is done that a person may not have meant.

import { html, nothing } from "lit-html";

/**
 * @typedef {object} Question
 * @property {string} words
 * @property {string} yes what the button that does it says
 * @property {string} no what the button that leaves it says
 * @property {() => void} act
 */

/**
 * @typedef {object} Questions
 * @property {(key: string, about?: string) => void} ask open the question of that key; one is open at a time
 * @property {(key: string) => string | null} about what the open question of that key is about; null: it is not open
 * @property {(question: Question | null) => unknown} template
 */

/** Keep which question is open.
 * @param {() => void} redraw
 * @returns {Questions} */
export function questions(redraw) {
  /** @type {{ key: string, about: string } | null} */
  let open = null;
  const close = () => {
    open = null;
    redraw();
  };
  return {
    ask(key, about = "") {
      open = { key, about };
      redraw();
    },
    about: (key) => (open?.key === key ? open.about : null),
    template(question) {
      if (!question) return nothing;
      const { words, yes, no, act } = question;
      const onYes = () => {
        close();
        act();
      };
      return html`<div class="tr-question" role="group" aria-label=${words}>
        <p role="status">${words}</p>
        <button type="button" class="tr-button" @click=${onYes}>${yes}</button>
        <button type="button" class="tr-button" @click=${close}>${no}</button>
      </div>`;
    },
  };
}
