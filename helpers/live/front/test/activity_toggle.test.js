import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import toggle from "../src/widgets/activity_toggle.js";
import { ACTIVITIES, FakeModel } from "./fakes.js";
import { countTextChanges, mount } from "./mount.js";

const STATE = {
  title: "Activity of Alice",
  trouble: null,
  fault: null,
  worker: "WK1",
  activities: ACTIVITIES,
  confirmed: { ...ACTIVITIES[0], since: "12:00:00" },
  history: [],
  name: "Alice",
  holds: null,
  sentence: "Alice is Offline (not available) since 12:00:00 — confirmed by TaskRouter.",
  about_action: "",
};
const CLICK = { type: "set-activity", worker: "WK1", activity: "WAidle" };
let shown;
afterEach(() => shown.unmount());

function show(state = STATE) {
  const model = new FakeModel({ state });
  shown = mount(toggle, model);
  const radio = (sid) => shown.el.querySelector(`input[value=${sid}]`);
  const choose = (sid) => {
    radio(sid).checked = true;
    radio(sid).dispatchEvent(new Event("change", { bubbles: true }));
  };
  const checked = () => shown.el.querySelector("input:checked")?.value;
  const sent = () => model.sent.filter(({ kind }) => kind === "action");
  return { model, radio, choose, checked, sent };
}

test("it shows what TaskRouter reports, in words and as the checked radio", () => {
  const { checked } = show();
  assert.equal(checked(), "WAoffline");
  assert.deepEqual(shown.spoken(), [STATE.sentence]);
  assert.equal(shown.el.getAttribute("aria-label"), "Activity of Alice");
  const names = [...shown.el.querySelectorAll("label")].map((label) => label.textContent);
  assert.deepEqual(names, ["Offlinenot available", "Idleavailable", "Busynot available"]);
});

test("a click is one action, shown at once and until it is answered", () => {
  const { model, choose, checked, sent } = show();
  choose("WAidle");
  const [{ id, action }] = sent();
  assert.deepEqual(action, CLICK);
  assert.ok(shown.spoken().includes("Sending your click to the kernel …"));
  model.message({ kind: "ack", id, outcome: "pending" });
  assert.ok(!shown.spoken().includes("Sending your click to the kernel …"));
  assert.equal(checked(), "WAidle");
  assert.equal(shown.el.querySelector(".tr-options").getAttribute("aria-busy"), "true");
  assert.ok(shown.el.querySelector(".tr-asked").textContent.startsWith("Idle"));
  model.set("state", { ...STATE, confirmed: { ...ACTIVITIES[1], since: "12:00:01" } });
  model.message({ kind: "ack", id, outcome: "done" });
  assert.equal(checked(), "WAidle");
  assert.equal(shown.el.querySelector(".tr-asked"), null);
  assert.ok(shown.el.querySelector(".tr-now").textContent.startsWith("Idle"));
});

test("a click that is refused goes back, and says why", () => {
  const { model, choose, checked, sent } = show();
  choose("WAbusy");
  const [{ id, action }] = sent();
  const entry = { id, action, at: "12:00", code: "", outcome: "refused", said: "", ms: 1 };
  model.set("state", { ...STATE, history: [entry], about_action: "TaskRouter answered 409." });
  model.message({ kind: "ack", id, outcome: "refused" });
  assert.equal(checked(), "WAoffline");
  assert.equal(shown.el.querySelector(".tr-refused").textContent, "TaskRouter answered 409.");
});

test("an answer that was lost on the way is made up for by the history", () => {
  const { model, choose, checked, sent } = show();
  choose("WAbusy");
  const [{ id, action }] = sent();
  model.set("state", { ...STATE, history: [{ id, action, outcome: "done" }] });
  assert.equal(checked(), "WAoffline");
});

test("a click in another view of the same widget is pending here too", () => {
  const { model, checked } = show();
  model.set("state", { ...STATE, history: [{ id: "other", action: CLICK, outcome: "pending" }] });
  assert.equal(checked(), "WAidle");
  model.message({ kind: "ack", id: "other", outcome: "done" });
});

