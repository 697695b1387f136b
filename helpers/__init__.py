"""What a lesson needs besides Twilio. Import the names below straight from here: `from helpers import connect`.

Nothing outside the standard library is imported until a name is used, so that `python3 -m helpers` runs on a
machine where nothing has been installed yet. Old Pythons read this file too, to be told that they are too old.
"""

from importlib import import_module

# The table of what `from helpers import ...` gives: each name, and the module of `helpers` in which it is.
_HOME = {
    "connect": "connection.clients",
    "current": "connection.account",
    "LessonError": "errors",
    # the lesson
    "progress": "lesson.progress",
    "reset_progress": "lesson.progress",
    "predict": "lesson.predictions",
    "check": "lesson.checkpoints",
    "found": "lesson.find_or_create",
    "cast": "lesson.cast",
    "starting_point": "lesson.snapshots",
    "export_workspace": "lesson.snapshots",
    "import_workspace": "lesson.snapshots",
    "restore_workspace": "lesson.snapshots",
    "take_home": "lesson.take_home",
    # what a task has been through
    "what_happened": "lesson.task_history",
    "why": "decisions.why",
    # a day before it happens
    "rehearse": "rehearsals",
    # the callback server
    "serve": "callback_server.server",
    "only_here": "callback_server.guards",
    "expose": "tunnel.expose",
    # views
    "board": "live.board.board",
    "activity_toggle": "live.widgets.activity_toggle",
    "inspector": "live.widgets.task_inspector",
    "callback_log": "live.widgets.callback_log",
    "phone": "live.widgets.phone",
    # agents' pages
    "agent_page": "agents.page",
    "agent_token": "agents.sdk",
    "api_key": "agents.sdk",
    "sdk_options": "agents.sdk",
    "AGENT_SDK": "agents.sdk",
    # phone numbers
    "phone_number": "phone_numbers.number",
    "restore_number": "phone_numbers.restoring",
    "contact_uri_for": "phone_numbers.agents",
    # what only the sandbox has
    "skip": "sandbox_tools.clock",
    "faults": "sandbox_tools.faults",
    "transfer": "sandbox_tools.transfers",
    # looking after it all
    "doctor": "setup.doctor",
    "planned": "setup.cleanup",
    "clean_up": "setup.cleanup",
    "start_over": "setup.start_over",
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
