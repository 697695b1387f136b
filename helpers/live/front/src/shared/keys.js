// Which keys are a control's own, and which are the host's.

import { notebookOf } from "./beside.js";

const NO_TEXT = "[type=checkbox], [type=radio], [type=button]";

/** Whether a key is pressed with a modifier. Such a key is never a control's: Shift+Enter, Ctrl+Enter and Alt+Enter run
 * the cell.
 * @param {KeyboardEvent} event */
export const isModified = ({ shiftKey, ctrlKey, metaKey, altKey }) => shiftKey || ctrlKey || metaKey || altKey;

/** Keep JupyterLab's own keys (b makes a cell, d d deletes one) out of a widget's controls: it asks the focused element.
 * Those that run the cell and save the notebook are let through.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} widget */
export function keepKeysFromLab(event, widget) {
  const target = event.target;
  if (!(target instanceof Element) || !widget.contains(target)) return;
  const runs = event.key === "Enter" && isModified(event);
  const saves = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey || event.altKey);
  if (runs || saves) target.removeAttribute("data-lm-suppress-shortcuts");
  else target.setAttribute("data-lm-suppress-shortcuts", "true");
}

/** Let the keys that run a cell do so beside the notebook, too: hand them, and the focus, to the notebook.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} widget */
export function runBeside(event, widget) {
  if (event.key !== "Enter" || !isModified(event)) return;
  if (!(event.target instanceof Node) || !widget.contains(event.target)) return;
  const notebook = notebookOf(widget);
  if (!notebook) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  notebook.focus();
  notebook.dispatchEvent(new KeyboardEvent("keydown", event));
}

/** Keep the browser from pressing the focused button, or sending the form, with a key that runs the cell. To be asked
 * last, on the window: JupyterLab leaves alone what somebody before it has taken.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} widget */
export function keepFromPressing(event, widget) {
  if (event.key !== "Enter" || !isModified(event)) return;
  if (event.target instanceof Node && widget.contains(event.target)) event.preventDefault();
}

/** Send the form of the text field in which Enter is pressed, as a browser does by itself: JupyterLab cancels the input of a
 * line break in all that is in a cell, and with it the sending.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} widget */
export function submitWithEnter(event, widget) {
  const { target, key, isComposing, repeat } = event;
  if (key !== "Enter" || isModified(event) || isComposing || event.defaultPrevented) return;
  if (!(target instanceof HTMLInputElement) || !widget.contains(target) || target.matches(NO_TEXT)) return;
  const send = /** @type {HTMLButtonElement | null | undefined} */ (target.form?.querySelector("[type=submit]"));
  if (!send) return;
  event.preventDefault();
  if (!repeat && !send.disabled) target.form?.requestSubmit(send);
}

/** Listen for the keys pressed in a widget. Returns what ends that.
 * @param {HTMLElement} widget */
export function shareKeys(widget) {
  const before = (/** @type {KeyboardEvent} */ event) => {
    keepKeysFromLab(event, widget);
    runBeside(event, widget);
  };
  const after = (/** @type {KeyboardEvent} */ event) => {
    keepFromPressing(event, widget);
    submitWithEnter(event, widget);
  };
  window.addEventListener("keydown", before, true); // the window is asked before the page, where JupyterLab listens
  window.addEventListener("keydown", after); // and after it
  return () => {
    window.removeEventListener("keydown", before, true);
    window.removeEventListener("keydown", after);
  };
}
