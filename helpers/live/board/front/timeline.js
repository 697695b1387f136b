// Who was in which activity and who handled which task, over time; and what that comes to in numbers.

const WINDOWS = [[0, "all of it, at most 15 minutes"], [60, "1 minute"], [300, "5 minutes"], [900, "15 minutes"]];
const NAME_WIDTH = 110;
const LINE = 46;
const WAIT_LINE = 16;
const TIME_ROWS_AT_MOST = 20;
const WAITS_AT_MOST = 12;

const TIME_STYLE = `
.tr-time-chart text { font: 11px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-time-chart .tr-t { fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-time-chart .tr-axis { stroke: var(--tr-line); }
.tr-time-chart .tr-free { fill: color-mix(in srgb, var(--tr-good) 26%, var(--tr-page)); stroke: var(--tr-good); }
.tr-time-chart .tr-away { fill: var(--tr-shade); stroke: var(--tr-edge); stroke-dasharray: 3 2; }
.tr-time-chart .tr-work { fill: color-mix(in srgb, var(--tr-brand) 30%, var(--tr-page)); stroke: var(--tr-brand); }
.tr-time-chart .tr-offer { fill: none; stroke: var(--tr-brand); stroke-dasharray: 2 2; }
.tr-time-chart .tr-wait { fill: var(--tr-shade); stroke: var(--tr-edge); }
`;

function bar(kind, x1, x2, y, height, words, label) {
  const width = Math.max(1.5, x2 - x1);
  const title = svg("title");
  title.textContent = words;
  const parts = [svg("rect", { class: `tr-${kind}`, x: x1, y, width, height, rx: 2 }, title)];
  if (width > label.length * 6 + 8) parts.push(svg("text", { x: x1 + 4, y: y + height - 4 }, label));
  return parts;
}

function numbers(store, spans, start, now) {
  const within = (span) => (span.to ?? now) >= start;
  const waits = spans.filter((span) => span.kind === "wait" && within(span));
  const accepted = waits.filter((span) => span.end === "assigned").map((span) => span.to - span.from);
  const offers = spans.filter((span) => span.kind === "offer" && within(span));
  const ended = (end) => offers.filter((span) => span.end === end).length;
  const works = spans.filter((span) => span.kind === "work" && within(span));
  const mean = (all) => (all.length ? brief(all.reduce((sum, each) => sum + each, 0) / all.length) : "–");
  const most = (all) => (all.length ? brief(all.reduce((a, b) => Math.max(a, b), 0)) : "–");
  return [
    ["tasks that came or waited", new Set(waits.map((span) => span.task)).size],
    ["waiting now", waits.filter((span) => span.to === null).length],
    ["canceled while waiting", waits.filter((span) => span.end === "canceled").length],
    ["wait until accepted, mean", mean(accepted)],
    ["wait until accepted, longest", most(accepted)],
    ["offers", offers.length],
    ["accepted", ended("accepted")],
    ["rejected", ended("rejected")],
    ["timed out", ended("timeout")],
    ["canceled or rescinded", ended("canceled") + ended("rescinded")],
    ["being worked on now", works.filter((span) => span.to === null).length],
    ["handling time, mean of the finished", mean(works.filter((span) => span.to !== null).map((span) => span.to - span.from))],
  ];
}

// Seconds since the first thing that happened, so that the chart begins full and grows to a quarter of an hour.
function sinceFirst(spans, now) {
  let first = now - 20000;
  for (const each of spans) {
    const from = each.kind !== "activity" ? each.from : each.to === null ? now : Math.max(each.from, each.to - 5000);
    if (from < first) first = from;
  }
  return Math.min(900, (now - first) / 1000 + 1);
}

