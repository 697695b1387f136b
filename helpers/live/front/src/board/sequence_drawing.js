// The drawing of the sequence: its lanes, and an arrow for everything that passes between them.

/** @import { Lane, Step } from "../shared/types.js" */
import { html, svg } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { isModified } from "../shared/keys.js";
import { timeOfDay } from "../shared/text.js";
import { gapWords } from "./sequence_data.js";
import { fit } from "./svg_text.js";

/** What lanes are called where there is little room.
 * @type {Partial<Record<Lane, string>>} */
const SHORT = { code: "code", server: "server" };
/** Pixels from one lane to the next: at least; and with which the times stand without the time since the step before. */
const NARROWEST_GAP = 72;
const ROOMY_GAP = 124;
/** Pixels before the first lane and after the last, in little room and in more. */
const NARROW_MARGINS = /** @type {const} */ ([108, 34]);
const ROOMY_MARGINS = /** @type {const} */ ([202, 46]);
const WIDEST = 1100;
/** Pixels of a label that may be longer than its arrow. */
const LABEL = 132;
/** Where the times end. */
const TIMES = 90;
const ROW = 34;
const TOP = 40;

/** In the drawing itself, so that a saved one has it too. */
const STYLE = `
.tr-seq text { font: 12px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-seq .tr-t { font-size: 11px; fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-seq .tr-lanehead { font-weight: 600; text-anchor: middle; }
.tr-seq .tr-life { stroke: var(--tr-line); }
.tr-seq .tr-arrow { stroke: var(--tr-soft); stroke-width: 1.4; fill: none; }
.tr-seq .tr-tip { fill: var(--tr-soft); stroke: none; }
.tr-seq :is(.tr-k-answer, .tr-k-result, .tr-k-instruction) .tr-arrow { stroke-dasharray: 5 3; }
.tr-seq .tr-k-event .tr-arrow { stroke-dasharray: 1 3; }
.tr-seq :is(.tr-k-webhook, .tr-k-instruction) .tr-arrow { stroke: var(--tr-brand); stroke-width: 2; }
.tr-seq :is(.tr-k-webhook, .tr-k-instruction) .tr-tip { fill: var(--tr-brand); }
.tr-seq .tr-k-state .tr-arrow { stroke: var(--tr-good); stroke-width: 1.6; }
.tr-seq .tr-k-state .tr-tip, .tr-seq .tr-dot { fill: var(--tr-good); }
.tr-seq .tr-k-phone .tr-arrow { stroke: var(--tr-warn); stroke-width: 1.6; }
.tr-seq .tr-k-phone :is(.tr-tip, .tr-dot) { fill: var(--tr-warn); }
.tr-seq .tr-arrow + .tr-tip + text { paint-order: stroke; stroke: var(--tr-page); stroke-width: 4px; }
.tr-seq .tr-step:is(:hover, .tr-chosen) .tr-arrow + .tr-tip + text { stroke: var(--tr-shade); }
.tr-seq .tr-row { fill: transparent; }
.tr-seq .tr-step:hover .tr-row { fill: var(--tr-shade); }
.tr-seq .tr-chosen .tr-row { fill: var(--tr-shade); stroke: var(--tr-brand); }
.tr-seq .tr-plate { fill: var(--tr-page); stroke: var(--tr-line); }
.tr-seq .tr-step { cursor: pointer; outline: none; }
.tr-seq .tr-step:focus-visible .tr-row { stroke: var(--tr-brand); stroke-width: 2; }
`;

/** The width that lanes need.
 * @param {readonly [number, number]} margins
 * @param {number} gap
 * @param {number} lanes how many */
const widthOf = ([before, after], gap, lanes) => before + after + gap * (lanes - 1);

/** Whether so many lanes have room for more than the time.
 * @param {number} width
 * @param {number} lanes how many */
const isRoomy = (width, lanes) => width >= widthOf(ROOMY_MARGINS, ROOMY_GAP, lanes);

/** Where lanes stand in so many pixels.
 * @param {Lane[]} lanes
 * @param {number} width
 * @returns {Record<Lane, number>} */
export function lanesIn(lanes, width) {
  const [before, after] = isRoomy(width, lanes.length) ? ROOMY_MARGINS : NARROW_MARGINS;
  const gap = (width - before - after) / (lanes.length - 1);
  return /** @type {Record<Lane, number>} */ (
    Object.fromEntries(lanes.map((lane, i) => [lane, Math.round(before + i * gap)]))
  );
}

/** How wide the drawing is on a board of so many pixels.
 * @param {number} board
 * @param {number} lanes how many */
export const drawingWidth = (board, lanes) =>
  Math.max(widthOf(NARROW_MARGINS, NARROWEST_GAP, lanes), Math.min(WIDEST, board - 20));

/** An arrow from one lane to another, or a dot within one.
 * @param {Step} step
 * @param {number} y the middle of its row
 * @param {Record<Lane, number>} lanes
 * @param {number} width */
