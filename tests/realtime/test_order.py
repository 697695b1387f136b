"""Every event to whom it concerns, once and in order: what agents hear is what the event log has of them."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.realtime.conftest import Agents

ENDS = ("accepted", "rejected")


def act(agents: Agents, chance: random.Random) -> None:
    """Do something, over REST or as an agent; what is refused in passing has done nothing."""
    worker = chance.choice([agents.alice, agents.bob])
    workers: Any = agents.workspace.workers(worker)
    match chance.randrange(6):
        case 0 | 1:
            agents.task(attributes=json.dumps({"n": chance.randrange(100)}))
        case 2:
            workers.update(activity_sid=chance.choice([agents.available, agents.available, agents.offline]))
        case 3:
            workers.worker_channels("default").update(capacity=chance.randrange(1, 4))
        case _:
            token, own = agents.token(worker), f"Workers/{worker}/Reservations"
            open_ones = agents.ask(token, "GET", own, {"Active": "true"})["contents"]
            if not open_ones:
                return
            one = chance.choice(open_ones)
            pending = one["reservation_status"] == "pending"
            status = chance.choice(ENDS if pending else ("wrapping", "completed"))
            if status == "wrapping" == one["reservation_status"]:
                status = "completed"
            agents.ask(token, "POST", f"{own}/{one['sid']}", {"ReservationStatus": status})


def test_agents_hear_what_the_log_has_of_them(agents: Agents):
    chance = random.Random(5)
    sockets = {worker: agents.listen(agents.token(worker)) for worker in (agents.alice, agents.bob)}
    for worker in sockets:
        agents.make_available(worker)
    for _ in range(120):
        act(agents, chance)
    for worker in sockets:
        agents.workspace.workers(worker).update(attributes='{"last": 1}')
    log: Any = agents.workspace.events.list(limit=5_000)
    for worker, socket in sockets.items():
        heard: list[tuple[str, str, str]] = []
        while not heard or heard[-1][0] != "worker.attributes.update":
            told = socket.message()
            if not told["event_type"].startswith("task."):
                payload = told["payload"]
                task = payload.get("task", {})
                heard.append((told["event_type"], payload["sid"], task.get("assignment_status", "")))
        kept: list[tuple[str, str, str]] = []
        for event in reversed(log):
            data = event.event_data
            if data.get("worker_sid") != worker or event.event_type.startswith("task"):
                continue
            sid = event.resource_sid if event.resource_type == "reservation" else worker
            if event.event_type in ("worker.capacity.update", "worker.channel.availability.update"):
                channel = data["task_channel_sid"]
                channels = agents.workspace.workers(worker).worker_channels.list()
                sid = next(str(one.sid) for one in channels if one.task_channel_sid == channel)
            reservation = event.resource_type == "reservation"
            kept.append((event.event_type, sid, data["task_assignment_status"] if reservation else ""))
        assert heard == [one for one in kept if one[0] != "worker.created"]
        assert len(heard) > 20
