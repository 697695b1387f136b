"""Keys of a callback's answer that TaskRouter does not know, where the learner has meant another one.

Unknown keys are ignored (voice.md §4.1), so that an answer with a misspelt key does something, but not what was meant.
Keys that are like no key which is missing do no harm, and are no cause.
"""

from __future__ import annotations

from difflib import get_close_matches

from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome
from helpers.lesson.checkpoints.framework import NotRight, Unmet
from helpers.lesson.checkpoints.scene import Scene

KEYS: dict[str, tuple[str, ...]] = {
    "accept": (),
    "reject": ("activity_sid",),
    "dequeue": (
        "to", "from", "post_work_activity_sid", "record", "timeout", "status_callback_url", "status_callback_events",
    ),
    "call": ("from", "url", "to", "accept", "record", "timeout", "status_callback_url"),
    "redirect": ("call_sid", "url", "accept"),
    "conference": (
        "from", "to", "post_work_activity_sid", "timeout", "status_callback", "status_callback_events", "record",
        "muted", "beep", "start_conference_on_enter", "end_conference_on_exit", "end_conference_on_customer_exit",
        "wait_url", "early_media", "max_participants",
    ),
}  # fmt: skip
"""The keys of an answer beside `instruction`, by its instruction (behaviour.md §3.3); of conference the usual ones."""

EFFECT = {
    ("dequeue", "from"): "so Alice sees the number that was called",
    ("dequeue", "timeout"): "so the phone rings for a minute",
    ("conference", "from"): "so Alice sees the number that was called",
    ("dequeue", "post_work_activity_sid"): "so Alice stays Busy after the call",
    ("redirect", "accept"): "so nothing accepts the reservation",
    ("conference", "end_conference_on_exit"): "so the caller stays in the room when Alice hangs up",
    ("conference", "end_conference_on_customer_exit"): "so Alice stays in the room when the caller hangs up",
}
"""What happens without a key, by the instruction and the key."""


def explain_keys(scene: Scene, outcome: CallbackOutcome) -> Unmet | None:
    """Say that an answer has a key which TaskRouter ignores, and which was meant for another; None when it has none."""
    known = ("instruction", *KEYS.get(outcome.instruction, ()))
    missing = [key for key in known if key not in outcome.said]
    for said in outcome.said:
        meant = _meant(said, missing) if said not in known else None
        if meant is None:
            continue
        effect = EFFECT.get((outcome.instruction, meant), "as if it were not there")
        return NotRight(
            f"your answer has `{said}`, which TaskRouter does not know and ignores, {effect}. The key is `{meant}`.",
            hints=scene.app_hints(_hint(said, meant)),
            solution=scene.app,
        )
    return None


def _meant(said: str, missing: list[str]) -> str | None:
    """Find the key that somebody has meant: in another spelling, or nearly the same."""
    plain = {key.replace("_", ""): key for key in missing}
    close = get_close_matches(said.casefold().replace("_", "").replace("-", ""), plain, n=1, cutoff=0.8)
    return plain[close[0]] if close else None


def _hint(said: str, meant: str) -> str:
    if said == f"{meant}_":
        return f"In Python's arguments `{meant}` has to be `{said}`. The answer is JSON, and there it is `{meant}`."
    return "Keys are written with small letters and underscores, exactly as the page has them."
