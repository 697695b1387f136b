"""Empty the sandbox, so that the lessons begin again as on the first day."""

from __future__ import annotations

from helpers import sandbox
from helpers.connection import account
from helpers.consent import is_agreed
from helpers.errors import LessonError

WHAT_GOES = (
    "This deletes every workspace in the sandbox, with its tasks, events, webhooks and alerts, every call, and the "
    "webhooks of its number, and takes back faults, options and skipped time."
)
WHAT_NEXT = "The sandbox is empty. Run the notebooks again from the top; 02 and 03 make what they need of 01."
IN_LIVE_MODE = (
    "Only the sandbox can be emptied, and the lessons use your live account now, where nothing was deleted. "
    "`python3 -m helpers clean-up` removes what the lessons have created there, and gives "
    "back the number that they took."
)


def start_over(*, sure: bool = False) -> None:
    """Delete everything in the sandbox, after asking; says what it did.

    sure: do not ask. Raises LessonError in live mode, or when the sandbox cannot be reached.
    """
    if account.current().mode == "live":
        raise LessonError(IN_LIVE_MODE)
    print(WHAT_GOES)
    if not sure and not is_agreed("Start over?"):
        print("Nothing was deleted.")
        return
    sandbox.reset()
    print(WHAT_NEXT)
