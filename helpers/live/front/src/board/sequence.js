// The sequence: what passes between code, TaskRouter, callback server and worker. It grows as things happen; a replay
// shows the steps one by one, with the states after each.

/** @import { Lane, Sid, Step } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
/** @import { Store } from "./store.js" */
import { html } from "lit-html";
import { createRef, ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { fieldList } from "../shared/call_row.js";
import { plural, timeOfDay } from "../shared/text.js";
import { saveSvg } from "./save_svg.js";
import { GROUPS, inOrder, lanesOf, sceneStart, statesAfter, stepsOfTask } from "./sequence_data.js";
import { drawingWidth, sequenceDrawing } from "./sequence_drawing.js";

const SHOWN_AT_MOST = 80;
/** Milliseconds for one step in slow motion. */
const REPLAY_EVERY = 1400;
/** Pixels from the end of the list within which it follows what comes. */
const AT_END = 40;
/** Pixels that the drawing has at least beside a notebook, where its end stays in sight. */
const LEAST_HEIGHT = 180;

/** How much of what stands beside a notebook is left from the top of the drawing on, in pixels.
 * @param {Element} beside
 * @param {Element} drawing */
function roomBelow(beside, drawing) {
  const above = drawing.getBoundingClientRect().top - beside.getBoundingClientRect().top + beside.scrollTop;
  return Math.max(LEAST_HEIGHT, Math.floor(beside.clientHeight - above) - 8);
}

/** A button of the replay.
 * @param {string} words
 * @param {string} label
 * @param {() => void} act
 * @param {boolean} [disabled] */
const control = (words, label, act, disabled = false) =>
  html`<button type="button" class="tr-button" aria-label=${label} title=${label} ?disabled=${disabled} @click=${act}>${words}</button>`;

/** What a step carries and what it means.
 * @param {Step | undefined} step
 * @param {Map<Lane, string>} lanes
 * @param {Store} store */
function stepDetail(step, lanes, store) {
  if (!step) return html`<p class="tr-soft">Select an arrow to see what it carries and what it means.</p>`;
  const like = step.like === undefined ? undefined : store.steps.get(step.like);
  return html`<p><strong>${step.type ?? step.label}</strong> · ${lanes.get(step.from)} → ${lanes.get(step.to)} · ${timeOfDay(step.at)}</p>
    <p>${step.words}</p>
    <div class="tr-fields" tabindex="0" role="group" aria-label="Content of the step">${fieldList(step.detail ?? like?.detail ?? [])}</div>`;
}

/** Say what is to be seen when one goes back to what happens now.
 * @param {number} newer steps after those that are shown
 * @param {boolean} isOther whether another task has come meanwhile */
function liveWords(newer, isOther) {
  if (isOther) return "There is a newer task: go live";
  return newer ? `${plural(newer, "newer step")}: go live` : "Go live";
}

/** Make the panel.
 * @param {() => void} redraw
 * @returns {Panel & { close: () => void }} */
export function sequence(redraw) {
  const kinds = new Set(Object.values(GROUPS).flatMap((group) => (group.atFirst ? group.kinds : [])));
  let presentOnly = true;
  /** @type {number | null} how many steps the replay shows; null: live, all of them */
  let position = null;
  /** @type {Sid | null} the task that is replayed; one that comes meanwhile does not take its place */
  let task = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let playing;
  /** @type {string | null} */
  let chosen = null;
  /** @type {Step[]} */
  let shown = [];
  let follows = true; // whether the end of the list stays in sight
  const scroll = /** @type {import("lit-html/directives/ref.js").Ref<HTMLElement>} */ (createRef());

  const go = (/** @type {number | null} */ to) => {
    position = to === null ? null : Math.max(0, Math.min(shown.length, to));
    if (position) chosen = shown[position - 1]?.id ?? null;
    redraw();
  };
  const stop = () => {
    clearInterval(playing);
    playing = undefined;
  };
  const halt = (/** @type {number | null} */ to) => {
    stop();
    go(to);
  };
  const isAtEnd = () => position === null || position >= shown.length;
  const play = () => {
    if (playing !== undefined) {
      stop();
      return redraw();
    }
    if (isAtEnd()) position = sceneStart(shown);
    playing = setInterval(() => {
      if (!scroll.value?.isConnected) halt(position);
      else if (isAtEnd()) halt(null);
      else go((position ?? 0) + 1);
    }, REPLAY_EVERY);
    go((position ?? 0) + 1);
  };
  const choose = (/** @type {string} */ id) => {
    chosen = id;
    redraw();
  };
  const onScroll = () => {
    const { value } = scroll;
    value?.querySelector(".tr-heads")?.setAttribute("transform", `translate(0 ${value.scrollTop})`);
  };
  const save = () => {
    const drawing = scroll.value?.querySelector("svg");
    if (drawing) saveSvg(drawing, "taskrouter-sequence.svg");
  };
  const checkbox = (
    /** @type {string} */ words,
    /** @type {boolean} */ checked,
    /** @type {(on: boolean) => void} */ set,
  ) => {
    const onChange = (/** @type {Event} */ event) => {
      set(/** @type {HTMLInputElement} */ (event.target).checked);
      go(null);
    };
    return html`<label><input type="checkbox" ?checked=${checked} @change=${onChange} /> ${words}</label>`;
  };
  const show = (/** @type {typeof GROUPS[string]} */ group, /** @type {boolean} */ on) => {
    for (const kind of group.kinds) on ? kinds.add(kind) : kinds.delete(kind);
  };

  /** @param {Context} context */
  const template = ({ store, present, offers, width }) => {
    if (position === null) task = presentOnly ? (present?.sid ?? null) : null;
    const all = inOrder(store.steps.values());
    const ofTask = task === null ? all : stepsOfTask(all, task, offers.get(task) ?? [], store.calls);
    shown = ofTask.filter(({ kind }) => kinds.has(kind)).slice(-SHOWN_AT_MOST);
    const visible = position === null ? shown : shown.slice(0, position);
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = scroll.value ?? {};
    follows = position !== null || scrollHeight - scrollTop - clientHeight < AT_END;
    const states = statesAfter(visible, store, task);
    const lanes = lanesOf(shown);
    const isOther = task !== null && present?.sid !== task;
    const place = position === null ? `${plural(shown.length, "step")}, live` : `step ${position} of ${shown.length}`;

    return html`<div class="tr-sequence">
      <div class="tr-checks" role="group" aria-label="What is shown">
        ${checkbox("selected task only", presentOnly, (on) => {
          presentOnly = on;
        })}
        ${Object.values(GROUPS).map((group) => checkbox(group.words, group.atFirst, (on) => show(group, on)))}
      </div>
      <div class="tr-bar" role="group" aria-label="Replay">
        ${control("|◀ First", "To the first step", () => halt(1))}
        ${control("◀ Back", "One step back", () => halt((position ?? shown.length) - 1))}
        ${control("Step ▶", "One step on", () => halt((position ?? 0) + 1), isAtEnd())}
        ${control(playing === undefined ? "▶ Slow motion" : "‖ Pause", "Play in slow motion", play)}
        <button type="button" class="tr-button ${position === null ? "" : "tr-main"}" ?disabled=${position === null} @click=${() => halt(null)}>${liveWords(position === null ? 0 : shown.length - position, isOther)}</button>
        <span class="tr-soft">${place}</span>
        <span class="tr-right"><button type="button" class="tr-button" @click=${save}>Save as SVG</button></span>
      </div>
      <div class="tr-states" aria-live="polite">${repeat(
        states,
        ({ sid }) => sid,
        ({ name, before, now }) =>
          html`<span class="tr-state"><span class="tr-soft">${name}: ${before.map((state) => `${state} → `).join("")}</span><strong>${now}</strong></span>`,
      )}</div>
      <p class="tr-soft" ?hidden=${shown.length > 0}>Nothing has happened yet. Make a worker available or create a task, and the arrows appear.</p>
      <div class="tr-scroll" ?hidden=${!shown.length} ${ref(scroll)} @scroll=${onScroll}>${sequenceDrawing({ steps: visible, chosen, lanes, width: drawingWidth(width, lanes.size), choose })}</div>
      <div class="tr-detail" role="group" aria-live="polite" aria-label="The selected step">${stepDetail(
        visible.find(({ id }) => id === chosen),
        lanes,
        store,
      )}</div>
    </div>`;
  };
  const drawn = () => {
    const { value } = scroll;
    if (!value) return;
    const beside = value.closest("[data-beside]");
    if (beside) value.style.maxHeight = `min(460px, ${roomBelow(beside, value)}px)`;
    if (follows) value.scrollTop = value.scrollHeight;
  };
  return { template, drawn, close: stop };
}
