// Written by `python -m tests.live.front.generate` from the Python code: change that, not this file.

export interface Workspace {
  sid?: string;
  name?: string;
  multitasking?: boolean;
  event_callback_url?: string;
}

export interface Activity {
  sid: string;
  name: string;
  available: boolean;
}

export interface TaskChannel {
  sid: string;
  name: string;
  unique_name: string;
}

export interface TaskQueue {
  sid: string;
  name: string;
  expression: string;
  order: string;
  at_most: number;
  moves_to: string[];
}

export interface Target {
  queue?: string;
  expression?: string;
  priority?: number;
  timeout?: number;
  skip_if?: string;
  order_by?: string;
  known_worker_sid?: string;
  known_worker_friendly_name?: string;
}

export interface Filter {
  name: string;
  expression: string;
  targets: Target[];
}

export interface Workflow {
  sid: string;
  name: string;
  url: string;
  timeout: number;
  filters: Filter[];
  default: Target | null;
}

export interface WorkerChannel {
  channel: string | null;
  name: string | null;
  capacity: number;
  available: boolean;
}

export interface LeftActivity {
  activity: string | null;
  ms: number;
}

export interface Worker {
  sid: string;
  name: string;
  attributes: string;
  activity: string | null;
  since: number;
  trail: LeftActivity[];
  channels: WorkerChannel[] | null;
}

export interface Transfer {
  sid: string | null;
  initiating_worker_sid: string | null;
  to: string | null;
  mode: string | null;
}

export interface Task {
  sid: string;
  status: string | null;
  attributes: string;
  priority: number;
  channel: string | null;
  created: number;
  updated: number;
  entered: number;
  reason: string | null;
  queue?: string;
  workflow?: string;
  filter?: string | null;
  filter_expression?: string | null;
  target_expression?: string | null;
  passed?: Transfer | null;
  waits?: number;
}

export interface Reservation {
  sid: string;
  task: string | null;
  worker: string | null;
  status: string;
  created: number;
  updated: number;
}

export interface Call {
  sid: string;
  task: string | null;
  side: "caller" | "agent";
  phone: string;
  name: string;
  live: boolean;
  words: string;
  since: number | null;
}

export interface Span {
  sid: string;
  kind: "activity" | "wait" | "offer" | "work";
  from: number;
  to: number | null;
  end?: string | null;
  task?: string | null;
  worker?: string | null;
  activity?: string | null;
}
