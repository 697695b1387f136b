// The calls to the callback server, the newest last.

/** @import { LogState, RenderProps } from "../shared/types.js" */
import { render as draw, html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { callRow } from "../shared/call_row.js";
import { mountFrame } from "../shared/frame.js";

/** @param {RenderProps<LogState>} props */
function render(props) {
  const { unmount } = mountFrame(props, {
    draw(body, { rows = [], summary, earlier }) {
      const list = body.querySelector(".tr-rows");
      const atEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 8;
      draw(
        html`<p class="tr-sentence" role="status">${summary}${earlier ? ` The ${earlier} before them are not shown.` : ""}</p>
          <ol class="tr-rows">${repeat(
            rows,
            (row) => row.number,
            (row) => callRow(row),
          )}</ol>`,
        body,
      );
      const drawn = body.querySelector(".tr-rows");
      if (atEnd && drawn) drawn.scrollTop = drawn.scrollHeight;
    },
  });
  return unmount;
}

export default { render };
