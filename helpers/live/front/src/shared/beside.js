// Show a widget a second time, beside its notebook, and under what stands there already. Only JupyterLab can do that.

/** @import { WidgetModel } from "./types.js" */
import { uniqueId } from "./ids.js";

/**
 * What of JupyterLab and its widget manager is needed here.
 * @typedef {object} LabWidget
 * @property {string} id
 * @property {HTMLElement} node
 * @property {{ label: string, caption: string }} title
 * @property {() => void} dispose
 */
/**
 * @typedef {object} LabView
 * @property {LabWidget} luminoWidget
 * @property {Promise<unknown>} layoutPromise
 * @property {(event: string) => void} trigger
 */
/**
 * @typedef {object} LabWidgetManager
 * @property {{ addSibling?: (widget: LabWidget, options: { mode: string, ref?: string }) => unknown }} [context] the notebook's
 * @property {(id: string) => Promise<unknown>} get_model
 * @property {(model: unknown) => Promise<LabView>} create_view
 */

/** Where widgets stand beside a notebook: each has the notebook's id in `data-beside`. */
const IN_DOCK = ".jp-LabShell .lm-DockPanel-widget";
/** Tells such a widget that another one has taken its place. */
const REPLACED = "tr-replaced";
/** Tells such a widget that somebody wants to see it. */
const WANTED = "tr-wanted";
/** The models whose widget is on its way there.
 * @type {WeakSet<object>} */
const opening = new WeakSet();
const IN_LAB = ".jp-LabShell .jp-NotebookPanel .jp-Notebook";

/** Give what opens the widget beside its notebook, or brings it to the front where it is there already; null where that cannot be done, or where it stands beside already.
 * @param {WidgetModel<any>} model
 * @param {HTMLElement} el
 * @returns {(() => Promise<void>) | null} */
export function beside(model, el) {
  const manager = /** @type {LabWidgetManager | undefined} */ (model.widget_manager);
  const notebook = /** @type {HTMLElement | null} */ (el.closest(IN_LAB));
  const { model_id: id, title } = model.get("state");
  if (!manager?.context?.addSibling || !notebook) return null;
  const panel = /** @type {HTMLElement} */ (notebook.closest(".jp-NotebookPanel")).id;
  const open = async () => {
    const view = await manager.create_view(await manager.get_model(id));
    const widget = view.luminoWidget;
    widget.title.label = title;
    widget.title.caption = `${title}, live`;
    widget.id ||= uniqueId();
    view.trigger("displayed"); // a view applies its own layout when it is displayed, and must not undo what follows
    await view.layoutPromise;
    await new Promise((done) => setTimeout(done));
    Object.assign(widget.node.style, { margin: "0", overflow: "auto" });
    const ended = standing().find(
      (one) => one.dataset.beside === panel && one.dataset.title === title && hasEnded(one),
    );
    const place = ended ? { mode: "tab-after", ref: ended.id } : placeBeside(panel);
    Object.assign(widget.node.dataset, { beside: panel, title, model: id });
    widget.node.addEventListener(REPLACED, () => widget.dispose());
    widget.node.addEventListener(WANTED, () => manager.context?.addSibling?.(widget, place)); // which only shows it, once it is there
    manager.context?.addSibling?.(widget, place);
    ended?.dispatchEvent(new Event(REPLACED));
  };
  return async () => {
    if (opening.has(model)) return;
    opening.add(model);
    try {
      const there = standing().find((one) => one.dataset.beside === panel && one.dataset.model === id);
      if (there) there.dispatchEvent(new Event(WANTED));
      else await open();
    } finally {
      opening.delete(model);
    }
    await new Promise((done) => setTimeout(done));
    notebook.focus(); // so that Shift+Enter goes on running cells
  };
}

/** Find the notebook beside which a widget was opened; null where it stands in a cell, or where the notebook is not in sight.
 * @param {HTMLElement} el
 * @returns {HTMLElement | null} */
export function notebookOf(el) {
  const panel = /** @type {HTMLElement | null} */ (el.closest(`${IN_DOCK}[data-beside]`))?.dataset.beside;
  const notebook = panel ? document.getElementById(panel)?.querySelector(".jp-Notebook") : null;
  return notebook instanceof HTMLElement && notebook.offsetParent ? notebook : null;
}

/** Find what stands beside notebooks. */
const standing = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`${IN_DOCK}[data-beside]`)]);

/** Whether a widget hears nothing from a kernel, so that it is only a picture.
 * @param {HTMLElement} widget */
const hasEnded = (widget) => widget.classList.contains("tr-off");

/** Find the place for one more: over what another notebook has put beside itself, or under this notebook's own, or to the right.
 * @param {string} panel the notebook's id
 * @returns {{ mode: string, ref?: string }} */
function placeBeside(panel) {
  const there = standing();
  const other = there.find((one) => one.dataset.beside !== panel && !one.classList.contains("lm-mod-hidden"));
  if (other) return { mode: "tab-after", ref: other.id };
  const last = there.filter((one) => one.dataset.beside === panel).at(-1);
  return last ? { mode: "split-bottom", ref: last.id } : { mode: "split-right" };
}
