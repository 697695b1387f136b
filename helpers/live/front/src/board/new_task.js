// The form that creates a task.

/** @import { Workflow } from "../shared/types.js" */
/** @import { Context } from "./context.js" */
/** @import { Store } from "./store.js" */
import { html } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { DEFAULT_TASK_CHANNEL } from "../shared/constants.js";

const EQUALITY = /^\s*([A-Za-z_]\w*)\s*==\s*(["'])(.*?)\2\s*$/;
const PRIORITIES_AT_MOST = 20;

/** The attributes that a workflow's filters ask for, each with the filter's name.
 * @param {Workflow | undefined} workflow
 * @returns {[string, string][]} */
export function attributesOfFilters(workflow) {
  return (workflow?.filters ?? []).flatMap(({ name, expression }) => {
    const [, attribute, , value] = EQUALITY.exec(expression) ?? [];
    return attribute === undefined ? [] : [[name || expression, JSON.stringify({ [attribute]: value })]];
  });
}

/** The priorities that the workflows' targets set and the tasks have, the lowest first.
 * @param {Store} store */
export function knownPriorities(store) {
  const found = new Set([0]);
  for (const { filters } of store.workflows.values()) {
    for (const { priority } of filters.flatMap(({ targets }) => targets)) {
      if (priority !== undefined) found.add(Number(priority));
    }
  }
  for (const { priority } of store.tasks.values()) found.add(priority);
  return [...found].sort((a, b) => a - b).slice(0, PRIORITIES_AT_MOST);
}

/** A field with its label.
 * @param {string} words
 * @param {unknown} control */
const field = (words, control) => html`<label class="tr-field"><span>${words}</span>${control}</label>`;

/** Make the menu with the form.
 * @param {() => void} redraw
 * @returns {(context: Context, onToggle: (event: Event) => void) => unknown} */
export function newTask(redraw) {
  const form = { workflow: "", option: 0, attributes: "{}", priority: "0", channel: DEFAULT_TASK_CHANNEL };
  let touched = false; // what a person wrote or chose is not written over
  let open = false;

  const textOf = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;

  return ({ id, store, live: isLive, run }, onToggle) => {
    const workflow = store.workflows.get(form.workflow) ?? store.workflows.values().next().value;
    form.workflow = workflow?.sid ?? "";
    const options = [...attributesOfFilters(workflow), /** @type {[string, string]} */ (["other attributes", ""])];
    const choose = (/** @type {number} */ option) => {
      form.option = option;
      form.attributes = options[option]?.[1] || form.attributes;
    };
    if (!touched && !open) {
      form.option = 0;
      form.attributes = options[0]?.[1] ?? "";
    }
    const onWorkflow = (/** @type {Event} */ event) => {
      form.workflow = textOf(event);
      form.option = 0;
      if (!touched) form.attributes = attributesOfFilters(store.workflows.get(form.workflow))[0]?.[1] ?? "";
      redraw();
    };
    const onOption = (/** @type {Event} */ event) => {
      touched = true;
      choose(Number(textOf(event)));
      redraw();
    };
    const onAttributes = (/** @type {Event} */ event) => {
      touched = true;
      form.attributes = textOf(event);
      /** @type {HTMLInputElement} */ (event.target).setCustomValidity("");
    };
    const onSubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const node = /** @type {HTMLFormElement} */ (event.currentTarget);
      const { attributes } = form;
      try {
        JSON.parse(attributes || "{}");
      } catch (error) {
        const input = /** @type {HTMLInputElement} */ (node.elements.namedItem("attributes"));
        const why = error instanceof Error ? error.message : String(error);
        input.setCustomValidity(`This is not JSON (${why}). Write it as in {"selected_language": "es"}.`);
        input.reportValidity();
        return;
      }
      const channel = form.channel === DEFAULT_TASK_CHANNEL ? "" : form.channel;
      const { priority } = form;
      run({ type: "create-task", workflow: form.workflow, attributes: attributes || "{}", priority, channel });
      form.priority = "0";
      touched = false;
      const menu = node.closest("details");
      if (menu) menu.open = false;
      menu?.querySelector("summary")?.focus();
      redraw();
    };
    const onMenu = (/** @type {Event} */ event) => {
      open = /** @type {HTMLDetailsElement} */ (event.currentTarget).open;
      onToggle(event);
    };

    return html`<details class="tr-menu" ?hidden=${!store.workflows.size} @toggle=${onMenu}>
      <summary class="tr-button">New task</summary>
      <form class="tr-form" @submit=${onSubmit}>
        ${field(
          "Workflow",
          html`<select name="workflow" @change=${onWorkflow}>${repeat(
            store.workflows.values(),
            ({ sid }) => sid,
            ({ sid, name }) => html`<option value=${sid} .selected=${live(sid === form.workflow)}>${name}</option>`,
          )}</select>`,
        )}
        ${field(
          "For",
          html`<select name="option" @change=${onOption}>${options.map(
            ([name], i) => html`<option value=${i} .selected=${live(i === form.option)}>${name}</option>`,
          )}</select>`,
        )}
        ${field(
          "Attributes",
          html`<input type="text" name="attributes" class="tr-code" spellcheck="false" .value=${live(form.attributes)} @input=${onAttributes} />`,
        )}
        ${field(
          "Priority",
          html`<input type="number" name="priority" min="0" class="tr-narrow" list="${id}-priorities" .value=${live(form.priority)} @input=${(
            /** @type {Event} */ event,
          ) => {
            form.priority = textOf(event);
          }} />`,
        )}
        ${field(
          "Channel",
          html`<select name="channel" @change=${(/** @type {Event} */ event) => {
            form.channel = textOf(event);
          }}>${repeat(
            store.task_channels.values(),
            ({ sid }) => sid,
            ({ unique_name, name }) =>
              html`<option value=${unique_name} .selected=${live(unique_name === form.channel)}>${name}</option>`,
          )}</select>`,
        )}
        <datalist id="${id}-priorities">${knownPriorities(store).map((each) => html`<option value=${each}></option>`)}</datalist>
        <button type="submit" class="tr-button tr-main" ?disabled=${!isLive}>Create the task</button>
      </form>
    </details>`;
  };
}
