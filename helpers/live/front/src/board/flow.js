// The way of a task from the left to the right: the workflow's filters, the queues, the workers. The path of the
// selected task is marked, by a line at the edge, a mark and words for who does not see them.

/** @typedef {(context: Context) => unknown} Section */
/** @import { Reservation, Task, TaskQueue, Workflow } from "../shared/types.js" */
/** @import { Context } from "./context.js" */
import { html, noChange, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { activityChoice } from "../shared/activity_choice.js";
import { age } from "../shared/ages.js";
import { duration, plural, shortSid } from "../shared/text.js";
import { callLine } from "./calls.js";
import { button, statusMark } from "./context.js";
import {
  CROWD,
  callsOfWorker,
  capacityWords,
  filtersOf,
  inServiceOrder,
  isShared,
  shownWorkers,
  skillWords,
  trailWords,
} from "./flow_data.js";

const QUEUED_AT_MOST = 8;
const WORKERS_AT_MOST = 30;
const SEARCH_FROM = 8; // so many workers or tasks, and one can search among them

/** The name of what may lie on the selected task's path.
 * @param {string} name
 * @param {boolean} onPath
 * @param {string} words for who does not see the mark */
const pathName = (name, onPath, words) =>
  html`<span class="tr-mark" aria-hidden="true">${onPath ? "▸" : ""}</span> <strong>${name}</strong><span class="tr-unseen">${onPath ? words : ""}</span>`;

/** @param {boolean} onPath */
const pathClass = (onPath) => (onPath ? "tr-onpath" : "");

/** An address that breaks between its parts, not inside a word.
 * @param {string} address */
const breakable = (address) => address.split(/(?<=[/_?&=-])/).map((part) => html`${part}<wbr />`);

/** @param {ReturnType<typeof filtersOf>[number]} filter */
const filterItem = ({ name, expression, targets, onPath }) =>
  html`<li class="tr-filter ${pathClass(onPath)}">
    <div>${pathName(name, onPath, ", the selected task came this way")}</div>
    <code class="tr-wrap">${expression}</code>
    <ul class="tr-targets">${targets.map(
      (target) =>
        html`<li class=${target.onPath ? "tr-here" : nothing}>${target.onPath ? "▸ " : "→ "}${target.queue}${target.terms ? html`<span class="tr-soft"> · ${target.terms}</span>` : nothing}</li>`,
    )}</ul>
  </li>`;

/**
 * @param {Workflow} workflow
 * @param {Context} context */
const workflowItem = (workflow, { store, present }) =>
  html`<li>
    <h4>${workflow.name}</h4>
    <ol class="tr-filters">${filtersOf(workflow, store, present).map(filterItem)}</ol>
    <p class="tr-soft tr-wrap">${workflow.url ? html`assignment callback ${breakable(workflow.url)}` : "no assignment callback"} · reservation timeout ${duration(workflow.timeout)}</p>
  </li>`;

/**
 * @param {Task} task
 * @param {Context} context */
const waitingItem = (task, { pick }) =>
  html`<li data-key="waiting ${task.sid}"><button type="button" class="tr-pick" data-control="pick" @click=${() => pick(task.sid)}><span class="tr-mark" aria-hidden="true">○ </span><code>${shortSid(task.sid)}</code><span class="tr-soft">${task.priority ? ` priority ${task.priority} ` : " "}</span>${age((task.waits ?? task.created) / 1000, "waits")}</button></li>`;

/**
 * @param {TaskQueue} queue
 * @param {Context} context */
function queueItem(queue, context) {
  const tasks = inServiceOrder(queue.order, context.waiting.get(queue.sid) ?? []);
  const onPath = context.present?.queue === queue.sid;
  const more = tasks.length > QUEUED_AT_MOST ? `, the first ${QUEUED_AT_MOST}:` : "";
  return html`<li class="tr-queue ${pathClass(onPath)}" data-key="queue ${queue.sid}">
    <div>${pathName(queue.name, onPath, ", the queue of the selected task")}</div>
    <code class="tr-wrap">${queue.expression}</code>
    <span class="tr-soft">${tasks.length ? `${plural(tasks.length, "task")} waiting${more}` : "no tasks waiting"}</span>
    <ol class="tr-waiting">${repeat(
      tasks.slice(0, QUEUED_AT_MOST),
      ({ sid }) => sid,
      (task) => waitingItem(task, context),
    )}</ol>
  </li>`;
}

/** A reservation that binds a worker, with what can be done about it.
 * @param {Reservation} reservation
 * @param {Context} context */
function heldItem({ sid, task, status }, { store, offers, live, run, pick }) {
  if (task === null) return nothing;
  const update = (/** @type {"accepted" | "rejected" | "completed"} */ to) =>
    run({ type: "update-reservation", task, reservation: sid, status: to });
  const complete = () =>
    isShared(store.tasks.get(task), offers.get(task) ?? [])
      ? update("completed")
      : run({ type: "update-task", task, status: "completed" });
  const offered = status === "pending";
  const options = { disabled: !live, acts: true };
  return html`<li class="tr-line" data-key="held ${sid}">
    <button type="button" class="tr-pick" data-control="pick" @click=${() => pick(task)}><span>${statusMark(status)} ${shortSid(task)} ${offered ? "reservation pending" : status}</span></button>
    <span class="tr-right tr-bar">
      ${button("Accept", () => update("accepted"), { ...options, control: "accept", hidden: !offered })}
      ${button("Reject", () => update("rejected"), { ...options, control: "reject", hidden: !offered })}
      ${button("Complete", complete, { ...options, control: "complete", hidden: offered })}
    </span>
  </li>`;
}

/** A worker's card. Among many it is one line, and its activities unfold.
 * @param {ReturnType<typeof shownWorkers>["workers"][number]} item
 * @param {Context} context */
function workerItem({ worker, holds, onPath }, context) {
  const { id, store, live, pendingActivity, questions, run } = context;
  const activity = store.activities.get(worker.activity);
  const words = activity ? `${activity.available ? "✓" : "–"} ${activity.name}` : "?";
  const skills = skillWords(worker.attributes);
  const choice = activityChoice({
    name: `${id}-${worker.sid}`,
    worker: worker.name,
    activities: [...store.activities.values()],
    current: worker.activity,
    pending: pendingActivity(worker.sid),
    holds: store.workspace.multitasking === false ? holds[0]?.status : null,
    live,
    small: true,
    questions,
    choose: (chosen) => run({ type: "set-activity", worker: worker.sid, activity: chosen }),
  });
  const [capacity, trail] = [capacityWords(worker, holds, store), trailWords(worker, store)];
  const isCrowd = store.workers.size > CROWD;
  return html`<li class="tr-worker ${pathClass(onPath)}" data-key="worker ${worker.sid}">
    <div class="tr-who">
      <span class="tr-skills" title=${skills}>${pathName(worker.name, onPath, ", holds the selected task")} <span class="tr-soft">${skills}</span></span>
      <span><span class="tr-chip tr-activity ${activity?.available ? "tr-yes" : ""}" title=${activity?.available ? "available" : "not available"}>${words}</span> ${age(worker.since / 1000, "for", "tr-soft")}</span>
    </div>
    <ul class="tr-callsnow">${callsOfWorker(worker, store).map((call) => callLine(call, "the phone"))}</ul>
    ${isCrowd ? html`<details class="tr-fold"><summary>Change activity</summary>${choice}</details>` : choice}
    <ul class="tr-held">${repeat(
      holds,
      ({ sid }) => sid,
      (each) => heldItem(each, context),
    )}</ul>
    <div class="tr-line" ?hidden=${(isCrowd && !holds.length) || !(capacity || trail)}>
      <p class="tr-soft">${capacity}</p>
      <p class="tr-soft tr-trail">${trail}</p>
    </div>
  </li>`;
}

/** Make the sections.
 * @param {() => void} redraw
 * @returns {{ workflows: Section, queues: Section, workers: Section }} */
export function flow(redraw) {
  let wanted = "";
  const onSearch = (/** @type {Event} */ event) => {
    wanted = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase();
    redraw();
  };
  const list = (/** @type {Context} */ { tasksChanged }, /** @type {() => unknown} */ items) =>
    tasksChanged ? items() : noChange;
  return {
    workflows: (context) =>
      html`<section><h3 ?hidden=${context.compact}>Workflow</h3><ul>${list(context, () =>
        repeat(
          context.store.workflows.values(),
          ({ sid }) => sid,
          (workflow) => workflowItem(workflow, context),
        ),
      )}</ul></section>`,
    queues: (context) =>
      html`<section><h3>Queues</h3><ul class="tr-many">${list(context, () =>
        repeat(
          context.store.task_queues.values(),
          ({ sid }) => sid,
          (queue) => queueItem(queue, context),
        ),
      )}</ul></section>`,
    workers(context) {
      const { store } = context;
      const { workers, count } = shownWorkers(store, context, wanted, WORKERS_AT_MOST);
      return html`<section>
        <div class="tr-line tr-finding">
          <h3>Workers</h3>
          <input type="search" class="tr-search" placeholder="find a worker" aria-label="Find a worker" ?hidden=${store.workers.size < SEARCH_FROM} @input=${onSearch} />
        </div>
        <ul class="tr-many">${repeat(
          workers,
          ({ worker }) => worker.sid,
          (each) => workerItem(each, context),
        )}</ul>
        <p class="tr-soft">${count > WORKERS_AT_MOST ? `Showing ${WORKERS_AT_MOST} of ${count}.` : ""}</p>
      </section>`;
    },
  };
}
