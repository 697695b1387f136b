"""A sandbox that is killed again and again while it works: `python -m tests.endurance.kills [kills] [seed]`.

In each round threads write, webhooks are answered, and the process is killed at a random moment. After the next start
whatever was acknowledged must be there, every reservation must come to its end by its timer, and every event must reach
the callback. A failure names the seed of its round.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import threading
import time
from pathlib import Path
from random import Random

from tests.arguments import whole_numbers
from tests.endurance.processes import AUTH_TOKEN, Connection, start
from tests.sandbox.conftest import Receiver, Reply
from tests.waiting import wait_for

WRITERS, WORKERS, RESERVATION_SECONDS = 3, 6, 5
REMEMBERED = 4  # workspaces that are looked at again after later kills


class Space:
    """A workspace under load. `known`: the number that each acknowledged task was last acknowledged with, by SID."""

    def __init__(self, connection: Connection, receiver: Receiver):
        self.known: dict[str, int] = {}
        self.written = 0
        made = connection.ask(
            "POST",
            "/v1/Workspaces",
            FriendlyName="W",
            EventCallbackUrl=receiver.url + "/events",
            MultiTaskEnabled="false",
        )
        self.path = f"/v1/Workspaces/{made['sid']}"
        queue = connection.ask("POST", f"{self.path}/TaskQueues", FriendlyName="Q")["sid"]
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        connection.ask(
            "POST", f"{self.path}/Workflows", FriendlyName="F", Configuration=routing,
            AssignmentCallbackUrl=receiver.url + "/assignment", TaskReservationTimeout=str(RESERVATION_SECONDS),
        )  # fmt: skip
        activities = connection.ask("GET", f"{self.path}/Activities")["activities"]
        idle = next(each["sid"] for each in activities if each["available"])
        for number in range(WORKERS):
            connection.ask("POST", f"{self.path}/Workers", FriendlyName=f"W{number}", ActivitySid=idle)

    def write(self, url: str) -> None:
        """Create tasks and change them until the sandbox is gone; note what it has acknowledged."""
        connection = Connection(url)
        try:
            while True:
                sid = connection.ask("POST", f"{self.path}/Tasks", Attributes='{"n": 0}')["sid"]
                self.known[sid] = 0
                for number in (1, 2):
                    connection.ask("POST", f"{self.path}/Tasks/{sid}", Attributes=f'{{"n": {number}}}')
                    self.known[sid] = number
                    self.written += 1
                self.written += 1
        except (OSError, http.client.HTTPException):
            return

    def check(self, connection: Connection) -> None:
        """Raise AssertionError where something is lost, or somebody has more than one reservation."""
        tasks = {each["sid"]: each for each in connection.all(f"{self.path}/Tasks", "tasks")}
        assert not (lost := self.known.keys() - tasks.keys()), f"lost: {lost}"
        for sid, number in self.known.items():
            found = json.loads(tasks[sid]["attributes"])["n"]
            assert found in (number, number + 1), f"{sid} is at {found}, and {number} was acknowledged"
        for worker in connection.ask("GET", f"{self.path}/Workers")["workers"]:
            held = [one for one in self.reservations(connection, worker) if one in ("pending", "accepted")]
            assert len(held) <= 1, f"{worker['sid']} holds {held}"

    def reservations(self, connection: Connection, worker: dict[str, str]) -> list[str]:
        found = connection.ask("GET", f"{self.path}/Workers/{worker['sid']}/Reservations?PageSize=1000")["reservations"]
        return [one["reservation_status"] for one in found]

    def check_timers(self, connection: Connection) -> None:
        """Let the time of every reservation pass: none is pending any more, but such as began meanwhile."""
        for _ in range(WORKERS + 1):  # whoever lets one pass goes offline
            connection.ask("POST", f"/_sandbox/clock?advance={RESERVATION_SECONDS + 1}")
        for worker in connection.ask("GET", f"{self.path}/Workers")["workers"]:
            assert "pending" not in self.reservations(connection, worker), f"still pending: {worker['sid']}"

    def check_deliveries(self, connection: Connection, receiver: Receiver) -> None:
        """Wait until every event has come to the callback, but those that were dropped as too many, which their
        deliveries say. Raises AssertionError when one does not."""

        def missing() -> dict[str, str]:
            events = {each["sid"] for each in connection.all(f"{self.path}/Events", "events")}
            events -= {each.form.get("Sid") for each in list(receiver.requests) if each.path == "/events"}
            if not events:
                return {}
            told = connection.ask("GET", "/_sandbox/deliveries?kind=event&limit=2000")["deliveries"]
            said = {each["subject_sid"]: f"{each['result']} {each['attempts']}" for each in told}
            return {sid: said.get(sid, "no delivery") for sid in events if not said.get(sid, "").startswith("dropped")}

        try:
            wait_for(lambda: not missing(), 60, "the arrival of all events")
        except AssertionError as error:
            error.add_note(f"{missing()}")
            raise


def answered(random: Random) -> Reply:
    """Accept, reject, or leave the reservation to its timer."""
    choices = ("", '{"instruction": "accept"}', '{"instruction": "reject"}')
    return Reply(body=random.choice(choices))


def main(kills: int, seed: int) -> None:
    receiver, written, began = Receiver(AUTH_TOKEN), 0, time.monotonic()
    spaces: list[Space] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        process, url = start(data)
        for number in range(kills):
            random = Random(seed + number)
            receiver.requests.clear()
            receiver.replies["/assignment"] = lambda form, random=random: answered(random)
            try:
                spaces.append(space := Space(Connection(url), receiver))
                threads = [threading.Thread(target=space.write, args=(url,), daemon=True) for _ in range(WRITERS)]
                for thread in threads:
                    thread.start()
                time.sleep(random.uniform(0.02, 0.4))
                process.kill()
                process.wait()
                for thread in threads:
                    thread.join()
                written += space.written
                process, url = start(data)
                connection = Connection(url)
                for each in spaces:
                    each.check(connection)
                space.check_timers(connection)
                space.check_deliveries(connection, receiver)
                if len(spaces) > REMEMBERED:
                    connection.ask("DELETE", spaces.pop(0).path)
            except BaseException as error:
                error.add_note(f"seed {seed + number}, kill {number + 1}")
                process.kill()
                raise
            if (number + 1) % 20 == 0:
                seconds = time.monotonic() - began
                print(f"{number + 1:,} kills, {written:,} writes acknowledged and found, {seconds:,.0f} s", flush=True)
        process.terminate()
        process.wait()
    print(f"done: {kills:,} kills, {written:,} writes acknowledged and found, 0 lost")


if __name__ == "__main__":
    main(*whole_numbers(__doc__, kills=1_000, seed=0))
