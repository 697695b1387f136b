import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import phone, { callOfKeypad, keypadWords } from "../src/widgets/phone.js";
import { FakeModel } from "./fakes.js";
import { countTextChanges, mount } from "./mount.js";

const STATE = {
  title: "Phone +15005550100",
  mode: "sandbox",
  trouble: null,
  fault: null,
  address: "+15005550100",
  name: "+15005550100",
  dials: true,
  numbers: ["+15005550006"],
  behaviour: "by-hand",
  behaviours: [
    ["by-hand", "I answer"],
    ["never", "nobody answers"],
  ],
  calls: [],
  history: [],
  sentence: "No call.",
  about_action: "",
  refused: false,
  advice: "",
};
const CALL = {
  sid: "CA1",
  live: true,
  rings: false,
  talks: true,
  state: "Connected with +15005550006.",
  waits: "Press a key now.",
  since: 90,
  at: "12:00:00",
  took: "",
  captions: [{ at: "12:00:01", kind: "heard", text: "“For English, press two.”" }],
  earlier: 0,
  requests: ["12:00:00 POST http://127.0.0.1/incoming_call → 200"],
};
const RINGING = { ...CALL, sid: "CA2", rings: true, talks: false, state: "It rings: Bob calls.", captions: [] };
const OVER = { ...CALL, live: false, talks: false, state: "The call is over.", waits: "", took: "12 s" };
let shown;
afterEach(() => shown.unmount());

