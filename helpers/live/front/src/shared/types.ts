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

export type * from "./entities.js";

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

// ---- the state of every widget

export interface FrameState {
  title: string;
  mode: "sandbox" | "live"; // where its clicks go
  model_id?: string;
  trouble: string | null;
  fault: string | null;
}

/** How fresh a widget is; by arriving it says that the kernel lives. Times are seconds since 1970. */
export interface Heartbeat {
  now?: number;
  read?: number | null;
  every?: number | null; // seconds between two reads; null: nothing is asked at an interval
  paused?: boolean;
  callbacks?: boolean;
  heard?: number | null;
}

/** What a control did: one call, ready to be copied into a cell. */
export interface HistoryEntry {
  id: string;
  action: Action;
  at: string;
  code: string;
  outcome: Outcome;
  said: string;
  ms: number;
}

export interface ToggleState extends FrameState {
  worker: Sid;
  name: string;
  activities: Activity[];
  confirmed: (Activity & { since: string }) | null;
  holds: string | null; // the status of the reservation for which TaskRouter has moved the worker
  history: HistoryEntry[];
  sentence: string;
  about_action: string;
}

export interface LogState extends FrameState {
  summary: string;
  earlier: number;
  rows: CallRow[];
}

export interface InspectorState extends FrameState {
  summary: string;
  older: boolean;
  tasks: InspectedTask[];
}

export interface InspectedTask {
  sid: Sid;
  short: string;
  attributes: [string, string][];
  status: string;
  queue: string | null;
  priority: number;
  born: number; // seconds
  ended: string | null;
  reason: string | null;
  reservations: { sid: Sid; short: string; worker: string; status: string; since: string }[];
  earlier: string;
}

export interface PhoneState extends FrameState {
  address: string;
  name: string;
  dials: boolean; // a caller's phone: its keys are shown from the start
  numbers: string[]; // of the account
  behaviour: string; // what happens when it is called
  behaviours: [string, string][]; // with words
  calls: ShownCall[]; // the newest first
  history: HistoryEntry[];
  sentence: string;
  about_action: string;
  refused: boolean;
  advice: string; // what to do on a live account
}

/** A call as its phone shows it. */
export interface ShownCall {
  sid: Sid;
  live: boolean;
  rings: boolean; // it can be answered here
  talks: boolean; // keys and words are heard
  state: string;
  waits: string;
  since: number; // seconds
  at: string;
  took: string;
  captions: Caption[];
  earlier: number;
  requests: string[];
}

export interface AgentWindowState extends FrameState {
  url: string; // of the agent's page
  sentence: string;
}

export interface PredictionState extends FrameState {
  question: string;
  options: string[];
  chosen: number | null; // the place of an option; null: the choice is not made yet
  right: number | null;
  verdict: string;
  why: string;
}

/** What is heard or done at a phone. said: the words of a Say, in that language; otherwise empty. */
export interface Caption {
  at: string;
  kind: "heard" | "done" | "wrong";
  text: string;
  said: string;
  language: string;
}

export interface BoardState extends FrameState {
  server: string | null;
  how: string;
  known: boolean;
  history: HistoryEntry[];
  next: string | null;
  listens: boolean;
  faults: { what: string; left: number; deliveries: string | null; kind: string | null }[];
  why: WhyAnswer | null;
}

/** Why a task went where it went. parts: each a headline, and lines below it. */
export interface WhyAnswer {
  id: string;
  task: Sid;
  at: string;
  title: string;
  notes: string[];
  parts: [string, string[]][];
}

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
