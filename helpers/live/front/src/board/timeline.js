// The timeline: who was in which activity and who handled which task, over time; and what that comes to in numbers.

/** @import { Span } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
/** @import { Store } from "./store.js" */
/** @import { WorkerRow } from "./timeline_data.js" */
import { html, svg } from "lit-html";
import { createRef, ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { observeSize } from "../shared/size.js";
import { brief, shortSid, timeOfDay } from "../shared/text.js";
import { fitEnds, fits } from "./svg_text.js";
import {
  secondsSinceFirst,
  timelineNumbers,
  WAITS_AT_MOST,
  WORKERS_AT_MOST,
  waitsByTask,
  workerRows,
} from "./timeline_data.js";

/** Seconds that are shown; 0: since the first thing that happened.
 * @type {Map<number, string>} */
const WINDOWS = new Map([
  [0, "everything, up to 15 minutes"],
  [60, "the last minute"],
  [300, "the last 5 minutes"],
  [900, "the last 15 minutes"],
]);
const NAME_WIDTH = 110; // this and the following: pixels
const NARROWEST = 180;
const TOP = 8;
const WORKER_LINE = 46;
const WORKER_BAR = 17;
const WAIT_LINE = 18;
const WAIT_BAR = 13;

const STYLE = `
.tr-time-chart text { font: 11px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-time-chart .tr-t { fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-time-chart .tr-axis { stroke: var(--tr-line); }
.tr-time-chart .tr-free { fill: color-mix(in srgb, var(--tr-good) 26%, var(--tr-page)); stroke: var(--tr-good); }
.tr-time-chart .tr-away { fill: var(--tr-shade); stroke: var(--tr-edge); stroke-dasharray: 3 2; }
.tr-time-chart .tr-work { fill: color-mix(in srgb, var(--tr-brand) 30%, var(--tr-page)); stroke: var(--tr-brand); }
.tr-time-chart .tr-offer { fill: none; stroke: var(--tr-brand); stroke-dasharray: 2 2; }
.tr-time-chart .tr-wait { fill: var(--tr-shade); stroke: var(--tr-edge); }
`;

/** @typedef {(at: number) => number} Scale from milliseconds since 1970 to pixels */

/** A bar, with its label where it has room.
 * @param {object} options
 * @param {string} options.kind
 * @param {[number, number]} options.x where it begins and ends
 * @param {number} options.y
 * @param {number} options.height
 * @param {string} options.words what it says when pointed at
 * @param {string} options.label */
function bar({ kind, x: [from, to], y, height, words, label }) {
  const width = Math.max(1.5, to - from);
  const text = fits(label, width - 8) ? svg`<text x=${from + 4} y=${y + height - 4}>${label}</text>` : "";
  return svg`<rect class="tr-${kind}" x=${from} y=${y} width=${width} height=${height} rx="2"><title>${words}</title></rect>${text}`;
}

/** A worker's two bands: the activities above, the tasks below.
 * @param {WorkerRow} row
 * @param {number} y
 * @param {Store} store
 * @param {Scale} x
 * @param {number} now */
function workerBands({ worker, spans }, y, store, x, now) {
  const band = (/** @type {Span} */ span) => {
    const end = span.to ?? now;
    const place = /** @type {[number, number]} */ ([x(span.from), x(end)]);
    const length = brief(end - span.from);
    if (span.kind === "activity") {
      const activity = span.activity ? store.activities.get(span.activity) : undefined;
      const label = activity?.name ?? "?";
      const words = `${worker.name}: ${label} for ${length}`;
      return bar({ kind: activity?.available ? "free" : "away", x: place, y, height: WORKER_BAR, words, label });
    }
    const label = shortSid(span.task);
    const what = span.kind === "work" ? "handled" : `reservation ${span.end ?? "pending"}`;
    const words = `${worker.name}: ${label} ${what} for ${length}`;
    return bar({ kind: span.kind, x: place, y: y + 20, height: WORKER_BAR, words, label });
  };
  return svg`<text x="0" y=${y + 20}>${fitEnds(worker.name, NAME_WIDTH - 6)}<title>${worker.name}</title></text>${spans.filter(({ kind }) => kind !== "wait").map(band)}`;
}

/** How long a task waited, once or several times.
 * @param {Span[]} waits
 * @param {number} y the line's end
 * @param {Scale} x
 * @param {number} now */
function waitBand(waits, y, x, now) {
  const task = shortSid(waits[0]?.task);
  return svg`<text class="tr-t" x="0" y=${y - 2}>${task} waits</text>${waits.map((span) => {
    const end = span.to ?? now;
    const label = brief(end - span.from);
    const words = `${task} waited ${label}, then ${span.end ?? "still waiting"}`;
    return bar({ kind: "wait", x: [x(span.from), x(end)], y: y - WAIT_BAR, height: WAIT_BAR, words, label });
  })}`;
}

/** The marks of the time below the chart.
 * @param {object} options
 * @param {number} options.start
 * @param {number} options.now
 * @param {number} options.width
 * @param {number} options.bottom
 * @param {Scale} options.x */
function timeAxis({ start, now, width, bottom, x }) {
  const count = Math.max(1, Math.min(5, Math.floor(width / 90)));
  return Array.from({ length: count + 1 }, (_, i) => {
    const at = start + ((now - start) * i) / count;
    const anchor = i === count ? "end" : i ? "middle" : "start";
    return svg`<line class="tr-axis" x1=${x(at)} y1="2" x2=${x(at)} y2=${bottom - 10}></line>
      <text class="tr-t" x=${x(at)} y=${bottom + 4} text-anchor=${anchor}>${timeOfDay(at, { fraction: false })}</text>`;
  });
}

/** Say what is left out of the drawing.
 * @param {number} workers
 * @param {number} waits */
function leftOut(workers, waits) {
  const parts = [];
  if (workers > WORKERS_AT_MOST) parts.push(`${WORKERS_AT_MOST} of ${workers} workers, the busiest first`);
  if (waits > WAITS_AT_MOST) parts.push(`the newest ${WAITS_AT_MOST} of ${waits} tasks that waited`);
  return parts.length ? `Shown: ${parts.join(" · ")}. The numbers count all of them.` : "";
}

/** Make the panel.
 * @param {() => void} redraw
 * @returns {Panel & { close: () => void }} */
export function timeline(redraw) {
  let seconds = 0;
  const onWindow = (/** @type {Event} */ event) => {
    seconds = Number(/** @type {HTMLSelectElement} */ (event.target).value);
    redraw();
  };
  const paper = /** @type {import("lit-html/directives/ref.js").Ref<HTMLElement>} */ (createRef());
  /** @type {(() => void) | undefined} */
  let unobserve;

  /** @param {Context} context */
  const template = ({ store, now: nowSeconds, width: board }) => {
    const now = nowSeconds * 1000;
    const start = now - (seconds || secondsSinceFirst(store.spans.values(), now)) * 1000;
    const width = Math.max(NARROWEST, (paper.value?.clientWidth ?? board) - NAME_WIDTH - 6);
    /** @type {Scale} */
    const x = (at) => NAME_WIDTH + (Math.max(0, Math.min(now, at) - start) / (now - start)) * width;
    const spans = [...store.spans.values()].filter(({ from, to }) => (to ?? now) >= start && from <= now);
    const rows = workerRows(store, spans, start, now);
    const waits = waitsByTask(spans);
    const drawnWaits = waits.slice(-WAITS_AT_MOST);
    const waitsTop = TOP + rows.length * WORKER_LINE;
    const bottom = waitsTop + drawnWaits.length * WAIT_LINE + 20;
    const percent = (/** @type {number} */ ms) => `${Math.min(100, Math.round((ms / (now - start)) * 100))} %`;
    const words = rows
      .slice(0, 8)
      .map(
        ({ worker, available, working }) =>
          `${worker.name}: available ${percent(available)}, working ${percent(working)}`,
      );

    return html`<div class="tr-timeline">
      <label class="tr-field"><span>Show</span><select @change=${onWindow}>${[...WINDOWS].map(([value, name]) => html`<option value=${value}>${name}</option>`)}</select></label>
      <div class="tr-beside">
        <div class="tr-paper" ${ref(paper)}>
          <div class="tr-scroll" tabindex="0" role="group" aria-label="The chart">
            <svg class="tr-time-chart" role="img" width=${NAME_WIDTH + width + 4} height=${bottom + 12} aria-label="Timeline: ${WINDOWS.get(seconds)}. ${words.join("; ")}">
              <title>Activities and tasks of each worker over time</title>
              ${repeat(
                rows,
                ({ worker }) => worker.sid,
                (row, i) => svg`<g>${workerBands(row, TOP + i * WORKER_LINE, store, x, now)}</g>`,
              )}
              ${drawnWaits.length ? svg`<line class="tr-axis" x1="0" y1=${waitsTop} x2=${NAME_WIDTH + width} y2=${waitsTop}></line>` : ""}
              ${drawnWaits.map((each, i) => svg`<g>${waitBand(each, waitsTop + (i + 1) * WAIT_LINE, x, now)}</g>`)}
              ${timeAxis({ start, now, width, bottom, x })}
              <style .textContent=${STYLE}></style>
            </svg>
          </div>
          <p class="tr-soft">${leftOut(store.workers.size, waits.length)}</p>
          <p class="tr-soft tr-legend">upper band: activity, solid edge = available, dashed edge = not available · lower band: tasks, dashed = reservation pending, filled = accepted · below: how long each task waited</p>
        </div>
        <div class="tr-scroll" tabindex="0" role="group" aria-label="The numbers">
          <table class="tr-stats">
            <caption>In numbers, from TaskRouter's events</caption>
            <tbody>${timelineNumbers(spans, start, now).map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody>
          </table>
          <table class="tr-stats">
            <caption>Workers during this time</caption>
            <thead><tr>${["worker", "available", "working", "tasks"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
            <tbody>${rows.map(
              ({ worker, available, working, tasks }) =>
                html`<tr><th scope="row">${worker.name}</th><td>${percent(available)}</td><td>${percent(working)}</td><td>${tasks}</td></tr>`,
            )}</tbody>
          </table>
        </div>
      </div>
    </div>`;
  };
  const drawn = () => {
    if (paper.value) unobserve ??= observeSize(paper.value, redraw);
  };
  return { template, drawn, close: () => unobserve?.() };
}
