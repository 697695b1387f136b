"""How tasks, reservations and activities move (behaviour.md §2)."""

from __future__ import annotations

from helpers.conformance.checks import check
from helpers.conformance.stage import Stage


@check("behaviour.md §2.1", "A task that nobody can take waits: it is pending, in its queue.")
def waits(stage: Stage) -> None:
    queue = stage.queue()
    stage.worker("away", available=False)
    task = stage.task(stage.workflow({"queue": queue.sid}))
    stage.stays(task, "pending")
    stage.becomes("the task's queue", lambda: task.fetch().task_queue_sid, queue.sid)
    stage.same("its number of reservations", len(task.reservations.list()), 0)


@check("behaviour.md §2.1", "When a worker becomes available, the waiting task is reserved for them at once.")
def reserved(stage: Stage) -> None:
    worker = stage.worker("late", available=False)
    task = stage.task(stage.simple())
    stage.go(worker, "Available")
    reservation = stage.offered_to(task, worker)
    stage.same("the reservation's worker_sid", reservation.worker_sid, worker.sid)
    stage.status(task, "reserved")


@check("behaviour.md §2.1", "Accepting the reservation makes the task assigned.")
def accepted(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    stage.same("the reservation's status", stage.accept(task).reservation_status, "accepted")
    stage.status(task, "assigned")


@check("behaviour.md §2.1", "An assigned task can be wrapped up and completed, and its reservation goes with it.")
def wrapped_up(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    reservation = stage.accept(task)
    task = task.update(assignment_status="wrapping", reason="talked")
    stage.same("the task's status", task.assignment_status, "wrapping")
    task = task.update(assignment_status="completed", reason="done")
    stage.same("the task's status and reason", (task.assignment_status, task.reason), ("completed", "done"))
    stage.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "completed")


@check("behaviour.md §2.1", "A pending task cannot be completed: 400, 20001.")
def not_completed(stage: Stage) -> None:
    task = stage.task(stage.simple())
    stage.refused(lambda: task.update(assignment_status="completed", reason="x"), 400, 20001, "not currently assigned")
    stage.stays(task, "pending")


@check("behaviour.md §2.1", "An assigned task cannot be canceled: 400, 20001.")
def not_canceled(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    stage.accept(task)
    stage.refused(lambda: task.update(assignment_status="canceled", reason="x"), 400, 20001, "not pending or reserved")
    stage.stays(task, "assigned")


@check("behaviour.md §2.1", "A task that is over cannot be changed into another state: 400.")
def over_is_over(stage: Stage) -> None:
    task = stage.task(stage.simple()).update(assignment_status="canceled", reason="x")
    stage.refused(lambda: task.update(assignment_status="wrapping", reason="y"), 400, 20001)
    stage.becomes("the task's status", lambda: task.fetch().assignment_status, "canceled")


@check("behaviour.md §2.1", "Canceling a reserved task keeps the reason and cancels its reservation.")
def canceled_with_reservation(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    reservation = stage.reserved(task)
    task = task.update(assignment_status="canceled", reason="the caller is gone")
    stage.same(
        "the task's status and reason", (task.assignment_status, task.reason), ("canceled", "the caller is gone")
    )
    stage.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "canceled")


@check("behaviour.md §2.1", "A task that nobody accepts within its own timeout is canceled.")
def time_to_live(stage: Stage) -> None:
    task = stage.task(stage.simple(), timeout=1)
    task = stage.status(task, "canceled")
    stage.holds("TTL Exceeded" in (task.reason or ""), f"the reason is {task.reason!r}, without 'TTL Exceeded'")


@check(
    "behaviour.md §2.2", "A rejected reservation frees the task, which is offered again, to the same worker if need be."
)
def rejected(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple())
    first = stage.reserved(task).update(reservation_status="rejected")
    stage.same("the reservation's status", first.reservation_status, "rejected")
    stage.holds(stage.offered_to(task, worker).sid != first.sid, "the same reservation is pending again")


@check("behaviour.md §2.2", "Rejecting with a worker activity sends the worker there, and the task waits again.")
def rejected_and_sent_away(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple())
    offline = stage.activity("Offline")
    stage.reserved(task).update(reservation_status="rejected", worker_activity_sid=offline.sid)
    stage.becomes("the worker's activity", lambda: worker.fetch().activity_sid, offline.sid)
    stage.status(task, "pending")


@check(
    "behaviour.md §2.2", "A reservation that nobody answers times out: the worker goes Offline, the task waits again."
)
def timed_out(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple(task_reservation_timeout=1))
    reservation = stage.reserved(task)
    stage.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "timeout")
    stage.becomes("the worker's activity", lambda: worker.fetch().activity_name, "Offline")
    stage.status(task, "pending")


@check("behaviour.md §2.2", "With several workers reserved at once, the first yes wins and the others are rescinded.")
def first_yes_wins(stage: Stage) -> None:
    stage.worker("one")
    stage.worker("two")
    task = stage.task(stage.workflow({"queue": stage.queue(max_reserved_workers=2).sid}))
    winner, loser = stage.reservations(task, 2)
    winner.update(reservation_status="accepted")
    stage.status(task, "assigned")
    stage.becomes("the other reservation's status", lambda: loser.fetch().reservation_status, "rescinded")


@check("behaviour.md §2.2", "An accepted reservation cannot be rejected any more.")
def accepted_is_accepted(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    reservation = stage.accept(task)
    stage.refused(lambda: reservation.update(reservation_status="rejected"), 400)
    stage.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "accepted")


@check("behaviour.md §2.3", "A worker who goes away may reject what is pending in the same call.")
def rejects_on_leaving(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple())
    reservation = stage.reserved(task)
    stage.go(worker, "Offline", reject_pending_reservations=True)
    stage.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "rejected")
    stage.status(task, "pending")


