/* Built from helpers/live/front/src by `npm run build`: change the sources, not this file. */

// src/shared/messages.js
var NOTHING_NEW = { content: { data: { method: "update", state: {} } } };
async function takeMessages(model, id) {
  let manager = (
    /** @type {{ get_model?: (id: string) => Promise<CommModel> } | undefined} */
    model.widget_manager
  );
  if (!manager?.get_model) return;
  let whole = await manager.get_model(id);
  try {
    await whole._handle_comm_msg(NOTHING_NEW);
  } catch {
    let { _handle_comm_msg: take } = Object.getPrototypeOf(whole.constructor.prototype);
    whole.comm.on_msg((message) => take.call(whole, message)), whole.comm.send({ method: "request_state" });
  }
}

// src/widgets/doctor.js
var PATIENCE = 5e3, NO_ANSWER = "This page is ready, but the kernel has not answered yet. It may be busy with a cell: let it finish, or restart it (menu Kernel) and run this cell again.";
function findLine(model, el) {
  let waiting = document.querySelector(`[data-doctor-line="${model.get("line")}"]`);
  return waiting instanceof HTMLElement ? waiting : (el.innerHTML = '<p role="status"><b data-doctor-word></b> <span>Widgets:</span> <span data-doctor-says></span></p>', el);
}
function render({ model, el }) {
  let line = findLine(model, el), write = (selector, text, root = (
    /** @type {ParentNode} */
    line
  )) => {
    let node = root.querySelector(selector);
    node && (node.textContent = text);
  }, say = (state, word, text) => {
    line.dataset.state = state, write("[data-doctor-word]", word), write("[data-doctor-says]", text);
  }, name = crypto.getRandomValues(new Uint32Array(1))[0], ping = 0, sentAt = 0, ask = () => {
    ping += 1, sentAt = performance.now(), model.send({ ping: `${name}-${ping}` });
  }, onAnswer = (message) => {
    if (message.pong !== `${name}-${ping}`) return;
    if (clearTimeout(silence), ping === 1) return ask();
    let ms = Math.max(1, Math.round(performance.now() - sentAt));
    say("ok", "OK", `This page and the kernel talk to one another: ${ms} ms there and back.`), write(`[data-doctor-summary="${model.get("line")}"]`, model.get("summary"), document);
  }, silence = setTimeout(() => say("waiting", "Waiting", NO_ANSWER), PATIENCE);
  return model.on("msg:custom", onAnswer), takeMessages(model, model.get("id")), ask(), () => {
    clearTimeout(silence), model.off("msg:custom", onAnswer);
  };
}
var doctor_default = { render };
export {
  doctor_default as default
};
