// The way of a task from the left to the right: the workflow's filters, the queues, the workers. The path of the
// present task is marked, by a line at the edge, a mark and words for who does not see them.

const QUEUED_AT_MOST = 8;
const WORKERS_AT_MOST = 30;
const NAMES = new Intl.Collator(undefined, { numeric: true });
const USUAL_CHANNEL = "default";

function filterPart() {
  const mark = h("span", { class: "tr-mark", "aria-hidden": "true" });
  const name = h("strong");
  const path = h("span", { class: "tr-unseen" });
  const expression = h("code", { class: "tr-wrap" });
  const targets = h("ul", { class: "tr-targets" });
  const node = h("li", { class: "tr-filter" }, h("div", {}, mark, " ", name, path), expression, targets);
  const update = (item) => {
    node.classList.toggle("tr-onpath", item.onPath);
    say(mark, item.onPath ? "▸" : "");
    say(path, item.onPath ? ", the present task came this way" : "");
    say(name, item.name);
    say(expression, item.expression);
    keep(targets, item.targets, (target) => target.key, (target) => h("li", { class: target.onPath ? "tr-here" : null }, target.onPath ? "▸ " : "→ ", target.queue, target.more ? h("span", { class: "tr-soft" }, ` · ${target.more}`) : null));
  };
  return { node, update };
}

function targetWords(target, store, key) {
  const more = [
    target.priority === undefined ? null : `priority ${target.priority}`,
    target.timeout === undefined ? null : `for ${target.timeout} s`,
    target.expression ?? null,
    target.skip_if ? `skip if ${target.skip_if}` : null,
    target.order_by ? `ordered by ${target.order_by}` : null,
  ];
  return { key, queue: store.task_queues.get(target.queue)?.name ?? "the queue before", more: more.filter(Boolean).join(" · ") };
}

// Which of a filter's targets the task is at: that of its queue, and of several the one with the expression that matched.
function targetOf(task, targets) {
  const here = (target) => target.queue === task.queue;
  const exactly = targets.findIndex((target) => here(target) && target.expression === (task.target_expression ?? undefined));
  return exactly >= 0 ? exactly : targets.findIndex(here);
}

function workflowItems(store, present) {
  return [...store.workflows.values()].map((workflow) => {
    const own = present && present.workflow === workflow.sid;
    const known = own && workflow.filters.some((each) => each.expression === present.filter_expression);
    const filters = workflow.filters.map((each, i) => ({
      key: `${workflow.sid} ${i}`,
      name: each.name || `filter ${i + 1}`,
      expression: each.expression,
      onPath: Boolean(own && known && each.expression === present.filter_expression && (!present.filter || each.name === present.filter)),
    }));
    for (const [i, each] of filters.entries()) {
      const { targets } = workflow.filters[i];
      const now = each.onPath && targets.length > 1 ? targetOf(present, targets) : -1;
      each.targets = targets.map((target, n) => ({ ...targetWords(target, store, n), onPath: n === now }));
    }
    if (workflow.default) {
      filters.push({
        key: `${workflow.sid} default`,
        name: "everything else",
        expression: "default filter",
        targets: [targetWords(workflow.default, store, 0)],
        onPath: Boolean(own && !known && present.queue === workflow.default.queue),
      });
    }
    return { sid: workflow.sid, name: workflow.name, url: workflow.url, timeout: workflow.timeout, filters };
  });
}

function workflowPart() {
  const name = h("h4");
  const facts = h("p", { class: "tr-soft tr-wrap" });
  const filters = h("ol", { class: "tr-filters" });
  const node = h("li", {}, name, filters, facts);
  const update = (item) => {
    say(name, item.name);
    say(facts, `${item.url ? `asks ${item.url}` : "asks nobody"} · an offer is good for ${duration(item.timeout)}`);
    keyed(filters, item.filters, (each) => each.key, filterPart);
  };
  return { node, update };
}

function queueItems(store, present, waiting) {
  return [...store.task_queues.values()].map((queue) => {
    const tasks = waiting.get(queue.sid) ?? [];
    const older = queue.order === "LIFO" ? -1 : 1;
    tasks.sort((a, b) => (queue.order === "LIFO" ? 0 : b.priority - a.priority) || older * (a.entered - b.entered));
    return { ...queue, tasks, onPath: Boolean(present && present.queue === queue.sid) };
  });
}

