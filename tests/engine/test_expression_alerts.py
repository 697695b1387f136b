"""Alerts for what is well formed and will never match, against `behaviour.md §6.5`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from tests.engine.stage import Stage, filter_, step

LIST = 'no list, and HAS and IN look into lists only: make it one, such as ["x"], or compare with =='
PREFIX = "without a prefix, so write"


def said(stage: Stage) -> list[str]:
    """The texts of the alerts since the last call; all are warnings."""
    assert set(stage.alerted()) <= {20001}
    assert {alert.level for alert in stage.alerts} <= {"warning"}
    texts = [alert.text for alert in stage.alerts]
    stage.forget()
    return texts


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("1==1", None),
        ("1=0", None),
        ("", None),
        ('languages HAS "es"', None),
        ("worker == 1 AND task != 2", None),
        (
            'worker.languages HAS "es"',
            f"worker.languages is not there: a queue names the worker's attributes {PREFIX} la",
        ),
        ("level > task.level", "task.level is not there: a queue sees the worker alone"),
        ("taskrouter.currentHour > 8", "taskrouter.currentHour is not there: a queue sees the worker alone"),
        ('"language" == "es"', "== at column 12 compares two constants: write a key without quotation marks"),
        ("onLeave! = true", "the operator at column 8 is read as !=: write it without a blank"),
        ("team IN 'red'", "IN at column 6 looks into lists only, and 'red' is none: write ['red'], or turn"),
        ("'red, blue' HAS team", "HAS at column 13 looks into lists only, and 'red, blue' is none"),
        ("languages HAS ['es', 'en']", "HAS at column 11 looks for one value, not for ['es', 'en']: ask for each"),
        ("team == ['red']", "== at column 6 is false of lists: write IN ['red'], or HAS where the key is a list"),
        ("team != ['red']", "!= at column 6 is false of lists: write NOT IN ['red'], or NOT with HAS where the key is"),
        ("team CONTAINS ['red'] OR 1==1", "CONTAINS at column 6 is false of lists: write IN ['red']"),
        ("team IN ['red'] AND 'es' IN languages AND languages HAS null", None),
    ],
)
def test_6_5_a_queue_whose_expression_finds_nobody(stage: Stage, expression: str, words: str | None):
    queue = stage.queue("Q1", target_workers=expression)
    texts = said(stage)
    assert len(texts) == (words is not None)
    assert all(text.startswith(f"TargetWorkers of TaskQueue Q1: {words}") for text in texts)
    stage.engine.task_queues.update(stage.now, queue, target_workers="1==1")
    assert said(stage) == []
    stage.engine.task_queues.update(stage.now, queue, target_workers=expression)
    assert said(stage) == (texts if expression != "1==1" else [])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({}, []),
        ({"expression": "task.language IN worker.languages", "skip_if": "workers.available == 0"}, []),
        ({"expression": "taskrouter.currentHour > 8 AND worker.sid != task.sid"}, []),
        ({"skip_if": "1==1 OR workers.WA0123 > 1"}, []),
        (
            {"expression": "isSurveyTask==true"},
            ["expression: isSurveyTask is not there: write worker.isSurveyTask or t"],
        ),
        ({"expression": "workers.level > 1"}, ["expression: workers.level is not there: write worker.level"]),
        ({"expression": "Task.level > 1"}, ["expression: Task.level is not there: write task.level"]),
        (
            {"expression": "TaskRouter.currentHour > 8"},
            ["expression: TaskRouter.currentHour is not there: write taskrouter.currentHour"],
        ),
        (
            {"expression": "taskrouter.currentDay == 1"},
            ["expression: taskrouter.currentDay is not there: there is task"],
        ),
        ({"skip_if": "workers.busy > 1"}, ["skip_if: workers.busy is not there: skip_if knows workers.available"]),
        ({"skip_if": "task.a == 1"}, ["skip_if: task.a is not there: skip_if knows workers.available"]),
        ({"orderBy": "worker.level DESC"}, ["orderBy is not read: write order_by"]),
        (
            {"Expression": "1==1", "skip-if": "1==1"},
            ["Expression is not read: write exp", "skip-if is not read: write s"],
        ),
        ({"note": "mine", "$comment": "kept"}, []),
    ],
)
def test_6_5_a_step_that_names_what_is_not_there(stage: Stage, target: dict[str, Any], words: list[str]):
    for place, document in {
        "filters[0].targets[0]": {"filters": [filter_("1==1", step(stage.queue("Q1"), **target))]},
        "default_filter": {"filters": [], "default_filter": step(stage.queue("Q2"), **target)},
    }.items():
        text = json.dumps({"task_routing": document})
        stage.engine.workflows.create(stage.now, friendly_name=place, configuration=text)
        texts = said(stage)
        assert len(texts) == len(words)
        for got, wanted in zip(texts, words, strict=True):
            assert got.startswith(f"Configuration: {place}.{wanted}")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"expression": 'language == "es" AND taskrouter.dayOfWeek == "Mon" AND task == 1'}, None),
        ({"expression": 'task.skill == "x"'}, "expression: task.skill is not there: a filter names"),
        ({"expression": "worker.level > 1"}, "expression: worker.level is not there: a filter sees the task alone"),
        ({"expression": "1==1", "friendlyName": "Gold"}, "friendlyName is not read: write friendly_name"),
        ({"expression": "1==1", "filterFriendlyName": "Gold"}, "filterFriendlyName is not read: write filter_"),
    ],
)  # fmt: skip
def test_6_5_a_filter_that_names_what_is_not_there(stage: Stage, one: dict[str, Any], words: str | None):
    queue = stage.queue()
    workflow = stage.workflow({"targets": [step(queue)], **one})
    texts = said(stage)
    assert len(texts) == (words is not None)
    assert all(text.startswith(f"Configuration: filters[0].{words}") for text in texts)
    stage.engine.workflows.update(stage.now, workflow, assignment_callback_url="http://x/", re_evaluate_tasks=True)
    assert said(stage) == []  # it was said
    configuration = workflow.configuration.replace("}}", ',"x":1}}')
    stage.engine.workflows.update(stage.now, workflow, configuration=configuration)
    assert said(stage) == texts


@pytest.mark.parametrize("key", ["Queue", "queue_sid", "taskQueueSid", "task_queue"])
def test_6_5_a_later_step_that_names_its_queue_otherwise(stage: Stage, key: str):
    """Without a queue of its own it stays in the one above (§5.1)."""
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), {key: stage.queue("Q2").sid}))
    assert said(stage) == [f"Configuration: filters[0].targets[1].{key} is not read: write queue"]


def test_6_5_a_default_filter_has_no_timeout(stage: Stage):
    target = {"queue": stage.queue().sid, "timeout": 30}
    text = json.dumps({"task_routing": {"default_filter": target}})
    stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=text)
    assert said(stage) == [
        "Configuration: default_filter.timeout is not read: a default filter has none, so leave it out"
    ]


def test_6_5_has_on_what_is_text_in_every_worker(stage: Stage):
    stage.worker("Alice", department="sales", level=1)
    stage.worker("Bob", level=[1])
    stage.queue("Q1", target_workers='department HAS "sales" OR level > 1')
    assert said(stage) == [f"TargetWorkers of TaskQueue Q1: department is {LIST}"]
    stage.queue("Q2", target_workers='team HAS "a" OR department == "sales"')
    assert said(stage) == []


def test_6_5_a_comparison_with_what_is_a_list_in_every_worker(stage: Stage):
    stage.worker("Alice", languages=["es"])
    stage.queue("Q1", target_workers='languages == "es"')
    wrong = "languages is a list, which only HAS and IN look into: write languages HAS instead"
    assert said(stage) == [f"TargetWorkers of TaskQueue Q1: {wrong}"]
    stage.queue("Q2", target_workers='languages != null AND (languages == "es" OR languages HAS "es")')
    assert said(stage) == []


def test_6_5_a_worker_who_is_kept_out_by_the_shape_of_an_attribute(stage: Stage):
    for name, code in (("Spanish", "es"), ("English", "en")):
        stage.queue(name, target_workers=f'languages HAS "{code}"')
    alice = stage.worker("Alice", languages="es")
    assert said(stage) == [f"Worker Alice is not in Spanish, English: languages is {LIST}"]
    stage.engine.workers.update(stage.now, alice, attributes='{"languages": "es", "level": 1}')
    assert said(stage) == []  # it has not changed
    stage.engine.workers.update(stage.now, alice, attributes='{"languages": ["es"]}')
    stage.engine.workers.update(stage.now, alice, attributes="{}")
    assert said(stage) == []
    stage.engine.workers.update(stage.now, alice, attributes='{"languages": "en"}')
    assert len(said(stage)) == 1


def test_6_5_a_step_that_no_worker_of_its_queue_can_meet(stage: Stage):
    sales = stage.queue("Sales", target_workers="sales == true")
    stage.worker("Alice", sales=True, skills="tax")
    stage.worker("Bob", skills=["tax"])
    said(stage)
    stage.workflow(filter_("1==1", step(sales, expression="task.skill IN worker.skills")))
    where = "Configuration: the expression task.skill IN worker.skills in TaskQueue Sales"
    assert said(stage) == [f"{where}: worker.skills is {LIST}"]


def test_6_5_an_order_that_is_ignored(stage: Stage):
    stage.worker("Alice", level=1, city="Rome")
    stage.worker("Bob", level="2")
    target = step(stage.queue("Sales"), order_by="worker.level DESC, worker.age ASC")
    stage.workflow(filter_("1==1", target))
    (text,) = said(stage)
    assert text.startswith(
        "Configuration: order_by worker.level DESC, worker.age ASC is ignored in TaskQueue Sales while"
    )
    assert text.endswith("while Worker Bob has something other than a whole number there: make it one")
    stage.workflow(filter_("1==1", step(stage.queue("Q2"), order_by="worker.age DESC")), name="Other")
    assert said(stage) == []


def test_6_5_a_task_that_a_filter_does_not_take_for_the_shape_of_an_attribute(stage: Stage):
    first = filter_('skills HAS "tax" OR vip == true', step(stage.queue("Q1")), name="Tax")
    second = filter_('skills HAS "art"', step(stage.queue("Q2")), name="Art")
    stage.workflow(first, second, default=stage.queue("Rest"))
    said(stage)
    task = stage.task(attributes={"skills": "tax"})
    assert said(stage) == [f"Filter {name} does not take task {task.sid}: skills is {LIST}" for name in ("Tax", "Art")]
    stage.task(attributes={"skills": "tax", "vip": True})
    stage.task(attributes={"skills": ["tax"]})
    stage.task(attributes={})
    stage.engine.tasks.update(stage.now, task, priority=4)
    assert said(stage) == []
    stage.engine.tasks.update(stage.now, task, attributes='{"skills": "art"}')
    assert len(said(stage)) == 2


def test_6_5_a_refusal_says_what_may_be_the_matter(stage: Stage):
    """A command that is refused raises no alert: its text has to say it."""
    stage.workflow(filter_('task.language == "es"', step(stage.queue())))
    said(stage)
    with pytest.raises(TaskRouterError, match=r"In filters\[0\]\.expression: task\.language is not there: a filter n"):
        stage.task(attributes={"language": "es"})
    assert said(stage) == []


@pytest.mark.parametrize(("name", "alerts"), [("web$", 0), ("chat_2", 0), ("web-chat", 1), ("2chat", 1)])
def test_6_5_a_task_channel_that_no_expression_can_name(stage: Stage, name: str, alerts: int):
    stage.engine.task_channels.create(stage.now, friendly_name="Web", unique_name=name)
    assert [f"No expression can name TaskChannel {name}" in text for text in said(stage)] == [True] * alerts
