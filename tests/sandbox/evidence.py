"""What proves each of TaskRouter's 61 operations here.

The unmodified `twilio` client walks through all of them against a running sandbox. Every answer it gets is held against
Twilio's OpenAPI document (`docs/taskrouter/facts.json`), against what others have published (`recordings.json`), and
the sandbox's own document against Twilio's. Nothing is claimed that this walk has not seen.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from helpers import sandbox as sandboxes
from helpers.sandbox import LessonSandbox
from tests.sandbox import facts

HERE = Path(__file__).parent
TABLE = HERE / "coverage.md"
# Where the sandbox takes less than the document says, by operation and parameter, and why
NARROWER = {
    ("CreateTask", "RoutingTarget"): "any string there; only a WK, WQ or WW SID can be routed to",
    ("CreateTaskQueueBulkRealTimeStatistics", "QueueSids"): "a JSON body without a word on what is in it there",
}
# Parameters whose limits stand in the document's descriptions only, or not at all, and why they have them
LIMITED = {
    "FriendlyName": "1 to 64 characters by its description or error 20002; of queues and workflows 1 at least",
    "UniqueName": "1 character at least, as it is required",
    "Priority": "0 to 2,147,483,647 by its description",
    "Timeout": "1 to 1,209,600 seconds by its description",
    "TaskReservationTimeout": "1 to 86,400 seconds by its description",
    "MaxReservedWorkers": "1 to 50 by its description",
    "Capacity": "0 to 2,147,483,647, as it is a number of tasks",
    "Minutes": "1 at least, as it is how far to look back",
    "Page": "up to 2,147,483,647",
    "PageSize": "1 to 1000; a larger one counts as 1000",
}
# Fields that the document does not have, by operation: public programs read them (rest-contract.md §15, point 32)
BESIDE = {f"{verb}TaskQueue": {"operating_unit_sid"} for verb in ("List", "Create", "Fetch", "Update")}
JSON_TYPES = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "array", type(None): "null"}


@dataclass
class Seen:
    """An answer that the client got."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Witness(TwilioHttpClient):
    """The client's own HTTP client, which keeps what it was answered, by operation."""

    theirs: dict[str, dict[str, Any]]
    seen: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        super().__init__()
        self.session.trust_env = False
        self.paths = [
            (one["method"], re.compile(re.sub(r"\{\w+\}", "[^/]+", one["path"]) + r"(\?|$)"), id)
            for id, one in sorted(self.theirs.items(), key=lambda item: item[1]["path"].count("{"))
        ]

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        response = super().request(method, url, *args, **kwargs)
        path = "/v1" + url.partition("/v1")[2]
        id = next(id for verb, pattern, id in self.paths if verb == method.upper() and pattern.match(path))
        body = json.loads(response.text) if response.text else None
        self.seen[id].append(Seen(response.status_code, body, dict(response.headers)))
        return response


def connect(sandbox: LessonSandbox) -> tuple[Client, Witness]:
    """The real client on that sandbox, and what it sees."""
    witness = Witness(facts.read())
    client = Client(sandbox.account_sid, sandbox.auth_token, http_client=witness)
    client.taskrouter.base_url = sandbox.url
    return client, witness


def walk(client: Client) -> None:
    """Every operation at least once."""
    spaces = client.taskrouter.v1.workspaces
    space = spaces.create(friendly_name="Walk", multi_task_enabled=True)
    space = spaces(space.sid).fetch().update(friendly_name="Walked")
    assert len(spaces.list(friendly_name="Walked")) == 1
    lunch = space.activities.create("Lunch", available=False)
    lunch.fetch().update(friendly_name="Break")
    idle = next(a for a in space.activities.list(available="true"))
    mail = space.task_channels.create("E-mail", "email")
    mail.fetch().update(friendly_name="Mail")
    space.task_channels.list()
    queue = space.task_queues.create("Everyone", reservation_activity_sid=lunch.sid, assignment_activity_sid=lunch.sid)
    queue.fetch().update(max_reserved_workers=1)
    space.task_queues.list(ordering="DateUpdated:asc")
    routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}
    flow = space.workflows.create("Flow", json.dumps(routing))
    flow.fetch().update(task_reservation_timeout=60)
    space.workflows.list()
    alice = space.workers.create("Alice", activity_sid=idle.sid, attributes='{"languages": ["es"]}')
    alice = space.workers(alice.sid).fetch().update(friendly_name="Alicia")
    space.workers.list(available="true")
    (channel, *_) = alice.worker_channels.list()
    space.workers(alice.sid).worker_channels(channel.sid).fetch().update(capacity=3)
    task = space.tasks.create(attributes='{"type": "support"}', workflow_sid=flow.sid)
    task.fetch().update(priority=2)
    other = space.tasks.create(workflow_sid=flow.sid)
    space.tasks.list(assignment_status=["pending", "reserved"])
    (of_task,) = task.reservations.list()
    of_task.fetch().update(reservation_status="accepted")
    (of_worker,) = space.workers(alice.sid).reservations.list(reservation_status="accepted")
    of_worker.fetch().update(reservation_status="completed")
    (event, *_) = space.events.list(task_sid=task.sid)
    event.fetch()
    _statistics(space, queue, alice, flow)
    other.delete()
    task.delete()
    alice.update(activity_sid=lunch.sid)
    alice.delete()
    flow.delete()
    queue.delete()
    mail.delete()
    lunch.delete()
    space.delete()


