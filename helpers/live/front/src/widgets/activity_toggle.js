// One worker's activity: what was chosen, and what TaskRouter confirms.

/** @import { RenderProps, ToggleState } from "../shared/types.js" */
import { render as draw, html } from "lit-html";
import { openActions } from "../shared/actions.js";
import { activityChoice } from "../shared/activity_choice.js";
import { mountFrame } from "../shared/frame.js";
import { uniqueId } from "../shared/ids.js";
import { questions } from "../shared/question.js";

const SENDING = "Sending your click to the kernel …";

/** @param {RenderProps<ToggleState>} props */
function render({ model, el }) {
  const name = uniqueId();
  const actions = openActions(model, () => frame.redraw());
  const asked = questions(() => frame.redraw());
  const frame = mountFrame(
    { model, el },
    {
      draw(body, state, live) {
        const { worker, history = [] } = state;
        const refused = history.at(-1)?.outcome === "refused";
        draw(
          html`${activityChoice({
            name,
            worker: state.name,
            label: state.title,
            activities: state.activities ?? [],
            current: state.confirmed?.sid,
            pending: actions.pendingActivity(worker),
            holds: state.holds,
            live,
            questions: asked,
            choose: (activity) => actions.run({ type: "set-activity", worker, activity }),
          })}
            <p class="tr-sentence" role="status">${state.sentence}</p>
            <p class="tr-choice ${refused ? "tr-refused" : ""}" role="status">${actions.isSending() ? SENDING : state.about_action}</p>`,
          body,
        );
      },
    },
  );
  return () => {
    frame.unmount();
    actions.close();
  };
}

export default { render };
