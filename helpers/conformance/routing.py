"""Which queue a task goes to, which worker is chosen, and in which order (behaviour.md §5 to §7)."""

from __future__ import annotations

from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from helpers.conformance.check_context import CheckContext
from helpers.conformance.checks import check


@check("behaviour.md §5.2", "Of a workflow's filters the first that is true is taken, else the default filter.")
def first_filter_wins(context: CheckContext) -> None:
    one, two, rest = context.queue("one"), context.queue("two"), context.queue("rest")
    workflow = context.workflow_of(
        {"expression": 'language == "es"', "targets": [{"queue": one.sid}]},
        {"expression": "1==1 AND language != null", "targets": [{"queue": two.sid}]},
        default=rest,
    )
    for attributes, queue in (({"language": "es"}, one), ({"language": "en"}, two), ({}, rest)):
        task = context.task(workflow, attributes=attributes)
        context.becomes(f"the queue of {attributes}", lambda task=task: task.fetch().task_queue_sid, queue.sid)


@check("behaviour.md §5.2", "A step that times out hands the task to the next one.")
def next_step(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    task = context.task(context.workflow({"queue": one.sid, "timeout": 1}, {"queue": two.sid}))
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)
    context.becomes("the task's status", lambda: task.fetch().assignment_status, "pending")


@check("behaviour.md §5.2", "When the last step times out the task is canceled; the default filter does not catch it.")
def end_of_workflow(context: CheckContext) -> None:
    queue, rest = context.queue("one"), context.queue("rest")
    task = context.task(context.workflow({"queue": queue.sid, "timeout": 1}, default=rest))
    context.status(task, "canceled")
    context.events(task, "workflow.timeout", "task.canceled")


@check("behaviour.md §5.3", "A step whose skip_if is true is skipped when nobody can be reserved at once.")
def skipped(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    context.worker("away", available=False)
    steps = ({"queue": one.sid, "skip_if": "workers.available == 0"}, {"queue": two.sid})
    task = context.task(context.workflow(*steps))
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)


@check("behaviour.md §5.3", "A step is not skipped while somebody can be reserved.")
def not_skipped(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    worker = context.worker("here")
    task = context.task(context.workflow({"queue": one.sid, "skip_if": "1==1"}, {"queue": two.sid}))
    context.offered_to(task, worker)
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, one.sid)


@check("behaviour.md §5.1", "A step's priority becomes the task's, whatever it was created with.")
def step_priority(context: CheckContext) -> None:
    workflow = context.workflow({"queue": context.queue().sid, "priority": 7})
    task = context.task(workflow, priority=3)
    context.becomes("the priority", lambda: task.fetch().priority, 7)


@check("behaviour.md §5.1", "A step's expression narrows the queue down to some of its workers.")
def step_expression(context: CheckContext) -> None:
    context.worker("wrong", team="red")
    right = context.worker("right", team="blue")
    workflow = context.workflow({"queue": context.queue().sid, "expression": "worker.team == task.team"})
    context.offered_to(context.task(workflow, attributes={"team": "blue"}), right)


@check("behaviour.md §5.4", "A step with a known worker offers the task to that one alone.")
def known_worker(context: CheckContext) -> None:
    context.worker("other")
    wanted = context.worker("wanted")
    workflow = context.workflow({"queue": context.queue().sid, "known_worker_sid": "task.who"})
    context.offered_to(context.task(workflow, attributes={"who": wanted.sid}), wanted)


@check("behaviour.md §6.4", "order_by chooses the worker with the highest value first.")
def order_by(context: CheckContext) -> None:
    context.worker("low", level=1)
    high = context.worker("high", level=9)
    context.worker("none")
    workflow = context.workflow({"queue": context.queue().sid, "order_by": "worker.level DESC"})
    context.offered_to(context.task(workflow), high)


@check("behaviour.md §5.4", "A known worker who does not exist is waited for, until the step times out.")
def unknown_worker(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    context.worker("other")
    step = {"queue": one.sid, "known_worker_sid": "task.who", "timeout": 1}
    workflow = context.workflow(step, {"queue": two.sid, "expression": "worker.team == task.team"})
    task = context.task(workflow, attributes={"who": "WK" + "0" * 32, "team": "red"})
    context.becomes("the task's queue in the end", lambda: task.fetch().task_queue_sid, two.sid)
    context.events(task, "task-queue.timeout")


@check("behaviour.md §5.2", "Changing a waiting task's attributes takes it to the filter that they match now.")
def attributes_routed_again(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    workflow = context.workflow_of({"expression": "level == 1", "targets": [{"queue": one.sid}]}, default=two)
    task = context.task(workflow, attributes={"level": 2})
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)
    task.update(attributes='{"level": 1}')
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, one.sid)
    context.stays(task, "pending")


@check("behaviour.md §5.2", "Changing a workflow with ReEvaluateTasks routes its waiting tasks again.")
def re_evaluated(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    workflow = context.workflow({"queue": one.sid})
    task = context.task(workflow)
    workflow.update(configuration=workflow.configuration.replace(one.sid, two.sid), re_evaluate_tasks="true")
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, two.sid)


@check("behaviour.md §7", "In a FIFO queue the higher priority is served first, then the older task.")
def task_order(context: CheckContext) -> None:
    workflow, worker = context.simple(), context.worker("one", available=False)
    _in_order(context, worker, [context.task(workflow, priority=p) for p in (0, 0, 5)], (2, 0, 1))


