"""What is wrong with a document that can be read, and what its elements mean (voice.md §2)."""

from __future__ import annotations

import pytest
from twilio.twiml.voice_response import Dial, Gather, Say, VoiceResponse

from taskrouter_sandbox.voice.twiml.document import Verb
from taskrouter_sandbox.voice.twiml.schema import ELEMENTS, default
from tests.voice.twiml_answers import problem, read

# What the schema says (code 12200 and others)


PROBLEMS = [
    ("<say>Hello</say>", 12200, "warning", "Did you mean Say?"),
    ("<Speak>Hello</Speak>", 12200, "warning", "starting with element 'Speak'"),
    ('<Dial x="1">+15005550006</Dial>', 12200, "warning", "'x' is not allowed to appear in element 'Dial'."),
    ('<Gather num_digits="1"/>', 12200, "warning", "Did you mean numDigits?"),
    ('<Gather NumDigits="1"/>', 12200, "warning", "Did you mean numDigits?"),
    ("Hello", 12200, "warning", "put it into a Say"),
    ("<Hangup><Say>Bye</Say></Hangup>", 12200, "warning", "'Hangup'"),
    ("<Number>+15005550006</Number>", 12200, "warning", "starting with element 'Number'"),
    ("<Gather><Record/></Gather>", 13320, "warning", "'Gather'"),
    ("<Gather><record/></Gather>", 12200, "warning", "Did you mean Record?"),
    ("<Dial><Say>Hello</Say></Dial>", 13215, "warning", "'Dial'"),
    ('<Dial method="PUT">+15005550006</Dial>', 13210, "warning", "GET or POST"),
    ('<Dial timeout="4">+15005550006</Dial>', 13212, "warning", "from 5 to 600"),
    ('<Dial timeout="601">+15005550006</Dial>', 13212, "warning", "'30' counts instead"),
    ('<Dial hangupOnStar="yes">+15005550006</Dial>', 13213, "warning", "true or false"),
    ('<Dial callerId="Alice">+15005550006</Dial>', 13214, "warning", "+15005550006"),
    ('<Dial callerId="">+15005550006</Dial>', 13214, "warning", "+15005550006"),
    ('<Dial timeLimit="0">+15005550006</Dial>', 13216, "warning", "at least 1"),
    ('<Dial record="on">+15005550006</Dial>', 13217, "warning", "record-from-answer"),
    ('<Dial sequential="1">+15005550006</Dial>', 13218, "warning", "true or false"),
    ('<Dial answerOnBridge="True">+15005550006</Dial>', 13219, "warning", "not 'True'"),
    ('<Dial ringTone="loud">+15005550006</Dial>', 13220, "warning", "automatic"),
    ('<Dial recordingStatusCallback="http://">+15005550006</Dial>', 13256, "warning", "absolute"),
    ('<Dial recordingStatusCallbackEvent="x">+15005550006</Dial>', 13621, "error", "completed"),
    ("<Dial>Alice</Dial>", 13223, "warning", "not 'Alice'"),
    ('<Dial><Number method="x">+15005550006</Number></Dial>', 13221, "warning", "GET or POST"),
    ('<Dial><Number sendDigits="a">+15005550006</Number></Dial>', 13222, "warning", "half a second"),
    ("<Dial><Number>Alice</Number></Dial>", 13223, "warning", "'Alice'"),
    ("<Dial><Number/></Dial>", 13223, "warning", "no text"),
    ('<Dial><Sip method="x">sip:a@b.c</Sip></Dial>', 13241, "warning", "GET or POST"),
    ("<Dial><Sip>alice</Sip></Dial>", 13243, "warning", "sip:"),
    ('<Dial><Conference muted="1">R</Conference></Dial>', 13230, "warning", "true or false"),
    ('<Dial><Conference endConferenceOnExit="1">R</Conference></Dial>', 13231, "error", "true or false"),
    ('<Dial><Conference startConferenceOnEnter="1">R</Conference></Dial>', 13232, "warning", "true or false"),
    ('<Dial><Conference waitUrl="http://">R</Conference></Dial>', 13233, "warning", "absolute"),
    ('<Dial><Conference waitMethod="PUT">R</Conference></Dial>', 13234, "warning", "GET or POST"),
    ('<Dial><Conference beep="loud">R</Conference></Dial>', 13235, "warning", "onEnter"),
    ("<Dial><Conference> </Conference></Dial>", 13237, "warning", "no text"),
    (f"<Dial><Conference>{'R' * 129}</Conference></Dial>", 13237, "warning", "128"),
    ('<Dial><Conference trim="x">R</Conference></Dial>', 13239, "error", "trim-silence"),
    (f'<Dial><Conference participantLabel="{"a" * 129}">R</Conference></Dial>', 16023, "error", "128"),
    ('<Dial><Conference maxParticipants="251">R</Conference></Dial>', 12200, "warning", "from 2 to 250"),
    ("<Dial><Conference statusCallbackEvent=\"['start']\">R</Conference></Dial>", 12200, "warning", "not a list"),
    ('<Enqueue workflowSid="WW1"><Task timeout="1209601"/></Enqueue>', 12200, "warning", "'86400' counts instead"),
    ('<Enqueue workflowSid="WW1"><Task priority="2147483648"/></Enqueue>', 12200, "warning", "from 0 to 2147483647"),
    ('<Dial><Queue method="PUT">Q</Queue></Dial>', 14210, "error", "GET or POST"),
    ('<Dial><Queue url="ftp://x">Q</Queue></Dial>', 14211, "error", "absolute"),
    ("<Dial><Queue/></Dial>", 14212, "error", "or give reservationSid"),
    (f"<Dial><Queue>{'Q' * 65}</Queue></Dial>", 14213, "error", "64"),
    ('<Gather finishOnKey="ab"/>', 13310, "warning", "0123456789*#"),
    ('<Gather finishOnKey="12"/>', 13310, "warning", "one of"),
    ('<Gather method="PUT"/>', 13312, "warning", "'POST' counts instead"),
    ('<Gather timeout="soon"/>', 13313, "warning", "'5' counts instead"),
    ('<Gather numDigits="0"/>', 13314, "warning", "it counts as absent"),
    ('<Gather input="voice"/>', 13326, "warning", "dtmf, speech"),
    ("<Gather input=\"['dtmf', 'speech']\"/>", 13326, "warning", "not a list: dtmf speech"),
    ('<Gather speechTimeout="never"/>', 13327, "warning", "or auto"),
    ('<Gather maxSpeechTime="61"/>', 13328, "warning", "from 1 to 60"),
    ('<Gather partialResultCallbackMethod="PUT"/>', 13329, "warning", "GET or POST"),
    ('<Gather language="english please"/>', 13331, "warning", "en-US"),
    ('<Gather bargeIn="x"/>', 13332, "warning", "true or false"),
    ('<Gather profanityFilter="x"/>', 13333, "warning", "true or false"),
    ('<Gather actionOnEmptyResult="x"/>', 13338, "error", "true or false"),
    ('<Play loop="-1">a.mp3</Play>', 13410, "warning", "from 0 to 1000"),
    ('<Play digits="x">a.mp3</Play>', 13430, "warning", "keys"),
    ("<Play>http://</Play>", 11100, "error", "absolute"),
    ('<Say loop="1001">Hello</Say>', 13510, "warning", "from 0 to 1000"),
    ('<Say voice="a b">Hello</Say>', 13511, "warning", "'man' counts instead"),
    ('<Say language="e">Hello</Say>', 13512, "warning", "en-US"),
    ("<Say/>", 13520, "warning", "no text"),
    (f"<Say>{'a' * 4097}</Say>", 13521, "warning", "4096"),
    ('<Record method="PUT"/>', 13610, "warning", "GET or POST"),
    ('<Record timeout="0"/>', 13611, "warning", "'5' counts instead"),
    ('<Record maxLength="86401"/>', 13612, "warning", "from 1 to 86400"),
    ('<Record finishOnKey="a"/>', 13613, "warning", "0123456789*#"),
    ('<Record transcribe="x"/>', 13614, "warning", "true or false"),
    ('<Record playBeep="x"/>', 13616, "warning", "true or false"),
    ('<Record transcribeCallback="http://"/>', 13257, "error", "absolute"),
    ('<Record trim="x"/>', 13699, "warning", "do-not-trim"),
    ('<Redirect method="PUT">/x</Redirect>', 13710, "warning", "GET or POST"),
    ('<Reject reason="rude"/>', 13810, "warning", "rejected or busy"),
    ('<Pause length="0"/>', 13910, "warning", "at least 1"),
    ('<Pause length="1.5"/>', 13910, "warning", "a whole number"),
    ('<Enqueue method="PUT">Q</Enqueue>', 14201, "error", "GET or POST"),
    ('<Enqueue waitUrl="https://">Q</Enqueue>', 14202, "error", "absolute"),
    ('<Enqueue action="two words">Q</Enqueue>', 14203, "error", "without blanks"),
    ('<Enqueue waitUrlMethod="PUT">Q</Enqueue>', 14206, "error", "GET or POST"),
    ('<Enqueue workflowSid="WW1"><Task priority="high">{}</Task></Enqueue>', 12200, "warning", "'0' counts"),
    ('<Enqueue workflowSid="WW1"><Task timeout="0">{}</Task></Enqueue>', 12200, "warning", "'86400' counts"),
]  # fmt: skip


