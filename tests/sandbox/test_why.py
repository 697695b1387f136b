"""Why a task went where it went, over the control plane: for the scene of the lesson, and for whatever may come."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import LessonError, sandbox, skip, why
from helpers.decisions.inference import infer
from tests.sandbox.conftest import SPANISH


def told(task_sid: str, **asked: int) -> Any:
    return sandbox.ensure().why(task_sid, **asked)


def reasons(answer: Any, name: str) -> list[str]:
    (worker,) = [one for one in answer["match"]["workers"] if one["name"] == name]
    return [reason["text"] for reason in worker["reasons"]]


@pytest.fixture
def spanish(cast: SimpleNamespace) -> Any:
    return cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)


class TestWaiting:
    def test_the_filter_the_queue_and_each_worker(self, cast, spanish):
        answer = told(spanish.sid)
        assert (answer["status"], answer["recorded"], answer["left_out"]) == ("pending", True, 0)
        (decision,) = answer["decisions"]
        assert decision["attributes"] == {"selected_language": "es"}
        assert decision["text"] == (
            'The task was created. The first match was filter "es". '
            "It waited in the queue Customer Care Requests - Spanish, because nobody could take it."
        )
        (asked,) = decision["step"]["filters"]
        assert asked == {
            "index": 0,
            "name": "es",
            "expression": 'selected_language == "es"',
            "matches": True,
            "clauses": [
                {
                    "text": 'selected_language == "es"',
                    "holds": True,
                    "wanted": True,
                    "saw": {"selected_language": "es"},
                }
            ],
        }
        assert reasons(decision, "Alice") == ["is in the activity Offline, which is not available"]
        assert reasons(decision, "Bob") == [
            'is not in the queue Customer Care Requests - Spanish, which takes workers with languages HAS "es"',
            "is in the activity Offline, which is not available",
        ]
        (bob,) = [one for one in decision["match"]["workers"] if one["name"] == "Bob"]
        assert bob["reasons"][0]["clauses"] == [
            {"text": 'languages HAS "es"', "holds": False, "wanted": True, "saw": {"languages": ["en"]}}
        ]

    def test_what_would_have_to_change_does_it(self, cast, spanish):
        answer = told(spanish.sid)
        assert {(one["worker"], one["text"], one["reserved"]) for one in answer["changes"]} == {
            ("Alice", "Set the activity of Alice to Available", True),
            (
                "Bob",
                'Set languages to ["en", "es"] in the attributes of Bob, and set the activity of Bob to Available',
                True,
            ),
        }
        for request in next(one for one in answer["changes"] if one["worker"] == "Bob")["requests"]:
            carry_out(cast.workspace, request)
        (reservation,) = spanish.reservations.list()
        assert reservation.worker_name == "Bob"
        assert told(spanish.sid)["now"] is None

    def test_now_is_not_then(self, cast, spanish):
        cast.alice.update(attributes="{}")
        answer = told(spanish.sid)
        assert reasons(answer["decisions"][0], "Alice") == ["is in the activity Offline, which is not available"]
        assert [text.partition(",")[0] for text in reasons(answer["now"], "Alice")] == [
            "is not in the queue Customer Care Requests - Spanish",
            "is in the activity Offline",
        ]
        assert any("its timeout cancels it in" in note for note in answer["notes"])


class TestAssigned:
    def test_who_was_chosen_and_who_came_after(self, cast):
        english = '{"selected_language": "en"}'
        for worker in (cast.alice, cast.bob):
            worker.update(activity_sid=cast.activities["Idle"].sid)
        first = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=english)
        (decision,) = told(first.sid)["decisions"]
        assert decision["match"]["chosen"] == ["Alice"]
        assert [one["verdict"] for one in decision["match"]["workers"]] == ["chosen", "later"]
        assert reasons(decision, "Bob") == ["has been without a reservation as long as Alice, who was created earlier"]
        (es, en) = decision["step"]["filters"]
        assert (es["matches"], en["matches"]) == (False, True)

        (offer,) = first.reservations.list()
        offer.update(reservation_status="rejected", worker_activity_sid=cast.activities["Idle"].sid)
        *_, again = told(first.sid)["decisions"]
        assert again["match"]["chosen"] == ["Bob"]
        assert reasons(again, "Alice") == ["was offered this task once and did not take it, so Bob comes first"]
        assert len(told(first.sid, newest=1)["decisions"]) == 2  # the first one, too

    def test_a_task_of_yesterday_and_one_of_last_month(self, cast, spanish):
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        before = told(spanish.sid)["decisions"]
        assert [one["match"]["chosen"] for one in before] == [[], ["Alice"]]
        (offer,) = spanish.reservations.list()
        offer.update(reservation_status="accepted")
        cast.workspace.tasks(spanish.sid).update(assignment_status="completed")
        cast.alice.update(attributes="{}")
        skip(hours=25)
        answer = told(spanish.sid)
        assert answer["status"] is None
        assert answer["decisions"] == before
        assert "gone" in answer["notes"][0]
        skip(hours=24 * 31)
        with pytest.raises(LessonError, match="31 days"):
            told(spanish.sid)

    def test_a_default_filter_a_timeout_and_the_end_of_the_workflow(self, cast):
        queue = cast.queues["es"].sid
        document = {
            "filters": [
                {
                    "filter_friendly_name": "Spanish",
                    "expression": 'lang == "es"',
                    "targets": [
                        {"queue": queue, "timeout": 5},
                        {"queue": queue, "timeout": 5, "skip_if": "workers.available == 0"},
                    ],
                }
            ],
            "default_filter": {"queue": cast.queues["en"].sid},
        }
        cast.workflow.update(configuration=json.dumps({"task_routing": document}))
        other = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes='{"lang": "fr"}')
        (decision,) = told(other.sid)["decisions"]
        assert decision["text"].startswith("The task was created. No filter matched, so the default filter took it.")
        cast.alice.update(activity_sid=cast.activities["Busy"].sid)
        task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes='{"lang": "es"}')
        skip(seconds=6)
        texts = [one["text"] for one in told(task.sid)["decisions"]]
        assert texts[1].startswith('The time of its step was up. It moved on to step 2 of 2 of filter "Spanish".')
        assert texts[2].startswith(
            "The step was skipped, because workers.available == 0 (workers.available was 0). "
        ) or texts[2].startswith("Its last step was skipped")


def test_nothing_is_known_of_it(workspace):
    with pytest.raises(LessonError, match="WT1 was not found, nor any decision about it"):
        told("WT1")
    with pytest.raises(LessonError, match="newest"):
        told("WT1", newest=0)


# ---- what would have to change, in workspaces of any kind ----------------------------------------------------------

ATTRIBUTES = ({}, {"languages": ["en"], "level": 1}, {"languages": ["en", "es"], "level": 2}, {"level": 3, "team": "x"})
QUEUES = (
    "1==1",
    'languages HAS "es"',
    "level > 2",
    'team == "x" AND NOT level IN [3, 4]',
    'languages HAS "es" OR level == 9',
)
STEPS = (
    {},
    {"expression": "task.lang IN worker.languages"},
    {"expression": "worker.level >= task.level", "order_by": "worker.level DESC"},
    {"expression": 'worker.activity_name != "Break"'},
    {"known_worker_sid": "task.agent"},
)
worker = st.tuples(st.sampled_from(ATTRIBUTES), st.sampled_from(["Idle", "Break", "Offline"]), st.integers(0, 2))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    multi=st.booleans(),
    workers=st.lists(worker, min_size=1, max_size=4),
    expression=st.sampled_from(QUEUES),
    step=st.sampled_from(STEPS),
    ahead=st.integers(0, 2),
    accepted=st.booleans(),
)
def test_a_change_that_was_tried_does_it(client, multi, workers, expression, step, ahead, accepted):
    """What is said to do it does it; and while no other task waits, everything that is said does."""
    workspace = client.taskrouter.v1.workspaces.create("Any", multi_task_enabled=multi)
    activities = {
        name: workspace.activities.create(name, available=available).sid
        for name, available in (("Idle", True), ("Break", True))
    } | {one.friendly_name: one.sid for one in workspace.activities.list()}
    queue = workspace.task_queues.create("Q", target_workers=expression)
    filters = [{"expression": "1==1", "targets": [{"queue": queue.sid, **step}]}]
    workspace.workflows.create("F", configuration=json.dumps({"task_routing": {"filters": filters}}))
    made = []
    for number, (attributes, activity, capacity) in enumerate(workers):
        one = workspace.workers.create(
            f"Worker {number}", attributes=json.dumps(attributes), activity_sid=activities[activity]
        )
        one.worker_channels("default").update(capacity=capacity, available=capacity < 2)
        made.append(one)
    attributes = json.dumps({"lang": "es", "level": 2, "agent": made[0].sid})
    for _ in range(ahead):
        before = workspace.tasks.create(attributes=attributes)
        for offer in before.reservations.list() if accepted else []:
            offer.update(reservation_status="accepted")
    task = workspace.tasks.create(attributes=attributes)
    before_all = told(task.sid)
    check_answer(client, workspace, task, multi)
    for number, one in enumerate(made):  # and what happens later does not change what is said of it
        one.update(attributes='{"level": 9}', activity_sid=activities["Offline" if number % 2 else "Break"])
        one.worker_channels("default").update(capacity=5 * (number % 2), available=number % 2 == 0)
    noted, inferred = told(task.sid), infer(client, workspace.sid, task.sid, 20)
    assert noted["decisions"][0] == before_all["decisions"][0]
    if multi:
        assert [judged(one) for one in inferred["decisions"]] == [judged(one) for one in noted["decisions"]]
    workspace.delete()


def compare(noted: Any, inferred: Any, multi: bool) -> None:
    """What is inferred from REST is what was noted, as far as REST tells it: not whether a reservation still holds."""
    assert (noted["recorded"], inferred["recorded"]) == (True, False)
    assert inferred["notes"][0].startswith("Inferred")
    assert [one["match"]["chosen"] for one in inferred["decisions"]] == [
        one["match"]["chosen"] for one in noted["decisions"]
    ]
    assert [one["step"] for one in inferred["decisions"]] == [one["step"] for one in noted["decisions"]]
    if not multi:
        return
    for told, known in zip([*inferred["decisions"], inferred["now"]], [*noted["decisions"], noted["now"]], strict=True):
        if known is not None:
            assert judged(told) == judged(known)


def judged(decision: Any) -> list[Any]:
    return sorted((one["name"], one["verdict"], one["reasons"]) for one in decision["match"]["workers"])


def check_answer(client: Any, workspace: Any, task: Any, multi: bool) -> None:
    answer = told(task.sid)
    offered = [one.worker_name for one in task.reservations.list()]
    assert answer["decisions"][-1]["match"]["chosen"] == offered
    if offered:
        assert answer["changes"] == []
        compare(answer, infer(client, workspace.sid, task.sid, 20), multi)
        return
    assert {one["name"]: one["verdict"] for one in answer["now"]["match"]["workers"]}.keys()
    assert all(one["verdict"] == "impossible" for one in answer["now"]["match"]["workers"])
    compare(answer, infer(client, workspace.sid, task.sid, 20), multi)
    alone = len(workspace.tasks.list(assignment_status="pending")) == 1
    for change in answer["changes"]:
        rejects = any(request["set"].get("ReservationStatus") == "rejected" for request in change["requests"])
        assert change["reserved"] is True or not alone or rejects
    for change in [one for one in answer["changes"] if one["reserved"]][-1:]:
        for request in change["requests"]:
            carry_out(workspace, request)
        assert change["worker"] in [one.worker_name for one in task.reservations.list()]
        assert change["worker"] in told(task.sid)["decisions"][-1]["match"]["chosen"]


def carry_out(workspace: Any, request: Any) -> None:
    """The update, as a program of one's own does it."""
    values = request["set"]
    match request["what"]:
        case "worker":
            names = {"Attributes": "attributes", "ActivitySid": "activity_sid"}
            workspace.workers(request["sid"]).update(**{names[name]: value for name, value in values.items()})
        case "worker-channel":
            channel = workspace.workers(request["sid"]).worker_channels(request["channel"])
            channel.update(capacity=int(values["Capacity"]), available=True)
        case "reservation":
            (offer,) = [
                offer
                for worker in workspace.workers.list()
                for offer in worker.reservations.list()
                if offer.sid == request["sid"]
            ]
            offer.update(reservation_status=values["ReservationStatus"])


