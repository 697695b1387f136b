"""The app of the lessons about phone calls: a menu, a queue, and Alice's phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Form, Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance
from twilio.twiml.voice_response import Enqueue, Gather, VoiceResponse

from helpers import serve
from helpers.callback_server.server import CallbackServer
from helpers.lesson.cast import Cast

NUMBER, CALLER, ALICE = "+15005550006", "+15005550100", "client:alice"


@dataclass
class Hotline:
    """A number that leads to an app with a menu, and Alice, who is Offline, with a phone."""

    client: Client
    team: Cast
    server: CallbackServer
    number: IncomingPhoneNumberInstance

    def move_alice(self, activity: str) -> None:
        """Set Alice's activity."""
        self.team.alice.update(activity_sid=self.team.activities[activity].sid)


def hotline_app(workflow_sid: str) -> FastAPI:
    """The web app: a menu of two languages, a queue, and an agent's phone that is called for each task."""
    app = FastAPI()

    @app.post("/incoming_call")
    def incoming_call() -> Response:
        answer = VoiceResponse()
        gather = Gather(num_digits=1, action="/enqueue_call", timeout=60)
        gather.say("Para Español, oprima el uno.", language="es")
        gather.say("For English, press two.", language="en")
        answer.append(gather)
        return Response(str(answer), media_type="application/xml")

    @app.post("/enqueue_call")
    def enqueue_call(digits: str = Form(alias="Digits")) -> Response:
        answer = VoiceResponse()
        enqueue = Enqueue(workflow_sid=workflow_sid)
        enqueue.task(json.dumps({"selected_language": {"1": "es"}.get(digits, "en")}))
        answer.append(enqueue)
        return Response(str(answer), media_type="application/xml")

    @app.post("/assignment_callback")
    def assignment_callback() -> dict[str, str]:
        return {"instruction": "dequeue", "from": NUMBER}

    return app


@contextmanager
def hotline(client: Client, team: Cast) -> Iterator[Hotline]:
    """A hotline that is open, until the end."""
    server = serve(hotline_app(team.workflow.sid), port=0)
    try:
        [number] = client.incoming_phone_numbers.list()
        number.update(voice_url=f"{server.url}/incoming_call")
        team.workflow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        team.alice.update(attributes=json.dumps({"languages": ["en", "es"], "contact_uri": ALICE}))
        yield Hotline(client, team, server, number)
    finally:
        server.stop()
