// Tasks as cards: what they carry, where they stand on the path, and their reservations below.

const MARKS = { past: "•", here: "◉", ahead: "○", broken: "✕" };

const WAITING = { pending: "waiting", reserved: "waiting" };

function step(name, place) {
  const here = place === "here" || place === "broken";
  return h(
    "li",
    { class: `tr-step tr-${place}`, "aria-current": here ? "step" : null },
    h("span", { class: "tr-mark", "aria-hidden": "true" }, MARKS[place]),
    h("span", {}, name),
  );
}

function path(all, status) {
  const names = all.filter((name) => name !== "wrapping" || name === status); // most tasks never wrap up
  const at = names.indexOf(status);
  // a task that is off the path was pending at least
  const place = (i) => (at < 0 ? (i ? "ahead" : "past") : i > at ? "ahead" : i === at ? "here" : "past");
  const steps = names.map((name, i) => step(name, place(i)));
  if (at < 0) steps.push(step(status, "broken"));
  return h("ol", { class: "tr-path", "aria-label": `Place on the path: ${status}` }, steps);
}

function reservation(each) {
  return h(
    "li",
    { class: `tr-reservation tr-${each.status}` },
    h("strong", {}, each.worker),
    ` · reservation ${each.short} `,
    h("span", { class: "tr-chip" }, each.status),
    ` since ${each.since}`,
  );
}

function card(names) {
  return (task) => {
    const attributes = task.attributes.map(([name, value]) =>
      h("span", { class: "tr-attribute" }, h("span", { class: "tr-soft" }, `${name} `), h("strong", {}, value)),
    );
    const age = task.ended
      ? h("span", {}, `${task.status} at ${task.ended}`)
      : h("span", { class: "tr-age", "data-born": task.born, "data-word": WAITING[task.status] ?? "age" });
    const facts = [task.queue, `priority ${task.priority}`].filter(Boolean).join(" · ");
    const reason = task.reason ? h("span", { class: "tr-soft" }, `Reason: ${task.reason}`) : null;
    const none = task.ended ? "No reservation." : "No reservation yet.";
    return h(
      "li",
      { class: "tr-card" },
      h("div", { class: "tr-line" }, h("code", {}, task.short), attributes, h("span", { class: "tr-right" }, age)),
      h("div", { class: "tr-line tr-soft" }, facts, reason),
      path(names, task.status),
      task.reservations.length
        ? h(
            "ul",
            { class: "tr-reservations" },
            task.earlier ? h("li", { class: "tr-soft" }, task.earlier) : null,
            task.reservations.map(reservation),
          )
        : h("p", { class: "tr-soft" }, none),
    );
  };
}

function render({ model, el }) {
  let summary, list, older;
  const make = (body) => {
    summary = h("p", { class: "tr-sentence", role: "status" });
    list = h("ul", { class: "tr-cards" });
    older = h("p", { class: "tr-soft" });
    body.append(summary, list, older);
  };
  const tick = (body, now) => {
    for (const node of body.querySelectorAll(".tr-age")) {
      say(node, `${node.dataset.word} ${duration(now - node.dataset.born)}`);
    }
  };
  const draw = (body, state) => {
    if (!state.tasks) return;
    say(summary, state.summary);
    keep(list, state.tasks, (task) => task.sid, card(state.path));
    say(older, state.older ? `Only the ${state.tasks.length} newest are shown.` : "");
    tick(body, model.get("pulse").now ?? Date.now() / 1000);
  };
  return frame({ model, el }, { make, draw, tick });
}

export default { render };
