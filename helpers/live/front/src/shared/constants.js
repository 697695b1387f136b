// Written by `python -m tests.live.front.generate` from the Python code: change that, not this file.

/** @type {readonly string[]} */
export const TASK_PATH = ["pending", "reserved", "assigned", "wrapping", "completed"];

/** @type {readonly string[]} */
export const WAITING_TASK_STATUSES = ["pending", "reserved"];

/** @type {readonly string[]} */
export const ENDED_TASK_STATUSES = ["completed", "canceled"];

/** @type {readonly string[]} */
export const HELD_RESERVATION_STATUSES = ["pending", "accepted", "wrapping"];

export const DEFAULT_TASK_CHANNEL = "default";

/** Tasks that the kernel keeps after their end, at least. */
export const ENDED_TASKS_KEPT = 40;

export const COLLECTIONS = /** @type {const} */ ([
  "activities",
  "task_channels",
  "task_queues",
  "workflows",
  "workers",
  "tasks",
  "reservations",
  "spans",
  "steps",
  "rows",
  "calls",
]);

export const STEP_KINDS = /** @type {const} */ ([
  "call",
  "answer",
  "read",
  "result",
  "webhook",
  "instruction",
  "state",
  "event",
  "phone",
]);

export const ACTION_TYPES = /** @type {const} */ ([
  "set-activity",
  "create-task",
  "update-reservation",
  "update-task",
  "explain-task",
  "skip",
  "answer-next",
  "inject-fault",
  "clear-faults",
  "start-over",
  "resend-webhook",
  "receive-events",
]);

export const PHONE_ACTION_TYPES = /** @type {const} */ ([
  "dial",
  "press",
  "say",
  "answer",
  "reject",
  "hang-up",
  "set-phone",
]);

export const SEQUENCE_LANES = /** @type {const} */ ({
  caller: "caller",
  code: "your code",
  taskrouter: "TaskRouter",
  server: "callback server",
  worker: "worker",
  agent: "agent",
});

/** @type {readonly string[]} */
export const PHONE_LANES = ["caller", "agent"];

export const WHAT_STARTING_OVER_DELETES =
  "This deletes every workspace in the sandbox, with its tasks, events, webhooks and alerts, every call, and the webhooks of its number, and takes back faults, options and skipped time.";
