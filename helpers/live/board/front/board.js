// The board: its tabs, the controls above them, the calls that were made below.

const TABS = [["board", "Board"], ["sequence", "Sequence"], ["timeline", "Timeline"], ["log", "Log"]];
// What the queues and the tasks are drawn from; a worker who only moves leaves them as they are.
const ON_TASKS = ["tasks", "reservations", "task_queues", "workflows"];
const IN_LAB = ".jp-LabShell .jp-NotebookPanel"; // only JupyterLab can show an output beside its notebook
const BESIDE = "To keep the board in sight, right-click it: Create New View for Cell Output.";
const REDRAW = 33; // milliseconds between two drawings at least: one in two frames

function tabs(panels, again) {
  const id = `tr-${Math.random().toString(36).slice(2)}`;
  const list = h("div", { class: "tr-tabs", role: "tablist", "aria-label": "Views" });
  let now = TABS[0][0];
  const show = (name, focus) => {
    now = name;
    for (const [each] of TABS) {
      const tab = list.querySelector(`[data-tab=${each}]`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      panels[each].node.hidden = each !== name;
      if (each === name && focus) tab.focus();
    }
    again();
  };
  for (const [name, words] of TABS) {
    const tab = button(words, () => show(name), { role: "tab", class: "tr-tab", id: `${id}-${name}`, "data-tab": name, "aria-controls": `${id}-${name}-panel` });
    list.append(tab);
    Object.entries({ role: "tabpanel", id: `${id}-${name}-panel`, "aria-labelledby": `${id}-${name}` }).forEach(([key, value]) => panels[name].node.setAttribute(key, value));
  }
  list.addEventListener("keydown", (event) => {
    const names = TABS.map(([name]) => name);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = step ? names[(names.indexOf(now) + step + names.length) % names.length] : { Home: names[0], End: names.at(-1) }[event.key];
    if (!to) return;
    event.preventDefault();
    show(to, true);
  });
  return { node: list, show, now: () => now };
}

// What several parts of a drawing need, worked out once.
function outline(store, picked, asked, now) {
  const [waiting, held, offers] = [new Map(), new Map(), new Map()];
  const push = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]));
  let newest = null;
  for (const task of store.tasks.values()) {
    if (task.status === "pending") push(waiting, task.queue, task);
    if (!newest || task.updated > newest.updated) newest = task;
  }
  for (const each of store.reservations.values()) {
    push(offers, each.task, each);
    if (HOLDS.includes(each.status)) push(held, each.worker, each);
  }
  return { present: store.tasks.get(picked) ?? newest, waiting, held, offers, asked, now };
}

function render({ model, el }) {
  let store = null;
  let live = false;
  let picked = null;
  let sent = null; // the last click, until the kernel has heard of it
  const asked = new Map(); // worker -> the activity that was clicked and is not settled
  const tokens = new Map(); // click -> worker
  let due = null;
  let forced = true; // draw the tasks too, whatever has changed
  let drawnAt = 0;
  const getStore = () => store;

  const act = (wish) => {
    const token = Math.random().toString(36).slice(2);
    if (wish.what === "activity") {
      asked.set(wish.worker, wish.activity);
      tokens.set(token, wish.worker);
    }
    if (wish.what === "create") picked = null;
    sent = token;
    model.send({ kind: "do", token, wish });
    again();
  };
  act.live = () => live;
  const select = (sid) => {
    picked = picked === sid ? null : sid; // a second click lets go: the newest is the present one again
    redo();
  };

  const panels = {
    board: (() => {
      const [above, below] = [flow(getStore, act, select), taskLanes(getStore, act, select)];
      const node = h("div", {}, above.node, below.node);
      const view = { node, draw: (shared) => {
        if (!shared.tasksToo) return above.draw(shared);
        glide(node, () => (above.draw(shared), below.draw(shared)));
      } };
      Object.assign(above, { again: () => redo() });
      Object.assign(below, { again: () => redo() });
      return view;
    })(),
    sequence: sequence(getStore),
    timeline: timeline(getStore),
    log: callbackLog(getStore, act),
  };
  const bar = controls(getStore, act);
  const armed = armedFaults(act);
  const made = madeCalls();
  const how = h("p", { class: "tr-soft" });
  const unknown = h("p", { class: "tr-soft" }, "Nothing is known of the workspace yet.");
  const spoken = h("p", { class: "tr-unseen", role: "status" });
  const draw = () => {
    due = null;
    drawnAt = performance.now();
    if (!store || !panels.board.node.isConnected) return;
    const state = model.get("state");
    unknown.hidden = state.known;
    el.classList.toggle("tr-unknown", !state.known);
    for (const each of state.made ?? []) {
      if (each.outcome !== "asked" && tokens.has(each.token)) {
        asked.delete(tokens.get(each.token));
        tokens.delete(each.token);
      }
    }
    const tasksToo = forced || ON_TASKS.some((name) => store.touched.has(name));
    forced = false;
    store.touched.clear();
    const shared = outline(store, picked, asked, model.get("pulse").now ?? Date.now() / 1000);
    shared.tasksToo = tasksToo;
    keepFocus(el, () => panels[view.now()].draw(shared));
    bar.draw(state, live);
    armed.draw(state);
    if (sent === state.heard) sent = null;
    made.draw(state, sent !== null);
    say(how, [state.how, el.closest(IN_LAB) ? BESIDE : null].filter(Boolean).join(" "));
    if (shared.present) {
      const holder = (shared.held.get([...shared.held.keys()].find((sid) => shared.held.get(sid).some((each) => each.task === shared.present.sid))) ?? [])[0];
      const name = store.workers.get(holder?.worker)?.name;
      say(spoken, `The present task is ${shared.present.status}${name ? `; ${name} is ${store.activities.get(store.workers.get(holder.worker).activity)?.name}` : ""}.`);
    }
    for (const each of el.querySelectorAll("[data-acts]")) each.disabled = !live;
    tickAges(el, shared.now);
  };
  // As many drawings as the page can take, and none while the browser is not drawing.
  const again = () => {
    if (due !== null) return;
    const wait = Math.max(0, REDRAW - (performance.now() - drawnAt));
    due = setTimeout(() => (document.hidden ? draw() : requestAnimationFrame(draw)), wait);
  };
  const redo = () => {
    forced = true;
    again();
  };
  const view = tabs(panels, redo);
  for (const each of Object.values(panels)) each.again = redo;

  const tickAges = (root, now) => {
    for (const node of root.querySelectorAll(".tr-age[data-born]")) {
      say(node, `${node.dataset.word ? `${node.dataset.word} ` : ""}${duration(now - node.dataset.born)}`);
    }
  };
  const make = (body) => {
    body.append(h("div", { class: "tr-top" }, view.node, bar.node), armed.node, unknown, ...TABS.map(([name]) => panels[name].node), made.node, how, spoken);
    view.show(TABS[0][0]);
  };
  el.classList.add("tr-board");
  store = storeOf(model, () => again());
  const down = frame({ model, el }, {
    make,
    draw: (body, state, isLive) => {
      if (live !== isLive) forced = true;
      live = isLive;
      again();
    },
    tick: (body, now) => {
      tickAges(body, now);
      if (view.now() === "timeline") again();
    },
  });
  return () => {
    clearTimeout(due);
    store.close();
    down();
  };
}

export default { render };
