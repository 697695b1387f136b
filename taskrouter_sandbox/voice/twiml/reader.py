"""Reads TwiML: from XML to verbs, with everything that a schema does not allow left out (voice.md §1.5)."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Literal
from xml.parsers import expat

from msgspec import Struct, field

from .nodes import Document, Problem, TwimlError, Verb
from .schema import ELEMENTS, RESPONSE, SCHEMA, SSML, Attribute, Element

UNREADABLE, BAD_VERSION, WRONG_ROOT = 12100, 12101, 12102
MOST_PROBLEMS = 50  # of a document; whatever else is wrong with it is left out without a word
SHOWN = 60  # characters of a value that a problem shows
IGNORED = re.compile(r"xmlns(:.*)?|xsi:.*|xml:.*")
# where Twilio's parser has a sentence for a mistake, it is this one, for whoever looks for help
SENTENCES = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "Premature end of file.",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "The document ends inside a tag.",
    expat.errors.codes[expat.errors.XML_ERROR_MISPLACED_XML_PI]: (
        "The declaration <?xml ...?> must come first: take away the blanks or empty lines before it."
    ),
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: (
        "The markup in the document following the root element must be well-formed: put every verb into <Response>."
    ),
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]: (
        "The document is not well-formed: write &amp; for &, and &lt; for <."
    ),
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: (
        "An entity was referenced, but not declared: XML has &amp; &lt; &gt; &quot; and &apos; only."
    ),
    expat.errors.codes[
        expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE
    ]: "An attribute was already specified for the element.",
}
ENDS_EARLY = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]
MISMATCH = expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]
NOT_XML = (expat.errors.codes[expat.errors.XML_ERROR_SYNTAX], expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN])


class _Refused(Exception):
    """A declaration that could make a small document large."""


class _Open(Struct):
    """An element whose end has not come yet. markup: how many tags of SSML are open in it."""

    name: str
    element: Element
    attributes: dict[str, str]
    line: int
    column: int
    text: list[str] = field(default_factory=list[str])
    children: list[Verb] = field(default_factory=list[Verb])
    markup: int = 0
    lost: bool = False


def read_twiml(body: bytes, charset: str | None = None) -> Document:
    """Read a document. charset: as the answer names it, if it does. Raises TwimlError, and nothing else."""
    return _Reader(charset).read(body)


class _Reader:
    def __init__(self, charset: str | None):
        self._parser = parser = expat.ParserCreate(charset)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._open: list[_Open] = []
        self._names: list[str] = []  # of all open tags
        self._skipped = 0  # tags that are open and left out
        self._verbs: tuple[Verb, ...] = ()
        self._problems: list[Problem] = []

    def read(self, body: bytes) -> Document:
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError as error:
            raise self._unreadable(self._sentence(error), error.lineno, error.offset + 1) from None
        except _Refused:
            raise self._unreadable("Entities are not allowed: write the text itself.") from None
        except (LookupError, ValueError) as error:  # of its charset
            raise self._unreadable(f"The text is not in the charset that it names ({error}).") from None
        problems = sorted(self._problems, key=lambda problem: (problem.line, problem.column))
        return Document(self._verbs, tuple(problems))

    # what the parser tells

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._names.append(name)
        if self._skipped:
            self._skipped += 1
        elif not self._open:
            self._root(name, attributes)
        elif self._open[-1].element.marked_up and name in SSML:
            self._open[-1].markup += 1
            self._open[-1].text.append(" ")
        elif self._open[-1].element.unread or not self._may_stand(name):
            self._skipped = 1
        else:
            self._enter(name, ELEMENTS[name], attributes)

    def _end(self, name: str) -> None:
        self._names.pop()
        if self._skipped:
            self._skipped -= 1
        elif self._open[-1].markup:
            self._open[-1].markup -= 1
            self._open[-1].text.append(" ")
        else:
            self._leave()

    def _text(self, text: str) -> None:
        if self._skipped or not self._open:
            return
        last = self._open[-1]
        if last.element.text:
            last.text.append(text)
        elif text.strip() and not last.element.unread and not last.lost:
            last.lost = True
            where = "put it into a Say" if last.name in ("Response", "Gather") else "take it away"
            self._note(SCHEMA, f"Element '{last.name}' cannot have text, but has {_shown(text.strip())}: {where}.")

    def _refuse(self, *_: object) -> int:
        raise _Refused

    # what it means

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Response":
            hint = ": its case counts" if name.lower() == "response" else ""
            raise TwimlError(self._problem(WRONG_ROOT, f"The root element must be Response, not {_shown(name)}{hint}."))
        if (version := attributes.pop("version", "1.0")) != "1.0":
            text = f"The version of Response must be 1.0, not {_shown(version)}: leave it away."
            raise TwimlError(self._problem(BAD_VERSION, text))
        self._enter(name, RESPONSE, attributes)

    def _may_stand(self, name: str) -> bool:
        """Say whether an element may stand where it does; if not, note why."""
        outer = self._open[-1]
        allowed = outer.element.children
        if name in allowed:
            return True
        known = name in ELEMENTS
        expected = f" One of '{{{', '.join(allowed)}}}' is expected." if allowed else " Nothing may stand in it."
        text = f"Invalid content was found starting with element '{_cut(name)}' in '{outer.name}'.{expected}"
        if not known and len(self._problems) < MOST_PROBLEMS and (meant := _meant(name, tuple(ELEMENTS))):
            text += f" Did you mean {meant}?"
        self._note(outer.element.misplaced if known else SCHEMA, text)
        return False

    def _enter(self, name: str, element: Element, attributes: dict[str, str]) -> None:
        line, column = self._position()
        if not element.unread:
            allowed = {key for key, value in attributes.items() if self._is_allowed(element, name, key, value)}
            attributes = {key: value for key, value in attributes.items() if key in allowed}
        self._open.append(_Open(name, element, attributes, line, column))

    def _is_allowed(self, element: Element, name: str, key: str, value: str) -> bool:
        """Say whether an attribute counts; if not, note why."""
        if IGNORED.fullmatch(key):
            return False
        attribute = element.attributes.get(key)
        if attribute is None:
            text = f"Attribute '{_cut(key)}' is not allowed to appear in element '{name}'."
            if len(self._problems) < MOST_PROBLEMS and (meant := _meant(key, tuple(element.attributes))):
                text += f" Did you mean {meant}?"
            self._note(SCHEMA, text)
            return False
        try:
            attribute.check(value)
        except ValueError as error:
            self._note(attribute.code, _bad_value(name, key, value, attribute, str(error)), attribute.level)
            return False
        return True

    def _leave(self) -> None:
        """Make a verb of the element that has ended."""
        done = self._open.pop()
        if not self._open:
            self._verbs = tuple(done.children)
            return
        text = "".join(done.text)
        for words in done.element.words:
            if words.unless in done.attributes:
                continue
            try:
                words.check(text)
            except ValueError as error:
                sentence = f"The text of {done.name} must be {error}, not {_shown(text.strip())}."
                if not text.strip():
                    instead = f", or give {words.unless}" if words.unless else ""
                    sentence = f"{done.name} has no text: write it between its tags{instead}."
                self._keep(Problem(words.code, words.level, sentence, done.line, done.column))
                break
        self._open[-1].children.append(Verb(done.name, done.attributes, text, tuple(done.children), done.line))

    # problems

    def _note(self, code: int, text: str, level: Literal["error", "warning"] = "warning") -> None:
        self._keep(Problem(code, level, text, *self._position()))

    def _keep(self, problem: Problem) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)

    def _problem(self, code: int, text: str) -> Problem:
        return Problem(code, "error", text, *self._position())

    def _position(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _unreadable(self, sentence: str, line: int | None = None, column: int | None = None) -> TwimlError:
        at_line, at_column = self._position()
        line, column = line or at_line, column or at_column
        return TwimlError(Problem(UNREADABLE, "error", f"Error on line {line} of document: {sentence}", line, column))

    def _sentence(self, error: expat.ExpatError) -> str:
        """Say what is wrong with the XML, as far as possible in the words that people look for."""
        if error.code in NOT_XML and not self._names and not self._verbs:
            return "Content is not allowed in prolog: the document must begin with <, as in <Response>."
        if error.code == MISMATCH or (error.code == ENDS_EARLY and self._names):
            name = _cut(self._names[-1]) if self._names else "Response"
            return f'The element type "{name}" must be terminated by the matching end-tag "</{name}>".'
        return SENTENCES.get(error.code, f"{expat.ErrorString(error.code)}.".capitalize())


def _bad_value(name: str, key: str, value: str, attribute: Attribute, wanted: str) -> str:
    instead = f"{attribute.default!r} counts instead" if attribute.default is not None else "it counts as absent"
    return f"Attribute '{key}' of element '{name}' must be {wanted}, not {_shown(value)}; {instead}."


def _meant(name: str, known: tuple[str, ...]) -> str | None:
    """Find what somebody may have meant: another case, or a near spelling."""
    plain = name.lower().replace("_", "").replace("-", "")
    for each in known:
        if each.lower() == plain:
            return each
    near = get_close_matches(name[:SHOWN], known, 1, 0.75)
    return near[0] if near else None


def _shown(text: str) -> str:
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
