"""A hotline: a menu, a queue that waits for the right worker, and an instruction that connects the two."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Response
from starlette.datastructures import FormData
from twilio.twiml.voice_response import VoiceResponse
from webhooks import setting, signed_form

log = logging.getLogger("uvicorn.error")
SignedForm = Annotated[FormData, Depends(signed_form)]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Refuse to start without the settings that every request needs."""
    for name in ("TWILIO_AUTH_TOKEN", "PUBLIC_URL", "PHONE_NUMBER", "WORKFLOW_SID", "WRAP_UP_SID"):
        setting(name)
    yield


app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/health")
def health() -> dict[str, str]:
    """Tell whoever keeps this app running that it runs."""
    return {"status": "ok"}


@app.post("/incoming_call")
def incoming_call(_: SignedForm) -> Response:
    """Read the menu to a caller; whoever presses nothing hears it again."""
    answer = VoiceResponse()
    gather = answer.gather(num_digits=1, action="/enqueue_call", timeout=10)
    gather.say("Para español, oprima el uno.", language="es")
    gather.say("For English, please press two.", language="en")
    answer.redirect("/incoming_call")
    return twiml(answer)


@app.post("/enqueue_call")
def enqueue_call(form: SignedForm) -> Response:
    """Let the caller wait, as a task for whoever speaks the language."""
    language = "es" if form.get("Digits") == "1" else "en"
    answer = VoiceResponse()
    enqueue = answer.enqueue(workflow_sid=setting("WORKFLOW_SID"))
    enqueue.task(json.dumps({"selected_language": language}))
    return twiml(answer)


@app.post("/assignment_callback")
def assignment_callback(form: SignedForm) -> dict[str, str]:
    """Call the reserved worker and connect the caller. Answer within five seconds; slow work belongs elsewhere."""
    log.info("task %s goes to worker %s", form.get("TaskSid"), form.get("WorkerSid"))
    return {
        "instruction": "dequeue",
        "from": setting("PHONE_NUMBER"),
        "post_work_activity_sid": setting("WRAP_UP_SID"),
    }


def twiml(answer: VoiceResponse) -> Response:
    """Answer with a document of TwiML."""
    return Response(str(answer), media_type="application/xml")
