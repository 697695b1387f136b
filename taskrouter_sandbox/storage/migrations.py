"""Bring a database of an earlier version to the present one: `PRAGMA user_version` says how many steps it has had.

A step is never changed once it has been published: data that has had it does not get it again. To change the stored
form, change `schema` (and `resources`), and add a step that makes the new form of the one before it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from .earlier_history import count_earlier_events
from .errors import UnreadableState
from .schema import SCHEMA

Step = Callable[[sqlite3.Connection], None]


def tables_of_the_first_versions(db: sqlite3.Connection) -> None:
    """Add what came while databases had no version: the records of statistics, and `delivery.repeats`."""
    for statement in (
        "CREATE TABLE IF NOT EXISTS record (workspace_sid TEXT NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL,"
        " task_queue_sid TEXT, workflow_sid TEXT, worker_sid TEXT, task_channel_sid TEXT, age INTEGER,"
        " queue_age INTEGER)",
        "CREATE TABLE IF NOT EXISTS stay (workspace_sid TEXT NOT NULL, worker_sid TEXT NOT NULL,"
        " activity_sid TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL)",
    ):
        db.execute(statement)
    if "repeats" not in {row["name"] for row in db.execute("PRAGMA table_info(delivery)")}:
        db.execute("ALTER TABLE delivery ADD COLUMN repeats INTEGER")


def tasks_count_from_their_creation(db: sqlite3.Connection) -> None:
    """Give tasks of the time before transfers the `counted_from` that they have had all along."""
    db.execute(
        "UPDATE resource SET state = json_set(state, '$.counted_from', json_extract(state, '$.date_created'))"
        " WHERE kind = 'Task' AND coalesce(json_extract(state, '$.counted_from'), 0) = 0"
    )


def statistics_by_their_names(db: sqlite3.Connection) -> None:
    """Name the tables of statistics after what is in them, and their indexes alike."""
    for before, after, index, columns in (
        ("record", "counted_event", "record_at", "workspace_sid, at"),
        ("stay", "activity_interval", "stay_ended", "workspace_sid, ended"),
    ):
        db.execute(f"ALTER TABLE {before} RENAME TO {after}")
        db.execute(f"DROP INDEX IF EXISTS {index}")
        db.execute(f"CREATE INDEX {index.replace(before, after)} ON {after} ({columns})")


def events_found_by_their_task(db: sqlite3.Connection) -> None:
    """Find the events of a task without reading all others."""
    db.execute("CREATE INDEX event_task ON event (task_sid, at) WHERE task_sid IS NOT NULL")


def resources_found_by_their_number(db: sqlite3.Connection) -> None:
    """Give the resources numbers in the order of their creation, and have no index by SIDs.

    SIDs are random: with each new resource another page of such an index is written.
    """
    db.execute("ALTER TABLE resource RENAME TO resource_by_sid")
    db.execute("DROP INDEX resource_workspace")
    db.execute(
        "CREATE TABLE resource (number INTEGER PRIMARY KEY, sid TEXT NOT NULL, workspace_sid TEXT NOT NULL,"
        " kind TEXT NOT NULL, state TEXT NOT NULL)"
    )
    db.execute(
        "INSERT INTO resource (sid, workspace_sid, kind, state)"
        " SELECT sid, workspace_sid, kind, state FROM resource_by_sid ORDER BY rowid"
    )
    db.execute("DROP TABLE resource_by_sid")
    db.execute("CREATE INDEX resource_workspace ON resource (workspace_sid)")


def results_beside_outcomes(db: sqlite3.Connection) -> None:
    """Keep a delivery's result apart from the words about it."""
    db.execute("ALTER TABLE delivery ADD COLUMN result TEXT")
    words = {
        "not reported%": "failed",
        "accepted": "done",
        "rejected": "done",
        "reported": "done",
        "%: the call is being placed": "done",
        "no instruction%": "no-instruction",
        "too late%": "too-late",
        "%was refused%": "refused",
        "%is gone": "gone",
        "dropped%": "dropped",
    }
    cases = " ".join("WHEN outcome LIKE ? THEN ?" for _ in words)
    db.execute(
        f"UPDATE delivery SET result = CASE {cases} ELSE 'failed' END WHERE outcome IS NOT NULL",
        [text for pair in words.items() for text in pair],
    )


def calls_and_what_they_need(db: sqlite3.Connection) -> None:
    """Make room for the voice side: calls, numbers, queues, conferences and phones."""
    db.execute(
        "CREATE TABLE telephony (number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
        " state TEXT NOT NULL)"
    )


def methods_of_deliveries(db: sqlite3.Connection) -> None:
    """Keep in which method a delivery is sent: all were POST before there were those of calls."""
    db.execute("ALTER TABLE delivery ADD COLUMN method TEXT NOT NULL DEFAULT 'POST'")


def status_callbacks_by_their_name(db: sqlite3.Connection) -> None:
    """Name what calls and conferences report to as Twilio does."""
    db.execute(
        "UPDATE telephony SET state = json_remove("
        "json_set(state, '$.status_callback', json_extract(state, '$.notify')), '$.notify')"
        " WHERE kind IN ('Call', 'Conference') AND json_type(state, '$.notify') IS NOT NULL"
    )


