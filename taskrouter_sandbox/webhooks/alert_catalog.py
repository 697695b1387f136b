"""What Twilio's debugger calls a code, and what to do about it (behaviour.md §3.5)."""

from __future__ import annotations

from ..control_types import AlertRecord, StoredAlert
from .alert_text import AlertText
from .voice_alert_catalog import VOICE_CODES

_REFUSED_ADDRESS = "Start the web server, and look whether host and port of the address are its own."
_PENDING = "Answer sooner, or look first who else has answered: each reservation takes one answer."
_ACTIVITY = "Give the SID (WA...) of an Activity of this workspace, or leave it away."
_ENQUEUED = "Only a task that came from a call can do this; answer accept for any other one."
_CONTACT = "Give it, or put a contact_uri into the worker's attributes."
_NUMBER = "Give a number that the call may come from, such as +15555555555, or client:name."
_NO_PHONE = "Look whether the caller still waits, and whether the worker's contact_uri is right."
_ADDRESS = "Give an absolute http:// or https:// address, or leave it away."

CODES: dict[int, AlertText] = VOICE_CODES | {
    11100: AlertText("Invalid URL format", "Give an absolute http:// or https:// address."),
    11200: AlertText(
        "HTTP retrieval failure",
        "Look at the delivery: what did the web server answer, and why not 200? "
        "One that refuses the signature has checked it over another address than that with which `signed` begins.",
    ),
    11205: AlertText(
        "HTTP connection failure", _REFUSED_ADDRESS + " Answer sooner: the delivery says how long it waited."
    ),
    11210: AlertText("HTTP bad host name", "Look for a typing error in the host of the address."),
    11215: AlertText("HTTP too many redirects", "Give the address that the redirects lead to, and look for a circle."),
    11220: AlertText("SSL/TLS handshake error", "Look whether the address is meant to be https."),
    11235: AlertText(
        "Certificate for another host", "Give the host that the certificate names, or get one for this host."
    ),
    11236: AlertText("Certificate expired", "Renew the certificate."),
    11237: AlertText(
        "Certificate not trusted",
        "Twilio takes no self-signed certificate: get one from a known authority, and send its whole chain.",
    ),
    11750: AlertText("Response body too large", "Answer with the instruction alone: at most 64 kB are read."),
    20001: AlertText(
        "Unknown parameters", "Do what the text says; the names and values are in TaskRouter's documentation."
    ),
    40000: AlertText(
        "Assignment callback without JSON content type",
        "Answer with Content-Type: application/json; FastAPI does when a handler returns a dict.",
    ),
    40001: AlertText(
        "Assignment callback with invalid JSON",
        "Answer with a JSON object, encoded once: return the dict itself, not json.dumps of it as a text.",
    ),
    40005: AlertText(
        "Assignment callback without an instruction",
        'Answer {"instruction": "accept"}, or {} when the reservation is to be answered later.',
    ),
    40100: AlertText("Reject: invalid activity_sid", "Give activity_sid, the SID of an unavailable Activity."),
    40110: AlertText("Call: invalid to", _CONTACT),
    40111: AlertText("Call: invalid from", _NUMBER),
    40112: AlertText("Call: invalid url", "Give url, the address of the TwiML that the worker hears."),
    40113: AlertText("Call: the call could not be made", _NO_PHONE),
    40114: AlertText("Call: the reservation is not pending", _PENDING),
    40120: AlertText("Redirect: invalid url", "Give url, the address of the TwiML that the caller hears next."),
    40121: AlertText("Redirect: invalid call_sid", "Give call_sid (CA...), as the task's attributes have it."),
    40122: AlertText("Redirect: the call could not be redirected", _NO_PHONE),
    40123: AlertText("Redirect: the reservation is not pending", _PENDING),
    40130: AlertText("Dequeue: invalid post_work_activity_sid", _ACTIVITY),
    40131: AlertText("Dequeue: invalid to", _CONTACT),
    40132: AlertText("Dequeue: invalid from", _NUMBER),
    40133: AlertText("Dequeue: the call could not be made", _NO_PHONE),
    40134: AlertText(
        "Dequeue: invalid status_callback_events", "Name some of initiated, ringing, answered, completed."
    ),
    40135: AlertText("Dequeue: the reservation is not pending", _PENDING),
    40136: AlertText("Conference: the reservation is not pending", _PENDING),
    40137: AlertText("Conference: to is missing", _CONTACT),
    40138: AlertText("Conference: from is missing", _NUMBER),
    40140: AlertText("Dequeue: the task has no call_sid", _ENQUEUED),
    40141: AlertText("Conference: invalid from", _NUMBER),
    40142: AlertText("Conference: the task has neither call_sid nor outbound_to", _ENQUEUED),
    40143: AlertText("Conference: invalid post_work_activity_sid", _ACTIVITY),
    40144: AlertText(
        "Conference: the reservation is gone", "The caller has hung up, or the task was canceled meanwhile."
    ),
    40145: AlertText("Conference: the call could not be made", _NO_PHONE),
    40146: AlertText("Supervise: the reservation is not accepted", "Supervise once the worker has accepted."),
    40147: AlertText(
        "Supervise: the supervisor has no contact_uri",
        "Name a Worker of this workspace, and put a contact_uri into that worker's attributes.",
    ),
    40148: AlertText("Supervise: from is missing", _NUMBER),
    40149: AlertText("The task has no conference", "Let the worker accept by conference first."),
    40151: AlertText(
        "Instruction not allowed for a transferred task", "Answer with accept, reject, conference or supervise."
    ),
    40152: AlertText(
        "Known worker is not in the queue", "Look at the queue's target_workers: does it match that worker?"
    ),
    40154: AlertText(
        "Known worker is missing or unknown", "Look at the task attribute that the step reads: a SID or a name."
    ),
    40155: AlertText(
        "Known worker is of another workspace", "Name a worker of the workspace in which the task is routed."
    ),
    40157: AlertText("Dequeue: invalid status_callback_url", _ADDRESS),
    40158: AlertText("Call: invalid status_callback_url", _ADDRESS),
    40159: AlertText("Conference: invalid status_callback", _ADDRESS),
    55555: AlertText("Invalid instruction", "Look for a typing error: the text names the instructions that there are."),
}

UNNAMED = AlertText("Error", "Look the code up at the address beside it.")


def explained(alert: StoredAlert) -> AlertRecord:
    """Add its code's title to an alert, what to do next, and where Twilio writes about it."""
    known = CODES.get(alert["code"], UNNAMED)
    more_info = f"https://www.twilio.com/docs/errors/{alert['code']}"
    return {**alert, "title": known.title, "advice": known.advice, "more_info": more_info}
