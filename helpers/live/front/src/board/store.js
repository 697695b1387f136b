// What the kernel knows of the workspace, kept by changes. A change that does not fit asks for a snapshot again.

/** @import { Change, CollectionName, Collections, MessageToBrowser, Snapshot, WidgetModel, Workspace } from "../shared/types.js" */
import { COLLECTIONS } from "../shared/constants.js";

/**
 * @typedef {Collections & {
 *   revision: number,
 *   workspace: Workspace,
 *   changed: Set<CollectionName | "workspace">,
 * }} Store  changed: the collections that have changed since somebody emptied this
 */

/** Make the store of a snapshot; without one it is empty.
 * @param {Partial<Snapshot>} [snapshot]
 * @returns {Store} */
export function storeOf(snapshot = {}) {
  const store = /** @type {Store} */ ({ revision: -1, workspace: {}, changed: new Set() });
  takeSnapshot(store, snapshot);
  return store;
}

/** Fill a store with a snapshot.
 * @param {Store} store
 * @param {Partial<Snapshot>} snapshot */
export function takeSnapshot(store, snapshot) {
  store.revision = snapshot.revision ?? -1;
  store.workspace = snapshot.workspace ?? {};
  store.changed = new Set(COLLECTIONS);
  for (const name of COLLECTIONS) Object.assign(store, { [name]: new Map(Object.entries(snapshot[name] ?? {})) });
}

/** Bring a store from one revision to the next. Returns "missed" when changes before this one are missing, and "known"
 * when the store has it already.
 * @param {Store} store
 * @param {Change} message
 * @returns {"applied" | "known" | "missed"} */
export function applyChange(store, { from, to, change }) {
  if (to <= store.revision) return "known";
  if (from !== store.revision) return "missed";
  store.revision = to;
  const { workspace, ...collections } = change;
  if (workspace) {
    store.workspace = workspace;
    store.changed.add("workspace");
  }
  for (const name of /** @type {CollectionName[]} */ (Object.keys(collections))) {
    const collection = /** @type {Map<string, unknown>} */ (store[name]);
    for (const [sid, entity] of Object.entries(collections[name] ?? {})) {
      if (entity === null) collection.delete(sid);
      else collection.set(sid, entity);
    }
    store.changed.add(name);
  }
  return "applied";
}

/** Keep a store current from what the kernel sends.
 * @param {WidgetModel<any>} model
 * @param {() => void} changed
 * @returns {{ store: Store, close: () => void }} */
export function openStore(model, changed) {
  const store = storeOf(model.get("snapshot"));
  let asked = false;
  const ask = () => {
    if (asked) return;
    asked = true;
    model.send({ kind: "snapshot" });
  };
  const onSnapshot = () => {
    asked = false;
    takeSnapshot(store, model.get("snapshot") ?? {});
    changed();
  };
  const onMessage = (/** @type {MessageToBrowser} */ message) => {
    if (message?.kind !== "change") return;
    const outcome = applyChange(store, message);
    if (outcome === "missed") ask();
    else if (outcome === "applied") changed();
  };
  model.on("change:snapshot", onSnapshot);
  model.on("msg:custom", onMessage);
  ask();
  const close = () => {
    model.off("change:snapshot", onSnapshot);
    model.off("msg:custom", onMessage);
  };
  return { store, close };
}
