import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import prediction from "../src/widgets/prediction.js";
import { FakeModel } from "./fakes.js";
import { mount } from "./mount.js";

const OPEN = {
  title: "Predict",
  mode: "sandbox",
  trouble: null,
  fault: null,
  question: "What does `Gather` send?",
  options: ["Nothing", "Empty `Digits`"],
  chosen: null,
  right: null,
  verdict: "",
  why: "",
};
const ANSWERED = {
  ...OPEN,
  chosen: 1,
  right: 0,
  verdict: "Not quite. It is: Nothing",
  why: "There is nothing to `send`.",
};
let shown;
afterEach(() => shown.unmount());

function show(state = OPEN) {
  const model = new FakeModel({ state });
  shown = mount(prediction, model);
  const buttons = () => [...shown.el.querySelectorAll("button")];
  const choices = () => model.sent.filter(({ kind }) => kind === "choice");
  return { model, buttons, choices };
}

const words = (node) => node.textContent.replace(/\s+/g, " ").trim();

test("the options are buttons of a group that is called by its question, with code as code", () => {
  const { buttons } = show();
  const group = shown.el.querySelector(".tr-guesses");
  assert.equal(words(document.getElementById(group.getAttribute("aria-labelledby"))), "What does Gather send?");
  assert.deepEqual(buttons().map(words), ["Nothing", "Empty Digits"]);
  assert.equal(buttons()[1].querySelector("code").textContent, "Digits");
  assert.deepEqual(
    buttons().map((each) => [each.getAttribute("aria-pressed"), each.getAttribute("aria-disabled")]),
    [
      ["false", "false"],
      ["false", "false"],
    ],
  );
  assert.deepEqual(shown.spoken(), []);
});

test("a choice is sent once, said to be on its way, and then answered in words", () => {
  const { model, buttons, choices } = show();
  buttons()[1].click();
  buttons()[0].click();
  assert.deepEqual(choices(), [{ kind: "choice", option: 1 }]);
  assert.match(shown.spoken().join(" "), /^Sending your choice/);
  assert.equal(shown.el.querySelector(".tr-guesses").getAttribute("aria-busy"), "true");
  model.set("state", ANSWERED);
  assert.deepEqual(
    shown.spoken().map((each) => each.replace(/\s+/g, " ")),
    ["Not quite. It is: Nothing There is nothing to send."],
  );
  assert.deepEqual(buttons().map(words), ["Nothing✓ right", "Empty Digits✕ your choice"]);
  assert.equal(buttons()[1].getAttribute("aria-pressed"), "true");
  buttons()[0].click();
  assert.equal(choices().length, 1);
});

test("a right choice is marked as one", () => {
  const { buttons } = show({ ...ANSWERED, chosen: 0, verdict: "Right." });
  assert.deepEqual(buttons().map(words), ["Nothing✓ your choice, right", "Empty Digits"]);
});

test("without a kernel nothing can be chosen, and that is said", () => {
  const { model, buttons, choices } = show();
  model.kernelEnds();
  assert.match(shown.spoken()[0], /^The kernel was restarted or has ended/);
  buttons()[0].click();
  assert.deepEqual(choices(), []);
});

test("what is asked is text, never markup", () => {
  const tag = "<img src=x>";
  show({ ...ANSWERED, question: tag, options: [tag, `\`${tag}\``], verdict: tag, why: tag });
  assert.equal(shown.el.querySelector("img"), null);
  shown.unmount();
  const model = new FakeModel({ state: OPEN });
  shown = mount(prediction, model);
  shown.unmount();
  assert.equal(model.listeners, 0);
});