function arrow({ from, to, label }, y, lanes, width) {
  const [start, end] = [lanes[from], lanes[to]];
  if (from === to) {
    return svg`<circle class="tr-dot" cx=${start} cy=${y} r="4.5"></circle>
      <text x=${start + 14} y=${y + 4}>${fit(label, width - start - 24)}</text>`;
  }
  const way = Math.sign(end - start);
  const line = y + 8;
  const middle = (start + end) / 2;
  const room = 2 * Math.min(middle - TIMES, width - middle);
  const longest = Math.max(Math.abs(end - start) - 16, Math.min(LABEL, room));
  return svg`<line class="tr-arrow" x1=${start + way * 4} y1=${line} x2=${end - way * 10} y2=${line}></line>
    <path class="tr-tip" d="M ${end - way * 3} ${line} l ${-way * 9} -4.5 v 9 z"></path>
    <text x=${middle} y=${y + 2} text-anchor="middle">${fit(label, longest)}</text>`;
}

/** Draw the sequence.
 * @param {object} options
 * @param {Step[]} options.steps
 * @param {Map<Lane, string>} options.lanes with what stands above each
 * @param {string | null} options.chosen the id of the chosen step
 * @param {number} options.width
 * @param {(id: string) => void} options.choose */
export function sequenceDrawing({ steps, chosen, lanes, width, choose }) {
  const names = [...lanes];
  const places = lanesIn([...lanes.keys()], width);
  const roomy = isRoomy(width, lanes.size);
  const height = TOP + Math.max(1, steps.length) * ROW + 8;
  const stop = steps.some(({ id }) => id === chosen) ? chosen : steps.at(-1)?.id; // where Tab comes in

  const row = (/** @type {Step} */ step, /** @type {number} */ i) => {
    const y = TOP + i * ROW + ROW / 2;
    const before = steps[i - 1];
    const words = `${timeOfDay(step.at)}, ${lanes.get(step.from)} to ${lanes.get(step.to)}: ${step.label}`;
    const gap = before && roomy ? gapWords(step.at - before.at) : "";
    return svg`<g class="tr-step tr-k-${step.kind} ${step.id === chosen ? "tr-chosen" : ""}" role="button"
        tabindex=${step.id === stop ? 0 : -1} aria-pressed=${String(step.id === chosen)} aria-label=${words} data-id=${step.id}
        @click=${(/** @type {Event} */ event) => focusStep(event, step.id, choose)}>
      <rect class="tr-row" x="2" y=${y - ROW / 2 + 1} width=${width - 4} height=${ROW - 2} rx="3"></rect>
      <text class="tr-t" x="8" y=${y + 4}>${timeOfDay(step.at)}</text>
      <text class="tr-t" x="92" y=${y + 4}>${gap}</text>
      ${arrow(step, y, places, width)}
    </g>`;
  };
  return html`<svg class="tr-seq" xmlns="http://www.w3.org/2000/svg" role="group" aria-label="Sequence of steps; arrow keys move from one to the next"
      viewBox="0 0 ${width} ${height}" width=${width} height=${height}>
    <title>What passed between ${names.map(([, name]) => name).join(", ")}</title>
    <g>${names.map(([lane]) => svg`<line class="tr-life" x1=${places[lane]} y1="26" x2=${places[lane]} y2=${height}></line>`)}</g>
    <g class="tr-arrows" @keydown=${(/** @type {KeyboardEvent} */ event) => onKeydown(event, choose)}>${repeat(steps, ({ id }) => id, row)}</g>
    <g class="tr-heads" data-unscrolled>
      <rect class="tr-plate" x="-1" y="-1" width=${width + 2} height="28"></rect>
      ${names.map(([lane, name]) => svg`<text class="tr-lanehead" x=${places[lane]} y="18">${(!roomy && SHORT[lane]) || name}</text>`)}
    </g>
    <style .textContent=${STYLE}></style>
  </svg>`;
}

/** Choose a step and set the focus on it.
 * @param {Event} event
 * @param {string} id
 * @param {(id: string) => void} choose */
function focusStep(event, id, choose) {
  /** @type {SVGGElement} */ (event.currentTarget).focus();
  choose(id);
}

/** Move from step to step.
 * @param {KeyboardEvent} event
 * @param {(id: string) => void} choose */
function onKeydown(event, choose) {
  if (isModified(event)) return;
  const arrows = /** @type {SVGGElement} */ (event.currentTarget);
  const all = /** @type {SVGGElement[]} */ ([...arrows.querySelectorAll(".tr-step")]);
  const at = all.findIndex((step) => step.contains(/** @type {Node} */ (event.target)));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1, Enter: at, " ": at }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const step = all[to];
  if (!step?.dataset.id) return;
  step.focus();
  choose(step.dataset.id);
}
