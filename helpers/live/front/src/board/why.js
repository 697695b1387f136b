// Why a task went where it went, below the lanes: what the kernel was told, part by part, folded.

/** @import { WhyAnswer } from "../shared/types.js" */
/** @import { Context } from "./context.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { button } from "./context.js";

/** A part: its headline, and what is below it when it is unfolded.
 * @param {WhyAnswer["parts"][number]} part
 * @param {boolean} open */
const partOf = ([headline, lines], open) =>
  lines.length
    ? html`<details class="tr-fold tr-part" ?open=${open}><summary>${headline}</summary><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></details>`
    : html`<p>${headline}</p>`;

/** The answer; nothing where none was asked for.
 * @param {WhyAnswer | null} why
 * @param {Context} context
 * @param {() => void} close */
export function whySection(why, { live, run }, close) {
  if (!why) return nothing;
  const { parts } = why;
  const again = () => run({ type: "explain-task", task: why.task });
  return html`<section class="tr-why" aria-label=${why.title}>
    <div class="tr-line"><h3>${why.title}</h3>
      <span class="tr-buttons">${button("Ask again", again, { disabled: !live, control: "why-again" })}${button("Close", close, { control: "why-close" })}</span></div>
    <p class="tr-soft">At ${why.at}. ${why.notes.join(" ")}</p>
    ${repeat(
      parts,
      (_part, place) => `${why.id} ${place}`,
      (part, place) => partOf(part, place === parts.length - 1),
    )}
  </section>`;
}