test("the arrow keys only move, and Enter chooses", () => {
  const { radio, sent } = show();
  const press = (key) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
    return event.defaultPrevented;
  };
  radio("WAoffline").focus();
  assert.equal(press("ArrowRight"), true);
  assert.equal(document.activeElement, radio("WAidle"));
  assert.equal(press("ArrowUp"), true);
  assert.equal(press("ArrowLeft"), true);
  assert.equal(document.activeElement, radio("WAbusy"));
  assert.deepEqual(sent(), []);
  assert.equal(press("x"), false);
  assert.equal(press("Enter"), true);
  assert.deepEqual(
    sent().map(({ action }) => action.activity),
    ["WAbusy"],
  );
});

test("Enter with a modifier chooses nothing: it runs the cell", () => {
  const { radio, sent } = show();
  radio("WAidle").focus();
  for (const modifier of ["shiftKey", "ctrlKey", "altKey", "metaKey"]) {
    const event = new KeyboardEvent("keydown", { key: "Enter", [modifier]: true, bubbles: true, cancelable: true });
    radio("WAidle").dispatchEvent(event);
  }
  assert.deepEqual(sent(), []);
});

test("the activity that holds already is not asked for again", () => {
  const { choose, sent } = show();
  choose("WAoffline");
  assert.deepEqual(sent(), []);
});

test("a worker whom TaskRouter holds is made available only when that is meant", () => {
  const reserved = { ...ACTIVITIES[2], name: "Reserved", since: "12:00:01" };
  const { choose, checked, sent } = show({ ...STATE, confirmed: reserved, holds: "pending" });
  const press = (words) => [...shown.el.querySelectorAll("button")].find((each) => each.textContent === words).click();
  choose("WAidle");
  assert.deepEqual(sent(), []);
  assert.equal(checked(), "WAbusy");
  assert.match(shown.spoken().join(" "), /because a reservation is pending\. Idle would make Alice available/);
  press("Leave Busy");
  assert.equal(shown.el.querySelector(".tr-question"), null);
  choose("WAidle");
  press("Set Idle anyway");
  assert.deepEqual(
    sent().map(({ action }) => action),
    [CLICK],
  );
  choose("WAoffline"); // takes no further task: nothing to ask
  assert.equal(sent().length, 2);
});

test("a live region changes only when its words do", async () => {
  const { model } = show();
  const changes = countTextChanges(shown.el.querySelector(".tr-sentence"));
  model.set("state", { ...STATE, activities: [...ACTIVITIES] });
  assert.equal(await changes(), 0);
  const more = countTextChanges(shown.el.querySelector(".tr-sentence"));
  model.set("state", { ...STATE, sentence: "Alice is Idle." });
  assert.ok((await more()) > 0);
});

test("when the kernel has ended it says so and nothing can be chosen; JupyterLab's keys stay out", () => {
  const { model, radio } = show();
  assert.equal(shown.el.querySelector("fieldset").disabled, false);
  radio("WAidle").dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
  assert.equal(radio("WAidle").getAttribute("data-lm-suppress-shortcuts"), "true");
  radio("WAidle").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }));
  assert.equal(radio("WAidle").hasAttribute("data-lm-suppress-shortcuts"), false);
  model.kernelEnds();
  assert.match(shown.spoken()[0], /^The kernel was restarted or has ended/);
  assert.equal(shown.el.querySelector("fieldset").disabled, true);
  assert.ok(shown.el.classList.contains("tr-off"));
});

test("of a deleted worker nothing is checked and nothing can be chosen", () => {
  const sentence = "Alice was deleted, so there is nothing to choose.";
  const { model, checked, sent, choose } = show();
  model.set("state", { ...STATE, gone: true, confirmed: null, sentence });
  assert.equal(checked(), undefined);
  assert.equal(shown.el.querySelector("fieldset").disabled, true);
  assert.ok(shown.el.classList.contains("tr-off"));
  assert.deepEqual(shown.spoken(), [sentence]);
  model.set("state", STATE);
  assert.equal(shown.el.querySelector("fieldset").disabled, false);
  assert.ok(!shown.el.classList.contains("tr-off"));
  choose("WAidle");
  assert.equal(sent().length, 1);
});

test("names are text, never markup", () => {
  const name = "<img src=x>";
  show({ ...STATE, title: name, sentence: name, activities: [{ sid: "WA1", name, available: true }] });
  assert.equal(shown.el.querySelector("img"), null);
  assert.ok(shown.el.textContent.includes(name));
});

test("taken down, it listens to nothing", () => {
  const { model } = show();
  shown.unmount();
  assert.equal(model.listeners, 0);
});
