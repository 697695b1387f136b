// The board: its tabs, the controls above them, the calls that were made below.

/** @import { BoardState, RenderProps, Sid } from "../shared/types.js" */
/** @import { Context, Panel } from "./context.js" */
import { render as draw, html, noChange } from "lit-html";
import { openActions } from "../shared/actions.js";
import { tickAges } from "../shared/ages.js";
import { beside } from "../shared/beside.js";
import { keepFocus } from "../shared/focus.js";
import { mountFrame } from "../shared/frame.js";
import { uniqueId } from "../shared/ids.js";
import { questions } from "../shared/question.js";
import { observeSize } from "../shared/size.js";
import { activeFaults, controls } from "./controls.js";
import { flow } from "./flow.js";
import { glide } from "./glide.js";
import { actionHistory, notice } from "./history.js";
import { callbackLog } from "./log.js";
import { outlineOf, presentWords } from "./outline.js";
import { sequence } from "./sequence.js";
import { openStore } from "./store.js";
import { tabList } from "./tabs.js";
import { tasks } from "./tasks.js";
import { timeline } from "./timeline.js";
import { newProblems, trouble, troubleOf, warning, warningOf } from "./trouble.js";

const TABS = { board: "Board", sequence: "Sequence", timeline: "Timeline", log: "Log" };
/** What the queues and the tasks are drawn from; a worker who only moves leaves them as they are. */
const TASK_COLLECTIONS = /** @type {const} */ (["tasks", "reservations", "task_queues", "workflows", "calls"]);
/** Pixels: in less, workers and tasks come first and below one another. */
const ROOMY = 700;
/** Seconds for which a warning that nobody has looked at is news. */
const NEWS = 600;
/** Milliseconds between two drawings at least: one in two frames. */
const REDRAW_EVERY = 33;

/** Draw as often as the page can take, and never while the browser does not draw.
 * @param {() => void} draw */
function drawingSchedule(draw) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let due;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const cancel = () => {
    clearTimeout(due);
    due = undefined;
  };
  const drawNow = () => {
    cancel();
    drawnAt = performance.now();
    draw();
  };
  const redraw = () => {
    if (due !== undefined) return;
    const wait = Math.max(0, REDRAW_EVERY - (performance.now() - drawnAt));
    const timer = setTimeout(
      () => (document.hidden ? drawNow() : requestAnimationFrame(() => due === timer && drawNow())),
      wait,
    );
    due = timer;
  };
  return { redraw, drawNow, cancel };
}

/** The way of the tasks above, their lanes below; where there is little room, what moves comes first.
 * @param {() => void} redraw
 * @returns {Panel} */
function boardPanel(redraw) {
  const [{ workflows, queues, workers }, lanes] = [flow(redraw), tasks(redraw)];
  const taskLanes = (/** @type {Context} */ context) => (context.tasksChanged ? lanes.template(context) : noChange);
  return {
    template: (context) =>
      context.compact
        ? html`<div class="tr-flow tr-compact">${workers(context)}${taskLanes(context)}${queues(context)}
            <details class="tr-fold"><summary>Workflow</summary>${workflows(context)}</details></div>`
        : html`<div class="tr-flow">${workflows(context)}${queues(context)}${workers(context)}</div>${taskLanes(context)}`,
  };
}

