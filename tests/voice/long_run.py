"""The machine for as long as it takes: `python -m tests.voice.long_run [steps] [seed]`.

The same actions and invariants as in `machine.py`, drawn at random without hypothesis, which is faster. A failure names
the seed and the actions that led to it.
"""

from __future__ import annotations

import time
from random import Random

from tests.arguments import whole_numbers
from tests.voice.actions import ACTIONS
from tests.voice.machine import Office

LENGTH = 120  # steps of one run


def main(wanted: int, seed: int) -> None:
    began, steps = time.monotonic(), 0
    while steps < wanted:
        steps += run(seed)
        seed += 1
    print(f"done: {steps:,} steps, {time.monotonic() - began:,.0f} s, next seed {seed}")


def run(seed: int) -> int:
    """One run of the machine; the number of its steps."""
    random, done = Random(seed), []
    office = Office()
    office.begin(random.random() < 0.5, random.random() < 0.2, random.choice(("action", "next")))
    # as hypothesis does, every run does without some of the actions: what remains happens more often
    names = random.sample(sorted(ACTIONS), random.randint(9, len(ACTIONS)))
    often = [ACTIONS[name][0] for name in names]
    try:
        for _ in range(LENGTH):
            (name,) = random.choices(names, often)
            arguments = {key: random.choice(choice) for key, choice in ACTIONS[name][1].items()}
            done.append((name, arguments))
            getattr(office, name)(**arguments)
            for check in office.invariants:
                check.function(office)
        office.teardown()
    except BaseException as error:
        error.add_note("\n  ".join([f"seed {seed}, after:", *map(str, done)]))
        raise
    return LENGTH


if __name__ == "__main__":
    main(*whole_numbers(__doc__, steps=200_000, seed=0))
