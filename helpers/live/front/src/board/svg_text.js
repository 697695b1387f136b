// Text in a drawing, which does not wrap.

/** @type {CanvasRenderingContext2D | null | undefined} */
let measure;

/** Cut the text so that it fits into so many pixels.
 * @param {string} text
 * @param {number} width */
export function fit(text, width) {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return text;
  const family = getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "system-ui, sans-serif";
  measure.font = `12px ${family}`;
  if (measure.measureText(text).width <= width) return text;
  let most = text.length - 1;
  while (most > 3 && measure.measureText(`${text.slice(0, most)}…`).width > width) most -= 1;
  return `${text.slice(0, most)}…`;
}
