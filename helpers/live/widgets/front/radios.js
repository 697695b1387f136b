// A worker's activity as a group of radio buttons. The arrow keys only move: on the way from Offline to Busy lies
// Idle, and passing it would hand the worker a task. Space, Enter or a click chooses.

const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

// choose(sid) is called for what was chosen; draw(options, now, wanted, live) shows what is confirmed and what is asked.
function radios(choose, kind = "") {
  const group = `tr-${Math.random().toString(36).slice(2)}`;
  const hint = h("span", { class: "tr-unseen", id: `${group}-keys` }, "Arrow keys move, Space or Enter chooses.");
  const legend = h("legend", { class: "tr-unseen" });
  const options = h("div", { class: `tr-options ${kind}` });
  const node = h("fieldset", { "aria-describedby": hint.id }, legend, options, hint);

  options.addEventListener("keydown", (event) => {
    const inputs = [...options.querySelectorAll("input")];
    const at = inputs.indexOf(event.target);
    if (event.key in ARROWS) inputs[(at + ARROWS[event.key] + inputs.length) % inputs.length].focus();
    else if (event.key === "Enter") inputs[at].click();
    else return;
    event.preventDefault();
  });

  const option = (activity) => {
    const input = h("input", { type: "radio", name: group, value: activity.sid });
    input.addEventListener("change", () => choose(activity.sid));
    return h(
      "label",
      { class: `tr-option ${activity.available ? "tr-open" : "tr-shut"}` },
      input,
      h("span", { class: "tr-name" }, activity.name),
      h("span", { class: "tr-kind" }, activity.available ? "available" : "not available"),
    );
  };

  const draw = (label, activities, now, wanted, live) => {
    say(legend, label);
    keep(options, activities, (activity) => activity.sid, option);
    for (const each of options.children) {
      const input = each.querySelector("input");
      input.checked = input.value === (wanted ?? now);
      each.classList.toggle("tr-asked", input.value === wanted);
      each.classList.toggle("tr-now", input.value === now);
    }
    node.disabled = !live;
    options.setAttribute("aria-busy", String(wanted !== null && wanted !== undefined));
  };
  return { node, draw };
}
