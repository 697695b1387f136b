import assert from "node:assert/strict";
import { test } from "node:test";
import { takeMessages } from "../src/shared/messages.js";

/** The model of ipywidgets, as far as it takes messages. */
class WidgetModel {
  taken = [];
  sent = [];
  comm = {
    on_msg: (take) => {
      this.comm.take = take;
    },
    send: (data) => this.sent.push(data),
  };

  async _handle_comm_msg(message) {
    this.taken.push(message.content.data);
  }
}

/** The model of anywidget: each message waits until the widget is ready. */
class AnyModel extends WidgetModel {
  constructor(ready) {
    super();
    this.ready = ready;
    this.comm.on_msg((message) => this._handle_comm_msg(message));
  }

  async _handle_comm_msg(message) {
    await this.ready;
    await super._handle_comm_msg(message);
  }
}

const HEARTBEAT = { method: "update", state: { heartbeat: { now: 1 } } };
const host = (whole) => ({ widget_manager: { get_model: async (id) => (id === "M1" ? whole : null) } });

test("a model that anywidget has given up takes messages again, and asks for what was dropped", async () => {
  const whole = new AnyModel(Promise.reject(new Error("Failed to initialize model.")));
  await assert.rejects(whole.comm.take({ content: { data: HEARTBEAT } }));
  assert.deepEqual(whole.taken, []);
  await takeMessages(host(whole), "M1");
  assert.deepEqual(whole.sent, [{ method: "request_state" }]);
  await whole.comm.take({ content: { data: HEARTBEAT } });
  assert.deepEqual(whole.taken, [HEARTBEAT]);
});

test("a model that was ready in time stays as it is", async () => {
  const whole = new AnyModel(Promise.resolve());
  const { take } = whole.comm;
  await takeMessages(host(whole), "M1");
  assert.equal(whole.comm.take, take);
  assert.deepEqual(whole.sent, []);
  assert.deepEqual(whole.taken, [{ method: "update", state: {} }]);
});

test("where the host is not Jupyter nothing is done", async () => {
  await takeMessages({}, "M1");
  await takeMessages({ widget_manager: {} }, "M1");
});
