// One worker's activity: what was clicked, and what TaskRouter confirms.

const SENDING = "Sending your click to the kernel …";

function render({ model, el }) {
  let sent = null; // the click that the kernel has not heard of yet: { sid, token }

  const send = (sid) => {
    sent = { sid, token: Math.random().toString(36).slice(2) };
    model.send({ kind: "choose", ...sent });
    view.draw();
  };

  const view = {};
  const make = (body) => {
    view.radios = radios(send);
    view.sentence = h("p", { class: "tr-sentence", role: "status" });
    view.choice = h("p", { class: "tr-choice", role: "status" });
    body.append(view.radios.node, view.sentence, view.choice);
  };

  const draw = (body, state, live) => {
    view.draw = () => draw(body, model.get("state"), live);
    if (!state.activities) return;
    if (sent && state.heard === sent.token) sent = null;
    const asked = state.choice?.outcome === "asked" ? state.choice.sid : null;
    view.radios.draw(state.title, state.activities, state.confirmed?.sid, sent?.sid ?? asked, live);
    say(view.sentence, state.sentence);
    say(view.choice, sent ? SENDING : state.about_choice);
    view.choice.classList.toggle("tr-refused", state.choice?.outcome === "refused");
  };

  return frame({ model, el }, { make, draw });
}

export default { render };
