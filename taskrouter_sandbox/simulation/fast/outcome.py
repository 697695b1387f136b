"""What came of a day, from the records of the kernel into the columns of `Columns`, compiled."""

from __future__ import annotations

from typing import Any

from .compiled import compiled_entry
from .memory import byte_at, int_at, long_at, offer_at, step_at, task_at


@compiled_entry
def tell(states: Any, columns: Any, of_tasks: bool) -> None:
    """Fill columns of a day that is over: of tasks; afterwards, without the tasks, of steps and reservations.

    columns: addresses of arrays, of the types that `Columns` says, in the order of `layout.TOLD`.
    """
    st, to = states[0], columns[0]
    if not of_tasks:
        for i in range(st.steps_used):
            step = step_at(st.steps, i)
            long_at(to.step_at, step.row).value, int_at(to.step_place, step.row).value = step.at, step.place
        for i in range(st.reservations_used):
            offer = offer_at(st.reservations, i)
            long_at(to.offer_at, offer.task).value, int_at(to.offer_worker, offer.task).value = offer.at, offer.worker
        return
    steps = offers = 0
    for row in range(st.tasks_size):
        task = task_at(st.tasks, row)
        long_at(to.answered, row).value, long_at(to.ended, row).value = task.answered, task.ended
        int_at(to.worker, row).value, int_at(to.queue, row).value = task.worker, task.queue
        byte_at(to.how, row).value, byte_at(to.reason, row).value = task.how, task.reason
        int_at(to.reservations, row).value = task.reservations
        long_at(to.step_from, row).value = steps
        steps, task.steps = steps + task.steps, steps  # where the next one of each goes
        offers, task.reservations = offers + task.reservations, offers
    long_at(to.step_from, st.tasks_size).value = steps
    for i in range(st.steps_used):
        step = step_at(st.steps, i)
        task = task_at(st.tasks, step.row)
        step.row, task.steps = task.steps, task.steps + 1
    for i in range(st.reservations_used):
        offer = offer_at(st.reservations, i)
        task = task_at(st.tasks, offer.task)
        offer.task, task.reservations = task.reservations, task.reservations + 1
