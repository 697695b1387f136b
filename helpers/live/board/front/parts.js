// Small things that the parts of the board share.

const GLIDE_AT_MOST = 40; // in a crowd nobody can follow a card, and measuring all of them costs frames
const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");
const STATUS_MARKS = {
  pending: "○", reserved: "◐", assigned: "●", wrapping: "◓", completed: "✓", canceled: "✕",
  accepted: "●", rejected: "✕", timeout: "✕", rescinded: "✕",
};
const HOLDS = ["pending", "accepted", "wrapping"];

const shortSid = (sid) => (sid ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : "");
const plural = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;

// Nodes by key that stay, with focus and all, and are told of new data: make(item) gives { node, update }.
function keyed(parent, items, keyOf, make, shared = null) {
  const pool = shared ?? (parent.trPool ??= new Map());
  const nodes = items.map((item) => {
    const key = keyOf(item);
    let part = pool.get(key);
    if (!part) {
      part = make(item);
      part.node.dataset.key = key;
      pool.set(key, part);
    }
    if (!sameItem(item, part.last)) {
      part.last = item;
      part.update(item);
    }
    part.used = true;
    return part.node;
  });
  if (nodes.length !== parent.children.length || nodes.some((node, i) => parent.children[i] !== node)) {
    const root = parent.getRootNode();
    const focus = root.activeElement;
    parent.replaceChildren(...nodes);
    if (focus && parent.contains(focus) && focus !== root.activeElement) focus.focus();
  }
  if (!shared) sweep(pool);
}

// Nothing to draw: every field is the same, lists by their members.
function sameItem(a, b) {
  if (!b) return false;
  for (const name in a) {
    const [one, two] = [a[name], b[name]];
    if (one === two) continue;
    if (!Array.isArray(one) || !Array.isArray(two) || one.length !== two.length) return false;
    for (let i = 0; i < one.length; i += 1) if (one[i] !== two[i]) return false;
  }
  return true;
}

// Forget what no list has used in this drawing.
function sweep(pool) {
  for (const [key, part] of pool) {
    if (!part.used) pool.delete(key);
    part.used = false;
  }
}

const ACTS = { "data-acts": "" }; // of buttons that ask TaskRouter for something: they need a kernel

function button(words, act, more = {}) {
  const node = h("button", { type: "button", class: "tr-button", ...more }, words);
  node.addEventListener("click", act);
  return node;
}

function pairsOf(text) {
  try {
    const found = JSON.parse(text || "{}");
    if (found && typeof found === "object" && !Array.isArray(found)) {
      return Object.entries(found).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
    }
  } catch {
    // no JSON: shown as it is
  }
  return [["attributes", String(text)]];
}

const listOf = (value) => {
  try {
    const found = JSON.parse(value);
    return Array.isArray(found) ? found.join(", ") : value;
  } catch {
    return value;
  }
};

// How long, also when it was only a blink.
const brief = (ms) => (ms < 1 ? "< 1 ms" : ms < 1000 ? `${Math.round(ms)} ms` : duration(ms / 1000));
const clockOf = (ms, digits = 3) => {
  const at = new Date(ms);
  const two = (number, size = 2) => String(number).padStart(size, "0");
  const fraction = digits ? `.${two(at.getMilliseconds(), 3)}` : "";
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${fraction}`;
};

const ageNode = (className = "") => h("span", { class: `tr-age ${className}` });
function setAge(node, bornMs, word = "") {
  node.dataset.born = bornMs / 1000;
  node.dataset.word = word;
}

// After a drawing the focus is where it was, or where the next thing is to be done: a button that hides itself once it has
// done its work must not leave who uses the keyboard at the top of the page.
function keepFocus(root, draw) {
  const focus = root.getRootNode().activeElement;
  if (!focus || !root.contains(focus)) return draw();
  const cards = [];
  for (let node = focus.parentElement; node !== root; node = node.parentElement) if (node.dataset?.key) cards.push(node);
  const usable = (node) => node.isConnected && node.offsetParent !== null && !node.disabled;
  draw();
  if (usable(focus)) return root.getRootNode().activeElement === focus ? undefined : focus.focus();
  if (focus.isConnected && focus.disabled) return; // the kernel is gone: it stays where it was
  for (const card of cards) {
    const next = [...card.querySelectorAll("input:checked, button")].filter(usable);
    if (next.length) return (next.find((node) => "acts" in node.dataset) ?? next[0]).focus();
  }
  root.querySelector("[role=tab][aria-selected=true]")?.focus();
}

// Cards glide from where they were to where they are. Nothing moves for who asked for that.
function glide(root, draw) {
  const cards = root.querySelectorAll("[data-glide]");
  if (REDUCED.matches || document.hidden || cards.length > GLIDE_AT_MOST) return draw();
  const before = new Map();
  for (const node of cards) before.set(node.dataset.glide, node.getBoundingClientRect());
  draw();
  if (!before.size) return;
  for (const node of root.querySelectorAll("[data-glide]")) {
    const was = before.get(node.dataset.glide);
    if (!was) {
      node.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 180, easing: "ease-out" });
      continue;
    }
    const is = node.getBoundingClientRect();
    const [x, y] = [was.left - is.left, was.top - is.top];
    if (Math.abs(x) + Math.abs(y) > 4 && Math.abs(x) + Math.abs(y) < 2000) {
      node.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 260, easing: "ease-out" });
    }
  }
}