function queuePart(select) {
  return () => {
    const mark = h("span", { class: "tr-mark", "aria-hidden": "true" });
    const name = h("strong");
    const path = h("span", { class: "tr-unseen" });
    const expression = h("code", { class: "tr-wrap" });
    const count = h("span", { class: "tr-soft" });
    const list = h("ol", { class: "tr-waiting" });
    const node = h("li", { class: "tr-queue" }, h("div", {}, mark, " ", name, path), expression, count, list);
    const waiting = () => {
      const sid = h("code");
      const priority = h("span", { class: "tr-soft" });
      const age = ageNode();
      const pick = button("", () => select(pick.dataset.task), { class: "tr-pick" });
      pick.append(h("span", { class: "tr-mark", "aria-hidden": "true" }, "○ "), sid, priority, age);
      return {
        node: h("li", {}, pick),
        update: (task) => {
          pick.dataset.task = task.sid;
          say(sid, shortSid(task.sid));
          say(priority, task.priority ? ` priority ${task.priority} ` : " ");
          setAge(age, task.waits ?? task.created, "waits");
        },
      };
    };
    const update = (item) => {
      node.classList.toggle("tr-onpath", item.onPath);
      say(mark, item.onPath ? "▸" : "");
      say(path, item.onPath ? ", the queue of the present task" : "");
      say(name, item.name);
      say(expression, item.expression);
      const more = item.tasks.length > QUEUED_AT_MOST ? `, the first ${QUEUED_AT_MOST}:` : "";
      say(count, item.tasks.length ? `${item.tasks.length} waiting${more}` : "nobody waits");
      keyed(list, item.tasks.slice(0, QUEUED_AT_MOST), (task) => task.sid, waiting);
    };
    return { node, update };
  };
}

function workerItems(store, present, held, asked, offers) {
  const activities = [...store.activities.values()]; // new objects only when an activity has changed
  return [...store.workers.values()].map((worker) => ({
    ...worker,
    activities,
    now: store.activities.get(worker.activity),
    held: (held.get(worker.sid) ?? []).map((each) => ({ ...each, shared: isShared(store.tasks.get(each.task), offers.get(each.task)) })),
    asked: asked.get(worker.sid) ?? null,
    onPath: Boolean(present && (held.get(worker.sid) ?? []).some((each) => each.task === present.sid)),
  }));
}

// Does a worker hold only a part of the task: since a transfer has given it to another, too, or is under way?
function isShared(task, offers) {
  return ["pending", "reserved"].includes(task?.status) || offers.filter((each) => HOLDS.includes(each.status)).length > 1;
}

function capacityWords(worker, store) {
  if (!worker.channels) return "";
  const used = new Map();
  for (const each of worker.held) {
    const channel = store.tasks.get(each.task)?.channel;
    used.set(channel, (used.get(channel) ?? 0) + 1);
  }
  const shown = worker.channels.filter((each) => used.get(each.channel) || each.name === USUAL_CHANNEL || !each.available || each.capacity !== 1);
  return shown
    .map((each) => `${each.name} ${used.get(each.channel) ?? 0} of ${each.capacity}${each.available ? "" : " (channel closed)"}`)
    .join(" · ");
}

function trailWords(worker, store) {
  const before = worker.trail.map((each) => `${store.activities.get(each.activity)?.name ?? "?"} ${brief(each.ms)}`);
  return before.length ? `before: ${before.reverse().join(" ← ")}` : "";
}

