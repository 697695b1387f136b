"""The cost of one routed task: created, matched, reserved, accepted, completed; by size of the workspace.

Every size has the same load: tasks for the last ten queues of the workflow, one at a time. With tasks waiting, 10,000
of another channel, which nobody takes, stand in the same queues. Rounds of all sizes take turns and the best of each
counts, so that a busy machine disturbs them alike. An edit changes an attribute of a worker that stays in its queue.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable

from ground import START, workspace_of

WORKERS, QUEUES, WAITING = (10, 100, 1_000, 10_000, 50_000), (1, 10, 250), (0, 10_000)
TASKS, EDITS, ROUNDS = 150, 100, 15


class Bench:
    """One size of workspace, with tasks that wait for nobody."""

    def __init__(self, workers: int, queues: int, waiting: int):
        self.engine, self.queues, self.now = workspace_of(workers, queues), queues, START
        engine, voice = self.engine, "voice"
        for worker in engine.state.workers.values():
            for channel in worker.channels.values():
                if engine.state.task_channels[channel.task_channel_sid].unique_name == voice:
                    engine.worker_channels.update(self.now, channel, capacity=0)
        for number in range(waiting):
            self.create(number, voice)
        engine.drain()
        self.task = self.edit = float("inf")

    def create(self, number: int, channel: str = "default"):
        attributes = json.dumps({"skill": self.queues - 1 - number % min(10, self.queues)})
        return self.engine.tasks.create(self.now, attributes=attributes, task_channel=channel)

    def round(self) -> None:
        self.task = min(self.task, self._seconds(self._route, TASKS))
        self.edit = min(self.edit, self._seconds(self._edit, EDITS))

    def _seconds(self, do: Callable[[int], None], times: int) -> float:
        began = time.process_time()
        for number in range(times):
            do(number)
            self.engine.drain()
        return (time.process_time() - began) / times

    def _route(self, number: int) -> None:
        self.now += 1_000
        task = self.create(number)
        (reservation,) = task.open.values()
        self.engine.reservations.accept(self.now + 100, reservation)
        self.engine.tasks.update(self.now + 200, task, assignment_status="completed")

    def _edit(self, number: int) -> None:
        worker = next(iter(self.engine.state.workers.values()))
        attributes = json.dumps({"skill": self.queues - 1, "level": number})
        self.engine.workers.update(self.now, worker, attributes=attributes)


def measure(queues: int, waiting: int) -> list[dict[str, float]]:
    """The figures of every size of workspace, in microseconds of processor time."""
    benches = {workers: Bench(workers, queues, waiting) for workers in WORKERS}
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for bench in benches.values():
            bench.round()
    gc.unfreeze()
    return [
        {
            "workers": workers,
            "queues": queues,
            "waiting": waiting,
            "us_a_task": bench.task * 1e6,
            "times_that_of_the_smallest": bench.task / benches[WORKERS[0]].task,
            "us_an_edit": bench.edit * 1e6,
        }
        for workers, bench in benches.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as a JSON list")
    if not (as_json := parser.parse_args().json):
        print(f"{'workers':>8} {'queues':>7} {'waiting':>8} {'us a task':>10} {'x of 10':>8} {'us an edit':>11}")
    figures: list[dict[str, float]] = []
    for queues in QUEUES:
        for waiting in WAITING:
            figures += (found := measure(queues, waiting))
            for one in found if not as_json else ():
                workers, _, _, task, ratio, edit = one.values()
                print(f"{workers:>8,} {queues:>7,} {waiting:>8,} {task:>10.1f} {ratio:>8.2f} {edit:>11.1f}", flush=True)
    if as_json:
        print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
