// What can be done from the board besides the buttons on workers and tasks.

/** @import { Action, BoardState, Fault } from "../shared/types.js" */
/** @import { Context } from "./context.js" */
/** @import { Store } from "./store.js" */
import { html } from "lit-html";
import { WHAT_STARTING_OVER_DELETES } from "../shared/constants.js";
import { button } from "./context.js";
import { newTask } from "./new_task.js";

/** @type {[number, string][]} */
const SKIPS = [
  [10, "10 s"],
  [60, "1 min"],
  [120, "2 min"],
  [1200, "20 min"],
  [3600, "1 h"],
];
/** @type {[string, Fault][]} */
const FAULTS = [
  ["the next assignment callback times out", { deliveries: "timeout", kind: "assignment" }],
  ["the next assignment callback arrives twice", { deliveries: "twice", kind: "assignment" }],
  ["the next event arrives twice", { deliveries: "twice", kind: "event" }],
  ["the next event arrives out of order", { deliveries: "out-of-order", kind: "event" }],
  ["the next new task is refused with 429", { operation: "CreateTask", status: 429 }],
];

const START_OVER = {
  words: `Start over? ${WHAT_STARTING_OVER_DELETES}`,
  yes: "Empty the sandbox",
  no: "Keep everything",
};

/** The activity for the worker of an offer that is rejected: one who stays available is offered the task again at once.
 * @param {Store} store */
export function activityAfterReject(store) {
  const away = [...store.activities.values()].filter(({ available }) => !available);
  return away.find(({ name }) => name === "Offline") ?? away[0];
}

/** The answers that the next assignment callback can be given in the place of the app.
 * @param {Store} store
 * @returns {[string, Record<string, unknown> | null][]} */
export function nextAnswers(store) {
  const leaves = activityAfterReject(store);
  return [
    ["your app answers", null],
    ["accept", { instruction: "accept" }],
    [
      leaves ? `reject and move the worker to ${leaves.name}` : "reject",
      { instruction: "reject", activity_sid: leaves?.sid },
    ],
    ["{} (no instruction)", {}],
  ];
}

/** Close a menu, with the focus on what opens it.
 * @param {HTMLDetailsElement} details */
function close(details) {
  details.open = false;
  details.querySelector("summary")?.focus();
}

/** @param {Event} event */
const openMenuAt = (event) =>
  /** @type {HTMLDetailsElement | null} */ (/** @type {Element} */ (event.target).closest("details[open]"));

/** Close a menu when the focus goes elsewhere.
 * @param {FocusEvent} event */
