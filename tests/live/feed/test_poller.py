"""The threads of a feed: their rhythm, their errors, their end."""

from __future__ import annotations

import threading

import pytest

from helpers.live.feed.threads import CommandThread, Poller, interval
from tests.waiting import patience, wait_for


@pytest.fixture
def told():
    """What happened on the threads, in order."""
    return []


@pytest.fixture
def start(told):
    pollers = []

    def start(every=0.01, read=None, **limits):
        read = read or (lambda: told.append("read"))
        pollers.append(Poller("test", every, read, lambda error: told.append(str(error)), **limits))
        pollers[-1].start()
        return pollers[-1]

    yield start
    for one in pollers:
        one.stop()


@pytest.fixture
def commands(told):
    commands = CommandThread("test", lambda error: told.append(str(error)))
    commands.start()
    yield commands
    commands.stop()


def test_reads_again_and_again(start, told):
    one = start()
    wait_for(lambda: told.count("read") >= 3)
    assert one.read_at is not None


def test_reads_at_once_for_who_asks(start, told):
    one = start(every=60)
    wait_for(lambda: told)
    assert one.ask().wait(patience(10))
    assert told == ["read", "read"]


def test_one_read_serves_all_who_ask_meanwhile(start, told):
    go_on = threading.Event()

    def read():
        told.append("read")
        go_on.wait(patience(10))

    one = start(every=60, read=read)
    wait_for(lambda: told)
    asked = [one.ask() for _ in range(5)]
    go_on.set()
    assert all(done.wait(patience(10)) for done in asked)
    assert told == ["read", "read"]


def test_errors_are_told_and_reading_goes_on(start, told):
    answers = iter(["no", "no"])

    def read():
        if answer := next(answers, None):
            raise RuntimeError(answer)
        told.append("read")

    start(read=read, after_error=0.01)
    wait_for(lambda: "read" in told)
    assert told[:2] == ["no", "no"]


def test_pauses_when_nobody_looks_and_goes_on_when_somebody_does(start, told):
    one = start(unseen=-1.0)
    wait_for(lambda: one.paused)
    before = len(told)
    one.unseen = 120.0
    one.seen()
    wait_for(lambda: len(told) > before + 2)
    assert not one.paused


def test_stop_ends_the_thread_also_while_it_waits(start):
    one = start(every=3600)
    assert one.thread.daemon
    one.stop()
    one.thread.join(patience(10))
    assert not one.thread.is_alive()


def test_an_error_after_the_end_is_not_told(start, told):
    reading, go_on = threading.Event(), threading.Event()

    def read():
        reading.set()
        go_on.wait(patience(10))
        raise RuntimeError("too late")

    one = start(read=read)
    assert reading.wait(patience(10))
    one.stop()
    go_on.set()
    one.thread.join(patience(10))
    assert told == []


def test_commands_do_one_thing_after_the_other_and_tell_what_fails(commands, told):
    def fail():
        raise RuntimeError("it failed")

    done = threading.Event()
    for act in (lambda: told.append(1), fail, lambda: told.append(2), done.set):
        commands.do(act)
    assert done.wait(patience(10))
    assert told == [1, "it failed", 2]


def test_commands_end_when_all_is_done(commands, told):
    commands.do(lambda: told.append(1))
    commands.stop()
    commands.thread.join(patience(10))
    assert told == [1]
    assert not commands.thread.is_alive()
    assert commands.thread.daemon


def test_the_sandbox_is_read_more_often_than_twilio(monkeypatch):
    assert interval() == 0.3
    monkeypatch.setenv("TASKROUTER_LIVE", "1")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "not a real one")
    assert interval() == 3.0
