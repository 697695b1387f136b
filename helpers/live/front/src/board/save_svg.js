// A drawing as a file that stands alone.

const COLOURS = ["text", "soft", "line", "page", "shade", "brand", "good"];

/** Save a drawing with the colours that it has here.
 * @param {SVGSVGElement} drawing
 * @param {string} name of the file */
export function saveSvg(drawing, name) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const probe = document.createElement("span"); // says a colour itself, not how the host comes to it
  probe.hidden = true;
  drawing.parentElement?.append(probe);
  for (const colour of COLOURS) {
    probe.style.color = `var(--tr-${colour})`;
    copy.style.setProperty(`--tr-${colour}`, getComputedStyle(probe).color);
  }
  probe.remove();
  const widget = drawing.closest(".tr");
  if (widget) copy.style.background = getComputedStyle(widget).backgroundColor;
  copy.style.setProperty("--jp-ui-font-family", "system-ui, sans-serif");
  for (const node of copy.querySelectorAll("[data-unscrolled]")) node.removeAttribute("transform");
  const comments = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (comments.nextNode()) found.push(/** @type {Comment} */ (comments.currentNode));
  for (const comment of found) comment.remove();

  const text = new XMLSerializer().serializeToString(copy);
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
