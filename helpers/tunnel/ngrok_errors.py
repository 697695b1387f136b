"""What goes wrong with ngrok, in sentences with the next step."""

from __future__ import annotations

import re

from helpers.errors import LessonError

NOT_SIGNED_IN = (
    "ngrok needs a token, which is free: copy yours from dashboard.ngrok.com/get-started/your-authtoken "
    "into .env, in a line NGROK_AUTHTOKEN=..., then run this cell again."
)
UNKNOWN_TO_NGROK = (
    "ngrok does not know the token in NGROK_AUTHTOKEN: copy it once more from "
    "dashboard.ngrok.com/get-started/your-authtoken into .env, then run this cell again."
)
TOO_MANY = (
    "Your ngrok account has as many agents running as it may: shut down the other notebook or program "
    "that has one (dashboard.ngrok.com/agents lists them), then run this cell again."
)
UNVERIFIED = (
    "ngrok wants a verified account: confirm your e-mail address at dashboard.ngrok.com, see that the token in "
    "NGROK_AUTHTOKEN is the one that is shown there, then run this cell again."
)
ADVICE = (  # what is found in an agent's or pyngrok's words -> what a learner is told
    (r"ERR_NGROK_4018\b", UNVERIFIED),
    (r"ERR_NGROK_105\b", UNKNOWN_TO_NGROK),
    (r"ERR_NGROK_108\b", TOO_MANY),
    (
        r"ERR_NGROK_334\b",
        "Your ngrok address is in use by another agent of yours: shut that one down "
        "(dashboard.ngrok.com/endpoints lists them), then run this cell again.",
    ),
    (
        r"downloading ngrok|not a supported",
        "The ngrok agent is not on this machine and could not be downloaded: check the internet connection, or "
        "install ngrok yourself and name its file in .env, in a line NGROK_PATH=..., then run this cell again.",
    ),
    (
        r"failed to dial|no such host",
        "The ngrok agent cannot reach ngrok: check the internet connection (a proxy, a firewall), then run this "
        "cell again.",
    ),
)


def is_final(error: Exception) -> bool:
    """Tell whether no further try mends this error, but only the learner."""
    return str(error) in (NOT_SIGNED_IN, UNVERIFIED, UNKNOWN_TO_NGROK, TOO_MANY)


def explain(error: Exception, *, token: str, program: str) -> LessonError:
    """Make one sentence with the next step of what pyngrok raises.

    token: is never part of the sentence; program: the file of the agent.
    """
    said = " ".join(str(part) for part in (error, getattr(error, "body", "")) if part)
    for sign, words in ADVICE:
        if re.search(sign, said):
            return LessonError(words)
    if code := re.search(r"ERR_NGROK_(\d+)", said):
        return LessonError(f"ngrok refuses with {code[0]}: ngrok.com/docs/errors/{code[0].lower()} says what to do.")
    words = said.replace(token, "...").split("\n")[0][:200].rstrip(". ")
    return LessonError(
        f"The ngrok agent did not come up and has been ended ({words}): run this cell again, and if that does "
        f"not help, bring the agent up to date with `{program} update`."
    )
