"""An account whose callers wait and whose agents answer, with a web server in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import requests
from http_layer import ACCOUNT, Box, session

OF_ACCOUNT = f"/2010-04-01/Accounts/{ACCOUNT}"
OURS, CALLER, AGENT = "+15005550006", "+15005551{:03d}", "client:agent{}"
SECONDS = 120.0  # that a step of a call may take at most
WEB_SERVER = """
import asyncio, json, sys
import uvicorn
from collections import defaultdict
from fastapi import FastAPI, Request, Response
from twilio.twiml.voice_response import Enqueue, Gather, VoiceResponse

app, asked, workflow = FastAPI(), defaultdict(list), ""

def twiml(answer):
    return Response(str(answer), media_type="text/xml")

@app.post("/incoming_call")
async def incoming(request: Request):
    form = await request.form()
    asked[form["CallSid"]].append(["incoming", form["CallStatus"]])
    answer = VoiceResponse()
    gather = Gather(num_digits=1, action="/enqueue_call", timeout=60)
    gather.say("Para Espanol, oprima el uno.", language="es")
    gather.say("For English, press two.", language="en")
    answer.append(gather)
    return twiml(answer)

@app.post("/enqueue_call")
async def enqueue(request: Request):
    form = await request.form()
    asked[form["CallSid"]].append(["enqueue", form["Digits"]])
    answer = VoiceResponse()
    queue = Enqueue(workflow_sid=workflow, action="/left")
    queue.task(json.dumps({"digits": form["Digits"]}))
    answer.append(queue)
    return twiml(answer)

@app.post("/assignment")
async def assignment(request: Request):
    form = await request.form()
    asked[json.loads(form["TaskAttributes"])["call_sid"]].append(["assignment", ""])
    return {"instruction": "dequeue", "from": "+15005550006", "status_callback_url": str(request.url_for("dequeued")),
            "status_callback_events": "answered,completed"}

@app.post("/dequeued", status_code=204)
async def dequeued(request: Request):
    form = await request.form()
    asked[form["CallSid"]].append(["dequeued", form["CallStatus"]])

@app.post("/left")
async def left(request: Request):
    form = await request.form()
    asked[form["CallSid"]].append(["left", form["QueueResult"]])
    return twiml(VoiceResponse())

@app.post("/status", status_code=204)
async def status(request: Request):
    form = await request.form()
    asked[form["CallSid"]].append(["status", form["CallStatus"]])

@app.get("/asked")
async def everything():
    return asked

@app.delete("/asked", status_code=204)
async def forget():
    asked.clear()

@app.post("/workflow/{sid}")
async def use(sid: str):
    global workflow
    workflow = sid

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)

Server(uvicorn.Config(app, port=0, log_level="critical")).run()
"""
CALLER_ASKS = [["incoming", "ringing"], ["enqueue", None], ["assignment", ""], ["left", "bridged"],
               ["status", "completed"]]  # fmt: skip
AGENT_TELLS = [["dequeued", "in-progress"], ["dequeued", "completed"]]


def running(code: str, *words: str) -> subprocess.Popen[str]:
    """A program that is told lines and answers with lines."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, *words], stdin=pipe, stdout=pipe, text=True)


