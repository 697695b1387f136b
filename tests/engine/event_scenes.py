"""One scene for each kind of event; what it is about is returned."""

from __future__ import annotations

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.rules import transitions
from tests.engine.stage import START, Stage, filter_, step


def served(stage: Stage, **settings):
    """A task that has come to Alice, in a workflow with one filter."""
    target = step(stage.moving_queue(**settings), expression="worker.sid != task.nobody")
    stage.workflow(filter_("1==1", target, name="All of them"), name="Flow", task_reservation_timeout=10)
    stage.worker("Alice")
    return stage.task(attributes={"a": 1})


def rejected(stage: Stage):
    return stage.reject(served(stage), stage.offline)


def timed_out(stage: Stage):
    reservation = stage.the(served(stage))
    stage.pass_(10)
    return reservation


def canceled(stage: Stage):
    return stage.engine.reservations.cancel(stage.now, stage.the(served(stage)))


def rescinded(stage: Stage):
    stage.worker("Bob")
    first, second = served(stage, max_reserved_workers=2).open.values()
    stage.accept(second)
    return first


def accepted(stage: Stage):
    return stage.accept(served(stage))


def wrapping(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    return task


def offered(stage: Stage):
    return stage.the(served(stage))


def wrapped_up(stage: Stage):
    return stage.the(wrapping(stage))


def done(stage: Stage):
    return next(iter(completed(stage).reservations.values()))


def completed(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.complete(task, "done")
    return task


def given_up(stage: Stage):
    task = served(stage)
    stage.cancel(task, "no")
    return task


def unreached(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue())), name="Flow")
    absent = stage.worker("Alice", stage.offline)
    task = stage.task(
        routing_target=absent.sid, timeout=5, ignore_capacity=False, workflow_sid=next(iter(stage.state.workflows))
    )
    stage.pass_(5)
    return task


def passed_on(stage: Stage, to_queue: bool = False):
    """Alice has passed her task on, to Bob or to the queue that he is in."""
    reservation = accepted(stage)
    bob = stage.worker("Bob")
    queue = stage.queue("Bob's", target_workers="name == 'Bob'")
    stage.engine.workers.update(stage.now, bob, attributes='{"name": "Bob"}')
    stage.engine.transfers.create(stage.now, reservation, queue.sid if to_queue else bob.sid)
    return stage.state.tasks[reservation.task_sid]


def attempted(stage: Stage):
    task = passed_on(stage, to_queue=True)
    stage.reject(transitions.offers(task)[0], stage.offline)
    return task


def not_taken(stage: Stage):
    task = passed_on(stage)
    stage.reject(transitions.offers(task)[0])
    return task


def taken(stage: Stage):
    task = passed_on(stage)
    stage.accept(transitions.offers(task)[0])
    return task


def called_back(stage: Stage):
    task = passed_on(stage)
    stage.engine.transfers.cancel(stage.now, task.transfer)
    return task


def edited(stage: Stage):
    task = served(stage)
    stage.engine.tasks.update(stage.now, task, priority=3)
    return task


def deleted(stage: Stage):
    task = served(stage)
    stage.engine.tasks.delete(stage.now, task)
    return task


def forgotten(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.pass_(86_400)
    return task


def moved(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), step(stage.queue("Q2"), timeout=5)), name="Flow")
    task = stage.task()
    stage.pass_(5)
    return task


def run_out(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5)), name="Flow")
    task = stage.task()
    stage.pass_(5)
    return task


def passed_over(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), skip_if="1==1")), name="Flow")
    return stage.task()


def hired(stage: Stage):
    return stage.worker("Alice")


def relocated(stage: Stage):
    worker = stage.worker("Alice")
    stage.pass_(1.901)
    stage.move(worker, stage.busy)
    return worker


def taught(stage: Stage):
    worker = stage.worker("Alice")
    stage.engine.workers.update(stage.now, worker, attributes='{"x": "a/b"}')
    return worker


def enlarged(stage: Stage):
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, next(iter(worker.channels.values())), capacity=3, available=False)
    return worker


def fired(stage: Stage):
    worker = stage.worker("Alice", stage.offline)
    stage.engine.workers.delete(stage.now, worker)
    return worker


def a_queue(stage: Stage):
    queue = stage.queue("Q1", target_workers="1==2")
    stage.engine.task_queues.update(stage.now, queue, target_workers="2==2", max_reserved_workers=2)
    stage.engine.task_queues.delete(stage.now, queue)
    return queue


def a_workflow(stage: Stage):
    workflow = stage.workflow(name="Flow")
    stage.engine.workflows.update(stage.now, workflow, task_reservation_timeout=9)
    stage.engine.workflows.delete(stage.now, workflow)
    return workflow


def an_activity(stage: Stage):
    activity = stage.activity("Lunch")
    stage.engine.activities.update(stage.now, activity, friendly_name="Dinner")
    stage.engine.activities.delete(stage.now, activity)
    return activity


def a_channel(stage: Stage):
    channel = stage.engine.task_channels.create(stage.now, friendly_name="Mail", unique_name="mail")
    stage.engine.task_channels.update(stage.now, channel, channel_optimized_routing=True)
    stage.engine.task_channels.delete(stage.now, channel)
    return channel


def founded(stage: Stage):
    stage.engine = WorkspaceEngine.create(START, "AC" + "0" * 32, stage.state.new_sid, friendly_name="New")
    return stage.engine.workspace


def the_workspace(stage: Stage):
    stage.engine.update(stage.now, friendly_name="Another")
    stage.engine.delete(stage.now)
    return stage.engine.workspace
