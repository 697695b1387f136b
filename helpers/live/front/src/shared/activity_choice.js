// A worker's activity: the radio buttons, and a question before TaskRouter's own choice is undone.

/** @import { Activity, Sid } from "./types.js" */
/** @import { Questions } from "./question.js" */
import { html } from "lit-html";
import { radioGroup } from "./radio_group.js";

/** @type {Record<string, string>} */
const REASONS = {
  pending: "a reservation is pending",
  accepted: "a task is assigned",
  wrapping: "a task is wrapping up",
};

/** Draw the choice.
 * @param {object} options
 * @param {string} options.name of the group, which no other on the page has
 * @param {string} options.worker the worker's name
 * @param {string} [options.label]
 * @param {Activity[]} options.activities
 * @param {Sid | null | undefined} options.current the activity that TaskRouter reports
 * @param {Sid | null} options.pending the activity that was asked for and is not answered yet
 * @param {string | null | undefined} options.holds the status of the reservation for which TaskRouter has moved the worker
 * @param {boolean} options.live
 * @param {boolean} [options.small]
 * @param {Questions} options.questions
 * @param {(activity: Sid) => void} options.choose */
export function activityChoice({ worker, holds, questions, choose, ...group }) {
  const { name, activities, current, label = `Activity of ${worker}` } = group;
  const byId = (/** @type {Sid | null | undefined} */ sid) => activities.find((each) => each.sid === sid);
  const onChoice = (/** @type {Sid} */ activity) => {
    if (holds && byId(activity)?.available) questions.ask(name, activity);
    else choose(activity);
  };
  const asked = questions.about(name);
  const reason = holds && REASONS[holds];
  const wanted = byId(asked)?.name;
  const now = byId(current)?.name ?? "as it is";
  const question =
    asked && reason
      ? {
          words: `${worker} is ${now} because ${reason}. ${wanted} would make ${worker} available for another task.`,
          yes: `Set ${wanted} anyway`,
          no: `Leave ${now}`,
          act: () => choose(asked),
        }
      : null;
  return html`${radioGroup({ ...group, label, choose: onChoice })}${questions.template(question)}`;
}
