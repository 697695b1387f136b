"""What is strange about a request that is answered all the same: sentences for the debugger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from ..language.lint import bare_letters
from .parameters import Declared

FINDS_NOTHING = "finds nothing"
UNORDERED = "is not known, so that the list is in the order of creation"


def unknown_values(name: str, values: Iterable[str], known: Collection[str], outcome: str) -> Iterator[str]:
    """Say which values of a parameter mean nothing, and what may have been meant.

    name: of the parameter; known: the values that there are; outcome: what is done with another one.
    """
    by_spelling = {one.lower(): one for one in known}
    for value in values:
        if value not in known:
            near = get_close_matches(value.lower(), by_spelling, 1)
            meant = f"; did you mean {by_spelling[near[0]]}?" if near else f": there is {', '.join(sorted(known))}"
            yield f"{name} {value[:100]!r} {outcome}{meant}"


def misspelt_parameters(unread: Iterable[str], known: Mapping[str, Declared]) -> Iterator[str]:
    """Say which parameters nothing has read because they are written like `AssignmentStatus[]` or `task_sid`, or stand
    in the address of a POST."""
    by_letters = {bare_letters(name): declared for name, declared in known.items()}
    for name in unread:
        if (meant := by_letters.get(bare_letters(name.partition("[")[0]))) is not None:
            how = ", once for each value" if meant.is_list else ", as one JSON text" if meant.is_json else ""
            if name == meant.name:
                yield f"Nothing reads {name} in the address: send it in the form"
            else:
                yield f"Nothing reads {name[:100]}: send {meant.name}{how}"


def repeated_parameters(repeated: Mapping[str, int]) -> Iterator[str]:
    """Say which parameters take one value and came with several; repeated: how often each was sent."""
    for name, times in repeated.items():
        yield f"{name} takes one value: of the {times} that were sent the last counts"
