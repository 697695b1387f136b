"""The thread that reads: its rhythm, its jobs, its errors, its end."""

from __future__ import annotations

import threading

import pytest

from helpers.widgets import watch
from helpers.widgets.watch import Watch, interval

from .conftest import until


@pytest.fixture
def told():
    """What happened on the watch's thread, in order."""
    return []


@pytest.fixture
def start(told):
    watches = []

    def start(every=0.01, read=None):
        one = Watch("test", every, read or (lambda: told.append("read")), lambda error: told.append(str(error)))
        watches.append(one)
        return one

    yield start
    for one in watches:
        one.stop()


def test_reads_again_and_again(start, told):
    one = start()
    until(lambda: told.count("read") >= 3)
    assert one.read_at is not None


def test_a_job_is_done_and_then_read_back(start, told):
    one = start(every=60)
    until(lambda: told)
    assert one.ask(lambda: told.append("job")).wait(10)
    assert told == ["read", "job", "read"]


def test_errors_are_told_and_reading_goes_on(start, told, monkeypatch):
    monkeypatch.setattr(watch, "AFTER_ERROR", 0.01)
    answers = iter(["no", "no"])

    def read():
        if answer := next(answers, None):
            raise RuntimeError(answer)
        told.append("read")

    start(read=read)
    until(lambda: "read" in told)
    assert told[:2] == ["no", "no"]


def test_a_job_that_fails_is_told(start, told):
    one = start(every=60)

    def fail():
        raise RuntimeError("the job failed")

    assert one.ask(fail).wait(10)
    assert "the job failed" in told


def test_pauses_when_nobody_looks_and_goes_on_when_somebody_does(start, told, monkeypatch):
    monkeypatch.setattr(watch, "UNSEEN", -1.0)
    one = start()
    until(lambda: one.paused)
    before = len(told)
    monkeypatch.setattr(watch, "UNSEEN", 120.0)
    one.seen()
    until(lambda: len(told) > before + 2)
    assert not one.paused


def test_stop_ends_the_thread_also_while_it_waits(start):
    one = start(every=3600)
    assert one.thread.daemon
    one.stop()
    one.thread.join(10)
    assert not one.thread.is_alive()


def test_an_error_after_the_end_is_not_told(start, told):
    reading, go_on = threading.Event(), threading.Event()

    def read():
        reading.set()
        go_on.wait(10)
        raise RuntimeError("too late")

    one = start(read=read)
    assert reading.wait(10)
    one.stop()
    go_on.set()
    one.thread.join(10)
    assert told == []


def test_the_sandbox_is_read_more_often_than_twilio(monkeypatch):
    assert interval() == 0.3
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "not a real one")
    assert interval() == 3.0
