"""What is strange about a request that is answered all the same: sentences for the debugger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from ..language.spelling import bare_letters
from .operation import Operation, Place
from .parameters import JsonBody, declared

FINDS_NOTHING = "finds nothing"
UNORDERED = "is not known, so that the list is in the order of creation"


def unknown_values(name: str, values: Iterable[str], known: Collection[str], outcome: str) -> Iterator[str]:
    """Say which values of a parameter mean nothing, and what may have been meant.

    name: of the parameter; known: the values that there are; outcome: what is done with another one.
    """
    by_spelling = {one.lower(): one for one in known}
    for value in values:
        if "," in value and all(part.strip().lower() in by_spelling for part in value.split(",")):
            yield f"{name} {value[:100]!r} {outcome}: it takes one value at a time"
        elif value not in known:
            near = get_close_matches(value.lower(), by_spelling, 1)
            meant = f"; did you mean {by_spelling[near[0]]}?" if near else f": there is {', '.join(sorted(known))}"
            yield f"{name} {value[:100]!r} {outcome}{meant}"


def unread_parameters(operation: Operation, unread: Mapping[str, Place]) -> Iterator[str]:
    """Say which parameters nothing has read because they are written like `AssignmentStatus[]` or `task_sid`, or stand
    where the operation has none; unread: where each stands."""
    if operation.parameters is None:
        yield f"Nothing reads {', '.join(sorted(unread))[:100]}: {operation.id} takes no parameters"
        return
    known = declared(operation.parameters).values()
    by_letters = {bare_letters(parameter.name): parameter for parameter in known}
    belongs = _place_of_parameters(operation)
    for name, place in unread.items():
        if (meant := by_letters.get(bare_letters(name.partition("[")[0]))) is None:
            continue
        how = ", once for each value" if meant.is_list else ", as one JSON text" if meant.is_json else ""
        if place == "there":
            yield f"Nothing reads {name[:100]}: send {meant.name}{how}"
        elif name == meant.name:
            yield f"Nothing reads {name} in the {place}: send it in the {belongs}"
        else:
            yield f"Nothing reads {name[:100]} in the {place}: send {meant.name} in the {belongs}{how}"


def _place_of_parameters(operation: Operation) -> str:
    if operation.method != "POST":
        return "address"
    assert operation.parameters is not None
    return "JSON body" if issubclass(operation.parameters, JsonBody) else "form"


def repeated_parameters(repeated: Mapping[str, int]) -> Iterator[str]:
    """Say which parameters take one value and came with several; repeated: how often each was sent."""
    for name, times in repeated.items():
        yield f"{name} takes one value: of the {times} that were sent the last counts"
