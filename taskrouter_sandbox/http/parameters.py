"""How parameters are declared: one class for each operation, one field for each parameter (rest-contract.md §4).

A field's snake_case name is the parameter's PascalCase name and the engine's keyword at the same time; its type says
what is accepted. `Meta(extra=...)` of a type may hold `read`, which turns what was sent into a value and raises
ValueError, and `schema`, which the OpenAPI document shows instead of that of the type.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, Union, cast, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, ValidationError

from .parameter_types import READ, Natural, PageSize, json_text


class InvalidParameter(ValueError):
    """A parameter is missing or wrong. name: as it is sent; text: what is wrong, None where it is missing; value: what
    was sent."""

    def __init__(self, name: str, text: str | None, value: Any = None):
        super().__init__(f"{name}: {text or 'missing'}")
        self.name, self.text, self.value = name, text, value


class Parameters(Struct, rename="pascal", kw_only=True, dict=True):
    """What an operation reads. Parameters that it does not declare are ignored (rest-contract.md §1)."""

    _sent: ClassVar[Sequence[str]] = ()
    repeated: ClassVar[Mapping[str, int]] = {}
    """How often each parameter was sent that takes one value and came with several."""

    def given(self) -> dict[str, Any]:
        """Return the parameters that were sent, by snake_case name."""
        return {name: getattr(self, name) for name in self._sent}

    @classmethod
    def read(cls, pairs: list[tuple[str, str]]) -> tuple[Self, set[str]]:
        """Parse name and value pairs; return also the names that nothing read. Raises InvalidParameter.

        A repeated name is a list where the field is one; elsewhere the last value counts.
        """
        known = declared(cls)
        sent: dict[str, list[str]] = {}
        for name, value in pairs:
            sent.setdefault(name, []).append(value)
        read = {name: values for name, values in sent.items() if name in known}
        collected = {name for name in read if known[name].is_list or known[name].is_json}
        parameters = cls.of({name: values if name in collected else values[-1] for name, values in read.items()})
        repeated = {
            name: len(values) for name, values in read.items() if len(set(values)) > 1 and not known[name].is_list
        }
        if repeated:
            vars(parameters)["repeated"] = repeated
        return parameters, sent.keys() - read.keys()

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Make the parameters from values by the names they are sent with. Raises InvalidParameter."""
        known = declared(cls)
        sent = {name: value for name, value in values.items() if name in known}
        try:
            parameters = msgspec.convert({name: known[name].value_of(value) for name, value in sent.items()}, cls)
        except ValidationError as error:
            raise _explained(str(error), known, sent) from None
        vars(parameters)["_sent"] = [known[name].attribute for name in sent]
        return parameters


class JsonBody(Parameters):
    """What an operation reads from a JSON body (rest-contract.md §1)."""

    @classmethod
    def members(cls, body: Any) -> dict[str, Any]:
        """Return the members of the body by the names of the fields."""
        return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


class Declared(NamedTuple):
    """A parameter as it is declared. name: as it is sent; attribute: of the class; schema: see the module."""

    name: str
    attribute: str
    is_list: bool
    is_json: bool
    choices: tuple[Any, ...]
    read: Callable[[Any], Any] | None
    schema: dict[str, Any] | None

    def value_of(self, sent: Any) -> Any:
        """Turn what was sent into what the type of the field is checked with. Raises InvalidParameter."""
        if self.read is None:
            return sent
        try:
            return self.read(sent)
        except ValueError as error:
            raise InvalidParameter(self.name, str(error), sent) from None


@cache
def declared(parameters: type[Parameters]) -> dict[str, Declared]:
    """Return the declared parameters of a class by the names they are sent with."""
    found: dict[str, Declared] = {}
    for field in msgspec.structs.fields(parameters):
        parts = list(_parts(field.type))
        extra = {key: value for part in parts if isinstance(part, Meta) for key, value in (part.extra or {}).items()}
        read = extra.get("read") or next((READ[part] for part in parts if part in (bool, int, float)), None)
        choices = tuple(choice for part in parts if get_origin(part) is Literal for choice in get_args(part))
        is_list = any(get_origin(part) is list for part in parts)
        name = field.encode_name
        is_json = read is json_text
        found[name] = Declared(name, field.name, is_list, is_json, choices, read, extra.get("schema"))
    return found


def _parts(hint: Any) -> Iterator[Any]:
    """Yield a type, what it is annotated with, and the members of a union."""
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        yield from metadata
        yield from _parts(inner)
    elif get_origin(hint) in (Union, types.UnionType):
        for member in get_args(hint):
            yield from _parts(member)
    else:
        yield hint


EXPECTED = (
    (r"Expected `int(?: \| null)?`, got .*", "must be a whole number"),
    (r"Expected `float(?: \| null)?`, got .*", "must be a number"),
    (r"Expected `bool(?: \| null)?`, got .*", "must be true or false"),
    (r"Expected `array(?: \| null)?`, got .*", "must be a list"),
    (r"Expected `str(?: \| null)?`, got .*", "must be a text"),
    (r"Expected `(?:int|float)` >= (\S+)", "must be at least {}"),
    (r"Expected `(?:int|float)` <= (\S+)", "must be at most {}"),
    (r"Expected `(?:int|float)` > (\S+)", "must be more than {}"),
    (r"Expected `str` of length >= 1", "must have at least 1 character"),
    (r"Expected `str` of length <= (\d+)", "must have at most {} characters"),
    (r"Expected `array` of length >= 1", "must have at least 1 item"),
    (r"Expected `array` of length <= (\d+)", "must have at most {} items"),
    (r"Expected `str` matching regex '\^\(?([A-Z|]+)\)?\[.*'", "must be a SID: {} and 32 hexadecimal digits"),
)  # what msgspec says, and what a client reads


def _explained(error: str, known: dict[str, Declared], sent: dict[str, Any]) -> InvalidParameter:
    """Say in the words of this interface what msgspec says of a value."""
    if missing := re.fullmatch(r"Object missing required field `(\w+)`.*", error):
        return InvalidParameter(missing[1], None)
    said, _, path = error.partition(" - at `$.")
    name = path.partition("[")[0].rstrip("`")
    text = said[:1].lower() + said[1:]
    if said.startswith("Invalid enum value"):
        text = f"must be one of {', '.join(map(str, known[name].choices))}"
    for pattern, words in EXPECTED:
        if found := re.fullmatch(pattern, said):
            text = words.format(*(group.replace("|", " or ") for group in found.groups()))
    return InvalidParameter(name, text, sent.get(name))


class Listing(Parameters):
    """What every list takes."""

    page_size: PageSize = 50
    page: Natural | None = None
    page_token: str | None = None


PAGING = frozenset(("PageSize", "Page", "PageToken"))
