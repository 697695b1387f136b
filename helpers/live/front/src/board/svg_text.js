// Text in a drawing, which does not wrap.

/** @type {CanvasRenderingContext2D | null | undefined} */
let measure;

/** How many pixels wide a text is; about, where nobody can say.
 * @param {string} text */
function widthOf(text) {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return text.length * 7;
  const family = getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "system-ui, sans-serif";
  measure.font = `12px ${family}`;
  return measure.measureText(text).width;
}

/** Whether the text fits into so many pixels.
 * @param {string} text
 * @param {number} width */
export const fits = (text, width) => width > 0 && widthOf(text) <= width;

/** Cut the text at its end so that it fits into so many pixels.
 * @param {string} text
 * @param {number} width */
export const fit = (text, width) => cut(text, width, (kept) => `${text.slice(0, kept).replace(/[…\s]+$/, "")}…`);

/** Cut the text in its middle so that it fits into so many pixels: names often differ at their ends only.
 * @param {string} text
 * @param {number} width */
export const fitEnds = (text, width) =>
  cut(text, width, (kept) => `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`);

/** @param {string} text
 * @param {number} width
 * @param {(kept: number) => string} shorten to so many characters */
function cut(text, width, shorten) {
  if (widthOf(text) <= width) return text;
  let most = text.length - 1;
  while (most > 3 && widthOf(shorten(most)) > width) most -= 1;
  return shorten(most);
}
