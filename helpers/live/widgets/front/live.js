// Shared by every live widget: elements made from data, the frame, how fresh it is, and what is said when the
// kernel is gone. Data only ever becomes a text node or an attribute, never markup.

const SILENT_AFTER = 6; // seconds without a beat (one comes each second, also while a cell runs)
const LAST_WORDS = 3; // seconds in which a beat may still be from the kernel that has ended
const HERE_EVERY = 20; // seconds between two words to the kernel that somebody looks

const GONE =
  "The kernel was restarted or has ended, so this is only a picture. To make it live, run the cells from the top " +
  "down to this one again.";
const SILENT = (seconds) =>
  `No word from the kernel for ${seconds} s: it is very busy, or gone. If it was restarted, run the cells from the ` +
  "top down to this one again.";

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// A live region is spoken when its text changes: leave it alone when it does not.
function say(node, text) {
  if (node.textContent !== (text ?? "")) node.textContent = text ?? "";
}

// Children by key: a node stays, with its focus and its unfolded parts, for as long as its data is the same.
function keep(parent, items, keyOf, make) {
  const there = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const key = String(keyOf(item));
    const data = JSON.stringify(item);
    const old = there.get(key);
    if (old && old.keptData === data) return old;
    const node = make(item, old);
    node.dataset.key = key;
    node.keptData = data;
    return node;
  });
  if (nodes.length !== parent.children.length || nodes.some((node, i) => parent.children[i] !== node)) {
    parent.replaceChildren(...nodes);
  }
}

// Seconds as a person says them.
function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
}

function freshness(pulse, silent) {
  if (pulse.every === undefined) return ["○", "connecting"];
  if (pulse.every === null) return ["●", "live"];
  if (pulse.callbacks) return ["●", `live · told by event callbacks, last ${duration(pulse.now - pulse.heard + silent)} ago`];
  const every = `every ${pulse.every} s`;
  if (pulse.paused) return ["‖", "paused while nobody looked"];
  if (!pulse.read) return ["○", `first read, then ${every}`];
  const age = pulse.now - pulse.read + silent;
  const ago = age < 0.5 + Math.min(0.5, pulse.every) ? "read < 1 s ago" : `read ${duration(age)} ago`;
  return ["●", `live · ${ago} · ${every}`];
}

// The frame of a widget: title, freshness, body, and what is wrong. `draw(body, state, live)` draws the body;
// `tick(body, now)` is called each second with the kernel's time. Returns the function that takes it down.
function frame({ model, el }, { make, draw, tick = () => {} }) {
  const [title, mark, fresh] = [h("span", { class: "tr-title" }), h("span", { "aria-hidden": "true" }), h("span")];
  const body = h("div", { class: "tr-body" });
  const gone = h("p", { class: "tr-gone", role: "status" });
  const wrong = h("p", { class: "tr-wrong", role: "status" });
  el.classList.add("tr");
  el.setAttribute("role", "group");
  // Lab's own keys (b makes a cell, d d deletes one) stay out of our controls; it asks the focused element. Those that
  // run the cell and save the notebook are let through. The window is asked before the page, where Lab listens.
  const ours = (event) => {
    if (!el.contains(event.target)) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const labs = (event.key === "Enter" && (modified || event.shiftKey)) || (event.key.toLowerCase() === "s" && modified);
    if (labs) event.target.removeAttribute("data-lm-suppress-shortcuts");
    else event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  window.addEventListener("keydown", ours, true);
  const head = h("div", { class: "tr-head" }, title, h("span", { class: "tr-fresh" }, mark, " ", fresh));
  el.append(head, gone, wrong, body);
  make(body);

  let heard = performance.now();
  let died = null; // when the host said that the kernel ended
  const silence = () => (performance.now() - heard) / 1000;
  const quiet = () => died !== null || silence() > SILENT_AFTER;

  const redraw = () => {
    const state = model.get("state");
    say(title, state.title);
    el.setAttribute("aria-label", state.title);
    say(wrong, [state.fault, state.trouble].filter(Boolean).join(" "));
    draw(body, state, !quiet());
  };
  const look = () => {
    const pulse = model.get("pulse");
    const was = el.classList.contains("tr-off");
    const [shape, words] = quiet() ? ["✕", "not live"] : freshness(pulse, silence());
    say(mark, shape);
    say(fresh, words);
    say(gone, died ? GONE : quiet() ? SILENT(Math.floor(silence())) : "");
    el.classList.toggle("tr-off", quiet());
    if (was !== quiet()) redraw();
    if (!quiet() && pulse.now) tick(body, pulse.now + silence());
  };
  const word = () => {
    heard = performance.now();
    if (died !== null && heard - died > LAST_WORDS * 1000) died = null;
    look();
  };
  const onState = () => {
    word();
    redraw();
  };
  const onComm = () => {
    died = performance.now();
    look();
  };
  const here = () => {
    if (document.hidden || died !== null) return;
    try {
      model.send({ kind: "here" });
    } catch {
      // no way to the kernel: the missing beat says so
    }
  };
  const onVisible = () => {
    if (!document.hidden) heard = performance.now();
    here();
  };

  model.on("change:state", onState);
  model.on("change:pulse", word);
  model.on("comm_live_update", onComm); // Lab's own word that the kernel ended; other hosts may not have it
  document.addEventListener("visibilitychange", onVisible);
  const timers = [setInterval(look, 1000), setInterval(here, HERE_EVERY * 1000)];
  redraw();
  look();
  here();
  return () => {
    timers.forEach(clearInterval);
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("keydown", ours, true);
    model.off("change:state", onState);
    model.off("change:pulse", word);
    model.off("comm_live_update", onComm);
  };
}
