// The sequence view: four lanes, and an arrow for everything that passes between them. It grows as things happen; a
// replay shows the arrows one by one, with the states after each.

const LANES = [["code", "your code"], ["taskrouter", "TaskRouter"], ["server", "callback server"], ["worker", "worker"]];
const SHORT = { code: "code", server: "server" }; // where there is little room
const ROOMY = 620; // pixels; in less, the times stand without the time since the step before
const NARROWEST = 390;
const WIDEST = 1100;
const ROW = 34;
const TOP = 40;
const SHOWN_AT_MOST = 80;
const REPLAY_EVERY = 1400; // milliseconds for one step in slow motion
const KINDS = [["call", "REST calls that change"], ["read", "REST calls that read"], ["webhook", "webhooks and instructions"], ["state", "changes of state"], ["event", "event callbacks"]];
const AT_FIRST = ["call", "webhook", "state"];
const KIND_OF = { call: "call", answer: "call", read: "read", result: "read", webhook: "webhook", instruction: "webhook", state: "state", event: "event" };
const SVG = "http://www.w3.org/2000/svg";

const SEQ_STYLE = `
.tr-seq text { font: 12px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-seq .tr-t { font-size: 11px; fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-seq .tr-lanehead { font-weight: 600; text-anchor: middle; }
.tr-seq .tr-life { stroke: var(--tr-line); }
.tr-seq .tr-arrow { stroke: var(--tr-soft); stroke-width: 1.4; fill: none; }
.tr-seq .tr-tip { fill: var(--tr-soft); stroke: none; }
.tr-seq .tr-k-answer .tr-arrow, .tr-seq .tr-k-result .tr-arrow, .tr-seq .tr-k-instruction .tr-arrow { stroke-dasharray: 5 3; }
.tr-seq .tr-k-event .tr-arrow { stroke-dasharray: 1 3; }
.tr-seq .tr-k-webhook .tr-arrow, .tr-seq .tr-k-instruction .tr-arrow { stroke: var(--tr-brand); stroke-width: 2; }
.tr-seq .tr-k-webhook .tr-tip, .tr-seq .tr-k-instruction .tr-tip { fill: var(--tr-brand); }
.tr-seq .tr-k-state .tr-arrow { stroke: var(--tr-good); stroke-width: 1.6; }
.tr-seq .tr-k-state .tr-tip, .tr-seq .tr-dot { fill: var(--tr-good); }
.tr-seq .tr-row { fill: transparent; }
.tr-seq .tr-step:hover .tr-row { fill: var(--tr-shade); }
.tr-seq .tr-chosen .tr-row { fill: var(--tr-shade); stroke: var(--tr-brand); }
.tr-seq .tr-plate { fill: var(--tr-page); stroke: var(--tr-line); }
.tr-seq .tr-step { cursor: pointer; outline: none; }
.tr-seq .tr-step:focus-visible .tr-row { stroke: var(--tr-brand); stroke-width: 2; }
`;

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const measure = document.createElement("canvas").getContext("2d");

// The text as it fits into so many pixels.
function fit(text, width) {
  measure.font = `12px ${getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "system-ui, sans-serif"}`;
  if (measure.measureText(text).width <= width) return text;
  let most = text.length - 1;
  while (most > 3 && measure.measureText(`${text.slice(0, most)}…`).width > width) most -= 1;
  return `${text.slice(0, most)}…`;
}

// Where the lanes stand in so many pixels.
function lanesIn(width) {
  const first = width < ROOMY ? 108 : 202;
  const gap = (width - first - (width < ROOMY ? 34 : 46)) / (LANES.length - 1);
  return Object.fromEntries(LANES.map(([lane], i) => [lane, Math.round(first + i * gap)]));
}

