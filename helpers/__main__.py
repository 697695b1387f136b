"""Run the commands of this project: `python3 -m helpers lab`, `setup`, `test`, `doctor` and so on.

This file keeps to what Python 3.6 can read, so that an old Python can say what it is too old for.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
FIRST_PAGE = "00-start-here.ipynb"


def main(arguments=None):
    """Run one command. Returns an exit code, unless another program takes this one's place.

    arguments: the words after `python3 -m helpers`; those of this process when left out.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if sys.version_info < OLDEST_PYTHON:
        return _refuse_old_python(arguments)
    from helpers.setup import environment

    options, others = _parser().parse_known_args(arguments)
    if others and options.command not in ("lab", "test"):
        _parser().error("unrecognized arguments: " + " ".join(others))
    try:
        code = _COMMANDS[options.command](environment, options, others)
        sys.stdout.flush()
        return code
    except environment.InstallError as error:
        return _say(str(error))
    except BrokenPipeError:
        return _stop_printing()
    except KeyboardInterrupt:
        conformance = options.command == "conformance"
        what_now = "; what it had created is removed" if conformance else ". Run the same command again to finish"
        return _say(f"Interrupted{what_now}.", code=130)


def _parser():
    import argparse

    parser = argparse.ArgumentParser(
        prog="python3 -m helpers",
        description="Learn Twilio TaskRouter in JupyterLab. Every command first makes .venv, if need be.",
    )
    commands = parser.add_subparsers(dest="command", metavar=" | ".join(_COMMANDS))
    commands.required = True
    lab = commands.add_parser(
        "lab", help="open JupyterLab on your own copy of the lessons; other options go to it", allow_abbrev=False
    )
    lab.add_argument("--folder", metavar="FOLDER", help="where your copy of the lessons is, instead of my-lessons")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    setup = commands.add_parser("setup", help="make .venv and install what the lessons need")
    setup.add_argument("--fresh", action="store_true", help="throw .venv away and make it from nothing")
    commands.add_parser("test", help="run the tests; other options go to pytest", allow_abbrev=False)
    commands.add_parser("doctor", help="check this machine and say how to repair what is wrong")
    commands.add_parser("planned", help="say what the lessons would create in the configured account")
    reset = commands.add_parser("reset", help="start over: empty the sandbox, after asking")
    clean_up = commands.add_parser("clean-up", help="delete what the lessons have created there, after asking")
    conformance = commands.add_parser("conformance", help="check that TaskRouter, live or sandbox, behaves as expected")
    conformance.add_argument("--only", default="", metavar="WORD", help="just the checks with this word")
    conformance.add_argument("--list", action="store_true", help="name the checks, and run none")
    lock = commands.add_parser("lock", help="for maintainers: write the locks anew from the pyproject.toml files")
    versions = lock.add_mutually_exclusive_group()
    versions.add_argument("--newest", action="store_true", help="every package as new as it can be")
    versions.add_argument("--oldest", action="store_true", help="every package of pyproject.toml as old as it may be")
    for command in (reset, clean_up, conformance):
        command.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _lab(environment, options, others):
    from pathlib import Path

    from helpers.setup import own_lessons

    environment.prepare()
    folder = Path(options.folder).expanduser().absolute() if options.folder else own_lessons.USUAL
    for sentence in own_lessons.bring(folder):
        print(sentence)
    print("Starting JupyterLab. Stop it here with Control-C.")
    environment.become(*lab_command(environment, folder, options.no_browser, others))