def what_has_ended_in_tables_of_its_own(db: sqlite3.Connection) -> None:
    """Keep calls, conferences and messages that have ended where a start does not read them."""
    for statement in (
        "CREATE TABLE ended_call (number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, date_created INTEGER NOT NULL,"
        ' date_updated INTEGER NOT NULL, direction TEXT NOT NULL, from_address TEXT NOT NULL, "to" TEXT NOT NULL,'
        " parent_call_sid TEXT, status TEXT NOT NULL, start_time INTEGER, end_time INTEGER, state TEXT NOT NULL,"
        " requests TEXT NOT NULL DEFAULT '[]')",
        "CREATE INDEX ended_call_updated ON ended_call (date_updated)",
        "CREATE TABLE ended_conference (number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE,"
        " date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL, friendly_name TEXT NOT NULL,"
        " status TEXT NOT NULL, state TEXT NOT NULL)",
        "CREATE INDEX ended_conference_updated ON ended_conference (date_updated)",
        "CREATE TABLE ended_message (number INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE,"
        " date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL, from_address TEXT NOT NULL,"
        ' "to" TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, date_sent INTEGER, state TEXT NOT NULL)',
        "CREATE INDEX ended_message_updated ON ended_message (date_updated)",
    ):
        db.execute(statement)
    calls = "date_created date_updated direction from_address to parent_call_sid status start_time end_time"
    rooms = "date_created date_updated friendly_name status"
    texts = "date_created date_updated from_address to body status date_sent"
    over = {
        "ended_call": ("Call", calls),
        "ended_conference": ("Conference", rooms),
        "ended_message": ("Message", texts),
    }
    final = "('completed', 'busy', 'no-answer', 'failed', 'canceled', 'delivered', 'undelivered')"
    for table, (kind, fields) in over.items():
        names = ", ".join(f'"{name}"' for name in fields.split())
        values = ", ".join(f"json_extract(state, '$.{name}')" for name in fields.split())
        which = f"kind = '{kind}' AND json_extract(state, '$.status') IN {final}"
        db.execute(
            f"INSERT INTO {table} (number, sid, state, {names})"
            f" SELECT number, sid, state, {values} FROM telephony WHERE {which}"
        )
        db.execute(f"DELETE FROM telephony WHERE {which}")


def decisions_about_tasks(db: sqlite3.Connection) -> None:
    """Make room for what each decision about a task saw; of earlier ones nothing is known."""
    db.execute(
        "CREATE TABLE decision (number INTEGER PRIMARY KEY, workspace_sid TEXT NOT NULL, task_sid TEXT NOT NULL,"
        " at INTEGER NOT NULL, facts TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX decision_task ON decision (task_sid)")


def deliveries_found_by_their_subject(db: sqlite3.Connection) -> None:
    """Find what was sent about a resource without reading all other deliveries, as each alert of a list needs."""
    db.execute("CREATE INDEX delivery_subject ON delivery (subject_sid, at)")


def less_to_write_in_each_transaction(db: sqlite3.Connection) -> None:
    """Keep the number of a transaction in its events, which are written anyway, and no index of what a workspace has.

    Each page that a transaction writes takes a twentieth of its time. What a workspace has is read as a whole at a
    start only, and where something has failed.
    """
    db.execute("ALTER TABLE event ADD COLUMN transaction_number INTEGER")
    db.execute("DROP INDEX resource_workspace")


def worker_channels_that_have_changed(db: sqlite3.Connection) -> None:
    """Leave everything as it is: from now on a worker's channel may not be stored, which an earlier version misses.

    See `engine/rules/worker_channels.py`. The channels that are stored stay, with their SIDs.
    """


def alerts_with_their_webhooks(db: sqlite3.Connection) -> None:
    """Keep which webhook an alert came of; of earlier ones it is taken to be the last about the same until then."""
    db.execute("ALTER TABLE alert ADD COLUMN delivery INTEGER")
    db.execute("ALTER TABLE alert ADD COLUMN attempt INTEGER")
    db.execute(
        "UPDATE alert SET delivery = (SELECT number FROM delivery"
        " WHERE subject_sid = alert.subject_sid AND at <= alert.at ORDER BY at DESC, number DESC LIMIT 1)"
    )


STEPS: tuple[Step, ...] = (
    tables_of_the_first_versions,
    tasks_count_from_their_creation,
    statistics_by_their_names,
    events_found_by_their_task,
    resources_found_by_their_number,
    results_beside_outcomes,
    count_earlier_events,
    calls_and_what_they_need,
    methods_of_deliveries,
    status_callbacks_by_their_name,
    what_has_ended_in_tables_of_its_own,
    decisions_about_tasks,
    deliveries_found_by_their_subject,
    less_to_write_in_each_transaction,
    worker_channels_that_have_changed,
    alerts_with_their_webhooks,
)
VERSION = len(STEPS)


def version_of(db: sqlite3.Connection) -> int:
    """Say how many steps a database has had; 0 for one that is empty, or older than versions are."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_version(db: sqlite3.Connection) -> None:
    """Raise UnreadableState where a newer sandbox has written the database."""
    version = version_of(db)
    if version > VERSION:
        raise UnreadableState(f"a newer sandbox wrote it (version {version}; this one reads {VERSION})", version)


def migrate(db: sqlite3.Connection) -> None:
    """Give a database the tables of this version, or the steps that it lacks; inside the caller's transaction."""
    version = version_of(db)
    if not version and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in filter(str.strip, SCHEMA.split(";")):
            db.execute(statement)
    else:
        for step in STEPS[version:]:
            step(db)
    db.execute(f"PRAGMA user_version = {VERSION}")
