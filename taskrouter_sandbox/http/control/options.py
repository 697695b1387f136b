"""Options: how the sandbox reads what the sources leave open. `/_sandbox/rules` is their first name."""

from __future__ import annotations

from typing import Annotated, cast, get_args, get_type_hints

from msgspec import Meta, defstruct
from msgspec.structs import asdict

from ...control_types import OptionsState, RulesState
from ...engine.model.options import CompatibilityOptions
from ...voice.model.options import VoiceOptions
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters

control = Registry(control=True)
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
ROUTING, VOICE = get_type_hints(CompatibilityOptions), get_type_hints(VoiceOptions)
HINTS = {name: Milliseconds if hint is int else hint for name, hint in (ROUTING | VOICE).items()}
CHOICES: dict[str, list[str]] = {name: list(get_args(hint)) for name, hint in (ROUTING | VOICE).items()}
DEFAULTS: dict[str, str | int] = asdict(CompatibilityOptions()) | asdict(VoiceOptions())
_fields = [(name, hint, DEFAULTS[name]) for name, hint in HINTS.items()]
UpdateOptions = cast("type[ControlParameters]", defstruct("UpdateOptions", _fields, bases=(ControlParameters,)))


def _chosen(context: RequestContext) -> dict[str, str | int]:
    return asdict(context.service.workspaces.options) | asdict(context.service.telephony.options)


def _choose(context: RequestContext, asked: ControlParameters) -> None:
    given = asked.given()
    if routing := {name: choice for name, choice in given.items() if name in ROUTING}:
        context.service.workspaces.set_options(context.now, **routing)
    if voice := {name: choice for name, choice in given.items() if name in VOICE}:
        context.service.telephony.set_options(**voice)


def _state(context: RequestContext) -> OptionsState:
    return OptionsState(options=_chosen(context), choices=CHOICES, defaults=DEFAULTS)


def _rules(context: RequestContext) -> RulesState:
    return RulesState(rules=_chosen(context), readings=CHOICES, usual=DEFAULTS)


@control.operation("FetchOptions", "GET", "/options", returns=OptionsState)
def fetch(context: RequestContext) -> Answer:
    """Tell which choices are made, which there are, and which are the usual ones."""
    return Answer(_state(context))


@control.operation("UpdateOptions", "POST", "/options", UpdateOptions, returns=OptionsState)
def update(context: RequestContext, asked: ControlParameters) -> Answer:
    """Choose another reading from now on, also in workspaces that are there already."""
    _choose(context, asked)
    return Answer(_state(context))


@control.operation("FetchRules", "GET", "/rules", returns=RulesState, deprecated=True)
def fetch_rules(context: RequestContext) -> Answer:
    """Tell the options by their first names."""
    return Answer(_rules(context))


@control.operation("UpdateRules", "POST", "/rules", UpdateOptions, returns=RulesState, deprecated=True)
def update_rules(context: RequestContext, asked: ControlParameters) -> Answer:
    """Choose another reading; answer with the options by their first names."""
    _choose(context, asked)
    return Answer(_rules(context))
