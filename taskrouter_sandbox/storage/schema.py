"""The tables of the database as they are now; `migrations` makes them of older ones."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE resource (
    number INTEGER PRIMARY KEY, sid TEXT NOT NULL, workspace_sid TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL
);
CREATE TABLE event (
    number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, workspace_sid TEXT NOT NULL, at INTEGER NOT NULL,
    type TEXT NOT NULL, description TEXT NOT NULL, resource_type TEXT NOT NULL, resource_sid TEXT NOT NULL,
    data TEXT NOT NULL,
    task_sid TEXT, worker_sid TEXT, reservation_sid TEXT, task_queue_sid TEXT, workflow_sid TEXT,
    task_channel_sid TEXT, task_channel_unique_name TEXT, transaction_number INTEGER
);
CREATE INDEX event_at ON event (workspace_sid, at);
CREATE INDEX event_task ON event (task_sid, at) WHERE task_sid IS NOT NULL;
CREATE TABLE delivery (
    number INTEGER PRIMARY KEY, workspace_sid TEXT NOT NULL, subject_sid TEXT NOT NULL, kind TEXT NOT NULL,
    at INTEGER NOT NULL, url TEXT NOT NULL, fallback_url TEXT, parameters TEXT NOT NULL,
    attempts TEXT NOT NULL DEFAULT '[]', outcome TEXT, repeats INTEGER, result TEXT,
    method TEXT NOT NULL DEFAULT 'POST'
);
CREATE INDEX delivery_open ON delivery (number) WHERE outcome IS NULL;
CREATE INDEX delivery_subject ON delivery (subject_sid, at);
CREATE TABLE alert (
    number INTEGER PRIMARY KEY, workspace_sid TEXT NOT NULL, at INTEGER NOT NULL, code INTEGER NOT NULL,
    level TEXT NOT NULL, text TEXT NOT NULL, subject_sid TEXT NOT NULL, delivery INTEGER, attempt INTEGER
);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counted_event (
    workspace_sid TEXT NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL,
    task_queue_sid TEXT, workflow_sid TEXT, worker_sid TEXT, task_channel_sid TEXT, age INTEGER, queue_age INTEGER
);
CREATE INDEX counted_event_at ON counted_event (workspace_sid, at);
CREATE TABLE activity_interval (
    workspace_sid TEXT NOT NULL, worker_sid TEXT NOT NULL, activity_sid TEXT NOT NULL,
    began INTEGER NOT NULL, ended INTEGER NOT NULL
);
CREATE INDEX activity_interval_ended ON activity_interval (workspace_sid, ended);
CREATE TABLE telephony (number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE ended_call (
    number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL,
    direction TEXT NOT NULL, from_address TEXT NOT NULL, "to" TEXT NOT NULL, parent_call_sid TEXT, status TEXT NOT NULL,
    start_time INTEGER, end_time INTEGER, state TEXT NOT NULL, requests TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX ended_call_updated ON ended_call (date_updated);
CREATE TABLE ended_conference (
    number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL,
    friendly_name TEXT NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL
);
CREATE INDEX ended_conference_updated ON ended_conference (date_updated);
CREATE TABLE ended_message (
    number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL,
    from_address TEXT NOT NULL, "to" TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, date_sent INTEGER,
    state TEXT NOT NULL
);
CREATE INDEX ended_message_updated ON ended_message (date_updated);
CREATE TABLE decision (
    number INTEGER PRIMARY KEY, workspace_sid TEXT NOT NULL, task_sid TEXT NOT NULL, at INTEGER NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX decision_task ON decision (task_sid);
"""
TABLES = (
    "resource",
    "event",
    "delivery",
    "alert",
    "setting",
    "counted_event",
    "activity_interval",
    "telephony",
    "ended_call",
    "ended_conference",
    "ended_message",
    "decision",
)
