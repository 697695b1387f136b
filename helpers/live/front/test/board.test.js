import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import board from "../src/board/board.js";
import { call, FakeModel, reservation, snapshot, step, task, until, worker } from "./fakes.js";
import { mount } from "./mount.js";

const STATE = {
  title: "Test",
  trouble: null,
  fault: null,
  mode: "sandbox",
  server: "http://127.0.0.1:1",
  how: "It asks.",
  known: true,
  history: [],
  next: null,
  listens: false,
  faults: [],
  why: null,
};
const WHY = {
  id: "1",
  task: "WT1",
  at: "12:00:00",
  title: "Why task WT1 went there",
  notes: ["It is gone."],
  parts: [
    ["1. It was created.", ["Filter es matches", "Alice (chosen)"]],
    ["Now: who could take it", ["Bob (not possible): is not in the queue"]],
  ],
};
const SCENE = {
  workers: [worker("WK1", "Alice"), worker("WK2", "Bob")],
  task_queues: [{ sid: "WQ1", name: "Spanish", expression: "1==1", order: "FIFO", at_most: 1 }],
  workflows: [{ sid: "WW1", name: "All", url: "", timeout: 60, filters: [], default: { queue: "WQ1" } }],
  task_channels: [{ sid: "TC1", name: "Default", unique_name: "default" }],
  tasks: [task("WT1", { queue: "WQ1", workflow: "WW1", status: "reserved" })],
  reservations: [reservation("WR1")],
  steps: [
    step("EV1", 1000, { from: "taskrouter", to: "worker", task: "WT1", words: "An offer.", detail: [["a", "b"]] }),
    step("EV2", 2000, { from: "taskrouter", to: "taskrouter", task: "WT1", words: "A task.", detail: [] }),
  ],
  rows: [
    {
      of: "alert",
      id: "a1",
      ms_at: 5,
      at: "12:00:00",
      code: 11200,
      level: "error",
      text: "No answer",
      detail: [],
      times: 1,
      since: "12:00:00",
      problem: "No answer",
    },
  ],
};
let shown;
afterEach(() => shown.unmount());

async function show(state = STATE) {
  const model = new FakeModel({ state, snapshot: snapshot(SCENE) });
  shown = mount(board, model);
  const { el } = shown;
  await until(() => el.querySelector(".tr-worker"));
  const find = (selector, words) =>
    [...el.querySelectorAll(selector)].find((node) => node.textContent.includes(words) && !node.closest("[hidden]"));
  return {
    model,
    el,
    find,
    click: (words, within = "") => find(`${within} button`, words).click(),
    actions: () => model.sent.filter(({ kind }) => kind === "action").map(({ action }) => action),
    change: (from, collections) => model.message({ kind: "change", from, to: from + 1, change: collections }),
  };
}

test("it shows workers, queues, the task in its lane and who was asked", async () => {
  const { el } = await show();
  const text = (selector) =>
    [...el.querySelectorAll(selector)].map((node) => node.textContent.replace(/\s+/g, " ").trim());
  assert.deepEqual(text(".tr-worker strong"), ["Alice", "Bob"]);
  assert.match(text(".tr-queue")[0], /Spanish, the queue of the selected task/);
  const lane = el.querySelector("[aria-label='Tasks reserved']");
  assert.match(lane.textContent, /Alice\s+pending/);
  assert.deepEqual(shown.spoken(), ["The selected task is reserved; Alice is Offline."]);
});

test("until it knows the workspace it says that it loads, and shows nothing else", async () => {
  const model = new FakeModel({ state: { ...STATE, known: false } });
  shown = mount(board, model);
  const { el } = shown;
  const loading = () => el.classList.contains("tr-unknown");
  await until(() => el.querySelector(".tr-loading")?.textContent === "Loading the workspace …");
  assert.ok(loading());
  model.set("snapshot", snapshot({}));
  await until(() => !el.textContent.includes("connecting"));
  assert.ok(loading(), "the workspace has not been read yet");
  model.set("state", { ...STATE, known: false, trouble: "TaskRouter answered 404." });
  await until(() => el.querySelector(".tr-loading").textContent === "");
  assert.match(el.querySelector(".tr-fresh").textContent, /not current/);
  model.set("state", STATE);
  model.set("snapshot", snapshot(SCENE));
  await until(() => !loading());
});

