// What the kernel and the browser hand one another. Times are milliseconds since 1970 by TaskRouter's clock, unless
// said otherwise.

import type { ACTION_TYPES, COLLECTIONS, PHONE_ACTION_TYPES, SEQUENCE_LANES, STEP_KINDS } from "./constants.js";
import type {
  Activity,
  Call,
  Reservation,
  Span,
  Task,
  TaskChannel,
  TaskQueue,
  Worker,
  Workflow,
  Workspace,
} from "./entities.js";
import type { Heartbeat } from "./states.js";

export type * from "./entities.js";
export type * from "./states.js";

export type Sid = string;
type ActionType = (typeof ACTION_TYPES | typeof PHONE_ACTION_TYPES)[number];

/** What anywidget hands to a widget's module, as far as the widgets need it. */
export interface WidgetModel<State> {
  get(name: "state"): State;
  get(name: "heartbeat"): Heartbeat;
  get(name: "snapshot"): Snapshot | undefined;
  get(name: string): unknown;
  on(event: string, act: (...values: never[]) => void): void;
  off(event: string, act: (...values: never[]) => void): void;
  send(message: MessageToKernel): void;
  widget_manager?: unknown;
}

export interface RenderProps<State> {
  model: WidgetModel<State>;
  el: HTMLElement;
}

// ---- messages

export type MessageToKernel =
  | { kind: "viewing" } // somebody looks at the widget
  | { kind: "snapshot" } // send everything
  | { kind: "action"; id: string; action: Action }
  | { kind: "choice"; option: number }; // of a question, by its place

export type MessageToBrowser = Change | Ack;

/** What has become of an action. It comes twice: when the kernel has received the action, and when it is over. */
export interface Ack {
  kind: "ack";
  id: string;
  outcome: Outcome;
}

export type Outcome = "pending" | "done" | "refused";

/** What has changed from one revision to the next; null: it is there no more. */
export interface Change {
  kind: "change";
  from: number;
  to: number;
  change: { [Name in CollectionName]?: Record<string, EntityOf<Name> | null> } & { workspace?: Workspace };
}

/** One thing that a control does. */
export type Action = ActionShape & { type: ActionType };

type ActionShape =
  | { type: "set-activity"; worker: Sid; activity: Sid }
  | { type: "create-task"; workflow: Sid; attributes: string; priority: string; channel: string }
  | { type: "update-reservation"; task: Sid; reservation: Sid; status: "accepted" | "rejected" | "completed" }
  | { type: "update-task"; task: Sid; status: "completed" | "canceled" }
  | { type: "explain-task"; task: Sid }
  | { type: "skip"; seconds: number }
  | { type: "answer-next"; instruction: Record<string, unknown> | null }
  | ({ type: "inject-fault" } & Fault)
  | { type: "clear-faults" }
  | { type: "start-over" }
  | { type: "resend-webhook"; delivery: number }
  | { type: "receive-events" }
  | { type: "dial"; to: string }
  | { type: "press"; call: Sid; digits: string }
  | { type: "say"; call: Sid; words: string }
  | { type: "answer" | "reject" | "hang-up"; call: Sid }
  | { type: "set-phone"; answer: string };

export type Fault =
  | { deliveries: "timeout" | "twice" | "out-of-order"; kind: "assignment" | "event" }
  | { operation: string; status: number };

// ---- what the board knows of the workspace

export type CollectionName = (typeof COLLECTIONS)[number];

type EntityOf<Name extends CollectionName> = Collections[Name] extends Table<infer Entity> ? Entity : never;

export type Snapshot = { revision: number; workspace: Workspace } & {
  [Name in CollectionName]: Record<string, EntityOf<Name>>;
};

/** Entities by SID, in which one may also look for what is not known. */
export type Table<Entity> = Map<Sid | null | undefined, Entity>;

/** The collections as the browser keeps them. */
export interface Collections {
  activities: Table<Activity>;
  task_channels: Table<TaskChannel>;
  task_queues: Table<TaskQueue>;
  workflows: Table<Workflow>;
  workers: Table<Worker>;
  tasks: Table<Task>;
  reservations: Table<Reservation>;
  spans: Table<Span>;
  steps: Table<Step>;
  rows: Table<LogRow>;
  calls: Table<Call>;
}

export type Lane = keyof typeof SEQUENCE_LANES;

/** An arrow of the sequence. */
export interface Step {
  id: string;
  at: number;
  from: Lane;
  to: Lane;
  kind: (typeof STEP_KINDS)[number];
  label: string;
  words: string;
  type?: string;
  detail?: [string, string][];
  like?: string;
  task?: Sid | null;
  worker?: Sid | null;
  reservation?: Sid | null;
  call?: Sid | null;
  sets: Record<Sid, string>;
}

/** A call to the callback server. */
export interface CallRow {
  number: number;
  at: string;
  request: string;
  said: string[];
  signature: string;
  status: number | string;
  instruction: string | null;
  warning: string | null; // what is wrong with the instruction
  problem: string | null; // what is wrong with the call
  times: number; // how often it came
  since: string; // when it came first
  answer: string;
  ms: number;
  error: string | null;
  form: [string, string][];
}

export type LogRow = LoggedCall | LoggedAlert;

export interface LoggedCall extends CallRow {
  of: "call";
  id: string;
  ms_at: number;
  reservation: Sid | null;
  delivery?: number;
}

export interface LoggedAlert {
  of: "alert";
  id: string;
  ms_at: number;
  at: string;
  code: number;
  level: string;
  text: string;
  about: Sid | null; // what it is about
  problem: string | null; // null: the row of its call says it, or it was corrected
  times: number;
  since: string;
  detail: [string, string][];
}
