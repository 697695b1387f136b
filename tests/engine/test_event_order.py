"""In which order events come, against `behaviour.md §4.4, §4.5`."""

from __future__ import annotations

from tests.engine.stage import Stage, filter_, step


def test_4_4_the_order_when_a_task_is_created(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.moving_queue())))
    stage.worker("Alice")
    stage.forget()
    stage.task()
    assert stage.happened() == [
        "workflow.target-matched",
        "task.created",
        "task-queue.entered",
        "workflow.entered",
        "reservation.created",
        "worker.activity.update",
    ]
    stamps = [event.date_created for event in stage.events]
    assert stamps == list(range(stamps[0], stamps[0] + 6))  # increasing milliseconds


def test_4_4_the_order_when_a_worker_becomes_available(stage: Stage):
    """The event of the reservation already names the activity that it leads to."""
    stage.workflow(default=stage.moving_queue())
    worker = stage.worker("Alice", stage.offline)
    stage.task()
    stage.forget()
    stage.move(worker, stage.idle)
    stage.happened()
    assert [(e.event_type, e.data["WorkerActivityName"]) for e in stage.events] == [
        ("worker.activity.update", "Idle"),
        ("reservation.created", "Reserved"),
        ("worker.activity.update", "Reserved"),
    ]


def test_4_4_the_order_when_a_task_ends(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    task = stage.task()
    stage.accept(task)
    stage.forget()
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    assert stage.happened() == ["reservation.wrapup", "task.wrapup"]
    stage.forget()
    stage.complete(task, "all done")
    assert stage.happened() == ["task.completed", "reservation.completed"]
    assert stage.event("task.completed").data["TaskCompletedReason"] == "all done"


def test_4_5_the_order_when_a_task_moves_on(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), step(stage.queue("Q2"), timeout=5)))
    task = stage.task()
    stage.forget()
    stage.pass_(5)
    assert stage.happened() == [
        "task-queue.timeout",
        "workflow.target-matched",
        "task-queue.moved",
        "task-queue.entered",
    ]
    timeout, _, moved, entered = stage.events
    assert (timeout.data["TaskQueueName"], entered.data["TaskQueueName"]) == ("Q1", "Q2")
    assert moved.description == f"Task {task.sid} moved from TaskQueue Q1 to TaskQueue Q2"
