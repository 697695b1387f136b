"""What an answer to a voice webhook may be (voice.md §1.5, §1.8, §2)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskrouter_sandbox.voice.twiml.document import Document, Problem, Sound, Spoken, TwimlError, Verb, read_document
from taskrouter_sandbox.voice.twiml.schema import ELEMENTS
from tests.voice.twiml_answers import read, refused

# What an answer may be (voice.md §1.5)


@pytest.mark.parametrize(
    "content_type",
    ["text/xml", "application/xml", "text/html", "TEXT/XML; charset=UTF-8", "text/html;charset=nobody-knows"],
)
def test_twiml_by_its_type(content_type):
    assert read("<Response><Say>Hello</Say></Response>", content_type).verbs == (Verb("Say", {}, "Hello", (), 1),)


@pytest.mark.parametrize("content_type", [None, "", "application/json", "text/css", "text", "image/png"])
def test_another_type_is_an_error(content_type):
    wrong = refused("<Response/>", content_type)
    assert (wrong.code, wrong.level) == (12300, "error")
    assert "application/xml" in wrong.text
    assert (content_type or "missing") in wrong.text


def test_plain_text_is_twiml_if_it_can_be_or_else_spoken():
    assert read("<Response><Leave/></Response>", "text/plain").verbs[0].name == "Leave"
    assert read_document(b"  Hello there\n", "text/plain; charset=utf-8") == Spoken("Hello there")
    assert read_document("<Response><Say>über".encode("latin-1"), "text/plain; charset=latin-1") == Spoken(
        "<Response><Say>über"
    )


def test_a_sound_is_played():
    assert read_document(b"\xff\xfb", "audio/mpeg") == Sound("audio/mpeg")


def test_an_empty_answer_and_one_that_is_too_long():
    assert refused(b"").code == refused(" \n", "text/plain").code == 12100
    most = 64 * 1024
    text = "<Response><Say>" + "x" * 4000 + "</Say></Response>"
    assert read(text + " " * (most - len(text))).verbs
    assert refused(text + " " * (most - len(text) + 1)).code == 11750


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<Response><Say>Grüße</Say></Response>".encode(), "text/xml"),
        ("<Response><Say>Grüße</Say></Response>".encode("latin-1"), "text/xml; charset=ISO-8859-1"),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?><Response><Say>Grüße</Say></Response>'.encode("latin-1"),
            "text/xml",
        ),
        ("\ufeff<Response><Say>Grüße</Say></Response>".encode(), "text/xml; charset=utf-8"),
        ("<Response><Say>Grüße</Say></Response>".encode("utf-16"), "text/xml"),
        ("<Response><Say>Grüße</Say></Response>".encode("cp1252"), 'text/xml; charset="windows-1252"'),
    ],
)
def test_charsets(body, content_type):
    assert read(body, content_type).verbs[0].text == "Grüße"


# Documents that cannot be run


@pytest.mark.parametrize(
    ("body", "code", "line", "column", "words"),
    [
        ("Hello", 12100, 1, 1, "Content is not allowed in prolog"),
        ('{"say": "hello"}', 12100, 1, 1, "Content is not allowed in prolog"),
        ('\n<?xml version="1.0"?><Response/>', 12100, 2, 1, "must come first"),
        ("<Response>\n<Say>Hello</Response>", 12100, 2, 13, 'element type "Say" must be terminated'),
        ("<Response>\n <Say>Hello</Say>", 12100, 2, 18, 'element type "Response" must be terminated'),
        ("<Response><Say>You & I</Say></Response>", 12100, 1, 21, "&amp;"),
        ("<Response><Say>a&nbsp;b</Say></Response>", 12100, 1, 17, "referenced, but not declared"),
        ("<Response/><Say/>", 12100, 1, 12, "following the root element"),
        ("<Response><Say voice=alice/></Response>", 12100, 1, 22, "not well-formed"),
        ('<Response><Say loop="1" loop="2"/></Response>', 12100, 1, 25, "already specified"),
        ("<Response><Say>Hello</say></Response>", 12100, 1, 23, '"Say" must be terminated'),
        ("<Response><Say", 12100, 1, 11, "inside a tag"),
        (b"<Response><Say>\xff</Say></Response>", 12100, 1, 16, ""),
        ('<?xml version="1.0" encoding="nobody"?><Response/>', 12100, 1, 31, "charset"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', 12100, 1, 25, "Entities"),
        ("<!-- nothing -->", 12100, 1, 17, "Premature end of file"),
        ('<Response version="2.0"/>', 12101, 1, 1, "1.0"),
        ("<response/>", 12102, 1, 1, "its case counts"),
        ("<!DOCTYPE html><html></html>", 12102, 1, 16, "'html'"),
        ("<Say>Hello</Say>", 12102, 1, 1, "root element must be Response"),
    ],
)
def test_a_document_that_cannot_be_run(body, code, line, column, words):
    wrong = refused(body)
    assert (wrong.code, wrong.level, wrong.line, wrong.column) == (code, "error", line, column), wrong
    assert words in wrong.text


def test_nothing_outside_a_document_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    inside = f'<!DOCTYPE r [<!ENTITY a SYSTEM "{secret.as_uri()}">]><Response><Say>&a;</Say></Response>'
    assert "secret" not in repr(refused(inside))
    assert refused(f'<!DOCTYPE r SYSTEM "{secret.as_uri()}"><Response><Say>&a;</Say></Response>').code == 12100


def test_what_is_ignored():
    document = read(
        '<?xml version="1.0"?><!-- a --><!DOCTYPE Response><Response version="1.0" xmlns:xsi="x" '
        'xsi:noNamespaceSchemaLocation="y"><?php echo ?><!-- b --><Hangup/></Response><!-- c -->'
    )
    assert document == Document((Verb("Hangup", {}, "", (), 1),), ())


# Whatever comes

LETTERS = st.text(max_size=30)
ATTRIBUTES = sorted({name for element in ELEMENTS.values() for name in element.attributes})


@st.composite
def pieces(draw) -> str:
    name = draw(st.sampled_from([*ELEMENTS, "Response", "break", "say", "x:y"]))
    attributes = draw(st.dictionaries(st.sampled_from([*ATTRIBUTES, "version", "xmlns"]), LETTERS, max_size=3))
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    inner = draw(st.one_of(LETTERS, st.lists(pieces(), max_size=3).map("".join)))
    return f"<{name}{written}>{inner}</{name}>"


TYPES = st.one_of(
    st.sampled_from(["text/xml", "text/plain", "audio/x", None, "text/xml; charset=utf-16"]),
    LETTERS,
    st.builds("text/xml; charset={}".format, st.one_of(st.sampled_from(["idna", "utf-7", "big5", "hex"]), LETTERS)),
)


@given(
    st.one_of(
        st.binary(max_size=200),
        pieces().map(lambda text: f"<Response>{text}</Response>".encode(errors="surrogatepass")),
        st.builds(lambda text: text.encode(errors="surrogatepass"), st.text()),
    ),
    TYPES,
)
@example(b"<Response>" + b"<Say>" * 10_000, "text/xml")
@example(b"<Response><Say>" + b"<p>" * 5_000 + b"</p>" * 5_000 + b"</Say></Response>", "text/xml")
@example(b"<Response/>", "text/xml; charset*=utf-8''x")
def test_nothing_but_a_twiml_error_is_raised(body, content_type):
    try:
        document = read_document(body, content_type)
    except TwimlError as error:
        document = error.problem
    if isinstance(document, Problem):
        assert document.code in (11750, 12100, 12101, 12102, 12300)
        assert min(document.line, document.column) >= 1
    else:
        assert isinstance(document, Document | Spoken | Sound)
