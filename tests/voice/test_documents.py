"""Documents: what an answer means, errors and the fallback, and when a call counts as answered (voice.md §1)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.model.effects import FetchFailure, FetchReply
from taskrouter_sandbox.voice.model.terms import StatusCallback
from tests.voice.stage import AGENT, BASE, CALLER, NUMBER, Stage, twiml

SAY = twiml("<Say>Hello</Say>")
SORRY = "We are sorry, an application error has occurred. Goodbye."


def stage_with(incoming, **pages) -> Stage:
    return Stage(incoming=incoming, **pages)


@pytest.mark.parametrize(
    ("content", "status", "answered"),
    [
        ("<Say>Hi</Say>", "completed", 0),
        ("", "completed", 0),
        ("<Hangup/>", "completed", 0),
        ("<Reject/>", "no-answer", None),
        ('<Reject reason="busy"/>', "busy", None),
        ('<Pause length="3"/><Say>Hi</Say>', "completed", 3),
        ('<Pause length="3"/><Reject/>', "no-answer", None),
        ("<Say>Hi</Say><Reject/>", "completed", 0),
    ],
)
def test_1_1_when_an_inbound_call_is_answered(content: str, status: str, answered: int | None):
    stage = stage_with(twiml(content))
    began = stage.now
    call = stage.dial()
    stage.pass_(20)
    assert call.status == status
    assert call.answered_at == (None if answered is None else began + answered * 1000)
    (report,) = stage.reports("/status")
    assert report["CallStatus"] == status


def test_1_1_the_caller_gives_up_before_the_first_answer():
    stage = stage_with(None)
    call = stage.dial()
    stage.hang_up(call)
    assert call.status == "no-answer"
    stage.reply("/incoming", SAY)
    assert call.status == "no-answer"
    assert not stage.codes()


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        (FetchReply(200, "text/plain", b"Good day", f"{BASE}/incoming"), ["Good day"]),
        (FetchReply(200, "audio/mpeg", b"\xff", f"{BASE}/incoming"), [f"{BASE}/incoming"]),
        (FetchReply(200, "text/html; charset=utf-8", SAY.encode(), f"{BASE}/incoming"), ["Hello"]),
    ],
)
def test_1_5_text_and_sound(reply: FetchReply, heard: list[str]):
    stage = stage_with(reply)
    call = stage.dial()
    stage.pass_(10)
    assert (stage.heard(call), call.status) == (heard, "completed")


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (FetchFailure(11200, "HTTP status 500"), 11200),
        (FetchFailure(11205, "refused"), 11205),
        ("<Response><Say>", 12100),
        ("<Answer/>", 12102),
        (FetchReply(200, "application/json", b"{}", f"{BASE}/incoming"), 12300),
    ],
)
def test_1_5_an_error_without_a_fallback_is_heard(page, code: int):
    stage = stage_with(page)
    call = stage.dial()
    stage.pass_(20)
    assert SORRY in stage.heard(call)
    assert call.status == "completed"
    assert stage.codes() == [code]


@pytest.mark.parametrize("verb", ["incoming", "action", "redirect"])
def test_1_5_the_fallback_goes_on_with_the_call(verb: str):
    stage = stage_with(twiml('<Gather action="/broken" numDigits="1"/>'), fallback=SAY)
    if verb == "incoming":
        stage.pages["/incoming"] = FetchFailure(11200, "HTTP status 500")
    elif verb == "redirect":
        stage.pages["/incoming"] = twiml("<Redirect>/broken</Redirect>")
    stage.engine.numbers.update(stage.now, stage.number.sid, voice_fallback_url=f"{BASE}/fallback")
    call = stage.dial()
    if verb == "action":
        stage.press(call, "1")
    stage.pass_(10)
    (sent,) = stage.requests("/fallback")
    assert sent["ErrorCode"] == "11200"
    assert sent["ErrorUrl"] == f"{BASE}/" + ("incoming" if verb == "incoming" else "broken")
    assert "Hello" in stage.heard(call)


def test_1_5_a_fallback_that_fails_too_ends_the_call():
    stage = stage_with(FetchFailure(11200, "HTTP status 500"), fallback=FetchFailure(11200, "HTTP status 502"))
    stage.engine.numbers.update(stage.now, stage.number.sid, voice_fallback_url=f"{BASE}/fallback")
    call = stage.dial()
    stage.pass_(10)
    assert (call.status, stage.codes()) == ("completed", [11200, 11200])
    assert len(stage.requests("/fallback")) == 1


def test_a_number_without_a_voice_url_says_so():
    stage = stage_with(SAY)
    stage.engine.numbers.update(stage.now, stage.number.sid, voice_url="")
    call = stage.dial()
    stage.pass_(10)
    assert (call.status, stage.codes()) == ("completed", [11100])


def test_1_5_a_warning_leaves_the_unknown_piece_out():
    stage = stage_with(twiml("<Sing>la</Sing><Say>Hello</Say>"))
    call = stage.dial()
    stage.pass_(10)
    assert stage.heard(call) == ["Hello"]
    (alert,) = stage.alerts
    assert (alert.code, alert.level) == (12200, "warning")


def test_relative_addresses_count_against_the_document():
    """§1.4: also after redirects of the request."""
    moved = FetchReply(200, "text/xml", twiml("<Redirect>next</Redirect>").encode(), f"{BASE}/deep/down")
    stage = stage_with(moved, **{"deep/next": SAY})
    call = stage.dial()
    stage.pass_(10)
    assert "Hello" in stage.heard(call)


def test_2_1_an_empty_redirect_is_the_same_document():
    replies = iter([twiml("<Say>One</Say><Redirect/>"), SAY])
    stage = stage_with(lambda parameters: next(replies))
    call = stage.dial()
    stage.pass_(10)
    assert stage.heard(call) == ["One", "Hello"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<Gather numDigits="1" action="/relative"/>', 15004),
        ('<Gather numDigits="1"/>', 11100),
        ("<Record/>", 11100),
        ("<Redirect>/relative</Redirect>", 15004),
        ("<Redirect>http://</Redirect>", 11100),
    ],
)
def test_1_4_twiml_over_rest_needs_absolute_addresses(content: str, code: int):
    stage = Stage()
    call = stage.do(stage.engine.calls.create, from_address=NUMBER, to=AGENT, twiml=twiml(content))
    stage.pass_(3)
    if "Gather" in content:
        stage.press(call, "1")
    stage.pass_(60)
    assert code in stage.codes()
    assert call.status == "completed"


def test_a_call_by_rest():
    """§1.1, §6.2: queued ... its document is requested when it is answered."""
    stage = Stage(hello=SAY)
    call = stage.do(stage.engine.calls.create, from_address=NUMBER, to=CALLER, url=f"{BASE}/hello", method="GET")
    assert (call.status, call.direction, call.start_time) == ("queued", "outbound-api", None)
    stage.pass_()
    assert call.status == "ringing"
    stage.pass_(2)
    (fetch,) = stage.fetches
    assert fetch.method == "GET"
    sent = dict(fetch.parameters)
    assert (sent["CallStatus"], sent["Direction"]) == ("in-progress", "outbound-api")
    assert "CallToken" not in sent
    stage.pass_(5)
    assert call.status == "completed"


def test_the_time_limit_ends_a_call():
    stage = Stage(hello=twiml('<Pause length="100"/>'))
    call = stage.do(stage.engine.calls.create, from_address=NUMBER, to=CALLER, url=f"{BASE}/hello", time_limit=10)
    stage.pass_(12)
    assert call.status == "completed"
    assert (call.end_time or 0) - (call.answered_at or 0) == 10_000


def test_a_caller_from_a_client_has_no_geography():
    stage = stage_with(SAY)
    stage.dial("client:joey")
    (sent,) = stage.requests("/incoming")
    assert not {"FromCity", "CallToken", "StirVerstat"} & set(sent)


def test_a_recorded_call_by_rest():
    stage = Stage(hello=SAY)
    report = StatusCallback(f"{BASE}/rec", events=("in-progress", "completed"))
    call = stage.do(
        stage.engine.calls.create,
        from_address=NUMBER,
        to=CALLER,
        url=f"{BASE}/hello",
        recorded=True,
        recording_status_callback=report,
    )
    stage.pass_(10)
    began, sent = stage.reports("/rec")
    assert (began["RecordingStatus"], sent["RecordingStatus"]) == ("in-progress", "completed")
    assert (sent["CallSid"], sent["RecordingSid"]) == (call.sid, call.recording)


def test_verbs_that_the_sandbox_does_not_run_are_named():
    stage = stage_with(twiml("<Connect><Stream url='wss://x'/></Connect><Say>Hello</Say>"))
    call = stage.dial()
    stage.pass_(5)
    assert stage.heard(call) == ["Hello"]
    (alert,) = stage.alerts
    assert (alert.code, alert.level) == (12200, "warning")
    assert "Connect" in alert.text
