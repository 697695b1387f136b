"""Why a request of a phone call came to nothing: no answer, one that does not count, one that is no TwiML, or refused.

The alerts of the call say what the service made of it, with Twilio's code; the log of the callback server says what the
app did. `BY_STATUS` and `BY_CODE` have the hints.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit
from xml.etree import ElementTree

from helpers.callback_server.exchange_log import Exchange
from helpers.lesson.checkpoints.call_record import CallRecord
from helpers.lesson.checkpoints.call_solutions import EXPOSE_AGAIN, MENU, SET_VOICE_URL, TASK
from helpers.lesson.checkpoints.framework import NotRight, Unmet
from helpers.lesson.checkpoints.handler_errors import RETURNS_NOTHING, describe_failure, explain_missing, hint_of_error
from helpers.lesson.checkpoints.needs import find_missing
from helpers.lines import as_sentence

CALL_AGAIN = "Run the cell with the app again, then call once more."

BY_STATUS = {
    403: "A route with `only_here` is for this machine. Twilio's requests come from outside.",
    404: "The app has no route for this path: compare it letter by letter with what leads there, such as the `action` "
    "of the `Gather`, or the `Redirect`.",
    405: "Twilio sends a POST here, so the route is made with `app.post`.",
    500: "An exception in the app: `server.log` tells which, and in which line.",
}
BY_CODE = {
    11100: "The number has no voice URL: run the cell with `expose` again.",
    12100: "The answer must be XML: `str(answer)` of a `VoiceResponse` is.",
    12102: "The root of a TwiML document is `<Response>`, as `VoiceResponse` makes it.",
    12300: 'An answer says what it is: `Response(str(answer), media_type="application/xml")`.',
    14204: "An `Enqueue` needs `workflow_sid`: `answer.enqueue(workflow_sid=workflow.sid)`.",
    14220: "`workflow.sid` is the SID of the workflow that you loaded at the top of this page. Where that was deleted, "
    "run the cells from there on again.",
    14221: "The text of a `Task` is JSON: `json.dumps(...)` makes it of a dictionary.",
    14222: 'No filter of the workflow is true for these attributes: it reads `selected_language`, which is "es" or '
    '"en".',
}
"""What to do about an alert, by Twilio's code (voice.md §1.8)."""

NO_CHANNEL = "A phone call becomes a task of the channel `voice`, and that was deleted: create it once more."
VOICE_AGAIN = 'workspace.task_channels.create(friendly_name="Voice", unique_name="voice")'

FETCHING = range(11200, 11300)
NO_KEY = (
    "Twilio sends `Digits` once a key was pressed, to the `action` of the `Gather`, and to no other address.",
    f"Here no key was pressed. A `Redirect` that leads to `{TASK}` is to lead to `{MENU}`.",
)


def explain_request(record: CallRecord, app: str) -> Unmet | None:
    """Say why the newest request of a call that failed came to nothing; None when there is no error.

    app: the code that mends what the app does wrong.
    """
    errors = [one for one in record.alerts if one["level"] == "error"]
    if not errors:
        return None
    code, text = errors[0]["code"], str(errors[0]["text"])
    asked = record.exchanges[-1] if record.exchanges else None
    if code == 11100 and not record.exchanges:
        return NotRight(
            "the number has no voice URL, so nobody was asked.", hints=(BY_CODE[code],), solution=SET_VOICE_URL
        )
    if code in FETCHING:
        return _not_answered(record, asked, text, app)
    if code in (14220, 14222) and (lacking := find_missing(record.client)):
        return lacking
    where = f"`{asked.path}`" if asked else "the app"
    if text.startswith("TaskChannel"):
        hints = (NO_CHANNEL, "Then call once more.")
        return NotRight(f"{_what(code)} {where}, error {code}: {as_sentence(text)}", hints=hints, solution=VOICE_AGAIN)
    hint = BY_CODE.get(code, "Compare the answer with what the page shows.")
    if code == 12300 and asked is not None and asked.answer.strip() == "null":
        hint = RETURNS_NOTHING
    hints = (hint, CALL_AGAIN)
    return NotRight(
        f"{_what(code)} {where}, error {code}: {as_sentence(text)}{_saw(code, asked)}", hints=hints, solution=app
    )


def _what(code: int) -> str:
    return "Twilio could not carry out the answer of" if code >= 14000 else "Twilio could not use the answer of"


def _saw(code: int, asked: Exchange | None) -> str:
    """Show the answer, or the task's attributes in it, where it says more than the error."""
    if asked is not None and code == 14222:
        with suppress(ElementTree.ParseError):
            task = ElementTree.fromstring(asked.answer).findtext("Enqueue/Task")  # noqa: S314 (the learner's own)
            return f" The task's attributes: `{task}`." if task else ""
    if asked is None or code not in (12100, 12102, 12300) or not asked.answer.strip():
        return ""
    return f" It begins with `{' '.join(asked.answer.split())[:60].replace('`', '')}`."


def _not_answered(record: CallRecord, asked: Exchange | None, text: str, app: str) -> Unmet:
    """Say why a request got no answer that counts."""
    voice = urlsplit(record.number.voice_url or "").path
    if asked is None or asked.status < 400:
        return NotRight(
            f"Twilio got no answer: {text.rstrip('.')}.",
            hints=(
                "Is the server running, and is the voice URL its own? After a restart it has to be started again.",
                "Run the cells from the app to the voice URL again, then call once more.",
            ),
            solution=EXPOSE_AGAIN,
        )
    if asked.status == 404 and asked.path == voice != MENU:
        return NotRight(
            f"the number's voice URL leads to `{voice}`, where your app answered 404: its route is `{MENU}`.",
            hints=("The path of the voice URL is that of the route.", "Set it again, then call once more."),
            solution=SET_VOICE_URL,
        )
    if asked.status == 405 and asked.method == "GET" and asked is not record.exchanges[0]:
        return NotRight(
            f"a verb of your document asks `{asked.path}` with GET, and your app answered 405: its route is for POST.",
            hints=("Without a `method`, `Redirect` and `Gather` ask with POST: leave it out.", CALL_AGAIN),
            solution=app,
        )
    if asked.status == 405 and asked.method == "GET":
        return NotRight(
            f"the number asks `{asked.path}` with GET, and your app answered 405: its route is for POST.",
            hints=('`voice_method="POST"` has the number ask with POST.', "Set it again, then call once more."),
            solution=SET_VOICE_URL,
        )
    why = describe_failure(asked.error) if asked.error else f"`{asked.path}` answered {asked.status}"
    hints = (hint_of_error(asked.error or "") or BY_STATUS.get(asked.status, "Only a status of 200 to 299 counts."),)
    if asked.status == 422:
        sent = {name: value for name, value in asked.form.items() if value}
        usual = [name for name in ("Digits", "CallSid", "From", "To", "CallStatus") if name in sent]
        what, hint = explain_missing(asked.answer, sent, usual)
        why = f"the handler of `{asked.path}` {what}"
        hints = NO_KEY if "Digits" not in sent and "for `digits`" in what.casefold() else (hint,)
    if asked.status == 404 and asked.path == TASK:
        hints = (f"Your app has no route `{TASK}` yet: run the cell that adds it.",)
    return NotRight(f"{why.rstrip('.')}.", hints=(*hints, CALL_AGAIN), solution=app)
