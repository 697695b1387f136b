"""What a sandbox writes down about itself: `sandbox.log` in its folder, which never grows beyond a few megabytes."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

NAME = "sandbox.log"
BYTES, EARLIER = 1_000_000, 3  # of each file, and how many are kept beside the newest
FORM = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"


class _Form(logging.Formatter):
    converter = time.gmtime


def keep(folder: Path, *, quiet: bool = False) -> None:
    """Keep a log in a folder from now on; where it cannot be written, there is none, and nothing else suffers.

    quiet: it is the only place for warnings and errors; else they go to the standard error as well.
    """
    logging.raiseExceptions = False  # what a full disk does not take is lost, without a traceback for each line
    root = logging.getLogger()
    with suppress(OSError):
        file = RotatingFileHandler(folder / NAME, maxBytes=BYTES, backupCount=EARLIER, encoding="utf-8")
        file.setFormatter(_Form(FORM, "%Y-%m-%dT%H:%M:%S"))
        root.addHandler(file)
    if not quiet:
        shown = logging.StreamHandler()
        shown.setLevel(logging.WARNING)
        root.addHandler(shown)
    logging.getLogger(__package__).setLevel(logging.INFO)
