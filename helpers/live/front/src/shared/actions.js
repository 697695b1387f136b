// The one way in which a control asks for something: {kind: "action"} goes to the kernel, {kind: "ack"} comes back.

/** @import { Action, HistoryEntry, MessageToBrowser, Sid, WidgetModel } from "./types.js" */
import { uniqueId } from "./ids.js";

/**
 * @typedef {object} ActionChannel
 * @property {(action: Action) => void} run send an action
 * @property {() => boolean} isSending whether the kernel has not received the last action yet
 * @property {(type: Action["type"]) => boolean} isWaiting whether an action of that type from here is not answered yet
 * @property {(worker: Sid) => Sid | null} pendingActivity the activity that was last asked for, here or in another view
 *   of the same widget, and is not answered yet
 * @property {() => void} close
 */

/** Send actions, and know which of them are pending.
 * @param {WidgetModel<{ history?: HistoryEntry[] }>} model
 * @param {() => void} changed called when an action was sent or answered
 * @returns {ActionChannel} */
export function openActions(model, changed) {
  /** @type {Map<string, { action: Action, received: boolean }>} */
  const pending = new Map();

  /** @param {string} id
   * @param {string} outcome */
  const take = (id, outcome) => {
    const sent = pending.get(id);
    if (!sent) return; // from another view
    if (outcome === "pending") sent.received = true;
    else pending.delete(id);
  };
  const onMessage = (/** @type {MessageToBrowser} */ message) => {
    if (message?.kind !== "ack") return;
    take(message.id, message.outcome);
    changed();
  };
  const onState = () => {
    for (const { id, outcome } of model.get("state").history ?? []) take(id, outcome); // where an ack was lost
  };
  model.on("msg:custom", onMessage);
  model.on("change:state", onState);

  return {
    run(action) {
      const id = uniqueId();
      pending.set(id, { action, received: false });
      model.send({ kind: "action", id, action });
      changed();
    },
    isSending: () => [...pending.values()].at(-1)?.received === false,
    isWaiting: (type) => [...pending.values()].some(({ action }) => action.type === type),
    pendingActivity(worker) {
      const elsewhere = (model.get("state").history ?? []).filter(({ outcome }) => outcome === "pending");
      const asked = [...elsewhere, ...pending.values()].map(({ action }) => action);
      const last = asked.findLast((each) => each.type === "set-activity" && each.worker === worker);
      return last?.type === "set-activity" ? last.activity : null;
    },
    close() {
      model.off("msg:custom", onMessage);
      model.off("change:state", onState);
    },
  };
}