function onFocusOut(event) {
  const menu = openMenuAt(event);
  if (menu && event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
}

/** Close a menu with Escape.
 * @param {KeyboardEvent} event */
function onKeydown(event) {
  const menu = event.key === "Escape" && openMenuAt(event);
  if (!menu) return;
  close(menu);
  event.stopPropagation();
}

/** Close the other menus when one opens, and keep it inside the board.
 * @param {Event} event */
function onToggle(event) {
  const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (!menu.open) return;
  keepInside(menu.querySelector("summary + *"), menu.closest(".tr"));
  for (const other of menu.parentElement?.querySelectorAll("details") ?? []) if (other !== menu) other.open = false;
}

/** Move a menu to the left as far as it would stand out at the right, or into what scrolls the board.
 * @param {HTMLElement | null} node
 * @param {Element | null} board */
function keepInside(node, board) {
  if (!node || !board) return;
  node.style.left = "0";
  const edge = board.getBoundingClientRect().left + board.clientLeft + board.clientWidth;
  const out = node.getBoundingClientRect().right - edge + 8;
  if (out > 0) node.style.left = `${-out}px`;
}

/** @param {Event} event */
function onChoice(event) {
  const menu = openMenuAt(event);
  if (menu && /** @type {Element} */ (event.target).closest("button")) close(menu);
}

/** Make the bar of controls.
 * @param {() => void} redraw
 * @returns {(context: Context, state: BoardState, openBeside: (() => unknown) | null) => unknown} */
export function controls(redraw) {
  const createTask = newTask(redraw);

  return (context, state, openBeside) => {
    const { id, store, live, questions, run } = context;
    const startOver = `${id}-start-over`;
    const menu = (
      /** @type {string} */ words,
      /** @type {[string, Action][]} */ choices,
      /** @type {boolean} */ hidden,
    ) =>
      html`<details class="tr-menu" ?hidden=${hidden} @toggle=${onToggle}>
        <summary class="tr-button">${words}</summary>
        <div class="tr-choices" @click=${onChoice}>${choices.map(([name, action]) => button(name, () => run(action), { disabled: !live }))}</div>
      </details>`;
    const answers = nextAnswers(store).map(
      ([words, instruction]) => /** @type {[string, Action]} */ ([words, { type: "answer-next", instruction }]),
    );
    const skips = SKIPS.map(([seconds, words]) => /** @type {[string, Action]} */ ([words, { type: "skip", seconds }]));
    const faults = FAULTS.map(
      ([words, fault]) => /** @type {[string, Action]} */ ([words, { type: "inject-fault", ...fault }]),
    );
    const isLiveTwilio = state.mode !== "sandbox";
    return html`<div class="tr-bar" role="group" aria-label="Controls" @focusout=${onFocusOut} @keydown=${onKeydown}>
      ${createTask(context, onToggle)}
      ${menu(`Next answer${state.next ? `: ${state.next}` : ""}`, answers, !state.server)}
      ${menu("Skip time", skips, isLiveTwilio)}
      ${menu("Let it go wrong", faults, isLiveTwilio)}
      ${button("Start over", () => questions.ask(startOver), { disabled: !live, hidden: isLiveTwilio })}
      ${button("Open beside", () => openBeside?.(), { hidden: !openBeside, label: "Open beside the notebook" })}
      ${button("Use event callbacks", () => run({ type: "receive-events" }), { disabled: !live, hidden: !state.server || state.listens })}
    </div>
    ${questions.template(questions.about(startOver) === null ? null : { ...START_OVER, act: () => run({ type: "start-over" }) })}`;
  };
}

/** @type {Record<string, string>} */
const WEBHOOKS = { assignment: "assignment callback", event: "event callback" };
/** What becomes of one webhook, and of several.
 * @type {Record<string, [string, string]>} */
const FATES = {
  timeout: ["times out", "time out"],
  late: ["arrives late", "arrive late"],
  twice: ["arrives twice", "arrive twice"],
  "out-of-order": ["arrives out of order", "arrive out of order"],
};

/** Say what a fault does, such as `the next 2 event callbacks arrive twice`.
 * @param {BoardState["faults"][number]} fault */
export function faultWords({ what, left, deliveries, kind }) {
  const fate = FATES[deliveries ?? ""];
  const next = left === 1 ? "the next" : `the next ${left}`;
  if (!fate) return `${what}, ${next}${left === 1 ? " time" : " times"}`;
  const webhook = WEBHOOKS[kind ?? ""] ?? "webhook";
  return `${next} ${webhook}${left === 1 ? "" : "s"} ${fate[left === 1 ? 0 : 1]}`;
}

/** What will go wrong because somebody has ordered it, in a cell or here.
 * @param {BoardState["faults"]} faults
 * @param {Context} context */
export function activeFaults(faults, { live, run }) {
  const words = faults.map(faultWords).join(" · ");
  return html`<div class="tr-armed tr-faults" ?hidden=${!faults.length}>
    <span role="status">${faults.length ? `✕ ${faults.length > 1 ? "Faults" : "Fault"} on: ${words}` : ""}</span>
    ${button(faults.length > 1 ? "Clear the faults" : "Clear the fault", () => run({ type: "clear-faults" }), { disabled: !live })}
  </div>`;
}
