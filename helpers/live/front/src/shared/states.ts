// What each widget shows: its state, as the kernel sends it. Times are milliseconds since 1970 by TaskRouter's clock,
// unless said otherwise.

import type { Activity } from "./entities.js";
import type { Action, CallRow, Outcome, Sid } from "./types.js";

export interface FrameState {
  title: string;
  mode: "sandbox" | "live"; // where its clicks go
  model_id: string;
  trouble: string | null;
  fault: string | null;
  gone: boolean; // what it shows was deleted: it can be read, and not used
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
