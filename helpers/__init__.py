"""What a lesson needs besides Twilio. Import the names below straight from here: `from helpers import connect`.

Nothing outside the standard library is imported until a name is used, so that `python3 -m helpers` runs on a
machine where nothing has been installed yet. Old Pythons read this file too, to be told that they are too old.
"""

from importlib import import_module

_HOME = {
    "connect": "connection.clients",
    "cast": "lesson.cast",
    "found": "lesson.find_or_create",
    "check": "lesson.checkpoints",
    "export_workspace": "lesson.snapshots",
    "import_workspace": "lesson.snapshots",
    "restore_workspace": "lesson.snapshots",
    "starting_point": "lesson.snapshots",
    "predict": "lesson.predictions",
    "progress": "lesson.progress",
    "reset_progress": "lesson.progress",
    "serve": "callback_server.server",
    "only_here": "callback_server.guards",
    "expose": "tunnel.expose",
    "activity_toggle": "live.widgets.activity_toggle",
    "board": "live.board.board",
    "inspector": "live.widgets.task_inspector",
    "callback_log": "live.widgets.callback_log",
    "phone": "live.widgets.phone",
    "phone_number": "phone_numbers.number",
    "restore_number": "phone_numbers.restoring",
    "contact_uri_for": "phone_numbers.agents",
    "skip": "sandbox_tools.clock",
    "faults": "sandbox_tools.faults",
    "transfer": "sandbox_tools.transfers",
    "doctor": "setup.doctor",
    "planned": "setup.cleanup",
    "clean_up": "setup.cleanup",
    "start_over": "setup.start_over",
    "take_home": "lesson.take_home",
    "what_happened": "lesson.task_history",
    "why": "decisions.why",
    "current": "connection.account",
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
