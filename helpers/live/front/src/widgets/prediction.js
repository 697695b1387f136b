// A question that is answered before a cell shows what happens. The kernel keeps the answer until the choice is made.

/** @import { PredictionState, RenderProps } from "../shared/types.js" */
import { render as draw, html } from "lit-html";
import { mountFrame } from "../shared/frame.js";
import { uniqueId } from "../shared/ids.js";

const SENDING = "Sending your choice to the kernel. While a cell runs, it waits.";

/** Draw what stands between backticks as code.
 * @param {string} text */
const withCode = (text) => text.split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part));

/** Say what an option turned out to be, once the choice is made.
 * @param {PredictionState} state
 * @param {number} at */
function mark({ chosen, right }, at) {
  if (chosen === null) return "";
  if (at === right) return at === chosen ? "✓ your choice, right" : "✓ right";
  return at === chosen ? "✕ your choice" : "";
}

/** @param {RenderProps<PredictionState>} props */
function render({ model, el }) {
  el.classList.add("tr-prediction");
  const name = uniqueId();
  /** @type {number | null} the option that the kernel was told of */
  let sent = null;
  /** @param {number} option */
  const choose = (option) => {
    sent = option;
    model.send({ kind: "choice", option });
    frame.redraw();
  };
  const frame = mountFrame(
    { model, el },
    {
      draw(body, state, live) {
        const { question, options, chosen, right, verdict, why } = state;
        if (chosen !== null || !live) sent = null;
        const isOpen = live && chosen === null && sent === null;
        draw(
          html`<p class="tr-guess-asked" id=${name}>${withCode(question)}</p>
            <div class="tr-guesses" role="group" aria-labelledby=${name} aria-busy=${String(sent !== null)}>
              ${options.map(
                (option, at) =>
                  html`<button
                    type="button"
                    class="tr-guess ${at === right ? "tr-guess-right" : ""} ${at === chosen ? "tr-guess-chosen" : ""}"
                    aria-pressed=${String(at === (chosen ?? sent))}
                    aria-disabled=${String(!isOpen)}
                    @click=${() => isOpen && choose(at)}
                    ><span class="tr-guess-words">${withCode(option)}</span><span class="tr-guess-mark">${mark(state, at)}</span></button
                  >`,
              )}
            </div>
            <p class="tr-guess-verdict" role="status">${
              sent !== null ? SENDING : verdict ? html`<strong>${withCode(verdict)}</strong> ${withCode(why)}` : ""
            }</p>`,
          body,
        );
      },
    },
  );
  return frame.unmount;
}

export default { render };
