// A worker's activity as a group of radio buttons. The arrow keys only move: on the way from Offline to Busy lies
// Idle, and passing it would hand the worker a task. Space, Enter or a click chooses.

const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const SENDING = "Sending your click to the kernel …";

function render({ model, el }) {
  const group = `tr-${Math.random().toString(36).slice(2)}`;
  let sent = null; // the click that the kernel has not heard of yet: { sid, token }

  const send = (sid) => {
    sent = { sid, token: Math.random().toString(36).slice(2) };
    model.send({ kind: "choose", ...sent });
    view.draw();
  };

  const option = (activity) => {
    const input = h("input", { type: "radio", name: group, value: activity.sid });
    const words = activity.available ? "available" : "not available";
    input.addEventListener("change", () => send(activity.sid));
    return h(
      "label",
      { class: `tr-option ${activity.available ? "tr-open" : "tr-shut"}` },
      input,
      h("span", { class: "tr-name" }, activity.name),
      h("span", { class: "tr-kind" }, words),
    );
  };

  const view = {};
  const make = (body) => {
    const hint = h("span", { class: "tr-unseen", id: `${group}-keys` }, "Arrow keys move, Space or Enter chooses.");
    view.legend = h("legend", { class: "tr-unseen" });
    view.options = h("div", { class: "tr-options" });
    view.field = h("fieldset", { "aria-describedby": hint.id }, view.legend, view.options, hint);
    view.sentence = h("p", { class: "tr-sentence", role: "status" });
    view.choice = h("p", { class: "tr-choice", role: "status" });
    view.options.addEventListener("keydown", (event) => {
      const inputs = [...view.options.querySelectorAll("input")];
      const at = inputs.indexOf(event.target);
      if (event.key in ARROWS) inputs[(at + ARROWS[event.key] + inputs.length) % inputs.length].focus();
      else if (event.key === "Enter") inputs[at].click();
      else return;
      event.preventDefault();
    });
    body.append(view.field, view.sentence, view.choice);
  };

  const draw = (body, state, live) => {
    view.draw = () => draw(body, model.get("state"), live);
    if (!state.activities) return;
    if (sent && state.heard === sent.token) sent = null;
    const asked = state.choice?.outcome === "asked" ? state.choice.sid : null;
    const wanted = sent?.sid ?? asked;
    say(view.legend, state.title);
    keep(view.options, state.activities, (activity) => activity.sid, option);
    for (const label of view.options.children) {
      const input = label.querySelector("input");
      input.checked = input.value === (wanted ?? state.confirmed?.sid);
      label.classList.toggle("tr-asked", input.value === wanted);
      label.classList.toggle("tr-now", input.value === state.confirmed?.sid);
    }
    view.field.disabled = !live;
    say(view.sentence, state.sentence);
    say(view.choice, sent ? SENDING : state.about_choice);
    view.choice.classList.toggle("tr-refused", state.choice?.outcome === "refused");
    view.options.setAttribute("aria-busy", String(wanted !== null && wanted !== undefined));
  };

  return frame({ model, el }, { make, draw });
}

export default { render };
