// Tasks as cards: what they carry, where they stand on the path, and their reservations below.

/** @import { InspectedTask, InspectorState, RenderProps } from "../shared/types.js" */
import { render as draw, html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { age, tickAges } from "../shared/ages.js";
import { TASK_PATH } from "../shared/constants.js";
import { mountFrame } from "../shared/frame.js";
import { isWaiting } from "../shared/statuses.js";

const MARKS = { past: "•", here: "◉", ahead: "○", broken: "✕" };

/** Where a task stands: each step of the path with its place. A task that left the path was pending at least.
 * @param {string} status
 * @returns {{ name: string, place: keyof typeof MARKS }[]} */
export function pathOf(status) {
  const names = TASK_PATH.filter((name) => name !== "wrapping" || name === status); // most tasks never wrap up
  const at = names.indexOf(status);
  if (at < 0) {
    const steps = names.map((name, i) => ({
      name,
      place: i ? /** @type {const} */ ("ahead") : /** @type {const} */ ("past"),
    }));
    return [...steps, { name: status, place: "broken" }];
  }
  return names.map((name, i) => ({ name, place: i > at ? "ahead" : i === at ? "here" : "past" }));
}

/** @param {string} status */
const path = (status) =>
  html`<ol class="tr-path" aria-label="Place on the path: ${status}">${pathOf(status).map(
    ({ name, place }) =>
      html`<li class="tr-step tr-${place}" aria-current=${place === "here" || place === "broken" ? "step" : nothing}><span class="tr-mark" aria-hidden="true">${MARKS[place]}</span><span>${name}</span></li>`,
  )}</ol>`;

/** @param {InspectedTask["reservations"][number]} each */
const reservation = (each) =>
  html`<li class="tr-reservation tr-${each.status}"><strong>${each.worker}</strong> · reservation ${each.short} <span class="tr-chip">${each.status}</span> since ${each.since}</li>`;

/** @param {InspectedTask} task */
function reservations({ reservations, earlier, ended }) {
  if (!reservations.length) return html`<p class="tr-soft">${ended ? "No reservation." : "No reservation yet."}</p>`;
  return html`<ul class="tr-reservations">
    ${earlier ? html`<li class="tr-soft">${earlier}</li>` : nothing}
    ${repeat(reservations, ({ sid }) => sid, reservation)}
  </ul>`;
}

/** @param {InspectedTask} task */
function card(task) {
  return html`<li class="tr-card">
    <div class="tr-line">
      <code>${task.short}</code>
      ${task.attributes.map(([name, value]) => html`<span class="tr-attribute"><span class="tr-soft">${name} </span><strong>${value}</strong></span>`)}
      <span class="tr-right">${task.ended ? `${task.status} at ${task.ended}` : age(task.born, isWaiting(task.status) ? "waiting" : "age")}</span>
    </div>
    <div class="tr-line tr-soft">
      <span>${[task.queue, `priority ${task.priority}`].filter(Boolean).join(" · ")}</span>
      ${task.reason ? html`<span class="tr-soft">Reason: ${task.reason}</span>` : nothing}
    </div>
    ${path(task.status)} ${reservations(task)}
  </li>`;
}

/** @param {RenderProps<InspectorState>} props */
function render({ model, el }) {
  const { unmount } = mountFrame(
    { model, el },
    {
      draw(body, { tasks = [], summary, older }) {
        draw(
          html`<p class="tr-sentence" role="status">${summary}</p>
            <ul class="tr-cards">${repeat(tasks, ({ sid }) => sid, card)}</ul>
            <p class="tr-soft">${older ? `Only the ${tasks.length} newest are shown.` : ""}</p>`,
          body,
        );
        tickAges(body, model.get("heartbeat").now ?? Date.now() / 1000);
      },
      tick: tickAges,
    },
  );
  return unmount;
}

export default { render };