test("every control sends one action, with what it is for", async () => {
  const { click, actions, el } = await show();
  click("Accept", ".tr-worker");
  click("Reject", ".tr-task");
  click("Cancel", ".tr-task");
  click("1 min");
  click("accept", ".tr-choices");
  click("the next event arrives out of order");
  click("Use event callbacks");
  el.querySelector("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  el.querySelector(".tr-worker input[value=WAbusy]").dispatchEvent(new Event("change", { bubbles: true }));
  const offer = { type: "update-reservation", task: "WT1", reservation: "WR1" };
  assert.deepEqual(actions(), [
    { ...offer, status: "accepted" },
    { ...offer, status: "rejected" },
    { type: "update-task", task: "WT1", status: "canceled" },
    { type: "skip", seconds: 60 },
    { type: "answer-next", instruction: { instruction: "accept" } },
    { type: "inject-fault", deliveries: "out-of-order", kind: "event" },
    { type: "receive-events" },
    { type: "create-task", workflow: "WW1", attributes: "{}", priority: "0", channel: "" },
    { type: "set-activity", worker: "WK1", activity: "WAbusy" },
  ]);
});

test("why a task went there is asked for on its card, and stands folded until it is closed", async () => {
  const { click, actions, el, model } = await show();
  click("Why?", ".tr-task");
  assert.deepEqual(actions(), [{ type: "explain-task", task: "WT1" }]);
  model.set("state", { ...STATE, why: WHY });
  await until(() => el.querySelector(".tr-why"));
  const section = el.querySelector(".tr-why");
  assert.match(section.textContent, /At 12:00:00\. It is gone\./);
  const parts = [...section.querySelectorAll("details")];
  assert.deepEqual(
    parts.map((part) => part.open),
    [false, true],
  );
  assert.equal(parts[0].querySelectorAll("li").length, 2);
  click("Ask again", ".tr-why");
  assert.equal(actions().length, 2);
  click("Close", ".tr-why");
  await until(() => !el.querySelector(".tr-why"));
  model.set("state", { ...STATE, why: { ...WHY }, how: "It asks again." });
  await until(() => el.textContent.includes("It asks again."));
  assert.equal(el.querySelector(".tr-why"), null);
  model.set("state", { ...STATE, why: { ...WHY, id: "2" } });
  await until(() => el.querySelector(".tr-why"));
});

test("what came of a click is told until something else is so", async () => {
  const { change, model, el } = await show();
  const told = (text) => until(() => el.querySelector(".tr-notice").textContent.includes(text));
  const gone = () => until(() => el.querySelector(".tr-notice").textContent === "");
  const done = (action, said) =>
    model.set("state", {
      ...STATE,
      history: [{ id: "1", action, at: "12:00", code: "", outcome: "done", said, ms: 1 }],
    });
  done({ type: "set-activity", worker: "WK1", activity: "WAidle" }, "TaskRouter answers: Alice is Idle.");
  change(1, { workers: { WK1: worker("WK1", "Alice", { activity: "WAidle" }) } });
  await told("Alice is Idle.");
  change(2, { workers: { WK1: worker("WK1", "Alice", { activity: "WAbusy" }) } });
  await gone();
  done(
    { type: "update-reservation", task: "WT1", reservation: "WR1", status: "accepted" },
    "The reservation is accepted.",
  );
  change(3, { reservations: { WR1: reservation("WR1", { status: "accepted" }) } });
  await told("The reservation is accepted.");
  change(4, { reservations: { WR1: reservation("WR1", { status: "completed" }) } });
  await gone();
  done({ type: "update-task", task: "WT1", status: "completed" }, "The task is completed.");
  change(5, { tasks: { WT1: task("WT1", { status: "completed" }) } });
  await told("The task is completed.");
  change(6, { tasks: { WT1: null } });
  await told("The task is completed.");
  done({ type: "create-task" }, "TaskRouter has created task WT2.");
  await told("created task WT2");
});

test("starting over is asked for once", async () => {
  const { click, actions, el } = await show();
  click("Start over");
  await until(() => el.querySelector(".tr-question"));
  assert.match(shown.spoken().join(" "), /Start over\? This deletes every workspace in the sandbox/);
  click("Keep everything");
  await until(() => !el.querySelector(".tr-question"));
  assert.deepEqual(actions(), []);
  click("Start over");
  await until(() => el.querySelector(".tr-question"));
  click("Empty the sandbox");
  assert.deepEqual(actions(), [{ type: "start-over" }]);
});

test("a task that two workers have is completed by reservation", async () => {
  const { change, click, actions, el } = await show();
  const both = ["WK1", "WK2"].map((each, i) => reservation(`WR${i}`, { worker: each, status: "accepted" }));
  change(1, {
    tasks: { WT1: { ...SCENE.tasks[0], status: "assigned" } },
    reservations: { WR1: null, WR0: both[0], WR2: { ...both[1], sid: "WR2" } },
  });
  await until(() => el.querySelectorAll(".tr-held li").length === 2);
  click("Complete", ".tr-worker");
  assert.deepEqual(actions(), [{ type: "update-reservation", task: "WT1", reservation: "WR0", status: "completed" }]);
});

test("what was clicked stands at once, and what the kernel sends is drawn", async () => {
  const { model, el, change } = await show();
  const radios = () => el.querySelector(".tr-worker .tr-options");
  const idle = el.querySelector(".tr-worker input[value=WAidle]");
  idle.checked = true;
  idle.dispatchEvent(new Event("change", { bubbles: true }));
  await until(() => radios().getAttribute("aria-busy") === "true");
  assert.match(shown.spoken().join(" "), /Sending your click/);
  const { id } = model.sent.at(-1);
  change(1, { workers: { WK1: { ...SCENE.workers[0], activity: "WAidle" } } });
  model.message({ kind: "ack", id, outcome: "done" });
  await until(() => radios().getAttribute("aria-busy") === "false");
  assert.equal(el.querySelector(".tr-activity").textContent, "✓ Idle");
});

test("the focus goes with a card into another lane, to what can be done there", async () => {
  const { el, change } = await show();
  const accept = el.querySelector(".tr-task [data-control=accept]");
  accept.focus();
  change(1, {
    tasks: { WT1: { ...SCENE.tasks[0], status: "assigned" } },
    reservations: { WR1: { ...SCENE.reservations[0], status: "accepted" } },
  });
  const card = await until(() => el.querySelector("[aria-label='Tasks assigned'] .tr-task"));
  assert.equal(accept.isConnected, false);
  assert.equal(document.activeElement, card.querySelector("[data-control=complete]"));
});

test("the focus stays on the same control of a card that moves", async () => {
  const { el, change } = await show();
  el.querySelector(".tr-task [data-control=pick]").focus();
  change(1, { tasks: { WT1: { ...SCENE.tasks[0], status: "completed" } } });
  const card = await until(() => el.querySelector("[aria-label='Tasks finished'] .tr-task"));
  assert.equal(document.activeElement, card.querySelector("[data-control=pick]"));
});

test("each tab shows its panel and leaves the others as they are", async () => {
  const { el, click } = await show();
  const visible = () => [...el.querySelectorAll("[role=tabpanel]")].filter((panel) => !panel.hidden);
  for (const [name, selector] of [
    ["Sequence", ".tr-step"],
    ["Timeline", ".tr-time-chart"],
    ["Log", ".tr-rows li"],
    ["Board", ".tr-task"],
  ]) {
    click(name, ".tr-tabs");
    assert.equal(visible().length, 1);
    assert.ok(visible()[0].querySelector(selector), name);
    assert.equal(el.querySelector("[role=tab][aria-selected=true]").textContent, name);
    assert.equal(visible()[0].getAttribute("aria-labelledby"), el.querySelector("[aria-selected=true]").id);
  }
});

test("a long name on the timeline is cut in its middle, and its title has the whole of it", async () => {
  const { el, click, change } = await show();
  change(1, { workers: { WK1: worker("WK1", "Worker number 07") } });
  click("Timeline", ".tr-tabs");
  const title = [...el.querySelectorAll(".tr-time-chart text title")].find((one) =>
    one.textContent.startsWith("Worker"),
  );
  assert.equal(title.textContent, "Worker number 07");
  assert.match(title.parentElement.textContent, /^Worke.*….* 07Worker number 07$/);
});

test("the sequence is replayed, and a chosen step is read", async () => {
  const { el, click, find } = await show();
  click("Sequence", ".tr-tabs");
  await until(() => el.querySelectorAll(".tr-step").length === 2);
  el.querySelector("[data-id=EV1]").dispatchEvent(new Event("click", { bubbles: true }));
  await until(() => find(".tr-detail", "An offer."));
  assert.equal(el.querySelector("[data-id=EV1]").getAttribute("aria-pressed"), "true");
  click("First");
  await until(() => el.querySelectorAll(".tr-step").length === 1);
  assert.ok(find(".tr-bar", "step 1 of 2"));
  click("1 newer step: go live");
  await until(() => el.querySelectorAll(".tr-step").length === 2);
});

test("what comes during a replay is counted, and does not take the place of the replayed task", async () => {
  const { el, click, find, change } = await show();
  click("Sequence", ".tr-tabs");
  await until(() => el.querySelectorAll(".tr-step").length === 2);
  click("First");
  await until(() => find(".tr-bar", "step 1 of 2"));
  click("Step");
  await until(() => find(".tr-bar", "step 2 of 2"));
  const more = (id, at, of) => step(id, at, { from: "taskrouter", to: "worker", task: of, words: "", detail: [] });
  change(1, { steps: { EV3: more("EV3", 3000, "WT1"), EV4: more("EV4", 4000, "WT1") } });
  await until(() => find("button", "2 newer steps: go live"));
  change(2, { tasks: { WT9: task("WT9", { updated: 9000 }) }, steps: { EV9: more("EV9", 9000, "WT9") } });
  await until(() => find("button", "There is a newer task: go live"));
  assert.ok(find(".tr-bar", "step 2 of 4"), "the replayed task stays");
  click("go live");
  await until(() => find(".tr-bar", "1 step, live"));
});

test("at its end slow motion is live again", async (t) => {
  const { el, click, find } = await show();
  click("Sequence", ".tr-tabs");
  await until(() => el.querySelectorAll(".tr-step").length === 2);
  t.mock.timers.enable({ apis: ["setInterval"] });
  click("Slow motion");
  for (let beat = 0; beat < 3; beat += 1) t.mock.timers.tick(1400);
  t.mock.timers.reset();
  await until(() => find(".tr-bar", "2 steps, live"));
});

test("what only the sandbox has is hidden when live, and what needs a server without one", async () => {
  const { el } = await show({ ...STATE, mode: "live", server: null });
  const hidden = [...el.querySelectorAll("[aria-label=Controls] > *")].filter((node) => node.hidden);
  assert.deepEqual(
    hidden.map((node) => (node.querySelector("summary") ?? node).textContent.trim()),
    ["Next answer", "Skip time", "Let it go wrong", "Start over", "Open beside", "Use event callbacks"],
  );
});

test("nothing can be clicked when the kernel has ended", async () => {
  const { el, model } = await show();
  model.kernelEnds();
  await until(() => el.querySelector("[data-acts]").disabled);
  const buttons = [...el.querySelectorAll("[data-acts], [aria-label=Controls] button:not([aria-label])")];
  assert.ok(buttons.length > 10);
  assert.ok(buttons.every((node) => node.disabled));
});

test("taken down, it listens to nothing", async () => {
  const { model } = await show();
  shown.unmount();
  assert.equal(model.listeners, 0);
});

test("a call is told on the card of its task, and at the worker whose phone it is", async () => {
  const { el, model, find } = await show();
  const change = { calls: { CA1: call("CA1", { since: 90_000 }) } };
  model.message({ kind: "change", from: 1, to: 2, change });
  const line = await until(() => find(".tr-task .tr-callsnow li", "caller waits in the queue, place 1 of 1, since"));
  assert.match(line.textContent, /for 10 s$/);
  const rings = { CA2: call("CA2", { side: "agent", phone: "client:alice", name: "Alice", words: "rings" }) };
  const workers = { WK1: worker("WK1", "Alice", { attributes: '{"contact_uri": "client:alice"}' }) };
  model.message({ kind: "change", from: 2, to: 3, change: { calls: rings, workers } });
  await until(() => find(".tr-task .tr-callsnow li", "Alice’s phone rings"));
  assert.ok(find(".tr-worker .tr-callsnow li", "the phone rings"));
  const over = {
    CA1: call("CA1", { live: false, words: "is not on the line any more" }),
    CA2: { ...rings.CA2, live: false },
  };
  model.message({ kind: "change", from: 3, to: 4, change: { calls: over } });
  await until(() => find(".tr-task .tr-callsnow li", "caller is not on the line any more at"));
  assert.equal(el.querySelectorAll(".tr-callsnow li").length, 1);
});