class Office:
    """An account with a number, a workflow, and as many agents as can talk at once, of whom the first is available."""

    def __init__(self, box: Box, web_server: str, agents: int):
        self.box, self.web_server = box, web_server
        self.web, self.receiver = session(), requests.Session()
        self.receiver.trust_env = False
        self.space = f"/v1/Workspaces/{self.post('/v1/Workspaces', FriendlyName='B', MultiTaskEnabled='false')['sid']}"
        activities = self.get(f"{self.space}/Activities")["activities"]
        self.idle = next(one["sid"] for one in activities if one["available"])
        queue = self.post(f"{self.space}/TaskQueues", FriendlyName="All")["sid"]
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        about = {"AssignmentCallbackUrl": f"{web_server}/assignment"}
        workflow = self.post(f"{self.space}/Workflows", FriendlyName="F", Configuration=routing, **about)["sid"]
        self.receiver.post(f"{web_server}/workflow/{workflow}", timeout=SECONDS)
        self.agents: dict[str, str] = {}  # SIDs of workers by their phones
        for n in range(agents):
            phone = AGENT.format(n)
            attributes = json.dumps({"contact_uri": phone})
            about = {"ActivitySid": self.idle} if n == 0 else {}
            made = self.post(f"{self.space}/Workers", FriendlyName=f"A{n}", Attributes=attributes, **about)
            self.agents[phone] = made["sid"]
            self.control("POST", f"phones/{phone}", answer="after", seconds="0")
        numbers = f"{OF_ACCOUNT}/IncomingPhoneNumbers"
        number = self.get(f"{numbers}.json")["incoming_phone_numbers"][0]["sid"]
        urls = {"VoiceUrl": f"{web_server}/incoming_call", "StatusCallback": f"{web_server}/status"}
        self.post(f"{numbers}/{number}.json", **urls)

    def make_room(self, calls: int) -> None:
        """Let so many calls wait in the queue of the workflow, which takes a hundred otherwise."""
        [queue] = self.get(f"{OF_ACCOUNT}/Queues.json")["queues"]
        self.post(f"{OF_ACCOUNT}/Queues/{queue['sid']}.json", MaxSize=str(calls))

    def get(self, path: str, **query: str) -> Any:
        return self._read(self.web.get(self.box.url + path, params=query))

    def post(self, path: str, **form: str) -> Any:
        return self._read(self.web.post(self.box.url + path, data=form))

    def control(self, method: str, path: str, **query: str) -> Any:
        return self._read(self.web.request(method, f"{self.box.url}/_sandbox/{path}", params=query))

    def _read(self, answer: requests.Response) -> Any:
        assert answer.ok, answer.text
        return answer.json()

    def dial(self, n: int) -> str:
        return self.control("POST", "calls", **{"from": CALLER.format(n % 1000), "to": OURS})["sid"]

    def until(self, sid: str, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask for a call until it has come so far; give it. Raises TimeoutError."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            if is_there(call := self.control("GET", f"calls/{sid}")):
                return call
        raise TimeoutError(f"{call}")

    def one(self, n: int) -> tuple[str, str, dict[str, Any]]:
        """A whole call: its SID, the key that was pressed, and the call while they talked."""
        sid, key = self.dial(n), str(n % 10)
        self.until(sid, lambda call: call["waits_for"] == "keys")
        self.control("POST", f"calls/{sid}/press", digits=key)
        talking = self.until(sid, lambda call: bool(call["connected_with"]))
        self.control("POST", f"calls/{sid}/hang-up")
        self.until(sid, lambda call: call["status"] == "completed")
        return sid, key, talking

    def many(self, count: int) -> list[tuple[str, str, dict[str, Any]]]:
        """So many calls at once, in step."""
        keys = {self.dial(n): str(n % 10) for n in range(count)}

        def all_until(is_there: Callable[[dict[str, Any]], bool]) -> dict[str, dict[str, Any]]:
            ends = time.monotonic() + SECONDS
            while time.monotonic() < ends:
                calls = self.control("GET", "calls", limit=str(3 * count))["calls"]
                if all(is_there(call) for call in calls if call["sid"] in keys):
                    return {call["sid"]: call for call in calls}
                time.sleep(0.02)
            raise TimeoutError(f"{[call for call in calls if call['sid'] in keys and not is_there(call)][:1]}")

        all_until(lambda call: call["waits_for"] == "keys")
        for sid, key in keys.items():
            self.control("POST", f"calls/{sid}/press", digits=key)
        talking = all_until(lambda call: bool(call["connected_with"]))
        for sid in keys:
            self.control("POST", f"calls/{sid}/hang-up")
        all_until(lambda call: call["status"] == "completed")
        return [(sid, key, talking[sid]) for sid, key in keys.items()]

    def wrong(self, calls: list[tuple[str, str, dict[str, Any]]]) -> int:
        """How many calls had a wrong step, lacked one, or had it twice; waits for the last webhook, then forgets."""
        ends = time.monotonic() + SECONDS
        while True:
            asked = self.receiver.get(f"{self.web_server}/asked", timeout=SECONDS).json()
            listed = self.get(f"{self.space}/Tasks", PageSize=str(len(calls)), Ordering="DateCreated:desc")["tasks"]
            tasks = {json.loads(task["attributes"])["call_sid"]: task for task in listed}
            wrong = [call for call in calls if not self._is_right(asked, tasks.get(call[0], {}), *call)]
            if not wrong or time.monotonic() > ends:
                self.receiver.delete(f"{self.web_server}/asked", timeout=SECONDS)
                return len(wrong)
            time.sleep(0.05)

    def _is_right(
        self, asked: dict[str, Any], task: dict[str, Any], sid: str, key: str, talking: dict[str, Any]
    ) -> bool:
        attributes = json.loads(task.get("attributes", "{}"))
        steps = [[what, key if how is None else how] for what, how in CALLER_ASKS]
        return (
            asked.get(sid) in (steps, [*steps[:3], steps[4], steps[3]])  # the last two leave at once
            and asked.get(attributes.get("worker_call_sid")) == AGENT_TELLS
            and (task.get("assignment_status"), attributes.get("digits")) == ("completed", key)
            and len(talking["connected_with"]) == 1
        )