# ---- as a learner reads it -----------------------------------------------------------------------------------------


def test_it_is_read_as_text_and_folded_in_a_notebook(cast, client, spanish):
    cast.workspace.workers(cast.bob.sid).update(friendly_name="Bob <b>")
    found = why(client, spanish)
    text = repr(found)
    assert "(as TaskRouter decided)" in text
    assert 'Filter "es": selected_language == "es" matches (selected_language is "es")' in text
    assert (
        "Bob (not possible): is not in the queue Customer Care Requests - Spanish, which takes workers with "
        'languages HAS "es" (languages is ["en"]); is in the activity Offline, which is not available'
    ) in text
    assert "Set the activity of Alice to Available. The task would be reserved for Alice." in text
    page = found._repr_html_()
    assert page.count("<details") == 3
    assert "Bob &lt;b&gt;" in page
    assert "Bob <b>" not in page
    assert repr(why(client, spanish.sid)) == text


def test_workers_and_reservations_are_named_in_words(client):
    """No SID stands there in full, neither of the worker that a task asks for, nor of the reservation in its way."""
    workspace = client.taskrouter.v1.workspaces.create("Words", multi_task_enabled=False)
    available = workspace.activities.list(friendly_name="Available")[0].sid
    queue = workspace.task_queues.create("Everyone", target_workers="1==1")
    alice, _ = (workspace.workers.create(name, activity_sid=available) for name in ("Alice", "Bob"))
    target = {"queue": queue.sid, "known_worker_sid": "task.agent"}
    filters = [{"expression": "1==1", "targets": [target]}]
    workspace.workflows.create("F", configuration=json.dumps({"task_routing": {"filters": filters}}))
    first, second = (workspace.tasks.create(attributes=json.dumps({"agent": alice.sid})) for _ in range(2))
    text = repr(why(client, second))
    assert "The first match was filter 1. It waited in the queue Everyone, because nobody could take it." in text
    assert "The step is only for the worker that task.agent names: Alice" in text
    assert "Bob (not possible): is not asked: the step is only for Alice" in text
    (offer,) = first.reservations.list()
    assert f"Reject the reservation {offer.sid[:2]}…{offer.sid[-4:]} of Alice: " in text
    nobody = repr(why(client, workspace.tasks.create(attributes=json.dumps({"agent": "WK" + "0" * 32}))))
    assert "names: WK…0000" in nobody
    assert re.findall(r"\b[A-Z]{2}[0-9a-f]{32}\b", text + nobody) == []
    workspace.delete()


def test_live_it_says_that_it_is_inferred(cast, client, spanish, monkeypatch):
    monkeypatch.setattr("helpers.connection.clients.mode_of", lambda client: "live")
    text = repr(why(client, spanish))
    assert "inferred: live Twilio does not tell its reasons" in text
    assert "Alice (not possible): is in the activity Offline, which is not available" in text
    assert repr(why(client, spanish.sid, cast.workspace)) == text
    with pytest.raises(LessonError, match="in which workspace"):
        why(client, spanish.sid)
    with pytest.raises(LessonError, match="was not found"):
        why(client, "WT" + "0" * 32, cast.workspace)