function show(more = {}) {
  const model = new FakeModel({ state: { ...STATE, ...more } });
  shown = mount(phone, model);
  const find = (selector) => shown.el.querySelector(selector);
  const key = (words) => [...shown.el.querySelectorAll(".tr-phonekey")].find((each) => each.textContent === words);
  const button = (words) =>
    [...shown.el.querySelectorAll("button")].find((each) => each.textContent === words && !each.closest("[hidden]"));
  const asked = () => model.sent.filter(({ kind }) => kind === "action").map(({ action }) => action);
  const submit = (selector) => find(selector).dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  const press = (node, name, more = {}) => {
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
    node.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { model, find, key, button, asked, submit, press };
}

test("without a call it dials the account's number, or the one that the keys have written", () => {
  const { find, key, asked, submit, button, model } = show({ numbers: [] });
  assert.equal(button("Call").disabled, true);
  submit(".tr-dialform");
  assert.deepEqual(asked(), []);
  model.set("state", STATE);
  assert.equal(find("input[type=tel]").value, "+15005550006");
  submit(".tr-dialform");
  submit(".tr-dialform"); // until it is answered, once is enough
  assert.deepEqual(asked(), [{ type: "dial", to: "+15005550006" }]);
  model.message({ kind: "ack", id: model.sent.at(-1).id, outcome: "done" });
  for (const each of ["5", "5", "*"]) key(each).click();
  assert.equal(find("input[type=tel]").value, "55*");
  submit(".tr-dialform");
  assert.deepEqual(asked().at(-1), { type: "dial", to: "55*" });
});

test("in a call the keys are pressed there, by mouse and by keyboard", () => {
  const { key, asked, press } = show({ calls: [CALL] });
  key("1").click();
  assert.equal(press(key("5"), "7"), true);
  assert.equal(press(key("5"), "#", { shiftKey: true }), true);
  assert.equal(press(key("5"), "x"), false);
  assert.equal(press(key("5"), "7", { ctrlKey: true }), false);
  assert.deepEqual(
    asked(),
    ["1", "7", "#"].map((digits) => ({ type: "press", call: "CA1", digits })),
  );
});

test("Enter with a modifier presses nothing: it runs the cell", () => {
  const { key, find, button, press, asked } = show({ calls: [CALL] });
  for (const node of [key("1"), find("input[type=tel]"), button("Hang up")]) {
    for (const modifier of ["shiftKey", "ctrlKey", "altKey", "metaKey"]) {
      assert.equal(press(node, "Enter", { [modifier]: true }), true); // so that the browser does not press it
      assert.equal(node.hasAttribute("data-lm-suppress-shortcuts"), false);
    }
  }
  assert.deepEqual(asked(), []);
});

test("Enter in the number dials", () => {
  const { find, press, asked } = show();
  assert.equal(press(find("input[type=tel]"), "Enter"), true);
  assert.deepEqual(asked(), [{ type: "dial", to: "+15005550006" }]);
});

test("an agent's phone has its keys folded away, and they stay as somebody has left them", () => {
  const { model, find, button, key, asked } = show({ dials: false, calls: [{ ...CALL, sid: "CA2" }] });
  assert.deepEqual([find(".tr-keypad"), find(".tr-dialform"), button("Call")], [null, null, undefined]);
  const keys = button("Keys");
  assert.equal(keys.getAttribute("aria-expanded"), "false");
  keys.click();
  assert.equal(keys.getAttribute("aria-expanded"), "true");
  key("3").click();
  assert.deepEqual(asked(), [{ type: "press", call: "CA2", digits: "3" }]);
  model.set("state", { ...STATE, dials: false });
  assert.notEqual(find(".tr-keypad"), null);
  keys.click();
  assert.equal(find(".tr-keypad"), null);
  model.set("state", STATE);
  assert.equal(button("Keys"), undefined); // a caller's phone has them always
});

test("while a call goes on, what is prominent is what can be done about it, and Call keeps its place", () => {
  const { model, button, find, asked, submit } = show();
  const prominent = () =>
    [...shown.el.querySelectorAll("button.tr-main")].filter((each) => !each.hidden).map((each) => each.textContent);
  assert.deepEqual(prominent(), ["Call"]);
  model.set("state", { ...STATE, calls: [RINGING] });
  assert.deepEqual(prominent(), ["Answer"]);
  model.set("state", { ...STATE, calls: [CALL] });
  assert.deepEqual(prominent(), ["Hang up"]);
  assert.equal(button("Call").getAttribute("aria-disabled"), "true");
  submit(".tr-dialform");
  assert.deepEqual(asked(), []);
  model.set("state", { ...STATE, calls: [OVER] });
  assert.deepEqual(prominent(), ["Call"]);
  assert.equal(find("[data-control=dial]").getAttribute("aria-disabled"), "false");
});

test("what rings is answered or rejected, and cannot be typed at before", () => {
  const { button, key, asked, find } = show({ calls: [RINGING], sentence: "It rings: Bob calls." });
  assert.equal(button("Hang up"), undefined);
  key("1").click();
  assert.equal(key("1").getAttribute("aria-disabled"), "true");
  assert.equal(find("[aria-describedby]").nextElementSibling.textContent, "Keys work once it is answered.");
  button("Answer").click();
  button("Reject").click();
  assert.deepEqual(asked(), [
    { type: "answer", call: "CA2" },
    { type: "reject", call: "CA2" },
  ]);
});

test("who has answered by keyboard is left at Hang up, and then at the keys", () => {
  const { button, model } = show({ calls: [RINGING] });
  button("Answer").focus();
  model.set("state", { ...STATE, calls: [{ ...RINGING, rings: false, talks: true }] });
  assert.equal(document.activeElement.textContent, "Hang up");
  model.set("state", { ...STATE, calls: [{ ...OVER, sid: "CA2" }] });
  assert.equal(document.activeElement.textContent, "Call");
});

test("captions and requests are told with their times; a call that is over stays to be read", () => {
  const { find } = show({ calls: [OVER] });
  assert.equal(find("[role=log] p").textContent, "12:00:01 “For English, press two.”");
  assert.match(find(".tr-phonecall").textContent, /at 12:00:00, after 12 s/);
  assert.equal(find(".tr-phonerequests summary").textContent, "1 request to your app");
  assert.equal(find(".tr-sayform").hidden, true);
});

test("of two calls that were answered the keys go to the one that was chosen", () => {
  const other = { ...CALL, sid: "CA3" };
  const { find, key, asked } = show({ calls: [CALL, other] });
  find("[data-key='call CA3'] [data-control=keys]").click();
  assert.equal(find("[data-key='call CA3'] [data-control=keys]").getAttribute("aria-pressed"), "true");
  key("1").click();
  assert.deepEqual(asked(), [{ type: "press", call: "CA3", digits: "1" }]);
  assert.equal(callOfKeypad([CALL, other], "CA-gone").sid, "CA1");
  assert.equal(callOfKeypad([RINGING, OVER], null), null);
  assert.equal(keypadWords([], null), "Keys write the number.");
});

test("words are spoken into the call, and the field is empty again", () => {
  const { find, asked, submit } = show({ calls: [CALL] });
  submit(".tr-sayform");
  find("[name=words]").value = " Hello ";
  submit(".tr-sayform");
  assert.deepEqual(asked(), [{ type: "say", call: "CA1", words: "Hello" }]);
  assert.equal(find("[name=words]").value, "");
});

test("how it behaves when it is called is chosen", () => {
  const { find, asked } = show({ behaviour: "never" });
  const choice = find("select");
  assert.equal(choice.value, "never");
  choice.value = "by-hand";
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  assert.deepEqual(asked(), [{ type: "set-phone", answer: "by-hand" }]);
});

test("what the phone says is spoken once, and only when it changes", async () => {
  const { model, find } = show({ sentence: "Calling." });
  assert.deepEqual(shown.spoken(), ["Calling."]);
  const changes = countTextChanges(find("[role=status].tr-unseen"));
  model.set("state", { ...STATE, sentence: "Calling.", calls: [CALL] });
  assert.equal(await changes(), 0);
});

test("a refusal says why", () => {
  const { find } = show({ refused: true, about_action: "The account has no number." });
  assert.equal(find(".tr-refused").textContent, "The account has no number.");
});

test("when the kernel has ended nothing can be done, and what was heard stays", () => {
  const { model, find } = show({ calls: [CALL] });
  model.kernelEnds();
  assert.match(shown.spoken()[0], /^The kernel was restarted or has ended/);
  const usable = [...shown.el.querySelectorAll("button, input, select")].filter((each) => !each.disabled);
  assert.deepEqual(usable, []);
  assert.match(find("[role=log]").textContent, /For English/);
});

test("on a live account it says what to do instead, and has no controls", () => {
  show({ mode: "live", advice: "A real phone is needed." });
  assert.equal(shown.el.querySelector("button"), null);
  assert.match(shown.el.textContent, /A real phone is needed\./);
});

test("what is said is text, never markup", () => {
  const text = "<img src=x>";
  show({
    title: text,
    calls: [{ ...CALL, state: text, captions: [{ at: "", kind: "heard", text }], requests: [text] }],
  });
  assert.equal(shown.el.querySelector("img"), null);
});

test("taken down, it listens to nothing", () => {
  const { model } = show();
  shown.unmount();
  assert.equal(model.listeners, 0);
});

test("what was drawn before it stood in the page can be opened beside the notebook once it does", () => {
  const model = new FakeModel({ state: { ...STATE, model_id: "M1" } });
  model.widget_manager = { context: { addSibling() {} } };
  const el = document.createElement("div");
  const unmount = phone.render({ model, el });
  const button = el.querySelector("[aria-label='Open beside the notebook']");
  assert.equal(button.hidden, true);
  const page = document.body.appendChild(document.createElement("div"));
  page.innerHTML = '<div class="jp-LabShell"><div class="jp-NotebookPanel"><div class="jp-Notebook"></div></div></div>';
  page.querySelector(".jp-Notebook").append(el);
  model.set("heartbeat", { now: 100, every: 1 });
  assert.equal(button.hidden, false);
  unmount();
  page.remove();
});

test("of a phone that is out of use nothing can be pressed", () => {
  show({ gone: true });
  const controls = [...shown.el.querySelectorAll("button, input[type=tel], select")];
  const usable = controls.filter((each) => !each.disabled && !each.closest("[hidden]"));
  assert.ok(controls.length > 12);
  assert.deepEqual(usable, []);
});
