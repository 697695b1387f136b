"""Options: how the sandbox reads what the sources leave open. `/_sandbox/rules` is their first name."""

from __future__ import annotations

from typing import cast, get_args, get_type_hints

from msgspec import defstruct
from msgspec.structs import asdict

from ...control_types import OptionsState, RulesState
from ...engine.model.options import CompatibilityOptions
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters

control = Registry(control=True)
HINTS = get_type_hints(CompatibilityOptions)
CHOICES: dict[str, list[str]] = {name: list(get_args(hint)) for name, hint in HINTS.items()}
DEFAULTS: dict[str, str] = asdict(CompatibilityOptions())
_fields = [(name, hint, DEFAULTS[name]) for name, hint in HINTS.items()]
UpdateOptions = cast("type[ControlParameters]", defstruct("UpdateOptions", _fields, bases=(ControlParameters,)))


def _state(context: RequestContext) -> OptionsState:
    return OptionsState(options=asdict(context.service.workspaces.options), choices=CHOICES, defaults=DEFAULTS)


def _rules(context: RequestContext) -> RulesState:
    return RulesState(rules=asdict(context.service.workspaces.options), readings=CHOICES, usual=DEFAULTS)


@control.operation("FetchOptions", "GET", "/options", returns=OptionsState)
def fetch(context: RequestContext) -> Answer:
    """Tell which choices are made, which there are, and which are the usual ones."""
    return Answer(_state(context))


@control.operation("UpdateOptions", "POST", "/options", UpdateOptions, returns=OptionsState)
def update(context: RequestContext, asked: ControlParameters) -> Answer:
    """Choose another reading from now on, also in workspaces that are there already."""
    context.service.workspaces.set_options(context.now, **asked.given())
    return Answer(_state(context))


@control.operation("FetchRules", "GET", "/rules", returns=RulesState, deprecated=True)
def fetch_rules(context: RequestContext) -> Answer:
    """Tell the options by their first names."""
    return Answer(_rules(context))


@control.operation("UpdateRules", "POST", "/rules", UpdateOptions, returns=RulesState, deprecated=True)
def update_rules(context: RequestContext, asked: ControlParameters) -> Answer:
    """Choose another reading; answer with the options by their first names."""
    context.service.workspaces.set_options(context.now, **asked.given())
    return Answer(_rules(context))
