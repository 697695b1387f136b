"""What a lesson needs besides Twilio. Import the names below straight from here: `from helpers import connect`.

Nothing outside the standard library is imported until a name is used, so that `python3 -m helpers` runs on a
machine where nothing has been installed yet. Old Pythons read this file too, to be told that they are too old.
"""

from importlib import import_module

_HOME = {
    "connect": "account",
    "cast": "lesson",
    "found": "lesson",
    "check": "checkpoints",
    "serve": "callback_server",
    "only_here": "callback_server",
    "expose": "tunnel",
    "activity_toggle": "widgets",
    "board": "workspace_board",
    "inspector": "widgets",
    "callback_log": "widgets",
    "skip": "fast_forward",
    "faults": "fault_injection",
    "transfer": "transfers",
    "doctor": "checkup",
    "planned": "belongings",
    "clean_up": "belongings",
    "LessonError": "errors",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"helpers has no name {name!r}; it offers {', '.join(__all__)}")
    value = getattr(import_module(f"helpers.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
