// The browser's half of the doctor's handshake: it asks the kernel, and writes how long the answer took into the line
// of the doctor's table that waits for it.

import { takeMessages } from "../shared/messages.js";

/** Milliseconds until the line says that the kernel has not answered. */
const PATIENCE = 5000;
const NO_ANSWER =
  "This page is ready, but the kernel has not answered yet. It may be busy with a cell: let it finish, or restart it " +
  "(menu Kernel) and run this cell again.";

/**
 * @typedef {object} HandshakeModel
 * @property {(name: "id" | "line" | "summary") => string} get
 * @property {(event: "msg:custom", act: (message: { pong?: string }) => void) => void} on
 * @property {(event: "msg:custom", act: (message: { pong?: string }) => void) => void} off
 * @property {(message: { ping: string }) => void} send
 * @property {unknown} [widget_manager]
 */

/** Find the line that waits; a page that keeps each output apart gets one of its own.
 * @param {HandshakeModel} model
 * @param {HTMLElement} el
 * @returns {HTMLElement} */
function findLine(model, el) {
  const waiting = document.querySelector(`[data-doctor-line="${model.get("line")}"]`);
  if (waiting instanceof HTMLElement) return waiting;
  el.innerHTML = '<p role="status"><b data-doctor-word></b> <span>Widgets:</span> <span data-doctor-says></span></p>';
  return el;
}

/** @param {{ model: HandshakeModel, el: HTMLElement }} props */
function render({ model, el }) {
  const line = findLine(model, el);
  const write = (
    /** @type {string} */ selector,
    /** @type {string} */ text,
    root = /** @type {ParentNode} */ (line),
  ) => {
    const node = root.querySelector(selector);
    if (node) node.textContent = text;
  };
  const say = (/** @type {string} */ state, /** @type {string} */ word, /** @type {string} */ text) => {
    line.dataset.state = state;
    write("[data-doctor-word]", word);
    write("[data-doctor-says]", text);
  };

  const name = crypto.getRandomValues(new Uint32Array(1))[0]; // two views of one output do not mix
  let ping = 0;
  let sentAt = 0;
  const ask = () => {
    ping += 1;
    sentAt = performance.now();
    model.send({ ping: `${name}-${ping}` });
  };
  const onAnswer = (/** @type {{ pong?: string }} */ message) => {
    if (message.pong !== `${name}-${ping}`) return;
    clearTimeout(silence);
    // The first answer had to wait for the cell to finish; the second one shows the way itself.
    if (ping === 1) return ask();
    const ms = Math.max(1, Math.round(performance.now() - sentAt));
    say("ok", "OK", `This page and the kernel talk to one another: ${ms} ms there and back.`);
    write(`[data-doctor-summary="${model.get("line")}"]`, model.get("summary"), document);
  };
  const silence = setTimeout(() => say("waiting", "Waiting", NO_ANSWER), PATIENCE);

  model.on("msg:custom", onAnswer);
  takeMessages(model, model.get("id"));
  ask();
  return () => {
    clearTimeout(silence);
    model.off("msg:custom", onAnswer);
  };
}

export default { render };