/** @param {RenderProps<BoardState>} props */
function render({ model, el }) {
  const id = uniqueId();
  /** @type {string} */
  let tab = "board";
  /** @type {Sid | null} */
  let picked = null;
  let logSeen = 0; // the newest row when the log was last open, in milliseconds since 1970
  let live = false;
  let compact = false;
  /** @type {string | undefined} */
  let whyDrawn; // the id of the answer that was drawn last
  let everything = true; // draw the tasks too, whatever has changed
  /** @type {HTMLElement} */
  let body;

  const drawBoard = () => {
    const state = model.get("state");
    const width = body.clientWidth;
    if (compact !== (width > 0 && width < ROOMY)) {
      compact = !compact;
      everything = true;
    }
    if (whyDrawn !== state.why?.id) everything = true;
    whyDrawn = state.why?.id;
    const tasksChanged = everything || TASK_COLLECTIONS.some((name) => store.changed.has(name));
    everything = false;
    store.changed.clear();
    /** @type {Context} */
    const context = {
      ...outlineOf(store, picked),
      id,
      store,
      now: model.get("heartbeat").now ?? Date.now() / 1000,
      width,
      compact,
      live,
      tasksChanged,
      why: state.why ?? null,
      questions: asked,
      pendingActivity: actions.pendingActivity,
      run(action) {
        if (action.type === "create-task") picked = null;
        actions.run(action);
      },
      pick(task) {
        picked = picked === task ? null : task; // a second click lets go: the newest is the selected one again
        redrawAll();
      },
    };
    const show = () => draw(template(context, state), body);
    keepFocus(el, () => (tab === "board" && tasksChanged ? glide(body, show) : show()));
    panels[tab]?.drawn?.();
    el.classList.toggle("tr-unknown", !state.known || store.revision < 0);
    tickAges(el, context.now);
  };
  const { redraw, drawNow, cancel } = drawingSchedule(drawBoard);
  const redrawAll = () => {
    everything = true;
    redraw();
  };
  const panelViews = { sequence: sequence(redraw), timeline: timeline(redraw) };
  /** @type {Record<string, Panel>} */
  const panels = { board: boardPanel(redrawAll), ...panelViews, log: callbackLog(redraw) };
  const bar = controls(redraw);
  const asked = questions(redraw);
  const history = actionHistory(redraw);
  const actions = openActions(model, redraw);
  const { store, close } = openStore(model, redraw);

  const select = (/** @type {string} */ name) => {
    tab = name;
    everything = true;
    drawNow(); // what the focus goes to is there at once
  };
  const panel = (/** @type {string} */ name, /** @type {Context} */ context) =>
    html`<div role="tabpanel" id="${id}-${name}-panel" aria-labelledby="${id}-${name}" ?hidden=${name !== tab}>${name === tab ? panels[name]?.template(context) : noChange}</div>`;
  const template = (/** @type {Context} */ context, /** @type {BoardState} */ state) => {
    if (tab === "log") for (const { ms_at } of store.rows.values()) logSeen = Math.max(logSeen, ms_at);
    return html`<p class="tr-soft tr-loading">${state.trouble ? "" : "Loading the workspace …"}</p>
      <div class="tr-top">${tabList({ id, names: TABS, selected: tab, problems: { log: newProblems(store.rows.values(), logSeen) }, select })}${bar(context, state, beside(model, el))}</div>
      ${notice(state.history ?? [], actions.isSending(), store)}
      ${trouble(troubleOf(store.rows.values(), store.workflows), () => select("log"))}
      ${warning(warningOf(store.rows.values(), Math.max(logSeen, (context.now - NEWS) * 1000)), () => select("log"))}
      ${activeFaults(state.faults ?? [], context)}
      ${Object.keys(TABS).map((name) => panel(name, context))}
      ${history(state.history ?? [])}
      <p class="tr-soft">${state.how}</p>
      <p class="tr-unseen" role="status">${presentWords(store, context)}</p>`;
  };

  el.classList.add("tr-board");
  const frame = mountFrame(
    { model, el },
    {
      draw(node, _state, isLive) {
        body = node;
        if (live !== isLive) everything = true;
        live = isLive;
        redraw();
      },
      tick(node, now) {
        tickAges(node, now);
        if (tab === "timeline") redraw();
      },
    },
  );
  const unobserve = observeSize(el, redraw, () => "beside" in el.dataset);
  return () => {
    cancel();
    unobserve();
    for (const view of Object.values(panelViews)) view.close();
    actions.close();
    close();
    frame.unmount();
  };
}

export default { render };
