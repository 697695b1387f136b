// The kernel's messages to a widget, where anywidget has stopped passing them on.

/**
 * A widget's model as ipywidgets has it; what anywidget hands to a widget is a part of it.
 * @typedef {object} CommModel
 * @property {(message: object) => Promise<void>} _handle_comm_msg
 * @property {{ on_msg: (take: (message: object) => Promise<void>) => void, send: (data: object) => void }} comm
 */

const NOTHING_NEW = { content: { data: { method: "update", state: {} } } };

/** Make a widget take the kernel's messages, however long it took to load. To be called when it is drawn.
 *
 * anywidget (since 0.9.17; 0.11.0 still) gives a model two seconds to be ready. If it needs longer, as in a browser that
 * is busy, anywidget still draws it, and drops each message from then on. ipywidgets' own way of taking messages, which
 * anywidget has replaced, has no such limit; what was dropped until now is asked for.
 * @param {{ widget_manager?: unknown }} model as anywidget hands it over
 * @param {string} id the model's
 * @returns {Promise<void>} when it takes them */
export async function takeMessages(model, id) {
  const manager = /** @type {{ get_model?: (id: string) => Promise<CommModel> } | undefined} */ (model.widget_manager);
  if (!manager?.get_model) return; // another host than Jupyter
  const whole = await manager.get_model(id);
  try {
    await whole._handle_comm_msg(NOTHING_NEW);
  } catch {
    const { _handle_comm_msg: take } = Object.getPrototypeOf(whole.constructor.prototype);
    whole.comm.on_msg((message) => take.call(whole, message));
    whole.comm.send({ method: "request_state" });
  }
}
