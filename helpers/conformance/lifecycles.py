"""How tasks, reservations and activities move (behaviour.md §2)."""

from __future__ import annotations

from helpers.conformance.check_context import CheckContext
from helpers.conformance.checks import check


@check("behaviour.md §2.1", "A task that nobody can take waits: it is pending, in its queue.")
def waits(context: CheckContext) -> None:
    queue = context.queue()
    context.worker("away", available=False)
    task = context.task(context.workflow({"queue": queue.sid}))
    context.stays(task, "pending")
    context.becomes("the task's queue", lambda: task.fetch().task_queue_sid, queue.sid)
    context.same("its number of reservations", len(task.reservations.list()), 0)


@check("behaviour.md §2.1", "When a worker becomes available, the waiting task is reserved for them at once.")
def reserved(context: CheckContext) -> None:
    worker = context.worker("late", available=False)
    task = context.task(context.simple())
    context.go(worker, "Available")
    reservation = context.offered_to(task, worker)
    context.same("the reservation's worker_sid", reservation.worker_sid, worker.sid)
    context.status(task, "reserved")


@check("behaviour.md §2.1", "Accepting the reservation makes the task assigned.")
def accepted(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    context.same("the reservation's status", context.accept(task).reservation_status, "accepted")
    context.status(task, "assigned")


@check("behaviour.md §2.1", "An assigned task can be wrapped up and completed, and its reservation goes with it.")
def wrapped_up(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    reservation = context.accept(task)
    task = task.update(assignment_status="wrapping", reason="talked")
    context.same("the task's status", task.assignment_status, "wrapping")
    task = task.update(assignment_status="completed", reason="done")
    context.same("the task's status and reason", (task.assignment_status, task.reason), ("completed", "done"))
    context.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "completed")


@check("behaviour.md §2.1", "A pending task cannot be completed: 400, 20001.")
def not_completed(context: CheckContext) -> None:
    task = context.task(context.simple())
    context.refused(
        lambda: task.update(assignment_status="completed", reason="x"), 400, 20001, "not currently assigned"
    )
    context.stays(task, "pending")


@check("behaviour.md §2.1", "An assigned task cannot be canceled: 400, 20001.")
def not_canceled(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    context.accept(task)
    context.refused(
        lambda: task.update(assignment_status="canceled", reason="x"), 400, 20001, "not pending or reserved"
    )
    context.stays(task, "assigned")


@check("behaviour.md §2.1", "A task that is over cannot be changed into another state: 400.")
def over_is_over(context: CheckContext) -> None:
    task = context.task(context.simple()).update(assignment_status="canceled", reason="x")
    context.refused(lambda: task.update(assignment_status="wrapping", reason="y"), 400, 20001)
    context.becomes("the task's status", lambda: task.fetch().assignment_status, "canceled")


@check("behaviour.md §2.1", "Canceling a reserved task keeps the reason and cancels its reservation.")
def canceled_with_reservation(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    reservation = context.reserved(task)
    task = task.update(assignment_status="canceled", reason="the caller is gone")
    context.same(
        "the task's status and reason", (task.assignment_status, task.reason), ("canceled", "the caller is gone")
    )
    context.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "canceled")


@check("behaviour.md §2.1", "A task that nobody accepts within its own timeout is canceled.")
def time_to_live(context: CheckContext) -> None:
    task = context.task(context.simple(), timeout=1)
    task = context.status(task, "canceled")
    context.holds("TTL Exceeded" in (task.reason or ""), f"the reason is {task.reason!r}, without 'TTL Exceeded'")


@check(
    "behaviour.md §2.2", "A rejected reservation frees the task, which is offered again, to the same worker if need be."
)
def rejected(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple())
    first = context.reserved(task).update(reservation_status="rejected")
    context.same("the reservation's status", first.reservation_status, "rejected")
    context.holds(context.offered_to(task, worker).sid != first.sid, "the same reservation is pending again")


@check("behaviour.md §2.2", "A rejected task goes to the next eligible worker, though the first is still available.")
def rejected_for_the_next(context: CheckContext) -> None:
    context.worker("one")
    context.worker("two")
    task = context.task(context.simple())
    first = context.reserved(task).update(reservation_status="rejected")
    second = context.reserved(task)
    context.holds(second.worker_sid != first.worker_sid, f"{first.worker_name} is offered it again")


@check("behaviour.md §2.2", "Rejecting with a worker activity sends the worker there, and the task waits again.")
def rejected_and_sent_away(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple())
    offline = context.activity("Offline")
    context.reserved(task).update(reservation_status="rejected", worker_activity_sid=offline.sid)
    context.becomes("the worker's activity", lambda: worker.fetch().activity_sid, offline.sid)
    context.status(task, "pending")


@check(
    "behaviour.md §2.2", "A reservation that nobody answers times out: the worker goes Offline, the task waits again."
)
def timed_out(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple(task_reservation_timeout=1))
    reservation = context.reserved(task)
    context.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "timeout")
    context.becomes("the worker's activity", lambda: worker.fetch().activity_name, "Offline")
    context.status(task, "pending")


@check("behaviour.md §2.2", "With several workers reserved at once, the first yes wins and the others are rescinded.")
def first_yes_wins(context: CheckContext) -> None:
    context.worker("one")
    context.worker("two")
    task = context.task(context.workflow({"queue": context.queue(max_reserved_workers=2).sid}))
    winner, loser = context.reservations(task, 2)
    winner.update(reservation_status="accepted")
    context.status(task, "assigned")
    context.becomes("the other reservation's status", lambda: loser.fetch().reservation_status, "rescinded")


@check("behaviour.md §2.2", "An accepted reservation cannot be rejected any more.")
def accepted_is_accepted(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    reservation = context.accept(task)
    context.refused(lambda: reservation.update(reservation_status="rejected"), 400)
    context.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "accepted")


@check("behaviour.md §2.2", "A second accept is refused in the service's words: 400.")
def second_accept(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    reservation = context.accept(task)
    words = "already in state [accepted] and cannot be updated to [accepted]"
    context.refused(lambda: reservation.update(reservation_status="accepted"), 400, None, words)
    context.stays(task, "assigned")


@check("behaviour.md §2.1", "A task that ends because its reservation was completed says so in its reason.")
def completed_by_reservation(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    context.accept(task).update(reservation_status="completed")
    task = context.status(task, "completed")
    context.same("the reason", task.reason, "All reservations were completed")


@check("behaviour.md §2.3", "A worker who goes away may reject what is pending in the same call.")
def rejects_on_leaving(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple())
    reservation = context.reserved(task)
    context.go(worker, "Offline", reject_pending_reservations=True)
    context.becomes("the reservation's status", lambda: reservation.fetch().reservation_status, "rejected")
    context.status(task, "pending")


@check("behaviour.md §2.3", "A worker who stays available cannot reject that way: 400.")
def rejects_only_on_leaving(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple())
    context.reserved(task)
    context.refused(lambda: context.go(worker, "Available", reject_pending_reservations=True), 400)
    context.stays(task, "reserved")


@check("behaviour.md §2.3", "A worker who goes away without that keeps what is pending, and may still accept it.")
def keeps_on_leaving(context: CheckContext) -> None:
    worker = context.worker("one")
    task = context.task(context.simple())
    reservation = context.reserved(task)
    context.go(worker, "Offline")
    context.stays(task, "reserved")
    reservation.update(reservation_status="accepted")
    context.status(task, "assigned")


@check("behaviour.md §2.3", "Multitasking: being reserved and assigned leaves the worker's activity alone.")
def activity_left_alone(context: CheckContext) -> None:
    away = context.activity("Unavailable")
    queue = context.queue(reservation_activity_sid=away.sid, assignment_activity_sid=away.sid)
    worker = context.worker("one")
    task = context.task(context.workflow({"queue": queue.sid}))
    context.reserved(task)
    context.becomes("the activity of the reserved worker", lambda: worker.fetch().activity_name, "Available")
    context.accept(task)
    context.becomes("the activity of the assigned worker", lambda: worker.fetch().activity_name, "Available")


@check("behaviour.md §2.3", "Single-tasking: the queue's activities are those of a reserved and an assigned worker,"
       " who keeps the latter when the task is completed.", "single-tasking")  # fmt: skip
def activity_moved(context: CheckContext) -> None:
    queue = context.queue(
        reservation_activity_sid=context.activity("Reserved").sid, assignment_activity_sid=context.activity("Busy").sid
    )
    worker = context.worker("one")
    task = context.task(context.workflow({"queue": queue.sid}))
    context.reserved(task)
    context.becomes("the activity of the reserved worker", lambda: worker.fetch().activity_name, "Reserved")
    context.accept(task)
    context.becomes("the activity of the assigned worker", lambda: worker.fetch().activity_name, "Busy")
    task.update(assignment_status="completed", reason="done")
    context.becomes("the activity after the task", lambda: worker.fetch().activity_name, "Busy")


@check("behaviour.md §2.3", "A new worker begins in the workspace's default activity, Offline.")
def begins_offline(context: CheckContext) -> None:
    worker = context.workspace.workers.create(friendly_name=f"{context.name} new")
    context.same("the activity", (worker.activity_name, worker.available), ("Offline", False))
