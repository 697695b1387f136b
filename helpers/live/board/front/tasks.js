// The tasks on their path, one lane for each state, and under each task who was asked.

const TASK_LANES = ["pending", "reserved", "assigned", "wrapping", "completed"];
const CARDS_AT_MOST = 20;
const ENDED_AT_LEAST = 40; // as many as the kernel always keeps

function taskPart(act, select) {
  return () => {
    const sid = h("code");
    const age = ageNode("tr-soft tr-right");
    const attributes = h("div", { class: "tr-attributes" });
    const facts = h("div", { class: "tr-soft" });
    const offers = h("ul", { class: "tr-offers" });
    const pick = button("", () => select(node.dataset.key), { class: "tr-pick tr-line" });
    pick.append(sid, age);
    const accept = button("Accept", () => act({ what: "reservation", ...node.trOffer, status: "accepted" }), ACTS);
    const reject = button("Reject", () => act({ what: "reservation", ...node.trOffer, status: "rejected" }), ACTS);
    const complete = button("Complete", () => act({ what: "task", task: node.dataset.key, status: "completed" }), ACTS);
    const cancel = button("Cancel", () => act({ what: "task", task: node.dataset.key, status: "canceled" }), ACTS);
    const buttons = h("div", { class: "tr-buttons" }, accept, reject, complete, cancel);
    const node = h("li", { class: "tr-task" }, pick, attributes, facts, offers, buttons);
    const update = (task) => {
      node.dataset.glide = task.sid;
      node.classList.toggle("tr-onpath", task.isPresent);
      pick.setAttribute("aria-pressed", String(task.isPresent));
      say(sid, `${STATUS_MARKS[task.status]} ${shortSid(task.sid)}`);
      const over = task.status === "completed" || task.status === "canceled";
      if (over) {
        delete age.dataset.born;
        say(age, clockOf(task.updated, 0));
      } else {
        const waits = task.status === "pending" || task.status === "reserved";
        setAge(age, (waits && task.waits) || task.created, waits ? "waits" : "age");
      }
      keep(attributes, pairsOf(task.attributes), ([name]) => name, ([name, value]) => h("span", {}, h("span", { class: "tr-soft" }, `${name} `), listOf(value)));
      say(facts, [task.queueName, task.passedOn, task.priority ? `priority ${task.priority}` : null, task.status === "canceled" ? "canceled" : null, task.reason].filter(Boolean).join(" · "));
      keep(offers, task.offers, (each) => each.sid, (each) => h("li", {}, `${STATUS_MARKS[each.status] ?? ""} ${each.worker} `, h("span", { class: "tr-soft" }, each.status)));
      node.trOffer = task.open ? { task: task.sid, reservation: task.open } : null;
      accept.hidden = reject.hidden = !task.open;
      say(accept, task.several ? `Accept for ${task.several}` : "Accept");
      say(reject, task.several ? `Reject for ${task.several}` : "Reject");
      complete.hidden = !["assigned", "wrapping"].includes(task.status);
      cancel.hidden = !["pending", "reserved"].includes(task.status);
      buttons.hidden = over || !task.isPresent;
    };
    return { node, update };
  };
}

function passedOnWords(passed, store) {
  if (!passed) return null;
  const by = store.workers.get(passed.initiating_worker_sid)?.name ?? "a worker";
  const to = store.workers.get(passed.to)?.name; // the queue that it goes to is named anyway
  return `${by} passes it on${to ? ` to ${to}` : ""} (${passed.mode})`;
}

function taskLanes(getStore, act, select) {
  const search = h("input", { type: "search", class: "tr-search", placeholder: "find a task", "aria-label": "Find a task" });
  const pool = new Map();
  const lanes = TASK_LANES.map((status) => {
    const count = h("span", { class: "tr-count" });
    const list = h("ul", { class: "tr-cardlist" });
    const more = h("p", { class: "tr-soft" });
    const title = h("h4", {}, h("span", { "aria-hidden": "true" }, `${STATUS_MARKS[status]} `), status === "completed" ? "over" : status, " ", count);
    return { status, count, list, more, node: h("section", { class: "tr-lane", role: "group", "aria-label": `Tasks ${status}` }, title, list, more) };
  });
  const node = h("section", { class: "tr-tasks" }, h("div", { class: "tr-line tr-finding" }, h("h3", {}, "Tasks"), search), h("div", { class: "tr-lanes" }, lanes.map((lane) => lane.node)));
  const view = { node };
  search.addEventListener("input", () => view.again());
  const make = taskPart(act, select);
  view.draw = (shared) => {
    const store = getStore();
    const wanted = search.value.toLowerCase();
    const inLane = new Map(TASK_LANES.map((status) => [status, []]));
    for (const task of store.tasks.values()) {
      if (wanted && !`${task.sid} ${task.attributes} ${task.status}`.toLowerCase().includes(wanted)) continue;
      inLane.get(task.status === "canceled" ? "completed" : task.status)?.push(task);
    }
    search.hidden = store.tasks.size < 8;
    for (const lane of lanes) {
      const tasks = inLane.get(lane.status);
      if (lane.status === "pending") tasks.sort((a, b) => b.priority - a.priority || a.entered - b.entered);
      else tasks.sort((a, b) => b.updated - a.updated);
      const items = tasks.slice(0, CARDS_AT_MOST).map((task) => {
        const all = (shared.offers.get(task.sid) ?? []).sort((a, b) => a.created - b.created);
        const open = all.filter((each) => each.status === "pending");
        const now = all.filter((each) => HOLDS.includes(each.status));
        const offers = [...new Set([...all.slice(-3), ...now])].sort((a, b) => a.created - b.created);
        const nameOf = (each) => store.workers.get(each.worker)?.name ?? "a worker";
        return {
          ...task,
          isPresent: shared.present?.sid === task.sid,
          queueName: store.task_queues.get(task.queue)?.name,
          passedOn: passedOnWords(task.passed, store),
          offers: offers.map((each) => ({ sid: each.sid, status: each.status, worker: nameOf(each) })),
          open: open[0]?.sid ?? null,
          several: open.length > 1 ? nameOf(open[0]) : null,
        };
      });
      const some = lane.status === "completed" && tasks.length >= ENDED_AT_LEAST; // older ones are forgotten
      say(lane.count, some ? `the last ${tasks.length}` : String(tasks.length));
      lane.node.hidden = lane.status === "wrapping" && !tasks.length;
      say(lane.more, tasks.length > CARDS_AT_MOST ? `and ${tasks.length - CARDS_AT_MOST} more` : "");
      keyed(lane.list, items, (task) => task.sid, make, pool);
    }
    sweep(pool);
  };
  return view;
}
