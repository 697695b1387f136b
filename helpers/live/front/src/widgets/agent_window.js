// An agent's page in a frame, with a link that opens it in a window of its own.

/** @import { AgentWindowState, RenderProps } from "../shared/types.js" */
import { render as draw, html } from "lit-html";
import { beside } from "../shared/beside.js";
import { mountFrame } from "../shared/frame.js";

const GOES_ON = "The page itself goes on without the kernel until its token ends.";
const NOT_SHOWN =
  "The page does not show up in this frame. It is on the machine on which the kernel runs: open it in a browser there.";
/** Milliseconds until a page that says nothing counts as not shown. */
const PATIENCE = 8000;

/** Tell whether the page around is light or dark, by the colour that it writes in.
 * @param {HTMLElement} el */
function schemeOf(el) {
  const [red = 0, green = 0, blue = 0] =
    getComputedStyle(el)
      .color.match(/[\d.]+/g)
      ?.map(Number) ?? [];
  return red + green + blue > 384 ? "dark" : "light";
}

/** @param {RenderProps<AgentWindowState>} props */
function render({ model, el }) {
  let isShown = false;
  let isLate = false;
  const inFrame = () => /** @type {HTMLIFrameElement | null} */ (el.querySelector("iframe"))?.contentWindow;
  const tell = () => inFrame()?.postMessage({ scheme: schemeOf(el) }, new URL(model.get("state").url).origin);
  const onMessage = (/** @type {MessageEvent} */ { source, data }) => {
    if (!source || source !== inFrame() || data !== "agent page") return;
    isShown = true;
    tell();
    if (isLate) frame.redraw();
  };
  const frame = mountFrame(
    { model, el },
    {
      draw(body, state, isLive) {
        const openBeside = beside(model, el);
        const words = isLive ? state.sentence : GOES_ON;
        draw(
          html`<p class="tr-agentbar">
              <a href=${state.url} target="_blank" rel="noopener">Open in a window of its own</a>
              <button type="button" class="tr-button" aria-label="Open beside the notebook" ?hidden=${!openBeside} @click=${() => openBeside?.()}>Open beside</button>
              <span class="tr-soft" role="status">${isLate && !isShown ? NOT_SHOWN : words}</span>
            </p>
            <iframe class="tr-agentframe" title=${state.title} src=${state.url}></iframe>`,
          body,
        );
      },
    },
  );
  const late = setTimeout(() => {
    isLate = true;
    frame.redraw();
  }, PATIENCE);
  const themes = new MutationObserver(tell); // JupyterLab names its theme there
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name"] });
  window.addEventListener("message", onMessage);
  return () => {
    clearTimeout(late);
    themes.disconnect();
    window.removeEventListener("message", onMessage);
    frame.unmount();
  };
}

export default { render };
