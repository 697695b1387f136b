import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import callbackLog from "../src/widgets/callback_log.js";
import doctor from "../src/widgets/doctor.js";
import taskInspector from "../src/widgets/task_inspector.js";
import { FakeModel } from "./fakes.js";
import { mount } from "./mount.js";

const FRAME = { title: "Test", mode: "sandbox", trouble: null, fault: null };
let shown;
afterEach(() => shown.unmount());

function show(widget, state) {
  const model = new FakeModel({ state: { ...FRAME, ...state } });
  shown = mount(widget, model);
  return model;
}

const words = (node) => node.textContent.replace(/\s+/g, " ").trim();
const call = (number, more = {}) => ({
  number,
  at: `12:00:0${number}`,
  request: "POST /assignment_callback",
  said: ["Alice"],
  signature: "not signed",
  status: 200,
  instruction: "accept",
  answer: '{"instruction": "accept"}',
  ms: 3,
  error: null,
  form: [["WorkerName", "Alice"]],
  ...more,
});

test("a call is a row that says what was answered", () => {
  const rows = [call(1), call(2, { instruction: "" }), call(3, { instruction: null }), call(4, { error: "KeyError" })];
  show(callbackLog, { summary: "4 calls.", earlier: 2, rows });
  assert.deepEqual(shown.spoken(), ["4 calls. The 2 before them are not shown."]);
  const chips = [...shown.el.querySelectorAll("li")].map((row) => row.querySelector(".tr-chip")?.textContent);
  assert.deepEqual(chips, ["✓ accept", "no instruction", undefined, "✕ your app failed"]);
  assert.match(
    words(shown.el.querySelector("li details")),
    /Form parameters of the request: WorkerNameAlice Answer, 200:/,
  );
});

test("a live account is told in words, to a screen reader too, and the sandbox is not", () => {
  const model = show(callbackLog, { summary: "", earlier: 0, rows: [] });
  assert.equal(shown.el.querySelector(".tr-live"), null);
  model.set("state", { ...FRAME, mode: "live", summary: "", earlier: 0, rows: [] });
  assert.equal(words(shown.el.querySelector(".tr-title")), "Test LIVE ACCOUNT");
  assert.equal(shown.el.getAttribute("aria-label"), "Test, live account");
  assert(shown.el.classList.contains("tr-real"));
});

test("a row stays unfolded, and the same node, when more come and the first are left out", () => {
  const model = show(callbackLog, { summary: "", earlier: 0, rows: [call(1), call(2)] });
  const second = shown.el.querySelectorAll("details")[1];
  second.open = true;
  model.set("state", { ...FRAME, summary: "", earlier: 1, rows: [call(2), call(3)] });
  assert.equal(shown.el.querySelectorAll("details")[0], second);
  assert.equal(second.open, true);
  assert.equal(shown.el.querySelectorAll("details")[1].open, false);
});

test("a task is a card with its path, its age and its reservations", () => {
  const task = {
    sid: "WT1",
    short: "WT…0001",
    attributes: [["language", "es"]],
    status: "reserved",
    queue: "Spanish",
    priority: 3,
    born: 40,
    ended: null,
    reason: null,
    reservations: [{ sid: "WR1", short: "WR…0001", worker: "Alice", status: "pending", since: "12:00:00" }],
    earlier: "1 earlier: 1 rejected",
  };
  const ended = { ...task, sid: "WT2", status: "canceled", ended: "12:00:09", reason: "Gone", reservations: [] };
  const model = show(taskInspector, { summary: "2 tasks.", older: true, tasks: [task, ended] });
  const [first, second] = [...shown.el.querySelectorAll(".tr-card")].map(words);
  assert.match(first, /WT…0001 language es waiting 1 min Spanish · priority 3/);
  assert.match(first, /1 earlier: 1 rejected Alice · reservation WR…0001 pending since 12:00:00/);
  assert.match(second, /canceled at 12:00:09 .* Reason: Gone .*No reservation\./);
  assert.deepEqual(
    [...shown.el.querySelectorAll("[aria-current=step]")].map((step) => step.lastElementChild.textContent),
    ["reserved", "canceled"],
  );
  model.set("heartbeat", { now: 161, every: null });
  assert.match(words(shown.el.querySelector(".tr-card")), /waiting 2 min 1 s/);
});

test("the doctor's line says how long the second answer took", () => {
  document.body.insertAdjacentHTML(
    "beforeend",
    '<p data-doctor-summary="h1">waits</p><p data-doctor-line="h1"><b data-doctor-word></b><i data-doctor-says></i></p>',
  );
  const line = document.querySelector("[data-doctor-line]");
  const model = new FakeModel({ line: "h1", summary: "Everything is in place." });
  shown = mount(doctor, model);
  const answer = () => model.message({ pong: model.sent.at(-1).ping });
  answer();
  assert.equal(line.dataset.state, undefined);
  answer();
  assert.equal(line.dataset.state, "ok");
  assert.match(line.textContent, /^OKThis page and the kernel talk to one another: \d+ ms there and back\.$/);
  assert.equal(document.querySelector("[data-doctor-summary]").textContent, "Everything is in place.");
  model.message({ pong: "of another page" });
  assert.equal(model.sent.length, 2);
});
