"""Which queue a task goes to, which worker is chosen, and in which order (behaviour.md §5 to §7)."""

from __future__ import annotations

from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from helpers.conformance.checks import check
from helpers.conformance.stage import Stage


@check("behaviour.md §5.2", "Of a workflow's filters the first that is true is taken, else the default filter.")
def first_filter_wins(stage: Stage) -> None:
    one, two, rest = stage.queue("one"), stage.queue("two"), stage.queue("rest")
    workflow = stage.workflow_of(
        {"expression": 'language == "es"', "targets": [{"queue": one.sid}]},
        {"expression": "1==1 AND language != null", "targets": [{"queue": two.sid}]},
        default=rest,
    )
    for attributes, queue in (({"language": "es"}, one), ({"language": "en"}, two), ({}, rest)):
        task = stage.task(workflow, attributes=attributes)
        stage.becomes(f"the queue of {attributes}", lambda task=task: task.fetch().task_queue_sid, queue.sid)


@check("behaviour.md §5.2", "A step that times out hands the task to the next one.")
def next_step(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    task = stage.task(stage.workflow({"queue": one.sid, "timeout": 1}, {"queue": two.sid}))
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)
    stage.becomes("the task's status", lambda: task.fetch().assignment_status, "pending")


@check("behaviour.md §5.2", "When the last step times out the task is canceled; the default filter does not catch it.")
def end_of_workflow(stage: Stage) -> None:
    queue, rest = stage.queue("one"), stage.queue("rest")
    task = stage.task(stage.workflow({"queue": queue.sid, "timeout": 1}, default=rest))
    stage.status(task, "canceled")
    stage.events(task, "workflow.timeout", "task.canceled")


@check("behaviour.md §5.3", "A step whose skip_if is true is skipped when nobody can be reserved at once.")
def skipped(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    stage.worker("away", available=False)
    steps = ({"queue": one.sid, "skip_if": "workers.available == 0"}, {"queue": two.sid})
    task = stage.task(stage.workflow(*steps))
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)


@check("behaviour.md §5.3", "A step is not skipped while somebody can be reserved.")
def not_skipped(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    worker = stage.worker("here")
    task = stage.task(stage.workflow({"queue": one.sid, "skip_if": "1==1"}, {"queue": two.sid}))
    stage.offered_to(task, worker)
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, one.sid)


@check("behaviour.md §5.1", "A step's priority becomes the task's, whatever it was created with.")
def step_priority(stage: Stage) -> None:
    workflow = stage.workflow({"queue": stage.queue().sid, "priority": 7})
    task = stage.task(workflow, priority=3)
    stage.becomes("the priority", lambda: task.fetch().priority, 7)


@check("behaviour.md §5.1", "A step's expression narrows the queue down to some of its workers.")
def step_expression(stage: Stage) -> None:
    stage.worker("wrong", team="red")
    right = stage.worker("right", team="blue")
    workflow = stage.workflow({"queue": stage.queue().sid, "expression": "worker.team == task.team"})
    stage.offered_to(stage.task(workflow, attributes={"team": "blue"}), right)


@check("behaviour.md §5.4", "A step with a known worker offers the task to that one alone.")
def known_worker(stage: Stage) -> None:
    stage.worker("other")
    wanted = stage.worker("wanted")
    workflow = stage.workflow({"queue": stage.queue().sid, "known_worker_sid": "task.who"})
    stage.offered_to(stage.task(workflow, attributes={"who": wanted.sid}), wanted)


@check("behaviour.md §6.4", "order_by chooses the worker with the highest value first.")
def order_by(stage: Stage) -> None:
    stage.worker("low", level=1)
    high = stage.worker("high", level=9)
    stage.worker("none")
    workflow = stage.workflow({"queue": stage.queue().sid, "order_by": "worker.level DESC"})
    stage.offered_to(stage.task(workflow), high)


@check("behaviour.md §5.2", "Changing a task's attributes does not route it again.")
def not_routed_again(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    workflow = stage.workflow_of({"expression": "level == 1", "targets": [{"queue": one.sid}]}, default=two)
    task = stage.task(workflow, attributes={"level": 1})
    task.update(attributes='{"level": 2}')
    stage.stays(task, "pending")
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, one.sid)


@check("behaviour.md §5.2", "Changing a workflow with ReEvaluateTasks routes its waiting tasks again.")
def re_evaluated(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    workflow = stage.workflow({"queue": one.sid})
    task = stage.task(workflow)
    workflow.update(configuration=workflow.configuration.replace(one.sid, two.sid), re_evaluate_tasks="true")
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)


@check("behaviour.md §7", "In a FIFO queue the higher priority is served first, then the older task.")
def task_order(stage: Stage) -> None:
    workflow, worker = stage.simple(), stage.worker("one", available=False)
    _in_order(stage, worker, [stage.task(workflow, priority=p) for p in (0, 0, 5)], (2, 0, 1))


@check("behaviour.md §7", "In a LIFO queue the newest task is served first, and priority does not count.")
def task_order_lifo(stage: Stage) -> None:
    workflow = stage.workflow({"queue": stage.queue(task_order="LIFO").sid})
    worker = stage.worker("one", available=False)
    _in_order(stage, worker, [stage.task(workflow, priority=p) for p in (5, 0, 0)], (2, 1, 0))