def _statistics(space: Any, queue: Any, alice: Any, flow: Any) -> None:
    body = SimpleNamespace(to_dict=lambda: {"QueueSids": [queue.sid]})
    workers, one = space.workers, space.workers(alice.sid)
    queues, one_queue, one_flow = space.task_queues, space.task_queues(queue.sid), space.workflows(flow.sid)
    for ask in (
        lambda: space.statistics().fetch(),
        lambda: space.real_time_statistics().fetch(),
        lambda: space.cumulative_statistics().fetch(),
        lambda: queues.statistics.list(),
        lambda: one_queue.statistics().fetch(),
        lambda: one_queue.real_time_statistics().fetch(),
        lambda: one_queue.cumulative_statistics().fetch(),
        lambda: queues.bulk_real_time_statistics.create(body),
        lambda: workers.statistics().fetch(),
        lambda: workers.real_time_statistics().fetch(),
        lambda: workers.cumulative_statistics().fetch(),
        lambda: one.statistics().fetch(),
        lambda: one_flow.statistics().fetch(),
        lambda: one_flow.real_time_statistics().fetch(),
        lambda: one_flow.cumulative_statistics().fetch(),
    ):
        ask()


@dataclass
class Proof:
    """What stands behind one operation, after a walk. Each is None when it does not apply, else what is wrong."""

    id: str
    driven: int
    openapi: list[str] | None
    recording: list[str] | None
    source: str = ""

    @property
    def problems(self) -> list[str]:
        found = [*(self.openapi or []), *(self.recording or [])]
        if not self.driven:
            found.append("the client got no answer")
        return [f"{self.id}: {text}" for text in found]


def proofs(witness: Witness, own_document: dict[str, Any]) -> list[Proof]:
    """Hold what was seen against the document and the recordings."""
    own, recordings = facts.facts_of(own_document), json.loads(facts.RECORDINGS.read_text())["recordings"]
    found = []
    for id, theirs in witness.theirs.items():
        seen = witness.seen.get(id, [])
        good = [one for one in seen if one.status < 300]
        proof = Proof(id, len(good), None, None)
        if good or id in own:
            proof.openapi = _against_document(id, own.get(id), theirs) + [
                text for one in good for text in _body_problems(one, theirs, BESIDE.get(id, set()))
            ]
        if good and id in recordings:
            proof.source = recordings[id]["source"]
            proof.recording = [text for one in good for text in _against_recording(one.body, recordings[id])]
        found.append(proof)
    return found


def _against_document(id: str, own: dict[str, Any] | None, theirs: dict[str, Any]) -> list[str]:
    if own is None:
        return ["the sandbox's own document does not have it"]
    found = []
    # an operation that declares no shape is held against the document by its answers alone
    shape = ("key", "meta") if own["fields"] else ()
    for name in ("method", "path", "status", "etag", *shape):
        if own.get(name) != theirs.get(name):
            found.append(f"{name} is {own.get(name)}, Twilio's is {theirs.get(name)}")
    for name in own["parameters"].keys() | theirs["parameters"].keys():
        ours, wanted = own["parameters"].get(name), theirs["parameters"].get(name)
        if ours and wanted and name in LIMITED:
            ours, wanted = (re.sub(r" \[.*\]", "", one) for one in (ours, wanted))
        if ours != wanted and (id, name) not in NARROWER:
            found.append(f"parameter {name} is {ours}, Twilio's is {wanted}")
    for name in (own["fields"].keys() | theirs["fields"].keys()) - BESIDE.get(id, set()) if own["fields"] else ():
        ours, wanted = own["fields"].get(name), theirs["fields"].get(name)
        if ours != wanted and wanted != "any":
            found.append(f"field {name} is {ours}, Twilio's is {wanted}")
    return found