@pytest.mark.parametrize(("twiml", "code", "level", "words"), PROBLEMS)
def test_a_problem(twiml, code, level, words):
    found, _ = problem(twiml)
    assert (found.code, found.level) == (code, level), found
    assert words in found.text
    assert found.line == 1


def test_what_is_not_allowed_is_left_out_and_the_rest_counts():
    document = read(
        """<Response>
    <Gather numDigits="0" action="/menu" color="red">
        <Say loop="-2">Press 1</Say>
        <Dial>+15005550006</Dial>
        <Pause/>
    </Gather>
    <dial>+15005550006</dial>
    Goodbye
    <Hangup/>
</Response>"""
    )
    gather = Verb(
        "Gather", {"action": "/menu"}, "", (Verb("Say", {}, "Press 1", (), 3), Verb("Pause", {}, "", (), 5)), 2
    )
    assert document.verbs == (gather, Verb("Hangup", {}, "", (), 9))
    assert [(one.code, one.line) for one in document.problems] == [
        (13314, 2), (12200, 2), (13510, 3), (13320, 4), (12200, 7), (12200, 9)
    ]  # fmt: skip


def test_a_document_with_many_mistakes_tells_the_first_fifty():
    assert len(read("<Response>" + "<say/>" * 5000 + "</Response>").problems) == 50


