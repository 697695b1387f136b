"""Where the sources contradict each other: what the sandbox does, and the switch to the other reading."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...language.operators import MissingAttribute


class CompatibilityOptions(Struct, frozen=True):
    """Readings of TaskRouter that can be chosen; the defaults are what the sandbox does (behaviour.md §11).

    after_failed_reservation: does a task whose reservation fails inside the limit of its routing step "stay" in it
    (LIFE-W), or "move" to the next step of its filter (the worked example of behaviour.md §2.4)?
    after_attribute_change: does a task whose attributes have changed "evaluate" its workflow from the top while it
    waits, or once it waits again, or does it "stay" in its routing step (behaviour.md §5.2)?
    after_filter_timeout: does a task that times out in the last step of a filter go on to the "next-filter" that
    matches it, or is it canceled, since the workflow has come to its "end" (behaviour.md §5.2)?
    missing_attribute: for an attribute that is not there, or null, do `!=` and `NOT IN` hold, since it "differs" from
    everything, or does nothing hold for it, as for SQL's "null" (behaviour.md §6.2)?
    empty_answer: is an empty 2xx other than 200, such as 204, to an assignment callback "nothing", so that the
    reservation stays pending, or has the callback "failed" (behaviour.md §3.2)?
    fallback: is the fallback sent the same form as the first address ("same"), or "with-error", that is with the
    ErrorCode and ErrorUrl that fallbacks of phone numbers get (behaviour.md §3.2)?
    """

    after_failed_reservation: Literal["stay", "move"] = "stay"
    after_attribute_change: Literal["evaluate", "stay"] = "evaluate"
    after_filter_timeout: Literal["next-filter", "end"] = "next-filter"
    missing_attribute: MissingAttribute = "differs"
    empty_answer: Literal["nothing", "failed"] = "nothing"
    fallback: Literal["same", "with-error"] = "same"
