"""What TaskRouter would refuse is an error when a file is read; what it takes and is hardly meant, a warning."""

from __future__ import annotations

import json
import warnings

import pytest

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.snapshot import SnapshotError, SnapshotWarning, addresses

ACTIVITIES = [{"friendly_name": "Offline"}, {"friendly_name": "Idle", "available": True}]
USUAL = {"workspace": {"friendly_name": "W"}, "activities": ACTIVITIES, "task_queues": [{"friendly_name": "Spanish"}]}
FILTER = {"expression": "language == 'es'", "targets": [{"queue": "Spanish"}]}
ROUTING = "workflows[0].configuration.task_routing"
STEP = f"{ROUTING}.filters[1].targets"


def text(**parts):
    return json.dumps({"format": "taskrouter-snapshot/1", **USUAL, **parts})


def configured(configuration):
    return text(workflows=[{"friendly_name": "F", "configuration": configuration}])


def routing(**members):
    return configured({"task_routing": members})


def steps(*targets):
    return routing(filters=[FILTER, {"expression": "a == 1", "targets": list(targets)}])


def queue(**members):
    return text(task_queues=[{"friendly_name": "Spanish"}, {"friendly_name": "English", **members}])


def workspace(**members):
    return text(workspace={"friendly_name": "W", **members})


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        (
            routing(filters=[FILTER, {"expression": "a == 1", "targt": [{"queue": "Spanish"}]}]),
            [
                f'{ROUTING}.filters[1]: needs "targets", a list with at least one routing step',
                f"{ROUTING}.filters[1].targt: is not read; there is filter_friendly_name, friendly_name, expression, "
                "targets; did you mean targets?",
            ],
        ),
        (
            routing(filters=[{"experssion": "a == 1", "targets": [{"queue": "Spanish"}]}]),
            [f'{ROUTING}.filters[0]: needs an "expression"', "did you mean expression?"],
        ),
        (
            steps({"quue": "Spanish"}),
            [
                f'{STEP}[0]: needs a "queue", the name of a task queue',
                f"{STEP}[0].quue: is not read; there is queue, priority, ",
                "did you mean queue?",
            ],
        ),
        (
            steps({"queue": "Spansh"}),
            [f"{STEP}[0].queue: 'Spansh' is not there; there is Spanish; did you mean Spanish?"],
        ),
        (steps({"queue": "Spanish", "timeout": 0}), [f"{STEP}[0].timeout: must be a whole number"]),
        (steps({"queue": "Spanish", "expression": "a ==="}), [f"{STEP}[0].expression: ", "did you mean ==?"]),
        (routing(filters={}), ['workflows[0].configuration: "task_routing.filters" must be a list']),
        (routing(filters=["x"], default_filter=3), [f"{ROUTING}.filters[0]: must be an object"]),
        (
            configured({"taskrouting": {}}),
            [
                'workflows[0].configuration: must be an object with "task_routing"',
                "configuration.taskrouting: is not read; there is task_routing; did you mean task_routing?",
            ],
        ),
        (queue(target_workers="languages HAS"), ["task_queues[1].target_workers: the expression ends too soon"]),
        (queue(max_reserved_workers=51), ["task_queues[1].max_reserved_workers: Expected a whole number <= 50"]),
        (queue(target_worker="1==1"), ["task_queues[1]: there is the unknown field", "did you mean target_workers?"]),
        (
            workspace(default_activity="idle"),
            ["workspace.default_activity: 'idle' is not there; there is Offline, Idle; did you mean Idle?"],
        ),
        (
            text(workers=[{"friendly_name": "A", "channels": {"voise": {}}}]),
            ["workers[0].channels: 'voise' is not there; there is default, voice, ", "did you mean voice?"],
        ),
        (text(workers=[{"friendly_name": "A" * 65}]), ["workers[0].friendly_name: Expected a text of length <= 64"]),
        (
            text(task_channels=[{"unique_name": "fax", "friendly_name": "F" * 65}]),
            ["task_channels[0].friendly_name: Expected a text of length <= 64"],
        ),
        (
            text(workers=[{"friendly_name": "A", "channels": {"voice": {"capacity": 2**31}}}]),
            ["capacity: Expected a whole number <= 2147483647"],
        ),
        (
            text(workers=[{"friendly_name": "A", "attributes": {"a": "é" * 4090}}]),
            ["workers[0].attributes: has 4098 characters as JSON; at most 4096 are allowed"],
        ),
        (
            configured({"task_routing": {"default_filter": {"queue": "Spanish"}, "comment": "x" * 1_038_576}}),
            ["workflows[0].configuration: is larger than 1038576 bytes"],
        ),
        (
            text()[:-1] + ', "task_queues": []}',
            ["one object has `task_queues` more than once: leave all but one"],
        ),
        (
            text(workers=[{"friendly_name": "A", "attributes": {"a": 1}}]).replace('"a": 1', '"a": 1, "a": 2'),
            ["one object has `a` more than once"],
        ),
    ],
)
def test_what_would_be_refused_is_named_with_its_place(file, lines):
    with pytest.raises(SnapshotError) as caught:
        snapshot.decode(file, "team.json")
    for line in lines:
        assert line in str(caught.value)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (steps({"queue": "Spanish", "timeot": 5}), f"{STEP}[0].timeot: is not read; there is queue, "),
        (steps({"queue": "Spanish"}, {"quue": "Spanish"}), f"{STEP}[1].quue: is not read; there is queue, "),
        (steps({"queue": "Spanish", "skipIf": "x"}), "did you mean skip_if?"),
        (steps({"queue": "Spanish", "comment": "Ann's"}), f"{STEP}[0].comment: is not read; there is queue, "),
        (steps({"queue": "Spanish", "expression": "level > 3"}), "level is not there: write worker.level or "),
        (routing(fliters=[FILTER]), "fliters: is not read; there is filters, default_filter; did you mean filters?"),
        (routing(default_filter={"queue": "Spanish", "timeout": 5}), "default_filter.timeout: is not read; there is "),
        (queue(target_workers="worker.level > 3"), "task_queues[1].target_workers: worker.level is not there: "),
        (
            workspace(events_filter=["task.created", "Task.create"]),
            "workspace.events_filter[1]: 'Task.create' is no type of an event, and nothing is reported for it; "
            "did you mean task.created?",
        ),
        (workspace(default_activity="Idle"), "workspace.default_activity: 'Idle' is available, so that a new worker"),
    ],
)
def test_what_is_hardly_meant_is_warned_of_and_taken(client, file, words):
    with pytest.warns(SnapshotWarning) as said:
        team = snapshot.decode(file, "team.json")
    (one,) = said
    assert words in str(one.message)
    assert str(one.message).startswith("team.json: ")
    made = snapshot.create(client, team)
    assert snapshot.read(client, made.sid).workflows == team.workflows  # a copy of it is possible, and the same