def lab_command(environment, folder, no_browser, others):
    """Make the command line and the environment variables that JupyterLab is started with.

    Settings that a person made for JupyterLab hold here too, but the layout of its window is kept in `.venv`, so
    that the layout they work with elsewhere is neither shown nor changed. No language server is begun unless a person's
    settings name it: JupyterLab would begin whatever it finds, and the type checker of the tests then reads all files.

    folder: with the lessons. JupyterLab shows the project around it, or this folder alone where it is elsewhere.
    """
    import os

    inside = environment.ROOT in folder.parents
    place = folder.relative_to(environment.ROOT).as_posix() + "/" if inside else ""
    command = [
        str(environment.PYTHON),
        *("-m", "jupyterlab"),
        f"--ServerApp.root_dir={environment.ROOT if inside else folder}",
        f"--FileContentsManager.preferred_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{place}{FIRST_PAGE}",
        "--Application.log_level=WARN",
    ]
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container everybody is root, and only this machine can reach it
    config = [str(environment.ROOT / "helpers/setup/jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    variables = {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config)),  # of `helpers.setup.lab_server`
        "JUPYTERLAB_WORKSPACES_DIR": str(environment.VENV / "share/jupyter/lab/workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel named python3 is the one of .venv
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else each kernel prints a warning about its debugger
    }
    return command + others, variables


def _setup(environment, options, others):
    if not environment.prepare(fresh=options.fresh):
        print("Everything is in place already.")
    print("Open the lessons with: python3 -m helpers lab")
    return 0


def _test(environment, options, others):
    environment.prepare(tests=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it every process would compile all that it imports
    environment.become([str(environment.PYTHON), "-m", "pytest", "-n", "auto", *others])


def _lock(environment, options, others):
    environment.prepare(tests=True)
    _import("setup.lock").write(newest=options.newest, oldest=options.oldest)
    return 0


def _doctor(environment, options, others):
    if environment.PYTHON.exists() and not environment.runs_in_venv():
        environment.become([str(environment.PYTHON), "-m", "helpers", "doctor"])
    from helpers.setup import doctor

    return doctor.main()


def _planned(environment, options, others):
    return _with_account(environment, lambda: _import("setup.cleanup").planned())


def _reset(environment, options, others):
    return _with_account(environment, lambda: _import("setup.start_over").start_over(sure=options.yes))


def _clean_up(environment, options, others):
    return _with_account(environment, lambda: _import("setup.cleanup").clean_up(sure=options.yes))


def _conformance(environment, options, others):
    import signal

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `kill`, too, leaves nothing behind
    if options.list:
        return _with_account(environment, lambda: _import("conformance").list_checks(options.only))
    return _with_account(environment, lambda: _import("conformance").main(only=options.only, sure=options.yes))


def _import(name):
    from importlib import import_module

    return import_module("helpers." + name)


def _with_account(environment, work):
    """Do a work that needs the packages, and say in one sentence what hinders it. Returns an exit code."""
    from importlib.util import find_spec

    if not environment.runs_in_venv() and (environment.PYTHON.exists() or find_spec("twilio") is None):
        environment.prepare()
        environment.become([str(environment.PYTHON), "-m", "helpers", *sys.argv[1:]])
    from helpers.errors import LessonError

    try:
        return work() or 0
    except LessonError as error:
        return _say(str(error))
    except EOFError:
        return _say("Nobody is there to answer: say --yes to go on without being asked.")


_COMMANDS = {
    "lab": _lab,
    "setup": _setup,
    "test": _test,
    "lock": _lock,
    "doctor": _doctor,
    "planned": _planned,
    "reset": _reset,
    "clean-up": _clean_up,
    "conformance": _conformance,
}


def _refuse_old_python(arguments):
    oldest, this = (f"{version[0]}.{version[1]}" for version in (OLDEST_PYTHON, sys.version_info))
    newer = _newer_python()
    hint = " ".join(["run:", newer, "-m", "helpers", *arguments]) if newer else "install one, and run this with it."
    return _say(f"This project needs Python {oldest} or newer, this is {this}; {hint}")


def _newer_python():
    """Find a Python on this machine that is new enough. Gives its name, or None."""
    import subprocess

    for minor in range(13, OLDEST_PYTHON[1] - 1, -1):
        name = f"python3.{minor}"
        try:
            if subprocess.call([name, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                return name
        except OSError:
            continue
    return None


def _stop_printing():
    """Go quietly when whoever reads our output has gone, as `head` does. Returns an exit code."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
    return 1


def _say(sentence, code=1):
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