function workerPart(act, select) {
  return (first) => {
    const mark = h("span", { class: "tr-mark", "aria-hidden": "true" });
    const name = h("strong");
    const skills = h("span", { class: "tr-soft" });
    const path = h("span", { class: "tr-unseen" });
    const activity = h("span", { class: "tr-chip tr-activity" });
    const since = ageNode("tr-soft");
    const trail = h("p", { class: "tr-soft tr-trail" });
    const capacity = h("p", { class: "tr-soft" });
    const holding = h("ul", { class: "tr-held" });
    const group = radios((sid) => act({ what: "activity", worker: first.sid, activity: sid }), "tr-small");
    const node = h(
      "li",
      { class: "tr-worker" },
      h("div", { class: "tr-line" }, h("span", {}, mark, " ", name, path, " ", skills), h("span", { class: "tr-right" }, activity, " ", since)),
      group.node,
      holding,
      h("div", { class: "tr-line" }, capacity, trail),
    );
    const one = () => {
      const words = h("span");
      const pick = button("", () => select(pick.dataset.task), { class: "tr-pick" });
      pick.append(words);
      const offer = (status) => act({ what: "reservation", task: pick.dataset.task, reservation: pick.dataset.sid, status });
      const accept = button("Accept", () => offer("accepted"), ACTS);
      const reject = button("Reject", () => offer("rejected"), ACTS);
      const finish = () => (pick.trShared ? offer("completed") : act({ what: "task", task: pick.dataset.task, status: "completed" }));
      const complete = button("Complete", finish, ACTS);
      const part = h("li", { class: "tr-line" }, pick, h("span", { class: "tr-right tr-bar" }, accept, reject, complete));
      return {
        node: part,
        update: (each) => {
          pick.dataset.task = each.task;
          pick.dataset.sid = each.sid;
          pick.trShared = each.shared;
          say(words, `${STATUS_MARKS[each.status] ?? ""} ${shortSid(each.task)} ${each.status === "pending" ? "is offered" : each.status}`);
          accept.hidden = reject.hidden = each.status !== "pending";
          complete.hidden = each.status === "pending";
        },
      };
    };
    const update = (item) => {
      node.classList.toggle("tr-onpath", item.onPath);
      say(mark, item.onPath ? "▸" : "");
      say(path, item.onPath ? ", holds the present task" : "");
      say(name, item.name);
      const pairs = pairsOf(item.attributes);
      say(skills, pairs.map(([key, value]) => (pairs.length > 1 ? `${key} ${listOf(value)}` : listOf(value))).join(" · "));
      const available = item.now?.available;
      say(activity, item.now ? `${available ? "✓" : "–"} ${item.now.name}` : "?");
      activity.classList.toggle("tr-yes", Boolean(available));
      activity.title = available ? "available" : "not available";
      setAge(since, item.since, "for");
      group.draw(`Activity of ${item.name}`, item.activities, item.activity, item.asked, item.live);
      keyed(holding, item.held, (each) => each.sid, one);
      say(capacity, item.capacity);
      say(trail, item.before);
    };
    return { node, update };
  };
}

function flow(getStore, act, select) {
  const section = (words, list) => h("section", {}, h("h3", {}, words), list);
  const workflows = h("ul");
  const queues = h("ul", { class: "tr-many" });
  const workers = h("ul", { class: "tr-many" });
  const search = h("input", { type: "search", class: "tr-search", placeholder: "find a worker", "aria-label": "Find a worker" });
  const more = h("p", { class: "tr-soft" });
  const workersSection = h("section", {}, h("div", { class: "tr-line tr-finding" }, h("h3", {}, "Workers"), search), workers, more);
  const node = h("div", { class: "tr-flow" }, section("Workflow", workflows), section("Queues", queues), workersSection);
  const view = { node };
  search.addEventListener("input", () => view.again());
  view.draw = (shared) => {
    const store = getStore();
    if (shared.tasksToo) {
      keyed(workflows, workflowItems(store, shared.present), (each) => each.sid, workflowPart);
      keyed(queues, queueItems(store, shared.present, shared.waiting), (each) => each.sid, queuePart(select));
    }
    let all = workerItems(store, shared.present, shared.held, shared.asked, shared.offers);
    search.hidden = all.length < 8;
    const wanted = search.value.toLowerCase();
    if (wanted) all = all.filter((each) => `${each.name} ${each.attributes} ${each.now?.name}`.toLowerCase().includes(wanted));
    if (all.length > WORKERS_AT_MOST) {
      const rank = (each) => (each.onPath ? 2 : 0) + (each.held.length ? 1 : 0);
      all.sort((a, b) => rank(b) - rank(a) || NAMES.compare(a.name, b.name));
    }
    say(more, all.length > WORKERS_AT_MOST ? `${WORKERS_AT_MOST} of ${all.length}: who holds a task comes first.` : "");
    const items = all.slice(0, WORKERS_AT_MOST).map((each) => ({
      ...each,
      live: act.live(),
      capacity: capacityWords(each, store),
      before: trailWords(each, store),
    }));
    keyed(workers, items, (each) => each.sid, workerPart(act, select));
  };
  return view;
}
