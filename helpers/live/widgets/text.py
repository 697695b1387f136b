"""How the widgets say things: times of day, and errors with the next step."""

from __future__ import annotations

from datetime import UTC, datetime

from helpers.connection.error_messages import FROM_THE_TOP, describe_error, status_of

NEXT_STEPS = {
    404: f"What this view shows no longer exists. {FROM_THE_TOP}",
    429: "Nothing to do: too many requests were made, and this view tries again by itself",
}


WORKER_GONE = f"TaskRouter no longer has this worker. {FROM_THE_TOP}."


def clock(at: datetime | str | int | None) -> str:
    """Format the time of day where the kernel runs, as in `12:03:05`.

    The twilio client hands a time with a fraction of a second back as a string, and events have milliseconds since
    1970; both are understood.
    """
    if at is None:
        return "an unknown time"
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    elif isinstance(at, int):
        at = datetime.fromtimestamp(at / 1000, UTC)
    return at.astimezone().strftime("%H:%M:%S")


def with_next_step(error: BaseException, next_steps: dict[int, str] = NEXT_STEPS) -> str:
    """Say what went wrong and what to do next, in sentences with a full stop.

    next_steps: what to do, by the status of the answer.
    """
    sentence = describe_error(error)
    step = next_steps.get(status_of(error) or 0)
    return f"{sentence}. {step}." if step and not sentence.endswith(FROM_THE_TOP) else f"{sentence}."
