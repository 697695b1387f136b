// An agent's page in a frame, with a link that opens it in a window of its own.

/** @import { AgentWindowState, RenderProps } from "../shared/types.js" */
import { render as draw, html } from "lit-html";
import { beside } from "../shared/beside.js";
import { mountFrame } from "../shared/frame.js";

const GOES_ON = "The page itself goes on without the kernel until its token ends.";

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
  const tell = () => {
    const frame = /** @type {HTMLIFrameElement | null} */ (el.querySelector("iframe"));
    const { url } = model.get("state");
    if (url) frame?.contentWindow?.postMessage({ scheme: schemeOf(el) }, new URL(url).origin);
  };
  const frame = mountFrame(
    { model, el },
    {
      draw(body, state, isLive) {
        const openBeside = beside(model, el);
        draw(
          state.url
            ? html`<p class="tr-agentbar">
                <a href=${state.url} target="_blank" rel="noopener">Open in a window of its own</a>
                <button type="button" class="tr-button" aria-label="Open beside the notebook" ?hidden=${!openBeside} @click=${() => openBeside?.()}>Open beside</button>
                <span class="tr-soft">${isLive ? state.sentence : GOES_ON}</span>
              </p>
              <iframe class="tr-agentframe" title=${state.title} src=${state.url} @load=${tell}></iframe>`
            : html`<p class="tr-sentence">${state.sentence}</p>`,
          body,
        );
      },
    },
  );
  const themes = new MutationObserver(tell); // JupyterLab names its theme there
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name"] });
  return () => {
    themes.disconnect();
    frame.unmount();
  };
}

export default { render };
