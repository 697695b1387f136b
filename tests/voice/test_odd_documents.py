"""Documents that nobody means to write: a call that gets one goes on or ends, and the sandbox with it."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.voice.model.effects import FetchReply
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.stage import BASE, CALLER, NUMBER, Stage, twiml

FAST = VoiceOptions(say_per_character=0, play=0)
BROKEN = "http://[bad"
PARALLEL = 50  # requests that come far sooner than in a second


@pytest.mark.parametrize("verb", ["<Enqueue>support</Enqueue>", "<Dial><Conference>Room</Conference></Dial>"])
def test_the_built_in_music_lasts_although_it_takes_no_time(verb: str):
    stage = Stage(options=FAST, incoming=twiml(verb))
    call = stage.dial()
    stage.pass_(1)
    assert stage.heard(call)[-1] == "waiting music"
    assert call.is_live
    assert stage.engine.next_due() in (None, stage.now + 14_399_000)  # no sooner than the longest talk is over


@pytest.mark.parametrize(
    ("path", "documents"),
    [
        ("/incoming", {"incoming": "<Redirect/>"}),
        ("/incoming", {"incoming": '<Say></Say><Dial action="/incoming">x</Dial>'}),
        ("/incoming", {"incoming": '<Enqueue action="/incoming"></Enqueue>'}),
        ("/incoming", {"incoming": "<Say>Hello</Say><Redirect/>"}),
        ("/wait", {"incoming": '<Enqueue waitUrl="/wait">support</Enqueue>', "wait": "<Play>song</Play>"}),
        ("/wait", {"incoming": '<Enqueue waitUrl="/wait">support</Enqueue>', "wait": "<Redirect>/wait</Redirect>"}),
        (
            "/wait",
            {
                "incoming": '<Dial><Conference waitUrl="/wait">Room</Conference></Dial>',
                "wait": "<Play>song</Play><Redirect>/wait</Redirect>",
            },
        ),
    ],
)
def test_documents_that_lead_to_one_another_without_time_wait_for_a_second(path: str, documents: dict):
    stage = Stage(options=FAST, **{name: twiml(verbs) for name, verbs in documents.items()})
    call = stage.dial()
    stage.pass_(0)
    begun = len(stage.requests(path))
    assert begun <= PARALLEL
    stage.pass_(10)
    assert len(stage.requests(path)) == begun + 10
    stage.hang_up(call)
    assert stage.engine.next_due() is None


@pytest.mark.parametrize(
    "verb",
    [
        f"<Redirect>{BROKEN}</Redirect>",
        f'<Record action="{BROKEN}" maxLength="1"/>',
        f'<Gather action="{BROKEN}" actionOnEmptyResult="true" timeout="1"/>',
        f'<Gather input="speech" partialResultCallback="{BROKEN}"><Pause length="60"/></Gather>',
        f'<Dial action="{BROKEN}">x</Dial>',
        f'<Dial><Number url="{BROKEN}" statusCallback="{BROKEN}">+15005550111</Number></Dial>',
        f'<Dial record="true" recordingStatusCallback="{BROKEN}">+15005550111</Dial>',
        f'<Enqueue action="{BROKEN}" waitUrl="{BROKEN}">support</Enqueue>',
        f'<Dial><Conference waitUrl="{BROKEN}" statusCallback="{BROKEN}">Room</Conference></Dial>',
        f"<Play>{BROKEN}</Play>",
    ],
)
@pytest.mark.parametrize("given", [False, True])
def test_an_address_that_is_none(verb: str, given: bool):
    stage = Stage(incoming=twiml(verb))
    if given:
        stage.phone(CALLER, "after", 0)
        call = stage.do(stage.engine.calls.create, from_address=NUMBER, to=CALLER, twiml=twiml(verb))
        stage.pass_(0)
    else:
        call = stage.dial()
    if call.is_live:
        stage.say(call, "Hello")
    stage.pass_(40)
    assert 11100 in stage.codes() or set(stage.codes()) & {13233, 13256, 14202, 14203}
    if call.is_live:
        stage.hang_up(call)
    stage.pass_(5)
    assert not list(stage.state.live_calls())


@pytest.mark.parametrize(
    "text",
    ["[" * 30_000, '{"a":' * 2_000 + "1" + "}" * 2_000, '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', "9" * 5_000],
)
def test_what_is_no_json_makes_no_task(text: str):
    stage = Stage()
    stage.pages["/incoming"] = twiml(
        f'<Enqueue workflowSid="{stage.workflow.sid}"><Task>{text}</Task></Enqueue><Say>Next</Say>'
    )
    call = stage.dial()
    assert stage.codes() == [14221]
    error, *then = stage.heard(call)
    assert error.startswith("14221: The text of Task is n")
    assert then == ["Next"]
    assert not stage.router.state.tasks


def test_the_attributes_of_a_task_may_have_4096_characters_in_any_script():
    stage = Stage()
    said = json.dumps({"name": "ñ" * 3_300}, ensure_ascii=False)
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}"><Task>{said}</Task></Enqueue>')
    stage.dial()
    assert not stage.codes()
    assert stage.task.parsed_attributes["name"] == "ñ" * 3_300


@pytest.mark.parametrize(("charset", "body"), [("utf-7", b"Hi +2AA-"), ("raw_unicode_escape", rb"Hi \udfff")])
def test_half_a_surrogate_pair_is_not_heard(charset: str, body: bytes):
    stage = Stage(incoming=FetchReply(200, f"text/plain; charset={charset}", body, f"{BASE}/incoming"))
    assert stage.heard(stage.dial()) == ["Hi ?"]
