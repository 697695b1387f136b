// The focus survives a drawing.

/** Draw, and leave the focus where it was, or where the next thing is to be done: a button that hides itself once it has
 * done its work, or a card that is drawn in another lane, must not leave who uses the keyboard at the top of the page.
 *
 * What can be drawn anew elsewhere has a `data-key`; a control in it that has a `data-control` is found again by it.
 * @param {HTMLElement} root
 * @param {() => void} draw */
export function keepFocus(root, draw) {
  const scope = /** @type {Document | ShadowRoot} */ (root.getRootNode());
  const focus = /** @type {HTMLElement | null} */ (scope.activeElement);
  if (!focus || !root.contains(focus)) return draw();
  const keys = keysAround(focus, root);
  const control = focus.dataset.control;
  draw();
  if (isUsable(focus)) {
    if (scope.activeElement !== focus) focus.focus();
    return;
  }
  if (focus.isConnected && focus.matches(":disabled")) return; // the kernel is gone: it stays where it was
  for (const key of keys) {
    const card = root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const usable = /** @type {HTMLElement[]} */ ([...(card?.querySelectorAll("input:checked, button") ?? [])]).filter(
      isUsable,
    );
    const same = usable.find((node) => control && node.dataset.control === control);
    const next = same ?? usable.find((node) => "acts" in node.dataset) ?? usable[0];
    if (next) return next.focus();
  }
  /** @type {HTMLElement | null} */ (root.querySelector("[role=tab][aria-selected=true]"))?.focus();
}

/** @param {HTMLElement} node */
const isUsable = (node) => node.isConnected && node.offsetParent !== null && !node.matches(":disabled");

/** The keys of what the node stands in, the innermost first.
 * @param {HTMLElement} node
 * @param {HTMLElement} root */
function keysAround(node, root) {
  const keys = [];
  for (let each = node.parentElement; each && each !== root; each = each.parentElement) {
    if (each.dataset.key) keys.push(each.dataset.key);
  }
  return keys;
}
