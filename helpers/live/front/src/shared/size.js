/** Call when a node has become wider or narrower, and higher or lower where its height is not that of its content.
 * Returns what ends that.
 * @param {Element} node
 * @param {() => void} changed
 * @param {() => boolean} [hasOwnHeight] whether something else than its content gives the node its height */
export function observeSize(node, changed, hasOwnHeight = () => false) {
  let [width, height] = [-1, -1];
  const observer = new ResizeObserver(([entry]) => {
    const now = entry?.contentRect ?? { width: 0, height: 0 };
    if (now.width === width && (now.height === height || !hasOwnHeight())) return;
    [width, height] = [now.width, now.height];
    changed();
  });
  observer.observe(node);
  return () => observer.disconnect();
}
