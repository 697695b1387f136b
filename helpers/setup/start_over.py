"""Empty the sandbox, so that the lessons begin again as on the first day."""

from __future__ import annotations

from helpers.consent import is_agreed
from helpers.sandbox_tools import emptying

WHAT_NEXT = "The sandbox is empty. Run the notebooks again from the top; 02 and 03 make what they need of 01."


def start_over(*, sure: bool = False) -> None:
    """Delete everything in the sandbox, after asking; says what it did.

    sure: do not ask. Raises LessonError in live mode, or when the sandbox cannot be reached.
    """
    emptying.refuse_in_live_mode()
    print(emptying.WHAT_GOES)
    if not sure and not is_agreed("Start over?"):
        print("Nothing was deleted.")
        return
    emptying.empty()
    print(WHAT_NEXT)
