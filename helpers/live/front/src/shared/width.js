/** Call when a node has become wider or narrower. Returns what ends that.
 * @param {Element} node
 * @param {() => void} changed */
export function observeWidth(node, changed) {
  let width = -1;
  const observer = new ResizeObserver(([entry]) => {
    const now = entry?.contentRect.width ?? 0;
    if (now === width) return;
    width = now;
    changed();
  });
  observer.observe(node);
  return () => observer.disconnect();
}
