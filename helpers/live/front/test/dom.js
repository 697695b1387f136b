// A page for the tests of what draws, and what it lacks. To be imported first: lit-html looks for the page when it is
// loaded.

import { Window } from "happy-dom";

const window = new Window({ url: "http://localhost/" });
const names = [
  "document",
  "Node",
  "NodeFilter",
  "Element",
  "HTMLElement",
  "HTMLInputElement",
  "Event",
  "KeyboardEvent",
  "CSS",
];
for (const name of names) globalThis[name] = window[name];
globalThis.window = window;
globalThis.getComputedStyle = window.getComputedStyle.bind(window);
globalThis.matchMedia = () => ({ matches: true }); // nothing glides
globalThis.requestAnimationFrame = (draw) => setTimeout(draw, 0);
globalThis.ResizeObserver = class {
  observe() {}
  disconnect() {}
};

/** There is no layout here: whatever is not hidden is somewhere. */
Object.defineProperty(HTMLElement.prototype, "offsetParent", {
  get() {
    return this.closest("[hidden]") ? null : document.body;
  },
});