@check("behaviour.md §7", "In a LIFO queue the newest task is served first, and priority does not count.")
def task_order_lifo(context: CheckContext) -> None:
    workflow = context.workflow({"queue": context.queue(task_order="LIFO").sid})
    worker = context.worker("one", available=False)
    _in_order(context, worker, [context.task(workflow, priority=p) for p in (5, 0, 0)], (2, 1, 0))


@check("behaviour.md §7", "VirtualStartTime takes the place of the creation in the order.")
def virtual_start_time(context: CheckContext) -> None:
    workflow, worker = context.simple(), context.worker("one", available=False)
    older = context.task(workflow)
    longest = context.task(workflow)
    longest.update(virtual_start_time=longest.date_created.replace(year=2020, day=1))
    _in_order(context, worker, [older, longest], (1, 0))


def _in_order(
    context: CheckContext, worker: WorkerInstance, tasks: list[TaskInstance], places: tuple[int, ...]
) -> None:
    """Raise Deviation unless the worker, once available, is offered the tasks in this order."""
    context.go(worker, "Available")
    for place in places:
        context.offered_to(tasks[place], worker)
        context.accept(tasks[place])
        tasks[place].update(assignment_status="completed", reason="done")


@check("behaviour.md §7", "Of the workers that are free, the one who has waited longest for a task is chosen.")
def longest_idle(context: CheckContext) -> None:
    one, two, workflow = context.worker("one"), context.worker("two"), context.simple()
    names = []
    for _ in range(4):
        task = context.task(workflow)
        names.append(context.accept(task).worker_name)
        context.status(task, "assigned")
        task.update(assignment_status="completed", reason="done")
    context.same("who gets four tasks in turn", len(set(names[:2])), 2)
    context.same("who gets the next two", names[2:], names[:2])
    context.same("the workers", set(names), {one.friendly_name, two.friendly_name})


@check("behaviour.md §7", "A worker holds as many tasks of a channel as its capacity, and not one more.")
def capacity(context: CheckContext) -> None:
    worker, workflow = context.worker("one", available=False), context.simple()
    worker.worker_channels("default").update(capacity=2)
    context.go(worker, "Available")
    tasks = [context.task(workflow) for _ in range(3)]
    for task in tasks[:2]:
        context.accept(task)
    context.stays(tasks[2], "pending")
    tasks[0].update(assignment_status="completed", reason="done")
    context.offered_to(tasks[2], worker)


@check("behaviour.md §7", "Reservations come in parallel until the worker's capacity is used up.")
def parallel_reservations(context: CheckContext) -> None:
    worker, workflow = context.worker("one", available=False), context.simple()
    worker.worker_channels("default").update(capacity=3)
    context.go(worker, "Available")
    tasks = [context.task(workflow) for _ in range(4)]
    for task in tasks[:3]:
        context.offered_to(task, worker)
    context.stays(tasks[3], "pending")


@check("behaviour.md §7", "Each channel has a capacity of its own.")
def channels(context: CheckContext) -> None:
    context.worker("one")
    workflow = context.simple()
    first = context.task(workflow)
    context.accept(first)
    chat = context.task(workflow, task_channel="chat")
    context.accept(chat)
    context.status(chat, "assigned")
    context.stays(context.task(workflow), "pending")


@check("behaviour.md §2.1", "A task in wrapping still takes its place in the worker's capacity.")
def wrapping_counts(context: CheckContext) -> None:
    worker, workflow = context.worker("one"), context.simple()
    first = context.task(workflow)
    context.accept(first)
    first.update(assignment_status="wrapping", reason="notes")
    second = context.task(workflow)
    context.stays(second, "pending")
    first.update(assignment_status="completed", reason="done")
    context.offered_to(second, worker)


@check("behaviour.md §6.1", "HAS, IN, CONTAINS, comparisons, AND, OR, nesting and indexes find the right workers.")
def expressions(context: CheckContext) -> None:
    context.worker("a", available=False, languages=["en", "es"], level=3, place={"city": "Rome"})
    context.worker("b", available=False, languages=["en"], level=7, place={"city": "Oslo"})
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
        context.same(f"who is found by {expression}", "".join(sorted(context.matching(expression))), wanted)


@check("behaviour.md §6.2", "Arrays and single values do not mix: HAS on a text finds nobody, and says nothing.")
def no_mixing(context: CheckContext) -> None:
    context.worker("a", available=False, department="sales", languages=["en"])
    for expression in ('department HAS "sales"', 'languages == "en"', 'langauges HAS "en"', "missing > 1"):
        context.same(f"who is found by {expression}", context.matching(expression), set())


@check("behaviour.md §6.2", "A misspelt operator is refused when the queue is created: 400, 20001.")
def broken_expression(context: CheckContext) -> None:
    create = context.workspace.task_queues.create
    context.refused(
        lambda: create(friendly_name=f"{context.name} queue", target_workers='language evel "en"'), 400, 20001
    )


@check("rest-contract.md §9.4", "A workflow that names a queue which does not exist is refused: 400.")
def unknown_queue(context: CheckContext) -> None:
    context.refused(lambda: context.workflow({"queue": "WQ" + "0" * 32}), 400)


@check("rest-contract.md §4.7", "A queue lists the workers that its expression finds, whatever their activity.")
def members(context: CheckContext) -> None:
    context.worker("in", available=False, languages=["es"])
    context.worker("out", languages=["en"])
    queue = context.queue(workers='languages HAS "es"')
    names = [worker.friendly_name for worker in context.workspace.workers.list(task_queue_sid=queue.sid)]
    context.same("the queue's workers", names, [f"{context.name} in"])