function arrow(step, i, gap, lane, width) {
  const y = TOP + i * ROW + ROW / 2;
  const [x1, x2] = [lane[step.from], lane[step.to]];
  const parts = [svg("rect", { class: "tr-row", x: 2, y: y - ROW / 2 + 1, width: width - 4, height: ROW - 2, rx: 3 })];
  parts.push(svg("text", { class: "tr-t", x: 8, y: y + 4 }, `${clockOf(step.at)}`), width < ROOMY ? "" : svg("text", { class: "tr-t", x: 92, y: y + 4 }, gap));
  if (x1 === x2) {
    parts.push(svg("circle", { class: "tr-dot", cx: x1, cy: y, r: 4.5 }));
    parts.push(svg("text", { x: x1 + 14, y: y + 4 }, fit(step.label, width - x1 - 24)));
  } else {
    const way = Math.sign(x2 - x1);
    const line = y + 8;
    parts.push(svg("line", { class: "tr-arrow", x1: x1 + way * 4, y1: line, x2: x2 - way * 10, y2: line }));
    parts.push(svg("path", { class: "tr-tip", d: `M ${x2 - way * 3} ${line} l ${-way * 9} -4.5 v 9 z` }));
    parts.push(svg("text", { x: (x1 + x2) / 2, y: y + 2, "text-anchor": "middle" }, fit(step.label, Math.abs(x2 - x1) - 16)));
  }
  const lanes = Object.fromEntries(LANES);
  const words = `${clockOf(step.at)}, ${lanes[step.from]} to ${lanes[step.to]}: ${step.label}`;
  return svg("g", { class: `tr-step tr-k-${step.kind}`, role: "button", tabindex: "-1", "aria-label": words, "data-id": step.id }, ...parts);
}

const gapWords = (ms) => (ms < 0.5 ? "" : ms < 10000 ? `+${Math.round(ms)} ms` : `+${duration(ms / 1000)}`);

// Answers and calls that belong together have one task or worker; "all" shows what belongs to none as well.
function ofTask(steps, present, workers) {
  if (!present) return steps;
  const mine = steps.filter((step) => step.task === present.sid);
  if (!mine.length) return mine;
  const [first, last] = [mine[0].at - 3000, mine.at(-1).at + 3000];
  return steps.filter((step) => step.task === present.sid || (!step.task && workers.has(step.worker) && step.at >= first && step.at <= last));
}

// By time. The clocks of two machines may disagree by a moment, so an instruction stands before what came of it, if it was
// asked for before: by half a microsecond, since a number of this size knows nothing below a quarter of one.
const ENDS_OFFER = ["reservation.accepted", "reservation.rejected"];
const DISAGREE = 200; // milliseconds
function inOrder(steps) {
  const asked = new Map(steps.filter((step) => step.kind === "webhook").map((step) => [step.id.replace("request", "instruction"), step.at]));
  const ended = new Map(steps.filter((step) => ENDS_OFFER.includes(step.type)).map((step) => [step.reservation, step.at]));
  const place = new Map(steps.map((step) => {
    const end = step.kind === "instruction" ? ended.get(step.reservation) : undefined;
    return [step, end < step.at && step.at - end < DISAGREE && asked.get(step.id) < end ? end - 0.0005 : step.at];
  }));
  return steps.sort((a, b) => place.get(a) - place.get(b) || (a.id < b.id ? -1 : 1));
}