@check("behaviour.md §2.3", "A worker who stays available cannot reject that way: 400.")
def rejects_only_on_leaving(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple())
    stage.reserved(task)
    stage.refused(lambda: stage.go(worker, "Available", reject_pending_reservations=True), 400)
    stage.stays(task, "reserved")


@check("behaviour.md §2.3", "A worker who goes away without that keeps what is pending, and may still accept it.")
def keeps_on_leaving(stage: Stage) -> None:
    worker = stage.worker("one")
    task = stage.task(stage.simple())
    reservation = stage.reserved(task)
    stage.go(worker, "Offline")
    stage.stays(task, "reserved")
    reservation.update(reservation_status="accepted")
    stage.status(task, "assigned")


@check("behaviour.md §2.3", "Multitasking: being reserved and assigned leaves the worker's activity alone.")
def activity_left_alone(stage: Stage) -> None:
    away = stage.activity("Unavailable")
    queue = stage.queue(reservation_activity_sid=away.sid, assignment_activity_sid=away.sid)
    worker = stage.worker("one")
    task = stage.task(stage.workflow({"queue": queue.sid}))
    stage.reserved(task)
    stage.becomes("the activity of the reserved worker", lambda: worker.fetch().activity_name, "Available")
    stage.accept(task)
    stage.becomes("the activity of the assigned worker", lambda: worker.fetch().activity_name, "Available")


@check("behaviour.md §2.3", "Single-tasking: the queue's activities are those of a reserved and an assigned worker,"
       " who keeps the latter when the task is completed.", "single-tasking")  # fmt: skip
def activity_moved(stage: Stage) -> None:
    queue = stage.queue(
        reservation_activity_sid=stage.activity("Reserved").sid, assignment_activity_sid=stage.activity("Busy").sid
    )
    worker = stage.worker("one")
    task = stage.task(stage.workflow({"queue": queue.sid}))
    stage.reserved(task)
    stage.becomes("the activity of the reserved worker", lambda: worker.fetch().activity_name, "Reserved")
    stage.accept(task)
    stage.becomes("the activity of the assigned worker", lambda: worker.fetch().activity_name, "Busy")
    task.update(assignment_status="completed", reason="done")
    stage.becomes("the activity after the task", lambda: worker.fetch().activity_name, "Busy")


@check("behaviour.md §2.3", "A new worker begins in the workspace's default activity, Offline.")
def begins_offline(stage: Stage) -> None:
    worker = stage.workspace.workers.create(friendly_name=f"{stage.name} new")
    stage.same("the activity", (worker.activity_name, worker.available), ("Offline", False))
