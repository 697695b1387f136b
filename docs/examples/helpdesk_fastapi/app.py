"""A help desk, asynchronous: tickets become tasks, and a board shows which of them wait."""

import json
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client


@asynccontextmanager
async def lifespan(app):
    """Keep one client as long as the application runs."""
    async with AsyncTwilioHttpClient() as http_client:
        yield {"twilio": Client(http_client=http_client)}


app = FastAPI(lifespan=lifespan)
waiting = {}  # what was asked for, by the SID of its task
seen = set()  # events, since each may come twice


async def signed_form(request: Request):
    form = dict(await request.form())
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(os.environ["TWILIO_AUTH_TOKEN"]).validate(str(request.url), form, signature):
        raise HTTPException(403)
    return form


@app.post("/tickets", status_code=201)
async def ticket(request: Request):
    workspace = request.state.twilio.taskrouter.v1.workspaces(os.environ["WORKSPACE_SID"])
    task = await workspace.tasks.create_async(attributes=json.dumps(await request.json()))
    return {"ticket": task.sid}


@app.post("/assignment")
async def assignment(request: Request):
    await signed_form(request)
    return {"instruction": "accept"}


@app.post("/events", status_code=204)
async def events(request: Request):
    event = await signed_form(request)
    if event["Sid"] in seen:
        return
    seen.add(event["Sid"])
    if event["EventType"] == "task.created":
        waiting[event["TaskSid"]] = json.loads(event["TaskAttributes"])["text"]
    elif event["EventType"] == "reservation.accepted":
        waiting.pop(event["TaskSid"], None)


@app.get("/waiting")
async def board():
    return sorted(waiting.values())
