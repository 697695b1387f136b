"""Gather and Record (voice.md §2.1, §2.3)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.stage import BASE, Stage, twiml


def begun(content: str, options: VoiceOptions | None = None) -> tuple[Stage, Call]:
    stage = Stage(options=options, incoming=twiml(content), action=twiml("<Say>Thanks</Say>"))
    return stage, stage.dial()


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finish"),
    [
        ('numDigits="2"', "12", "12", ""),
        ('numDigits="1"', "12", "1", ""),
        ("", "12#", "12", "#"),
        ('finishOnKey="*"', "1#*", "1#", "*"),
        ('finishOnKey=""', "12#", "12#", ""),
        ("", "12", "12", ""),
    ],
)
def test_what_ends_the_input(attributes: str, keys: str, digits: str, finish: str):
    stage, call = begun(f'<Gather action="/action" {attributes}><Say>Press a key, please</Say></Gather>')
    stage.press(call, keys)
    stage.pass_(5)
    (sent,) = stage.requests("/action")
    assert (sent["Digits"], sent["FinishedOnKey"], sent["msg"]) == (digits, finish, "Gather End")
    assert len([text for text in stage.heard(call) if "please" in text]) == 1


def test_the_timeout_begins_after_the_prompts_and_with_each_key():
    stage, call = begun('<Gather action="/action" timeout="5"><Pause length="10"/></Gather><Say>Nobody</Say>')
    stage.pass_(14)
    stage.press(call, "1")
    stage.pass_(4)
    stage.press(call, "2")
    stage.pass_(4)
    assert not stage.requests("/action")
    stage.pass_(1)
    assert stage.requests("/action")[0]["Digits"] == "12"


@pytest.mark.parametrize("empty", [False, True])
def test_no_input(empty: bool):
    more = 'actionOnEmptyResult="true"' if empty else ""
    stage, call = begun(f'<Gather action="/action" {more}/><Say>Nobody</Say>')
    stage.pass_(20)
    assert [one["Digits"] for one in stage.requests("/action")] == ([""] if empty else [])
    assert ("Nobody" in stage.heard(call)) is not empty


def test_without_an_action_the_document_itself_is_asked():
    stage = Stage(incoming=lambda sent: twiml("<Say>Got it</Say>" if "Digits" in sent else '<Gather numDigits="1"/>'))
    call = stage.dial()
    stage.press(call, "7")
    stage.pass_(5)
    assert "Got it" in stage.heard(call)


def test_speech():
    stage, call = begun(
        f'<Gather action="/action" input="dtmf speech" speechTimeout="auto" partialResultCallback="{BASE}/partial"/>'
    )
    stage.say(call, "billing")
    stage.press(call, "1")
    stage.say(call, "please")
    stage.pass_(1)
    (sent,) = stage.requests("/action")
    assert (sent["SpeechResult"], sent["Confidence"]) == ("billing please", "0.9")
    assert "Digits" not in sent
    assert [one["UnstableSpeechResult"] for one in stage.reports("/partial")] == ["billing", "billing please"]


def test_keys_are_no_speech_and_speech_is_no_keys():
    stage, call = begun('<Gather action="/action" input="speech" timeout="3"/>')
    stage.press(call, "1")
    stage.pass_(3)
    assert not stage.requests("/action")
    assert call.status == "completed"


def test_keys_before_it_began_are_dropped():
    """§8, point 21"""
    stage, call = begun('<Say>A long welcome to you</Say><Gather action="/action" numDigits="1"/>')
    stage.press(call, "1")
    stage.pass_(20)
    assert not stage.requests("/action")


def test_the_undocumented_message_can_be_left_out():
    stage, call = begun('<Gather action="/action" numDigits="1"/>', VoiceOptions(gather_message="left-out"))
    stage.press(call, "1")
    assert "msg" not in stage.requests("/action")[0]


# Record


def test_record():
    stage, call = begun(
        f'<Record action="/action" timeout="5" recordingStatusCallback="{BASE}/recording"/><Say>Never</Say>'
    )
    stage.pass_(3)
    stage.say(call, "Call me back")
    stage.pass_(5)
    (sent,) = stage.requests("/action")
    assert (sent["RecordingDuration"], sent["Digits"]) == ("3", "")
    assert sent["RecordingUrl"].endswith(sent["RecordingSid"])
    (report,) = stage.reports("/recording")
    assert (report["RecordingSid"], report["RecordingStatus"]) == (sent["RecordingSid"], "completed")
    stage.pass_(5)
    assert "Never" not in stage.heard(call)


@pytest.mark.parametrize(("attributes", "seconds"), [('finishOnKey="#"', 2), ('maxLength="2"', 2), ("", 2)])
def test_how_a_recording_ends(attributes: str, seconds: int):
    stage, call = begun(f'<Record action="/action" trim="do-not-trim" {attributes}/>')
    stage.say(call, "Hello")
    stage.pass_(2)
    if "maxLength" not in attributes:
        stage.press(call, "#")
    (sent,) = stage.requests("/action")
    assert (sent["RecordingDuration"], sent["Digits"]) == (str(seconds), "" if "maxLength" in attributes else "#")


def test_the_caller_hangs_up_while_it_records():
    stage, call = begun('<Record action="/action"/>')
    stage.say(call, "Hello")
    stage.pass_(1)
    stage.hang_up(call)
    (sent,) = stage.requests("/action")
    assert (sent["Digits"], sent["CallStatus"]) == ("hangup", "completed")


@pytest.mark.parametrize("rule", ["action", "next"])
def test_a_silent_recording(rule):
    stage, call = begun('<Record action="/action"/><Say>Nothing heard</Say>', VoiceOptions(silent_record=rule))
    stage.pass_(10)
    assert [one["RecordingDuration"] for one in stage.requests("/action")] == (["0"] if rule == "action" else [])
    assert ("Nothing heard" in stage.heard(call)) is (rule == "next")
    assert stage.codes() == ([] if rule == "action" else [16102])


@pytest.mark.parametrize(("attributes", "seconds"), [("", 60), ('maxSpeechTime="10"', 10)])
def test_speech_is_cut_after_a_minute(attributes: str, seconds: int):
    stage, call = begun(f'<Gather input="speech" action="/action" timeout="4" {attributes}/>')
    for _ in range(seconds // 2):
        stage.say(call, "and")
        assert not stage.requests("/action")
        stage.pass_(2)
    [sent] = stage.requests("/action")
    assert sent["SpeechResult"] == " ".join(["and"] * (seconds // 2))


# what is told of recordings

RECORDED = 'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="in-progress completed absent"'


def recorded(stage: Stage) -> list[dict[str, str]]:
    return stage.reports("/recorded")


@pytest.mark.parametrize("option", ["action", "next"])
@pytest.mark.parametrize("speaks", [False, True])
def test_the_progress_of_a_record_is_told(option, speaks: bool):
    stage, call = begun(f'<Record action="/action" {RECORDED}/><Say>Nothing</Say>', VoiceOptions(silent_record=option))
    [began] = recorded(stage)
    assert (began["RecordingStatus"], began["RecordingSource"]) == ("in-progress", "RecordVerb")
    assert "RecordingDuration" not in began
    stage.pass_(3)
    if speaks:
        stage.say(call, "Hello")
    stage.pass_(5)
    ended = recorded(stage)[1]
    is_absent = option == "next" and not speaks
    assert ended["RecordingStatus"] == ("absent" if is_absent else "completed")
    assert ended.get("ErrorCode") == ("16102" if is_absent else None)
    assert (ended["RecordingSid"], ended["RecordingDuration"]) == (began["RecordingSid"], "3" if speaks else "0")
    assert stage.codes() == ([16102] if is_absent else [])


def test_the_progress_of_a_recorded_talk_is_told():
    stage, call = begun(f'<Dial record="record-from-answer" {RECORDED}>+15005550111</Dial>')
    assert recorded(stage) == []
    stage.pass_(2)
    assert [one["RecordingStatus"] for one in recorded(stage)] == ["in-progress"]
    stage.pass_(10)
    stage.hang_up(call)
    began, ended = recorded(stage)
    assert (ended["RecordingStatus"], ended["RecordingDuration"]) == ("completed", "10")
    assert began["CallSid"] == ended["CallSid"] == call.sid