@check("behaviour.md §7", "VirtualStartTime takes the place of the creation in the order.")
def virtual_start_time(stage: Stage) -> None:
    workflow, worker = stage.simple(), stage.worker("one", available=False)
    older = stage.task(workflow)
    longest = stage.task(workflow)
    longest.update(virtual_start_time=longest.date_created.replace(year=2020, day=1))
    _in_order(stage, worker, [older, longest], (1, 0))


def _in_order(stage: Stage, worker: WorkerInstance, tasks: list[TaskInstance], places: tuple[int, ...]) -> None:
    """Deviation unless the worker, once available, is offered the tasks in this order."""
    stage.go(worker, "Available")
    for place in places:
        stage.offered_to(tasks[place], worker)
        stage.accept(tasks[place])
        tasks[place].update(assignment_status="completed", reason="done")


@check("behaviour.md §7", "Of the workers that are free, the one who has waited longest for a task is chosen.")
def longest_idle(stage: Stage) -> None:
    one, two, workflow = stage.worker("one"), stage.worker("two"), stage.simple()
    names = []
    for _ in range(4):
        task = stage.task(workflow)
        names.append(stage.accept(task).worker_name)
        stage.status(task, "assigned")
        task.update(assignment_status="completed", reason="done")
    stage.same("who gets four tasks in turn", len(set(names[:2])), 2)
    stage.same("who gets the next two", names[2:], names[:2])
    stage.same("the workers", set(names), {one.friendly_name, two.friendly_name})


@check("behaviour.md §7", "A worker holds as many tasks of a channel as its capacity, and not one more.")
def capacity(stage: Stage) -> None:
    worker, workflow = stage.worker("one", available=False), stage.simple()
    worker.worker_channels("default").update(capacity=2)
    stage.go(worker, "Available")
    tasks = [stage.task(workflow) for _ in range(3)]
    for task in tasks[:2]:
        stage.accept(task)
    stage.stays(tasks[2], "pending")
    tasks[0].update(assignment_status="completed", reason="done")
    stage.offered_to(tasks[2], worker)


@check("behaviour.md §7", "Each channel has a capacity of its own.")
def channels(stage: Stage) -> None:
    stage.worker("one")
    workflow = stage.simple()
    first = stage.task(workflow)
    stage.accept(first)
    chat = stage.task(workflow, task_channel="chat")
    stage.accept(chat)
    stage.status(chat, "assigned")
    stage.stays(stage.task(workflow), "pending")


@check("behaviour.md §2.1", "A task in wrapping still takes its place in the worker's capacity.")
def wrapping_counts(stage: Stage) -> None:
    worker, workflow = stage.worker("one"), stage.simple()
    first = stage.task(workflow)
    stage.accept(first)
    first.update(assignment_status="wrapping", reason="notes")
    second = stage.task(workflow)
    stage.stays(second, "pending")
    first.update(assignment_status="completed", reason="done")
    stage.offered_to(second, worker)


@check("behaviour.md §6.1", "HAS, IN, CONTAINS, comparisons, AND, OR, nesting and indexes find the right workers.")
def expressions(stage: Stage) -> None:
    stage.worker("a", available=False, languages=["en", "es"], level=3, place={"city": "Rome"})
    stage.worker("b", available=False, languages=["en"], level=7, place={"city": "Oslo"})
    for expression, wanted in {
        'languages HAS "es"': "a",
        'place.city IN ["Oslo", "Paris"]': "b",
        'place.city CONTAINS "om"': "a",
        "level >= 3 AND level < 7": "a",
        'level > 5 OR languages HAS "es"': "ab",
        '(level > 5 OR level < 2) AND languages HAS "es"': "",
        'languages[1] == "es"': "a",
        "level != 3": "b",
    }.items():
        stage.same(f"who is found by {expression}", "".join(sorted(stage.matching(expression))), wanted)


@check("behaviour.md §6.2", "Arrays and single values do not mix: HAS on a text finds nobody, and says nothing.")
def no_mixing(stage: Stage) -> None:
    stage.worker("a", available=False, department="sales", languages=["en"])
    for expression in ('department HAS "sales"', 'languages == "en"', 'langauges HAS "en"', "missing > 1"):
        stage.same(f"who is found by {expression}", stage.matching(expression), set())


@check("behaviour.md §6.2", "A misspelt operator is refused when the queue is created: 400, 20001.")
def broken_expression(stage: Stage) -> None:
    create = stage.workspace.task_queues.create
    stage.refused(lambda: create(friendly_name=f"{stage.name} queue", target_workers='language evel "en"'), 400, 20001)


@check("rest-contract.md §9.4", "A workflow that names a queue which does not exist is refused: 400.")
def unknown_queue(stage: Stage) -> None:
    stage.refused(lambda: stage.workflow({"queue": "WQ" + "0" * 32}), 400)


@check("rest-contract.md §4.7", "A queue lists the workers that its expression finds, whatever their activity.")
def members(stage: Stage) -> None:
    stage.worker("in", available=False, languages=["es"])
    stage.worker("out", languages=["en"])
    queue = stage.queue(workers='languages HAS "es"')
    names = [worker.friendly_name for worker in stage.workspace.workers.list(task_queue_sid=queue.sid)]
    stage.same("the queue's workers", names, [f"{stage.name} in"])
