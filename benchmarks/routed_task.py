"""The cost of one routed task: created, matched, reserved, accepted, completed; by size of the workspace.

With tasks waiting, there are as many as fit nobody (10,000 of a channel for which nobody has capacity, in the same
queues), and the cost is that of the tasks that do find a worker beside them. Rounds of all sizes take turns, and the
best of each counts, so that a busy machine disturbs them alike.
"""

from __future__ import annotations

import gc
import json
import time

from ground import START, workspace_of

TASKS, ROUNDS = 400, 7


class Bench:
    def __init__(self, workers: int, queues: int, waiting: int):
        self.router, self.queues, self.now = workspace_of(workers, queues), queues, START
        for channel in self.router.state.worker_channels.values():
            if channel.task_channel_sid == self._voice():
                channel.configured_capacity = 0
        for worker in self.router.state.workers.values():  # let what was changed by hand be seen
            self.router.workers.update(
                self.now, worker, activity_sid=worker.activity_sid, friendly_name=worker.friendly_name
            )
        for i in range(waiting):
            self.create(i, "voice")
        self.router.take()
        self.best = float("inf")

    def _voice(self) -> str:
        return next(c.sid for c in self.router.state.task_channels.values() if c.unique_name == "voice")

    def create(self, number: int, channel: str = "default"):
        attributes = json.dumps({"skill": number % self.queues})
        return self.router.tasks.create(self.now, attributes=attributes, task_channel=channel)

    def round(self) -> None:
        """One round of tasks; each is in hand while the next few are created, as in a busy centre."""
        router, in_hand = self.router, []
        began = time.perf_counter()
        for number in range(TASKS):
            self.now += 1_000
            task = self.create(number % 10)
            (reservation,) = task.open.values()
            router.reservations.accept(self.now + 100, reservation)
            in_hand.append(task)
            if len(in_hand) == 1:
                done = in_hand.pop(0)
                router.tasks.update(self.now + 200, done, assignment_status="completed")
            router.take()
        self.best = min(self.best, (time.perf_counter() - began) / TASKS)

    def edit_round(self) -> float:
        """Seconds for one edit of one worker's attributes, such that it stays in its queue."""
        router, workers = self.router, list(self.router.state.workers.values())[:10]
        texts = [json.dumps({"skill": i % self.queues, "level": i % 7 + 10}) for i in range(10)]
        began = time.perf_counter()
        for number in range(200):
            i = number % len(workers)
            router.workers.update(
                self.now, workers[i], attributes=texts[i] if number // 10 % 2 else workers[i].attributes
            )
            router.take()
        return (time.perf_counter() - began) / 200


def main() -> None:
    sizes = [(w, q, n) for n in (0, 10_000) for q in (1, 10, 250) for w in (10, 100, 1_000, 10_000, 50_000)]
    print(f"{'workers':>8} {'queues':>7} {'waiting':>8} {'us a task':>10} {'x of 10':>8} {'us an edit':>11}")
    for queues in (1, 10, 250):
        for waiting in (0, 10_000):
            group = [s for s in sizes if s[1:] == (queues, waiting)]
            benches = {size: Bench(*size) for size in group}
            edits = dict.fromkeys(group, float("inf"))
            gc.collect()
            gc.freeze()
            for _ in range(ROUNDS):
                for size, bench in benches.items():
                    bench.round()
                    edits[size] = min(edits[size], bench.edit_round())
            least = benches[group[0]].best
            for size in group:
                best = benches[size].best
                print("{:>8,} {:>7,} {:>8,} ".format(*size), end="")
                print(f"{best * 1e6:>10.1f} {best / least:>8.2f} {edits[size] * 1e6:>11.1f}", flush=True)
            gc.unfreeze()


if __name__ == "__main__":
    main()
