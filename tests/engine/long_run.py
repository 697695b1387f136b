"""The state machine for as long as it takes: `python -m tests.engine.long_run [steps] [seed]`.

The same actions and invariants as in `machine.py`, drawn at random without hypothesis, which is faster. A step is one
action (one or more commands, or the passing of time) with all invariants checked after it. A failure prints the seed
and the actions that led to it.
"""

from __future__ import annotations

import time
from random import Random
from typing import Any

from tests.arguments import whole_numbers
from tests.engine.actions import ACTIONS, draw
from tests.engine.machine import BEGINNING, Routing

LENGTH = 120  # steps of one run


def main(wanted: int, seed: int) -> None:
    began, steps = time.monotonic(), 0
    while steps < wanted:
        steps += run(seed)
        seed += 1
        if seed % 200 == 0:
            seconds = time.monotonic() - began
            print(f"{steps:,} steps, {Routing.commands:,} commands, {seconds:,.0f} s, next seed {seed}", flush=True)
    print(f"done: {steps:,} steps, {Routing.commands:,} commands, {time.monotonic() - began:,.0f} s")


def run(seed: int, kind: type[Routing] = Routing) -> int:
    """One run of the machine; the number of its steps."""
    random, history = Random(seed), []
    machine = kind()
    # as hypothesis does, every run does without some of the actions: what remains happens more often
    actions = [*random.sample(sorted(ACTIONS), random.randint(6, len(ACTIONS))), "work"]
    try:
        machine.begin(**drawn(BEGINNING, random))
        for _ in range(LENGTH):
            name = random.choice(actions)
            history.append((name, drawn(ACTIONS[name], random)))
            getattr(machine, name)(**history[-1][1])
            for check in machine.invariants:
                check.function(machine)
    except BaseException:
        print(f"seed {seed}, after:", *history, sep="\n  ")
        raise
    return LENGTH


def drawn(choices: dict[str, Any], random: Random) -> dict[str, Any]:
    return {name: draw(choice, random) for name, choice in choices.items()}


if __name__ == "__main__":
    main(*whole_numbers(__doc__, steps=1_000_000, seed=0))
