// What can be done from the board besides the buttons on workers and tasks, and the twilio call that each control made.

const SKIPS = [[10, "10 s"], [60, "1 min"], [120, "2 min"], [1200, "20 min"], [3600, "1 h"]];
const ANSWERS = [
  ["app", "your app answers", null],
  ["accept", "accept", { instruction: "accept" }],
  ["reject", "reject", "reject"],
  ["nothing", "{} (no instruction)", {}],
];
const FAULTS = [
  ["the next assignment callback times out", { deliveries: "timeout", kind: "assignment" }],
  ["the next assignment callback arrives twice", { deliveries: "twice", kind: "assignment" }],
  ["the next event arrives twice", { deliveries: "twice", kind: "event" }],
  ["the next event is overtaken", { deliveries: "out-of-order", kind: "event" }],
  ["the next new task is refused with 429", { operation: "CreateTask", status: 429 }],
];
const OUTCOMES = { asked: ["…", "asking TaskRouter"], done: ["✓", "done"], refused: ["✕", "refused"] };
const EQUALITY = /^\s*([A-Za-z_]\w*)\s*==\s*(["'])(.*?)\2\s*$/;

// A callback that rejects has to say where the worker goes; one who stays available is offered the task again at once.
function away(store) {
  const found = [...(store?.activities.values() ?? [])].filter((each) => !each.available);
  return found.find((each) => each.name === "Offline") ?? found[0];
}

function labelled(words, control) {
  return h("label", { class: "tr-field" }, h("span", {}, words), control);
}

// What the workflow's filters ask for, offered as ready attributes.
function wishes(workflow) {
  const found = [];
  for (const each of workflow?.filters ?? []) {
    const match = EQUALITY.exec(each.expression);
    if (match) found.push([each.name || each.expression, JSON.stringify({ [match[1]]: match[3] })]);
  }
  return found;
}

// The priorities that the workflows' targets set and the tasks have.
function prioritiesOf(store) {
  const found = new Set([0]);
  for (const { filters } of store.workflows.values()) for (const { targets } of filters) for (const { priority } of targets) if (priority !== undefined) found.add(Number(priority));
  for (const task of store.tasks.values()) found.add(task.priority);
  return [...found].sort((a, b) => a - b).slice(0, 20);
}

function newTask(getStore, act) {
  const workflow = h("select");
  const wish = h("select");
  const attributes = h("input", { type: "text", class: "tr-code", spellcheck: "false" });
  const known = h("datalist", { id: `tr-${Math.random().toString(36).slice(2)}` });
  const channel = h("select");
  const priority = h("input", { type: "number", min: "0", value: "0", class: "tr-narrow", list: known.id });
  const form = h(
    "form",
    { class: "tr-form" },
    labelled("Workflow", workflow), labelled("For", wish), labelled("Attributes", attributes), labelled("Priority", priority), labelled("Channel", channel), known,
    h("button", { type: "submit", class: "tr-button tr-main" }, "Create the task"),
  );
  const details = h("details", { class: "tr-menu" }, h("summary", { class: "tr-button" }, "New task"), form);
  let touched = false; // what a person wrote or chose is not written over
  attributes.addEventListener("input", () => {
    attributes.setCustomValidity("");
    touched = true;
  });
  wish.addEventListener("change", () => {
    touched = true;
    if (wish.value) attributes.value = wish.value;
  });
  workflow.addEventListener("change", () => draw());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      JSON.parse(attributes.value || "{}");
    } catch (error) {
      attributes.setCustomValidity(`This is not JSON (${error.message}). Write it as in {"selected_language": "es"}.`);
      attributes.reportValidity();
      return;
    }
    act({ what: "create", workflow: workflow.value, attributes: attributes.value || "{}", priority: priority.value, channel: channel.value === USUAL_CHANNEL ? "" : channel.value });
    details.open = false;
    details.querySelector("summary").focus();
    priority.value = "0";
    touched = false;
  });
  const draw = () => {
    const store = getStore();
    keep(workflow, [...store.workflows.values()].map(({ sid, name }) => ({ sid, name })), (each) => each.sid, (each) => h("option", { value: each.sid }, each.name));
    const options = [...wishes(store.workflows.get(workflow.value)), ["other attributes", ""]];
    keep(wish, options.map(([name, value], i) => [name, value, i]), ([, , i]) => i, ([name, value]) => h("option", { value }, name));
    if (!touched && !details.open) {
      wish.selectedIndex = 0;
      attributes.value = wish.value;
    }
    keep(known, prioritiesOf(store), (each) => each, (each) => h("option", { value: each }));
    keep(channel, [...store.task_channels.values()].map(({ unique_name, name }) => [unique_name, name]), ([name]) => name, ([value, name]) => h("option", { value, selected: value === USUAL_CHANNEL }, name));
    details.hidden = !store.workflows.size;
  };
  return { node: details, draw };
}

