// The calls to the callback server, the newest last.

function render({ model, el }) {
  let summary, list;
  const make = (body) => {
    summary = h("p", { class: "tr-sentence", role: "status" });
    list = h("ol", { class: "tr-rows" });
    body.append(summary, list);
  };
  const draw = (body, state) => {
    if (!state.rows) return;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
    say(summary, state.summary + (state.earlier ? ` The first ${state.earlier} are not shown.` : ""));
    keep(list, state.rows, (each) => each.number, row);
    if (atEnd) list.scrollTop = list.scrollHeight;
  };
  return frame({ model, el }, { make, draw });
}

export default { render };