def test_nothing_is_said_of_what_is_right():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        snapshot.decode(routing(filters=[FILTER], default_filter={"queue": "Spanish"}))


ODD_ADDRESSES = [
    "nix",
    "ftp://a.example/x",
    "http://",
    "http:///x",
    "http://[::1/x",
    "http://a.example:99999/",
    "http://a\nb",
]


@pytest.mark.parametrize("address", ODD_ADDRESSES)
def test_an_address_that_leads_nowhere(address):
    for name in ("assignment_callback_url", "fallback_assignment_callback_url"):
        flow = {"friendly_name": "F", "configuration": {"task_routing": {"default_filter": {"queue": "Spanish"}}}}
        with pytest.raises(SnapshotError, match=rf"workflows\[0\].{name}: .* must begin with http"):
            snapshot.decode(text(workflows=[flow | {name: address}]))
    with pytest.raises(SnapshotError, match=r"event_callback_url: .* must begin with http"):
        snapshot.decode(workspace(event_callback_url=address))


@pytest.mark.parametrize("address", ["", "/", "/a?b=c", "//a", "https://a.example", "HTTP://u:p@[::1]:8080/x?y#z"])
def test_an_address_that_may_be_called(address):
    assert snapshot.decode(workspace(event_callback_url=address)).workspace.event_callback_url == address


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("[" * 5_000, "nested too deeply"),
        ('{"format": "\\ud800"}', "half a surrogate pair"),
        ('{"format": NaN}', "NaN"),
    ],
)
def test_json_that_no_program_sends(sent, words):
    with pytest.raises(SnapshotError, match=words):
        snapshot.decode(sent)


def test_the_mark_that_some_editors_put_first():
    assert snapshot.decode("\ufeff" + text()) == snapshot.decode(text())


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("https://live.example//other.example/x", "http://127.0.0.1:5000//other.example/x"),
        ("//other.example/x", "http://127.0.0.1:5000//other.example/x"),
        ("https://u:p@live.example:8/x?y=1#z", "http://127.0.0.1:5000/x?y=1#z"),
        ("https://live.example", "http://127.0.0.1:5000/"),
        ("/x?y", "http://127.0.0.1:5000/x?y"),
    ],
)
def test_no_path_leads_to_another_machine(address, here):
    team = snapshot.decode(workspace(event_callback_url=address))
    led, changed = addresses.lead_here(team, "http://127.0.0.1:5000")
    assert led.workspace.event_callback_url == here
    assert changed == [f"workspace.event_callback_url: {address}"]
    if address.startswith("/"):
        assert addresses.complete(team, "http://127.0.0.1:5000").workspace.event_callback_url == here


def test_an_address_of_an_account_that_makes_no_sense_is_left_out():
    team = snapshot.decode(text())
    team.workspace.event_callback_url = "http://[::1/x"
    led, changed = addresses.lead_here(team, None)
    assert (led.workspace.event_callback_url, changed) == ("", ["workspace.event_callback_url: http://[::1/x"])