function menu(words, choices) {
  const list = h("div", { class: "tr-choices" }, choices);
  const details = h("details", { class: "tr-menu" }, h("summary", { class: "tr-button" }, words), list);
  list.addEventListener("click", (event) => {
    if (event.target.closest("button")) {
      details.open = false;
      details.querySelector("summary").focus();
    }
  });
  return details;
}

function controls(getStore, act) {
  const create = newTask(getStore, act);
  const skip = menu("Skip time", SKIPS.map(([seconds, words]) => button(words, () => act({ what: "skip", seconds }))));
  const nextLabel = h("span");
  const next = menu("Next answer", ANSWERS.map(([name, words, instruction]) => {
    const answer = () => (name === "reject" ? { instruction: "reject", activity_sid: away(getStore())?.sid } : instruction);
    return button(words, () => act({ what: "next", instruction: answer() }), { "data-answer": name });
  }));
  next.querySelector("summary").append(nextLabel);
  const wrong = menu("Let it go wrong", FAULTS.map(([words, order]) => button(words, () => act({ what: "fault", ...order }))));
  const listen = button("Let TaskRouter call the board", () => act({ what: "listen" }));
  const node = h("div", { class: "tr-bar", role: "group", "aria-label": "Controls" }, create.node, next, skip, wrong, listen);
  // a menu closes with Escape, when another opens, and when the focus goes elsewhere
  node.addEventListener("focusout", (event) => {
    const open = event.target.closest("details[open]");
    if (open && event.relatedTarget && !open.contains(event.relatedTarget)) open.open = false;
  });
  node.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
      event.stopPropagation();
    }
  });
  node.addEventListener("toggle", (event) => {
    if (event.target.open) for (const each of node.querySelectorAll("details[open]")) if (each !== event.target) each.open = false;
  }, true);
  const draw = (state, live) => {
    create.draw();
    skip.hidden = wrong.hidden = state.mode !== "sandbox";
    next.hidden = !state.server;
    const leaves = away(getStore());
    say(next.querySelector("[data-answer=reject]"), leaves ? `reject, and the worker goes ${leaves.name}` : "reject");
    say(nextLabel, state.next ? `: ${state.next}` : "");
    listen.hidden = !state.server || state.listens;
    for (const each of node.querySelectorAll("button")) each.disabled = !live;
  };
  return { node, draw };
}

// What will go wrong because somebody has ordered it, in a cell or here.
function armedFaults(act) {
  const words = h("span", { role: "status" });
  const off = button("Take it back", () => act({ what: "faults-off" }), ACTS);
  const node = h("div", { class: "tr-armed" }, words, off);
  const draw = (state) => {
    const on = state.faults ?? [];
    node.hidden = !on.length;
    say(words, on.length ? `✕ Goes wrong: ${on.map((each) => `${each.what}, the next ${each.left}`).join(" · ")}` : "");
    say(off, on.length > 1 ? "Take them back" : "Take it back");
  };
  return { node, draw };
}

// The calls that the controls made, the newest first, each ready to be copied into a cell.
function madeCalls() {
  const empty = h("p", { class: "tr-soft" }, "Whatever you click here is one twilio call. It appears here, ready to be copied into a cell.");
  const list = h("ol", { class: "tr-made" });
  const spoken = h("p", { class: "tr-unseen", role: "status" });
  const older = h("ol", { class: "tr-made" });
  const fold = h("details", {}, h("summary", {}, "the calls before"), older);
  const waits = h("p", { class: "tr-soft", role: "status" });
  const node = h("section", { class: "tr-calls" }, h("h3", {}, "The call that your click made"), waits, empty, list, fold, spoken);
  const item = (each) => {
    const [mark, words] = OUTCOMES[each.outcome];
    const copied = h("span", { class: "tr-soft", role: "status" });
    const copy = button("Copy", async () => {
      const done = await navigator.clipboard.writeText(each.code).then(() => true, () => false);
      say(copied, done ? "copied" : "select the text and copy it");
    }, { "aria-label": `Copy the call of ${each.at}` });
    const after = each.outcome === "asked" ? "" : ` · ${each.ms} ms`;
    return h(
      "li",
      { class: `tr-call tr-${each.outcome}` },
      h("div", { class: "tr-line" }, h("span", {}, h("span", { "aria-hidden": "true" }, `${mark} `), `${each.at} · ${words}${after}`), h("span", {}, each.said), h("span", { class: "tr-right" }, copied, " ", each.code ? copy : null)),
      each.code ? h("pre", { tabindex: "0" }, each.code) : null,
    );
  };
  const draw = (state, sending) => {
    const made = [...(state.made ?? [])].reverse();
    say(waits, sending ? "Sending your click to the kernel …" : "");
    empty.hidden = made.length > 0;
    keep(list, made.slice(0, 1), (each) => each.token, item);
    keep(older, made.slice(1), (each) => each.token, item);
    fold.hidden = made.length < 2;
    say(spoken, made.length && made[0].outcome !== "asked" ? made[0].said : "");
  };
  return { node, draw };
}
