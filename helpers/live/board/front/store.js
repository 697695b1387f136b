// What the kernel knows of the workspace, kept by changes. A change that does not fit asks for the whole again.

const COLLECTIONS = [
  "activities", "task_channels", "task_queues", "workflows", "workers", "tasks", "reservations", "spans", "steps", "rows",
];

function storeOf(model, changed) {
  const store = { revision: -1, workspace: {}, touched: new Set(COLLECTIONS) };
  let asked = false;
  const take = () => {
    const whole = model.get("whole") ?? {};
    asked = false;
    store.revision = whole.revision ?? -1;
    store.workspace = whole.workspace ?? {};
    store.touched = new Set(COLLECTIONS);
    for (const name of COLLECTIONS) store[name] = new Map(Object.entries(whole[name] ?? {}));
    changed();
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    model.send({ kind: "whole" });
  };
  const onMessage = (message) => {
    if (message?.kind !== "change" || message.to <= store.revision) return;
    if (message.from !== store.revision) return ask();
    store.revision = message.to;
    for (const [name, entities] of Object.entries(message.change)) {
      store.touched.add(name);
      if (name === "workspace") store.workspace = entities;
      else for (const [sid, entity] of Object.entries(entities)) {
        if (entity === null) store[name].delete(sid);
        else store[name].set(sid, entity);
      }
    }
    changed();
  };
  model.on("change:whole", take);
  model.on("msg:custom", onMessage);
  take();
  ask();
  store.close = () => {
    model.off("change:whole", take);
    model.off("msg:custom", onMessage);
  };
  return store;
}
