import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { shareKeys } from "../src/shared/keys.js";

let widget;
let release;
beforeEach(() => {
  widget = document.body.appendChild(document.createElement("div"));
  widget.innerHTML = "<button>Go</button>";
  release = shareKeys(widget);
});
afterEach(() => {
  release();
  widget.remove();
});

const press = (node, key, more = {}) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  node.dispatchEvent(event);
  return event.defaultPrevented;
};

for (const modifier of ["shiftKey", "ctrlKey", "altKey", "metaKey"]) {
  test(`Enter with ${modifier} is the host's, and presses nothing`, () => {
    const [button] = widget.children;
    let free;
    const host = (event) => {
      free = !event.defaultPrevented && !event.target.hasAttribute("data-lm-suppress-shortcuts");
    };
    document.addEventListener("keydown", host);
    assert.equal(press(button, "Enter", { [modifier]: true }), true);
    document.removeEventListener("keydown", host);
    assert.equal(free, true);
  });
}

test("a bare key is the control's own", () => {
  const [button] = widget.children;
  for (const key of ["Enter", " ", "d"]) {
    assert.equal(press(button, key), false);
    assert.equal(button.getAttribute("data-lm-suppress-shortcuts"), "true");
  }
});

test("keys elsewhere are left alone", () => {
  assert.equal(press(document.body, "Enter", { shiftKey: true }), false);
});

test("Enter in a text field sends its form once, as a click on its button would", () => {
  widget.innerHTML = "<form><input type=text /><input type=checkbox /><button type=submit>Go</button></form><input />";
  const [form, loose] = widget.children;
  const [field, box, button] = form.children;
  let sent = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sent += 1;
  });
  assert.deepEqual([press(field, "Enter"), sent], [true, 1]);
  assert.deepEqual([press(field, "Enter", { repeat: true }), sent], [true, 1], "a key that is held down");
  assert.deepEqual([press(field, "Enter", { isComposing: true }), sent], [false, 1], "the end of a composition");
  assert.deepEqual([press(field, "a"), press(box, "Enter"), press(loose, "Enter"), sent], [false, false, false, 1]);
  button.disabled = true;
  assert.deepEqual([press(field, "Enter"), sent], [true, 1], "a button that cannot be clicked");
});
