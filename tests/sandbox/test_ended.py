"""What has ended is found over REST as it was while it was in memory, at every moment, and after a restart.

Random calls, conferences and messages over HTTP, at a clock that stands unless it is moved. What lists are to hold is
told by their items one by one; what an item is to be, by what it was when it ended.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers import sandbox
from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience, wait_for

AUTH = (sandbox.ACCOUNT_SID, "a-token")
ACCOUNT = f"/2010-04-01/Accounts/{sandbox.ACCOUNT_SID}"
BASE = 1_900_000_000_000  # milliseconds since 1970
OURS, PHONES = "+15005550006", ["+15005550201", "client:alice", "sip:bob@example.com"]
DOCUMENTS = [
    "<Say>Hello</Say>",
    "<Pause length='600'/>",
    f"<Dial>{PHONES[0]}</Dial>",
    "<Dial><Conference>Room</Conference></Dial>",
    "<Enqueue>support</Enqueue>",
]
BEHAVIOURS = ["after", "busy", "never", "reject", "unreachable", "by-hand"]
FINAL = ("completed", "busy", "no-answer", "failed", "canceled", "delivered", "undelivered")
LISTS = {"Calls": "calls", "Conferences": "conferences", "Messages": "messages"}
FILTERS = {
    "Calls": {"To": "to", "From": "from_address", "ParentCallSid": "parent_call_sid", "Status": "status"},
    "Conferences": {"FriendlyName": "friendly_name", "Status": "status"},
    "Messages": {"To": "to", "From": "from_address"},
}
TIMES = {
    "Calls": {"StartTime": "start_time", "EndTime": "end_time"},
    "Conferences": {"DateCreated": "date_created", "DateUpdated": "date_updated"},
    "Messages": {"DateSent": "date_sent"},
}

number = st.integers(0, 7)
steps = st.one_of(
    st.tuples(st.just("call"), number, number),
    st.tuples(st.just("invite"), number, number),
    st.tuples(st.just("text"), number, number),
    st.tuples(st.just("phone"), number, st.sampled_from(BEHAVIOURS)),
    st.tuples(st.just("pass"), st.sampled_from([1, 2, 7, 70, 90_000]), st.just(0)),
    st.tuples(st.just("end"), number, number),
    st.tuples(st.just("delete"), number, number),
)


class Account:
    """A sandbox over HTTP, and what everything was when it had ended."""

    def __init__(self, folder: Path):
        self.folder, self.ended, self.deleted = folder, dict[str, Any](), set[str]()

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        clock = Clock(wall=lambda: BASE * 1_000_000, monotonic=lambda: 0)
        self.service = Service(self.folder, *AUTH, clock=clock)
        with served(self.service) as self.url, requests.Session() as self.web:
            self.web.auth, self.web.trust_env = AUTH, False
            yield

    def ask(self, method: str, path: str, refused: bool = False, **said: Any) -> Any:
        where = {"params": said} if method == "GET" or path.startswith("/_sandbox") else {"data": said}
        answer = self.web.request(method, self.url + path, timeout=patience(20), **where)
        assert answer.status_code < (500 if refused else 300), (method, path, said, answer.text)
        return answer.json() if answer.content else None

    def do(self, what: str, first: Any, second: Any) -> None:
        if what == "call":
            document = f"<Response>{DOCUMENTS[second % len(DOCUMENTS)]}</Response>"
            self.ask("POST", f"{ACCOUNT}/Calls.json", From=OURS, To=phone(first), Twiml=document)
        elif what == "invite":
            path = f"{ACCOUNT}/Conferences/Room{second % 2 or ''}/Participants.json"
            self.ask("POST", path, From=OURS, To=phone(first))
        elif what == "text":
            self.ask("POST", f"{ACCOUNT}/Messages.json", From=OURS, To=f"+1500555030{second}", Body="Hello")
        elif what == "phone":
            self.ask("POST", f"/_sandbox/phones/{phone(first)}", answer=second)
        elif what == "pass":
            self.ask("POST", "/_sandbox/clock", advance=first)
        elif what == "end":
            self._end(first, second)
        else:
            self._delete(first, second)

    def _end(self, first: int, second: int) -> None:
        """End something that goes on, or try to end what has ended: the answer is what it is from then on."""
        calls = self.listed("Calls")
        if not calls:
            return
        sid = calls[first % len(calls)]
        path, said = [
            (f"{ACCOUNT}/Calls/{sid}.json", {"Status": "completed"}),
            (f"/_sandbox/calls/{sid}/hang-up", {}),
        ][second % 2]
        told = self.ask("POST", path, refused=sid in self.ended, **said)
        if sid in self.ended:
            assert told["code"] == 21220
        elif told["status"] in FINAL:
            kind = "phone" if "hang-up" in path else "rest"
            self.ended[sid] = {kind: told}

    def _delete(self, first: int, second: int) -> None:
        """Delete something, if it has ended; a conference cannot be."""
        kind = ("Calls", "Messages")[second % 2]
        if not (sids := self.listed(kind)):
            return
        sid = sids[first % len(sids)]
        self.ask("DELETE", f"{ACCOUNT}/{kind}/{sid}.json", refused=sid not in self.ended)
        if sid in self.ended:
            del self.ended[sid]
            self.deleted.add(sid)
            assert self.ask("GET", f"{ACCOUNT}/{kind}/{sid}.json", refused=True)["code"] == 20404

    # what must hold

    def listed(self, kind: str, size: int = 1000, **filters: Any) -> list[str]:
        """The SIDs of a list, page by page there and back again."""
        key, pages = LISTS[kind], list[list[str]]()
        page = self.ask("GET", f"{ACCOUNT}/{kind}.json", PageSize=size, **filters)
        while True:
            pages.append([one["sid"] for one in page[key]])
            if page["next_page_uri"] is None:
                break
            page = self.ask("GET", page["next_page_uri"])
        for before in pages[-2::-1]:
            page = self.ask("GET", page["previous_page_uri"])
            assert [one["sid"] for one in page[key]] == before
        return list(itertools.chain(*pages))

    def check_items(self) -> None:
        """Whatever has ended is as it was when it ended, and is known to the store alone."""
        there = {one["sid"]: one for one in self.ask("GET", "/_sandbox/calls", limit=1000)["calls"]}
        assert list(there) == self.listed("Calls")
        for kind in LISTS:
            for one in self.ask("GET", f"{ACCOUNT}/{kind}.json", PageSize=1000)[LISTS[kind]]:
                sid = one["sid"]
                assert sid not in self.deleted
                assert self.ask("GET", f"{ACCOUNT}/{kind}/{sid}.json") == one
                if one["status"] in FINAL:
                    now = {"rest": one}
                    if kind == "Calls":
                        now["phone"] = there[sid]
                        assert self.ask("GET", f"/_sandbox/calls/{sid}") == there[sid]
                    then = self.ended.setdefault(sid, now)
                    assert then.items() <= now.items()
                    self.ended[sid] = now
                if kind == "Conferences" and one["status"] in FINAL:
                    assert self.ask("GET", f"{ACCOUNT}/Conferences/{sid}/Participants.json")["participants"] == []
                    assert self.ask("POST", f"{ACCOUNT}/Conferences/{sid}.json", Status="completed") == one
        state = self.service.telephony.engine.state
        known = {*state.calls, *state.conferences, *state.messages}
        assert not known & self.ended.keys()

    def check_lists(self) -> None:
        """Each filter lets through exactly what it says, with pages of any size."""
        telephony = self.service.telephony
        for kind, records in zip(LISTS, (telephony.calls, telephony.conferences, telephony.messages), strict=True):
            everything = records.newest_first().following(None, 1000)
            sids = [one.sid for one in everything]
            for size in (1, 3, 1000):
                assert self.listed(kind, size) == sids
            for filter_, field in FILTERS[kind].items():
                for value in {getattr(one, field) for one in everything} - {None, "initiated"} | {"nobody"}:
                    if filter_ == "Status" and value == "nobody":
                        continue
                    values = ("queued", "initiated") if value == "queued" else (value,)
                    wanted = [one.sid for one in everything if getattr(one, field) in values]
                    assert self.listed(kind, 2, **{filter_: value}) == wanted, (filter_, value)
            for filter_, field in TIMES[kind].items():
                times = {one.sid: getattr(one, field) for one in everything}
                for at in {at // 1000 * 1000 for at in times.values() if at is not None}:
                    for name, value, holds in spans(filter_, at):
                        wanted = [sid for sid, one in times.items() if one is not None and holds(one)]
                        assert self.listed(kind, 2, **{name: value}) == wanted, (name, value)


def phone(number: int) -> str:
    return PHONES[number % len(PHONES)]


def spans(name: str, at: int) -> list[tuple[str, str, Callable[[int], bool]]]:
    """Filters by a time, in whole seconds: name, value, and which times they let through."""
    instant, day = datetime.fromtimestamp(at / 1000, UTC), 86_400_000
    text, midnight = instant.strftime("%Y-%m-%dT%H:%M:%SZ"), at // day * day
    return [
        (name, text[:10], lambda one: midnight <= one < midnight + day),
        (f"{name}<", text, lambda one: one <= at),
        (f"{name}>", text, lambda one: one >= at),
        (f"{name}<", text[:10], lambda one: one < midnight + day),
        (f"{name}>", text[:10], lambda one: one >= midnight),
    ]


@settings(
    max_examples=15,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(steps, min_size=5, max_size=30))
def test_what_has_ended_is_as_it_was(done):
    with tempfile.TemporaryDirectory() as folder:
        account = Account(Path(folder))
        with account.open():
            for step in done:
                account.do(*step)
                account.check_items()
            account.check_lists()
            lists = {kind: account.listed(kind) for kind in LISTS}
        with account.open():  # after which what went on has ended as well
            account.check_items()
            account.check_lists()
            assert {kind: account.listed(kind) for kind in LISTS} == lists
            assert not account.service.telephony.engine.state.calls


@pytest.fixture
def account(tmp_path):
    account = Account(tmp_path)
    with account.open():
        yield account


def test_what_was_asked_after_the_end_is_told_with_the_rest(account, receiver):
    """Its status callback leaves when a call is over, and each time that somebody sends it again."""
    said = {"From": OURS, "To": PHONES[0], "Twiml": f"<Response>{DOCUMENTS[1]}</Response>"}
    said["StatusCallback"] = f"{receiver.url}/over"
    sid = account.ask("POST", f"{ACCOUNT}/Calls.json", **said)["sid"]
    account.ask("POST", "/_sandbox/clock", advance=30)
    account.ask("POST", f"/_sandbox/calls/{sid}/hang-up")

    def urls() -> list[str]:
        return [one["url"] for one in account.ask("GET", f"/_sandbox/calls/{sid}")["requests"]]

    assert wait_for(lambda: urls() == [f"{receiver.url}/over"])
    [delivery] = account.ask("GET", "/_sandbox/deliveries")["deliveries"]
    account.ask("POST", f"/_sandbox/deliveries/{delivery['number']}/resend")
    assert wait_for(lambda: len(urls()) == 2)


def test_a_record_that_is_damaged_does_not_hide_the_others_and_is_told_once(account, caplog):
    account.ask("POST", f"/_sandbox/phones/{PHONES[0]}", answer="unreachable")
    said = {"From": OURS, "To": PHONES[0], "Twiml": "<Response/>"}
    sids = [account.ask("POST", f"{ACCOUNT}/Calls.json", **said)["sid"] for _ in range(3)]
    account.ask("POST", "/_sandbox/clock", advance=30)
    with contextlib.closing(sqlite3.connect(account.folder / "sandbox.sqlite3")) as db, db:
        db.execute("UPDATE ended_call SET state = '{', requests = 'x' WHERE sid = ?", [sids[1]])
    assert account.listed("Calls") == sids[::-1]
    damaged = account.ask("GET", f"{ACCOUNT}/Calls/{sids[1]}.json")
    assert (damaged["sid"], damaged["to"], damaged["status"]) == (sids[1], PHONES[0], "failed")
    assert sum(f"{sids[1]} of ended_call cannot be read" in message for message in caplog.messages) == 1


@pytest.mark.parametrize("sid", ["CA" + "0" * 32, "%00", "%ED%A0%80", "%FF", "x" * 5000, "'"])
def test_what_is_not_there_is_not_found(account, sid):
    for path in ("Calls", "Conferences", "Messages"):
        assert account.web.get(f"{account.url}{ACCOUNT}/{path}/{sid}.json", timeout=patience(20)).status_code == 404
    assert account.web.post(f"{account.url}/_sandbox/calls/{sid}/hang-up", timeout=patience(20)).status_code == 404
    for name in ("To", "From", "ParentCallSid"):
        page = account.web.get(f"{account.url}{ACCOUNT}/Calls.json?{name}={sid}", timeout=patience(20))
        assert (page.status_code, page.json()["calls"]) == (200, [])


def test_what_has_ended_stays_for_some_days(account):
    """What goes on stays however long that is."""
    said = {"From": OURS, "Twiml": f"<Response>{DOCUMENTS[1]}</Response>"}
    account.ask("POST", f"/_sandbox/phones/{PHONES[1]}", answer="unreachable")
    gone = account.ask("POST", f"{ACCOUNT}/Calls.json", To=PHONES[1], **said)["sid"]
    account.ask("POST", "/_sandbox/clock", advance=31 * 86_400 - 600)
    stays = account.ask("POST", f"{ACCOUNT}/Calls.json", To=PHONES[1], **said)["sid"]
    assert account.listed("Calls") == [stays, gone]
    account.ask("POST", "/_sandbox/clock", advance=7_200)
    assert account.listed("Calls") == [stays]