function sequence(getStore) {
  const boxes = new Map(KINDS.map(([kind]) => [kind, h("input", { type: "checkbox", checked: AT_FIRST.includes(kind) })]));
  const only = h("input", { type: "checkbox", checked: true });
  const which = h("div", { class: "tr-checks", role: "group", "aria-label": "What is shown" }, h("label", {}, only, " the present task only"), KINDS.map(([kind, words]) => h("label", {}, boxes.get(kind), ` ${words}`)));
  const place = h("span", { class: "tr-soft" });
  const control = (mark, words, act) => button(mark, act, { "aria-label": words, title: words });
  let position = null; // how many steps the replay shows; null: live, all of them
  let playing = null;
  let chosen = null;
  let shown = [];
  const go = (to) => {
    position = to === null ? null : Math.max(0, Math.min(shown.length, to));
    if (position !== null && position > 0) chosen = shown[position - 1].id;
    view.again();
  };
  const stop = () => {
    clearInterval(playing);
    playing = null;
  };
  const play = control("▶ Slow motion", "Play in slow motion", () => {
    if (playing) {
      stop();
      return view.again();
    }
    if (position === null || position >= shown.length) go(0);
    playing = setInterval(() => {
      if (!node.isConnected || position === null || position >= shown.length) {
        stop();
        return view.again();
      }
      go(position + 1);
    }, REPLAY_EVERY);
    go((position ?? 0) + 1);
  });
  const halt = (to) => () => {
    stop();
    go(to());
  };
  const step = control("Step ▶", "One step on", halt(() => position + 1));
  const bar = h(
    "div",
    { class: "tr-bar", role: "group", "aria-label": "Replay" },
    control("|◀ First", "To the first step", halt(() => 1)),
    control("◀ Back", "One step back", halt(() => (position ?? shown.length) - 1)),
    step,
    play,
    control("Live", "Show everything, live", halt(() => null)),
    place,
    h("span", { class: "tr-right" }, button("Save as SVG", () => save())),
  );
  const states = h("div", { class: "tr-states", "aria-live": "polite" });
  const style = svg("style");
  style.textContent = SEQ_STYLE;
  const title = svg("title");
  title.textContent = "What passed between your code, TaskRouter, the callback server and the worker";
  const lives = svg("g");
  const heads = svg("g");
  const arrows = svg("g");
  const drawing = svg("svg", { class: "tr-seq", xmlns: SVG, role: "group", "aria-label": "Sequence of steps; arrow keys move from one to the next" }, style, title, lives, arrows, heads);
  const scroll = h("div", { class: "tr-scroll" }, drawing);
  scroll.addEventListener("scroll", () => heads.setAttribute("transform", `translate(0 ${scroll.scrollTop})`));
  const detail = h("section", { class: "tr-detail", "aria-live": "polite", "aria-label": "The chosen step" });
  const empty = h("p", { class: "tr-soft" }, "Nothing has happened yet. Make a worker available or create a task, and the arrows draw themselves.");
  const node = h("div", { class: "tr-sequence" }, which, bar, states, empty, scroll, detail);
  const view = { node };
  new ResizeObserver(() => view.again?.()).observe(node);

  for (const box of [...boxes.values(), only]) box.addEventListener("change", () => {
    position = null;
    view.again();
  });
  const choose = (id, focus) => {
    chosen = id;
    view.again();
    if (focus) arrows.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus();
  };
  arrows.addEventListener("click", (event) => {
    const step = event.target.closest(".tr-step");
    if (step) choose(step.dataset.id, true);
  });
  arrows.addEventListener("keydown", (event) => {
    const all = [...arrows.children];
    const at = all.indexOf(event.target.closest(".tr-step"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined && all[to]) choose(all[to].dataset.id, true);
    else if (event.key === "Enter" || event.key === " ") choose(all[at].dataset.id, true);
    else return;
    event.preventDefault();
  });

  const save = () => {
    const copy = drawing.cloneNode(true);
    const style = getComputedStyle(node.closest(".tr"));
    const probe = node.appendChild(h("span", { hidden: true })); // says a colour itself, not how the host comes to it
    for (const name of ["text", "soft", "line", "page", "shade", "brand", "good"]) {
      probe.style.color = `var(--tr-${name})`;
      copy.style.setProperty(`--tr-${name}`, getComputedStyle(probe).color);
    }
    probe.remove();
    copy.lastElementChild.removeAttribute("transform");
    copy.style.background = style.backgroundColor;
    copy.style.setProperty("--jp-ui-font-family", "system-ui, sans-serif");
    const file = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    const link = h("a", { href: file, download: "taskrouter-sequence.svg" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(file), 10000);
  };

  const drawDetail = (step) => {
    const data = step ? JSON.stringify(step) : "";
    if (detail.trData === data) return;
    detail.trData = data;
    if (!step) return detail.replaceChildren(h("p", { class: "tr-soft" }, "Choose an arrow to read what it carries and what it means."));
    const lanes = Object.fromEntries(LANES);
    detail.replaceChildren(
      h("p", {}, h("strong", {}, step.type ?? step.label), ` · ${lanes[step.from]} → ${lanes[step.to]} · ${clockOf(step.at)}`),
      h("p", {}, step.words),
      h("div", { class: "tr-fields", tabindex: "0", role: "region", "aria-label": "Content of the step" }, fields(step.detail ?? getStore().steps.get(step.like)?.detail ?? [])),
    );
  };

  // What everybody was after the steps that are shown.
  const drawStates = (steps, store, present) => {
    const now = new Map();
    for (const step of steps) for (const [sid, state] of Object.entries(step.sets)) now.set(sid, [...(now.get(sid) ?? []), state]);
    const items = [...now].filter(([sid]) => (sid.startsWith("WT") ? !present || sid === present.sid : true)).slice(-4).map(([sid, all]) => {
      const ways = all.filter((state, i) => state !== all[i - 1]).slice(-4);
      return { sid, name: store.workers.get(sid)?.name ?? `task ${shortSid(sid)}`, before: ways.slice(0, -1), now: ways.at(-1) };
    });
    keep(states, items, (each) => each.sid, (each) => h("span", { class: "tr-state" }, h("span", { class: "tr-soft" }, `${each.name}: ${each.before.map((name) => `${name} → `).join("")}`), h("strong", {}, each.now)));
  };

  view.draw = (shared) => {
    const store = getStore();
    const present = only.checked ? shared.present ?? null : null;
    const all = inOrder([...store.steps.values()]);
    const workers = new Set((present ? shared.offers.get(present.sid) ?? [] : []).map((each) => each.worker));
    shown = ofTask(all, present, workers).filter((step) => boxes.get(KIND_OF[step.kind]).checked).slice(-SHOWN_AT_MOST);
    const visible = position === null ? shown : shown.slice(0, position);
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    const height = TOP + Math.max(1, visible.length) * ROW + 8;
    const width = Math.max(NARROWEST, Math.min(WIDEST, node.clientWidth - 20));
    const lane = lanesIn(width);
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("width", width);
    drawing.setAttribute("height", height);
    lives.replaceChildren(...LANES.map(([name]) => svg("line", { class: "tr-life", x1: lane[name], y1: 26, x2: lane[name], y2: height })));
    heads.replaceChildren(
      svg("rect", { class: "tr-plate", x: -1, y: -1, width: width + 2, height: 28 }),
      ...LANES.map(([name, words]) => svg("text", { class: "tr-lanehead", x: lane[name], y: 18 }, (width < ROOMY && SHORT[name]) || words)),
    );
    const focus = arrows.getRootNode().activeElement;
    const focused = focus && arrows.contains(focus) ? focus.dataset.id : null;
    const key = `${width} ${visible.map((step) => step.id).join()}`;
    if (arrows.trKey !== key) {
      arrows.trKey = key;
      arrows.replaceChildren(...visible.map((step, i) => arrow(step, i, i ? gapWords(step.at - visible[i - 1].at) : "", lane, width)));
      if (focused) arrows.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    }
    let stop = false;
    for (const each of arrows.children) {
      const is = each.dataset.id === chosen;
      each.classList.toggle("tr-chosen", is);
      each.setAttribute("aria-pressed", String(is));
      each.setAttribute("tabindex", is ? "0" : "-1");
      stop ||= is;
    }
    if (!stop) arrows.lastElementChild?.setAttribute("tabindex", "0");
    empty.hidden = shown.length > 0;
    scroll.hidden = shown.length === 0;
    say(place, position === null ? `${plural(shown.length, "step")}, live` : `step ${position} of ${shown.length}`);
    step.disabled = position === null || position >= shown.length;
    say(play, playing ? "‖ Pause" : "▶ Slow motion");
    drawStates(visible, store, present);
    drawDetail(visible.find((step) => step.id === chosen));
    if (atEnd || position !== null) scroll.scrollTop = scroll.scrollHeight;
  };
  return view;
}
