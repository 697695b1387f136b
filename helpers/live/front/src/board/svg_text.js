// Text in a drawing, which does not wrap.

/** @type {CanvasRenderingContext2D | null | undefined} */
let measure;

/** How many pixels wide a text is; null where nobody can say.
 * @param {string} text */
function widthOf(text) {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return null;
  const family = getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "system-ui, sans-serif";
  measure.font = `12px ${family}`;
  return measure.measureText(text).width;
}

/** Whether the text fits into so many pixels.
 * @param {string} text
 * @param {number} width */
export const fits = (text, width) => width > 0 && (widthOf(text) ?? text.length * 7) <= width;

/** Cut the text so that it fits into so many pixels.
 * @param {string} text
 * @param {number} width */
export function fit(text, width) {
  if ((widthOf(text) ?? 0) <= width) return text;
  let most = text.length - 1;
  while (most > 3 && (widthOf(`${text.slice(0, most)}…`) ?? 0) > width) most -= 1;
  return `${text.slice(0, most)}…`;
}