def _body_problems(seen: Seen, theirs: dict[str, Any], beside: set[str]) -> list[str]:
    found = []
    if seen.status != theirs["status"]:
        found.append(f"the status is {seen.status}, not {theirs['status']}")
    if (theirs["etag"] is None) != ("etag" not in {name.lower() for name in seen.headers}):
        found.append("ETag is where Twilio has none, or the other way round")
    if any(
        f"x-rate-limit-{word}" not in {n.lower() for n in seen.headers} for word in ("limit", "remaining", "config")
    ):
        found.append("an X-Rate-Limit header is missing")
    if seen.body is None:
        return found + ([] if theirs["status"] == 204 else ["there is no body"])
    if "key" in theirs:
        found += _fields_problems(seen.body["meta"], theirs["meta"])
    for one in seen.body[theirs["key"]] if "key" in theirs else [seen.body]:
        found += [f"field {name} is missing" for name in beside - one.keys()]
        found += _fields_problems({name: one[name] for name in one.keys() - beside}, theirs["fields"])
    return found


def _fields_problems(body: dict[str, Any], kinds: dict[str, str]) -> list[str]:
    found = [f"field {name} is too many or missing" for name in body.keys() ^ kinds.keys()]
    for name, kind in kinds.items():
        if name in body and not _fits(body[name], kind):
            found.append(f"field {name} is {body[name]!r}, which is no {kind}")
    return found


def _fits(value: Any, kind: str) -> bool:
    if value is None:  # of counters and enumerations only the others may be (rest-contract.md §5)
        return kind != "integer" and not kind.startswith("one of")
    if kind.startswith("sid "):
        return re.fullmatch(rf"({kind[4:]})[0-9a-f]{{32}}", str(value)) is not None
    if kind.startswith("one of "):
        return value in kind.removeprefix("one of ").split(", ")
    if kind == "date-time":
        return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value)) is not None
    if kind == "uri":
        return value == "" or str(value).startswith(("http://", "https://"))
    if kind.startswith("several "):
        return isinstance(value, list)
    return kind == "any" or JSON_TYPES[type(value)] == kind


def _against_recording(body: dict[str, Any], recording: dict[str, Any]) -> list[str]:
    found = []
    if "meta" in recording:
        found += _recorded_problems(body["meta"], recording["meta"])
    for one in body[recording["key"]] if "key" in recording else [body]:
        found += _recorded_problems(one, recording["fields"])
        if missing := set(recording.get("links", [])) - set(one.get("links") or {}):
            found.append(f"links has no {', '.join(sorted(missing))}")
    return found


def _recorded_problems(body: dict[str, Any], fields: dict[str, str]) -> list[str]:
    found = []
    for name, recorded in fields.items():
        if name not in body:
            found.append(f"field {name} was recorded and is missing")
            continue
        ours = JSON_TYPES[type(body[name])]
        if ours != recorded and "null" not in (ours, recorded):
            found.append(f"field {name} is {ours}, and was recorded as {recorded}")
    return found


def table(found: list[Proof]) -> str:
    """The proofs as Markdown."""

    def mark(problems: list[str] | None) -> str:
        return "-" if problems is None else "yes" if not problems else "NO: " + "; ".join(sorted(set(problems)))

    rows = []
    for proof in found:
        client = "yes" if proof.driven else "NO"
        rows.append(f"| {proof.id} | {client} | {mark(proof.openapi)} | {mark(proof.recording)} |")
    driven, compared = sum(p.driven > 0 for p in found), sum(p.recording is not None for p in found)
    limited = "\n".join(f"- `{name}`: {why}" for name, why in LIMITED.items())
    narrower = "\n".join(f"- `{name}` of {id}: {why}" for (id, name), why in NARROWER.items())
    return f"""# What proves each operation

Made by `python -m tests.sandbox.evidence`, which walks through all operations with the real `twilio` client; a test
makes it again and compares. Of {len(found)} operations {driven} were driven by the client, and {compared} were also
held against a published response.

"OpenAPI" compares path, method, status, parameters with their places and types, what is required, headers and fields
with Twilio's own document, and every answer of the walk with those fields.

| operation | real client | OpenAPI | published response |
|---|---|---|---|
{chr(10).join(rows)}

The sandbox takes less than the document says in these parameters:

{narrower}

These parameters have limits that the schemas of the document do not have:

{limited}
"""


def gather(sandbox: LessonSandbox) -> list[Proof]:
    """Walk through that sandbox, and say what it proves."""
    client, witness = connect(sandbox)
    walk(client)
    return proofs(witness, sandbox.openapi())


def main() -> int:
    """Walk through a sandbox made for it, write the table, and say what is not proved; 1 when something is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKROUTER_SANDBOX_DIR"] = folder
        try:
            found = gather(sandboxes.ensure())
        finally:
            sandboxes.stop()
    made = table(found)
    TABLE.write_text(made)
    print(made)
    problems = [text for proof in found for text in proof.problems]
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
