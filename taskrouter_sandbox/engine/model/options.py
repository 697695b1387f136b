"""Where the sources contradict each other: what the sandbox does, and the switch to the other reading."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class CompatibilityOptions(Struct, frozen=True):
    """Readings of TaskRouter that can be chosen; the defaults are what the sandbox does (behaviour.md §11).

    after_failed_reservation: does a task whose reservation fails inside the limit of its routing step "stay" in it
    (LIFE-W), or "move" to the next step of its filter (the worked example of behaviour.md §2.4)?
    empty_answer: is an empty 2xx other than 200, such as 204, to an assignment callback "nothing", so that the
    reservation stays pending, or has the callback "failed" (behaviour.md §3.2)?
    fallback: is the fallback sent the same form as the first address ("same"), or "with-error", that is with the
    ErrorCode and ErrorUrl that fallbacks of phone numbers get (behaviour.md §3.2)?
    """

    after_failed_reservation: Literal["stay", "move"] = "stay"
    empty_answer: Literal["nothing", "failed"] = "nothing"
    fallback: Literal["same", "with-error"] = "same"