def test_the_words_of_ssml_are_spoken():
    response = VoiceResponse()
    say = Say(voice="Polly.Joanna")
    say.break_(strength="x-weak", time="100ms")
    say.emphasis("careful", level="moderate")
    say.p("the second")
    say.say_as("12", interpret_as="spell-out")
    say.prosody("slow", rate="85%").s("deep")
    response.append(say)
    document = read(str(response))
    assert document.problems == ()
    assert document.verbs[0].text.split() == ["careful", "the", "second", "12", "slow", "deep"]


def test_defaults():
    assert default("Gather", "timeout") == "5"
    assert default("Dial", "timeout") == "30"
    assert default("Enqueue", "waitUrl") is None
    with pytest.raises(KeyError):
        default("Say", "volume")


def test_every_default_is_allowed():
    for element in ELEMENTS.values():
        for attribute in element.attributes.values():
            if attribute.default is not None:
                attribute.check(attribute.default)


# TwiML of the twilio library


def whole_response() -> VoiceResponse:
    response = VoiceResponse()
    response.pause(length=2)
    response.say("Welcome", voice="alice", language="en-US", loop=2)
    response.play("https://example.com/a.mp3", loop=1)
    response.play(digits="1w2")
    gather = Gather(
        input="dtmf speech", action="/menu", method="GET", timeout=3, speech_timeout="auto", num_digits=1,
        finish_on_key="", partial_result_callback="/partial", partial_result_callback_method="POST", language="es-ES",
        hints="one, two", barge_in=True, profanity_filter=False, debug=False, action_on_empty_result=True,
        speech_model="phone_call", enhanced=True, max_speech_time=30,
    )  # fmt: skip
    gather.say("Press 1")
    gather.play("b.mp3")
    gather.pause()
    response.append(gather)
    response.enqueue(
        None, action="/left", method="POST", wait_url="/wait", wait_url_method="POST", workflow_sid="WW" + "0" * 32
    ).task('{"selected_language": "es"}', priority=5, timeout=200)
    response.enqueue("support", max_queue_size=10)
    dial = Dial(
        action="/done", method="POST", timeout=20, hangup_on_star=True, time_limit=60, caller_id="+15005550006",
        record="record-from-answer-dual", trim="trim-silence", recording_status_callback="/recorded",
        recording_status_callback_method="POST", recording_status_callback_event="in-progress completed",
        answer_on_bridge=True, ring_tone="at", recording_track="both", sequential=True,
    )  # fmt: skip
    dial.number(
        "+1 (500) 555-0006", send_digits="wwww1", url="/whisper", method="GET",
        status_callback_event="initiated ringing", status_callback="/status", status_callback_method="POST",
    )  # fmt: skip
    client = dial.client(status_callback_event="answered completed", status_callback="/status")
    client.identity("alice")
    client.parameter(name="a", value="b")
    dial.sip("sip:alice@example.com", username="a", password="b", url="/whisper")
    response.append(dial)
    room = Dial()
    room.conference(
        "Room", muted=False, beep="onEnter", start_conference_on_enter=True, end_conference_on_exit=False, wait_url="",
        wait_method="GET", max_participants=5, record="record-from-start", region="us1", coach="CA" + "0" * 32,
        trim="do-not-trim", status_callback_event="start end join leave mute hold", status_callback="/room",
        status_callback_method="POST", recording_status_callback="/recorded", participant_label="customer",
        jitter_buffer_size="off",
    )  # fmt: skip
    response.append(room)
    queue = Dial()
    queue.queue(None, url="/about", method="POST", reservation_sid="WR" + "0" * 32, post_work_activity_sid="WA1")
    response.append(queue)
    response.record(
        action="/voicemail", method="POST", timeout=4, finish_on_key="#", max_length=30, play_beep=False,
        trim="trim-silence", recording_status_callback="/recorded", transcribe=True, transcribe_callback="/text",
    )  # fmt: skip
    response.leave()
    response.redirect("/again", method="GET")
    response.reject(reason="busy")
    response.hangup()
    response.connect(action="/x").stream(url="wss://example.com")
    response.start().siprec(name="s").parameter(name="a", value="b")
    response.echo()
    return response


def as_written(verb: Verb) -> tuple:
    return (verb.name, verb.attributes, verb.text, tuple(as_written(child) for child in verb.children))


def as_made(node, ssml: bool = False) -> tuple:
    attributes = {}
    for name, value in node.attrs.items():
        attributes[name] = str(value).lower() if isinstance(value, bool) else str(value)
    children = () if node.name in ("Connect", "Start") else tuple(as_made(child) for child in node.verbs)
    return (node.name, attributes, str(node.value or ""), children)


def test_every_verb_of_the_twilio_library_is_read_as_it_was_made():
    response = whole_response()
    document = read(str(response))
    assert document.problems == ()
    assert [as_written(verb) for verb in document.verbs] == [as_made(verb) for verb in response.verbs]


def test_every_known_element_is_made_by_the_twilio_library():
    made: set[str] = set()

    def note(node) -> None:
        made.add(node.name)
        for child in node.verbs:
            note(child)

    note(whole_response())
    declined = {name for name, element in ELEMENTS.items() if element.unread}
    assert set(ELEMENTS) - declined - {"TaskAttributes"} <= made
