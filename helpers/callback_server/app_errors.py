"""What went wrong in the learner's app, in words and with the line of their own code."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

from helpers.connection.error_messages import refusal_of

_FOREIGN = (
    *(sysconfig.get_paths()[place] for place in ("stdlib", "purelib", "platlib")),
    str(Path(__file__).parent.parent),
    "<frozen",
    "<string>",
)
_ENCODER = ("fastapi/encoders.py", "fastapi\\encoders.py")


def describe_app_error(error: BaseException) -> str:
    """Describe what went wrong and where in the learner's own code: `KeyError: 'x', line 7 of the cell`."""
    refusal = refusal_of(error)
    words = f"TaskRouter answered {refusal[0]}: {refusal[1]}" if refusal else f"{type(error).__name__}: {error}"
    words = words.splitlines()[0][:300].rstrip(": .")
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_FOREIGN)]
    if any(frame.filename.endswith(_ENCODER) for frame in frames):
        kind = type(error).__name__
        return f"{kind}: what the handler returns is no JSON, as it holds more than texts, numbers, lists and the like"
    if not own:
        return words
    file = own[-1].filename
    is_cell = "ipykernel_" in file or file.startswith("<ipython-input")
    return f"{words}, line {own[-1].lineno} of {'the cell' if is_cell else Path(file).name}"