function timeline(getStore) {
  const span = h("select", {}, WINDOWS.map(([seconds, words]) => h("option", { value: seconds }, words)));
  span.value = "0";
  const style = svg("style");
  style.textContent = TIME_STYLE;
  const title = svg("title");
  title.textContent = "Activities and tasks of each worker over time";
  const marks = svg("g");
  const chart = svg("svg", { class: "tr-time-chart", role: "img" }, style, title, marks);
  const legend = h("p", { class: "tr-soft tr-legend" }, "upper band: activity, solid edge = available, dashed = not · lower band: tasks, dashed = offered, filled = being worked on · tasks below: how long they waited");
  const some = h("p", { class: "tr-soft" });
  const table = h("tbody");
  const paper = h("div", { class: "tr-paper" }, chart, some, legend);
  const stats = h("table", { class: "tr-stats" }, h("caption", {}, "In numbers, from TaskRouter's events"), table);
  const perWorker = h("tbody");
  const share = h("table", { class: "tr-stats" }, h("caption", {}, "Workers in this time"), h("thead", {}, h("tr", {}, ["worker", "available", "working", "tasks"].map((name) => h("th", { scope: "col" }, name)))), perWorker);
  const node = h("div", { class: "tr-timeline" }, h("label", { class: "tr-field" }, h("span", {}, "The last"), span), h("div", { class: "tr-beside" }, paper, h("div", {}, stats, share)));
  const view = { node };
  new ResizeObserver(() => view.again?.()).observe(paper);
  span.addEventListener("change", () => view.again());

  view.draw = (shared) => {
    const store = getStore();
    const now = shared.now * 1000;
    const start = now - (Number(span.value) || sinceFirst([...store.spans.values()], now)) * 1000;
    const width = Math.max(220, paper.clientWidth - NAME_WIDTH - 6);
    const x = (at) => NAME_WIDTH + (Math.max(0, Math.min(now, at) - start) / (now - start)) * width;
    const all = [...store.spans.values()].filter((each) => (each.to ?? now) >= start && each.from <= now);
    const of = new Map();
    for (const each of all) if (each.worker) of.set(each.worker, [...(of.get(each.worker) ?? []), each]);
    let workers = [...store.workers.values()];
    const does = (worker) => of.get(worker.sid)?.length ?? 0;
    if (workers.length > TIME_ROWS_AT_MOST) workers.sort((a, b) => does(b) - does(a) || NAMES.compare(a.name, b.name));
    const left = [];
    if (workers.length > TIME_ROWS_AT_MOST) left.push(`${TIME_ROWS_AT_MOST} of ${workers.length} workers, the busiest first`);
    workers = workers.slice(0, TIME_ROWS_AT_MOST);
    const parts = [];
    const rows = [];
    workers.forEach((worker, i) => {
      const y = 8 + i * LINE;
      parts.push(svg("text", { x: 0, y: y + 20 }, fit(worker.name, NAME_WIDTH - 6)));
      let [free, busy, count] = [0, 0, 0];
      for (const each of of.get(worker.sid) ?? []) {
        const [from, to] = [Math.max(start, each.from), each.to ?? now];
        const task = shortSid(each.task);
        if (each.kind === "activity") {
          const activity = store.activities.get(each.activity);
          if (activity?.available) free += to - from;
          parts.push(...bar(activity?.available ? "free" : "away", x(from), x(to), y, 17, `${worker.name}: ${activity?.name ?? "?"} for ${brief(to - each.from)}`, activity?.name ?? "?"));
        } else if (each.kind === "work" || each.kind === "offer") {
          if (each.kind === "work") [busy, count] = [busy + to - from, count + 1];
          const words = each.kind === "work" ? "worked on" : `offered, ${each.end ?? "pending"},`;
          parts.push(...bar(each.kind, x(from), x(to), y + 20, 17, `${worker.name}: ${task} ${words} for ${brief(to - each.from)}`, task));
        }
      }
      const percent = (part) => `${Math.min(100, Math.round((part / (now - start)) * 100))} %`;
      rows.push([worker.name, percent(free), percent(busy), String(count)]);
    });
    let y = 8 + workers.length * LINE;
    const byTask = new Map(); // a task that was transferred has waited more than once
    for (const each of all) if (each.kind === "wait") byTask.set(each.task, [...(byTask.get(each.task) ?? []), each]);
    const waiting = [...byTask.values()].sort((a, b) => b[0].from - a[0].from);
    if (waiting.length > WAITS_AT_MOST) left.push(`the newest ${WAITS_AT_MOST} of ${waiting.length} tasks that waited`);
    const waits = waiting.slice(0, WAITS_AT_MOST).reverse();
    say(some, left.length ? `Drawn: ${left.join(" · ")}. The numbers count all.` : "");
    if (waits.length) parts.push(svg("line", { class: "tr-axis", x1: 0, y1: y, x2: NAME_WIDTH + width, y2: y }));
    for (const ofTask of waits) {
      y += WAIT_LINE + 2;
      parts.push(svg("text", { class: "tr-t", x: 0, y: y - 2 }, `${shortSid(ofTask[0].task)} waits`));
      for (const each of ofTask) {
        const length = brief((each.to ?? now) - each.from);
        parts.push(...bar("wait", x(each.from), x(each.to ?? now), y - 13, 13, `${shortSid(each.task)} waited ${length}, then ${each.end ?? "still waiting"}`, length));
      }
    }
    y += 20;
    const ticks = Math.max(1, Math.min(5, Math.floor(width / 90)));
    for (let i = 0; i <= ticks; i += 1) {
      const at = start + ((now - start) * i) / ticks;
      parts.push(svg("line", { class: "tr-axis", x1: x(at), y1: 2, x2: x(at), y2: y - 10 }));
      parts.push(svg("text", { class: "tr-t", x: x(at), y: y + 4, "text-anchor": i === ticks ? "end" : i ? "middle" : "start" }, clockOf(at, 0)));
    }
    chart.setAttribute("width", NAME_WIDTH + width + 4);
    chart.setAttribute("height", y + 12);
    marks.replaceChildren(...parts);
    const words = rows.slice(0, 8).map(([name, free, busy]) => `${name}: available ${free}, working ${busy}`).join("; ");
    chart.setAttribute("aria-label", `The last ${span.selectedOptions[0].textContent}. ${words}`);
    keep(table, numbers(store, all, start, now), ([name]) => name, ([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, String(value))));
    keep(perWorker, rows, ([name]) => name, ([name, ...values]) => h("tr", {}, h("th", { scope: "row" }, name), values.map((value) => h("td", {}, value))));
  };
  return view;
}
