"""Workspaces and days drawn at random, with all that the fast engine holds, and with many things in one millisecond.

`python -m tests.simulation.random_days --seed 0 --days 20000` compares the engines on so many, and shows the first that
differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random
from typing import Any

from taskrouter_sandbox.simulation.day import read_day
from taskrouter_sandbox.simulation.draws import draw
from taskrouter_sandbox.simulation.fast.play import play
from taskrouter_sandbox.simulation.fast.tables import tables_of
from taskrouter_sandbox.simulation.run import DayRun
from taskrouter_sandbox.snapshot import Snapshot
from taskrouter_sandbox.snapshot.format import (
    ActivityPart,
    TaskChannelPart,
    TaskQueuePart,
    WorkerChannelPart,
    WorkerPart,
    WorkflowPart,
    WorkspacePart,
)

START = 9 * 3600
ACTIVITIES = [
    ActivityPart("Offline"),
    ActivityPart("Idle", True),
    ActivityPart("Back", True),
    ActivityPart("Busy"),
    ActivityPart("Break"),
]
CHANNELS = ("default", "voice", "chat")
NAMES = ["Alice", "Bob", "Carol", "Dan", "Eve", "Frank", "Grace"]
SKILLS = ("es", "en", "fr")
MEMBERS = ("1==1", "1==1", "skills HAS 'es'", "skills HAS 'fr' OR level > 1", "level >= 2", "level == 9")
TAKES = (
    "worker.level > 1",
    "worker.skills HAS task.language",
    "task.language IN worker.skills OR worker.level == 3",
    "worker.activity_name == 'Back'",
    "worker.activity_name != 'Idle' AND worker.level >= task.level",
    "worker.level == task.level",
)
ORDERS = ("worker.level DESC", "worker.level ASC", "worker.level ASC, worker.age DESC", "worker.age DESC")
SKIPS = (
    "workers.available == 0",
    "workers.available < 2",
    "workers.unavailable > 1",
    "1 == 1",
    "workers.available > workers.unavailable",
)
FILTERS = ("language == 'es'", "language == 'en'", "level > 1", "1 == 1", "language IN ['es', 'fr']", "level == 7")


def maybe(rng: Random, values: Any, share: float = 0.5) -> Any:
    """One of them, or None."""
    return rng.choice(values) if rng.random() < share else None


def random_workspace(rng: Random) -> Snapshot:
    queues = [f"Q{i}" for i in range(rng.randint(1, 4))]
    moves = rng.random() < 0.7
    return Snapshot(
        workspace=WorkspacePart(
            "Random",
            multi_task_enabled=rng.random() < 0.5,
            prioritize_queue_order=rng.choice(("FIFO", "LIFO")),
            timeout_activity=rng.choice(("Offline", "Break", "Back")),
        ),
        activities=list(ACTIVITIES),
        task_channels=[TaskChannelPart("chat", "chat", rng.random() < 0.5)],
        task_queues=[
            TaskQueuePart(
                name,
                rng.choice(MEMBERS),
                max_reserved_workers=rng.choice((1, 1, 1, 2, 3)),
                task_order=rng.choice(("FIFO", "FIFO", "LIFO")),
                reservation_activity=maybe(rng, ("Busy", "Break", "Back"), 0.3) if moves else None,
                assignment_activity=maybe(rng, ("Busy", "Busy", "Back"), 0.6) if moves else None,
            )
            for name in queues
        ],
        workflows=[random_workflow(rng, f"F{i}", queues) for i in range(rng.choice((1, 1, 2)))],
        workers=[random_worker(rng, name) for name in NAMES[: rng.randint(1, len(NAMES))]],
    )


def random_worker(rng: Random, name: str) -> WorkerPart:
    attributes: dict[str, Any] = {"skills": rng.sample(SKILLS, rng.randint(0, 3))}
    if rng.random() < 0.9:
        attributes["level"] = rng.choice((1, 1, 2, 2, 3, 3, 2, "high"))
    if rng.random() < 0.6:
        attributes["age"] = rng.choice((30, 30, 40))
    channels = {
        each: WorkerChannelPart(rng.choice((0, 1, 1, 2, 3)), rng.random() < 0.9)
        for each in CHANNELS
        if rng.random() < 0.5
    }
    return WorkerPart(name, rng.choice(("Idle", "Idle", "Idle", "Idle", "Back", "Offline")), attributes, channels)


def random_workflow(rng: Random, name: str, queues: list[str]) -> WorkflowPart:
    filters = [
        {
            "expression": rng.choice(FILTERS),
            "targets": [random_target(rng, queues) for _ in range(rng.randint(1, 3))],
        }
        for _ in range(rng.randint(0, 3))
    ]
    default = {"queue": rng.choice(queues)}
    if rng.random() < 0.3:
        default |= {key: value for key, value in random_target(rng, queues).items() if key != "timeout"}
    routing = {"filters": filters, "default_filter": default}
    return WorkflowPart(name, {"task_routing": routing}, task_reservation_timeout=rng.choice((1, 2, 5, 20, 120)))


def random_target(rng: Random, queues: list[str]) -> dict[str, Any]:
    target = {
        "queue": rng.choice(queues),
        "timeout": maybe(rng, (1, 2, 5, 5, 10, 30), 0.7),
        "priority": maybe(rng, (0, 1, 5, 10), 0.4),
        "expression": maybe(rng, TAKES, 0.4),
        "order_by": maybe(rng, ORDERS, 0.3),
        "skip_if": maybe(rng, SKIPS, 0.3),
        "known_worker_friendly_name": "task.agent" if rng.random() < 0.15 else None,
    }
    return {key: value for key, value in target.items() if value is not None}


def random_duration(rng: Random, longest: int, *, exact: bool) -> Any:
    """A duration that is often the same as others."""
    if exact or rng.random() < 0.6:
        return rng.choice((0, 1, 2, 5, longest, longest))
    return rng.choice(
        (
            [1, 2, 5, 10],
            {"distribution": "exponential", "mean": longest / 2},
            {"distribution": "uniform", "low": 0, "high": longest},
        )
    )


def random_class(rng: Random, name: str, workflows: list[str]) -> dict[str, Any]:
    exact = rng.random() < 0.5
    kind: dict[str, Any] = {
        "name": name,
        "talk": 90_000 if rng.random() < 0.02 else random_duration(rng, 20, exact=exact),
        "wrap_up": rng.choice((0, 0, random_duration(rng, 10, exact=exact))),
        "attributes": {
            "language": rng.choice(SKILLS),
            "level": rng.choice((1, 2, 3)),
            "agent": rng.choice([*NAMES, "Nobody", None]),
        },
        "workflow": rng.choice(workflows),
        "channel": rng.choice(CHANNELS),
        "priority": rng.choice((0, 0, 1, 7)),
        "timeout": 86_400 if rng.random() < 0.05 else rng.choice((60, 60, 20, 7)),
    }
    if rng.random() < 0.5:
        kind["patience"] = random_duration(rng, 15, exact=exact)
    if rng.random() < 0.2:
        kind["answers"] = {key: value for key, value in random_answers(rng).items() if key != "back_after"}
    if rng.random() < 0.3:
        seconds = rng.randint(1, 60)
        kind["arrivals"] = [{"from": START, "to": START + seconds, "per_hour": rng.choice((600, 3600))}]
    else:
        times = [START + rng.choice((0, 1, 2, 3, 5, 8, 13, 21, 34, 40)) for _ in range(rng.randint(1, 25))]
        kind["recorded"] = [{"at": at} for at in times]
    return kind


def random_shifts(rng: Random, workers: list[WorkerPart]) -> list[dict[str, Any]]:
    shifts: list[dict[str, Any]] = []
    for worker in workers:
        at = START - rng.choice((0, 5, 0))
        while rng.random() < 0.6:
            end = at + rng.choice((1, 5, 10, 20, 60))
            shift = {"worker": worker.friendly_name, "from": at, "to": end}
            if rng.random() < 0.3:
                shift["activity"] = rng.choice(("Back", "Break", "Busy"))
            shifts.append(shift)
            at = end + rng.choice((0, 0, 3, 5))
    return shifts


def random_answers(rng: Random) -> dict[str, Any]:
    answers: dict[str, Any] = {"after": rng.choice((0, 0, 1, 2, random_duration(rng, 10, exact=False)))}
    if rng.random() < 0.6:
        answers |= {"reject": rng.choice((0, 0.1, 0.5)), "let_time_out": rng.choice((0, 0.1, 0.4))}
    if rng.random() < 0.6:
        answers["back_after"] = rng.choice((0, 1, 5, random_duration(rng, 10, exact=False)))
    return answers


def random_habits(rng: Random, workers: list[WorkerPart]) -> list[dict[str, Any]]:
    habits: list[dict[str, Any]] = []
    for worker in workers:
        habit: dict[str, Any] = {"worker": worker.friendly_name}
        for what in ("talk", "wrap_up"):
            if rng.random() < 0.3:
                habit[what] = random_duration(rng, 12, exact=False)
            elif rng.random() < 0.5:
                habit[f"{what}_factor"] = rng.choice((0, 0.5, 1.3))
        if rng.random() < 0.5:
            habit["answers"] = random_answers(rng)
        habits.append(habit)
    return habits


def random_case(rng: Random) -> tuple[Snapshot, dict[str, Any]]:
    """A workspace and a day in it."""
    workspace = random_workspace(rng)
    flows = [each.friendly_name for each in workspace.workflows]
    day = {
        "classes": [random_class(rng, f"C{i}", flows) for i in range(rng.randint(1, 3))],
        "shifts": random_shifts(rng, workspace.workers) if rng.random() < 0.6 else [],
        "answers": random_answers(rng),
    }
    if rng.random() < 0.3:
        day["workers"] = random_habits(rng, rng.sample(workspace.workers, rng.randint(1, len(workspace.workers))))
    return workspace, day


def differences(workspace: Snapshot, day: dict[str, Any], seed: int) -> list[str]:
    """What one engine says and the other does not, task by task; empty where they agree."""
    read = read_day(day)
    draws = draw(read, seed, 0)
    exact, fast = DayRun(workspace, read, draws).play(), play(tables_of(workspace, read), draws)
    if exact.equals(fast):
        return []
    pairs = ((exact.record(i), fast.record(i)) for i in range(len(exact)))
    return [f"exact: {a}\n fast: {b}" for a, b in pairs if a != b] or ["other columns differ"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first of the seeds, one for each day")
    parser.add_argument("--days", type=int, default=20_000, help="how many")
    arguments = parser.parse_args()
    began = time.monotonic()
    for seed in range(arguments.seed, arguments.seed + arguments.days):
        workspace, day = random_case(Random(seed))
        found = differences(workspace, day, seed)
        if found:
            print(f"seed {seed}: {len(found)} tasks differ\n{found[0]}")
            sys.exit(1)
        if seed % 1000 == 999:
            print(f"up to seed {seed}: no difference, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{arguments.days:,} days from seed {arguments.seed} on: no difference")


if __name__ == "__main__":
    main()
