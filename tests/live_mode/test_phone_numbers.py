"""The number of a live account: found, taken with care, followed to a new address, and given back as it was."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from fastapi import FastAPI
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from helpers import LessonError, clean_up, contact_uri_for, expose, phone_number, planned, restore_number, serve
from helpers.phone_numbers import notes
from helpers.setup.checks import Finding, diagnose
from helpers.tunnel.expose import tunnels
from tests.live_mode.service import ACCOUNT_SID, NUMBER
from tests.waiting import patience

ROOT = Path(__file__).resolve().parents[2]
OTHER = "+15005550123"
COMPANY = "https://company.example/voice"
DEMO = "https://demo.twilio.com/welcome/voice/"
NOBODY = "is in use .*nobody could be asked: name a number with TWILIO_PHONE_NUMBER"


@pytest.fixture
def number(live_client, monkeypatch):
    """The account's number as it is before the lessons; no phone of an agent is set."""
    monkeypatch.setenv("ALICE_PHONE", "")
    (number,) = live_client.incoming_phone_numbers.list()
    return number.update(
        voice_url=DEMO, voice_method="GET", voice_fallback_url="https://spare.example", status_callback_method="GET"
    )


@pytest.fixture
def answer(monkeypatch):
    """What a person answers when they are asked, and what they were asked; nobody is there until words are given."""

    class Answer:
        words: str | None = None

        def __init__(self) -> None:
            self.asked: list[str] = []

        def __call__(self, question: str) -> str:
            self.asked.append(question)
            if self.words is None:
                raise EOFError
            return self.words

    answer = Answer()
    monkeypatch.setattr("builtins.input", answer)
    return answer


@pytest.fixture
def server():
    server = serve(FastAPI(), 0)
    yield server
    server.stop()


def settings(number) -> dict[str, str]:
    return notes.settings_of(number.fetch())


def taken(live_client, server):
    """The lesson's own cells: find the number, let it call the server."""
    url = expose(server)
    number = phone_number(live_client)
    return number.update(voice_url=f"{url}/incoming_call", voice_method="POST", status_callback=f"{url}/status")


def test_a_free_number_is_taken_and_given_back_as_it_was(live_client, number, server, answer, capsys):
    before = settings(number)
    lesson = taken(live_client, server)
    assert type(lesson).__name__ == "IncomingPhoneNumberInstance"
    assert (lesson.sid, answer.asked) == (number.sid, [])
    assert f"the lessons are called at {NUMBER}" in capsys.readouterr().out
    assert settings(number) != before

    restore_number(live_client)

    assert settings(number) == before
    assert f"The calls to {NUMBER} go where they went before the lessons: {DEMO}." in capsys.readouterr().out
    restore_number(live_client)
    assert "The lessons use no number" in capsys.readouterr().out


def test_a_second_run_remembers_what_was_there_before_the_first(live_client, number, server):
    before = settings(number)
    for _ in range(2):
        taken(live_client, server)
        tunnels.close()  # as a restart of the kernel does
    restore_number(live_client)
    assert settings(number) == before


def test_what_was_remembered_outlives_a_kernel_that_is_killed(live_client, number, server):
    before = settings(number)
    code = (
        "import os; from helpers import connect, phone_number; from helpers.callback_server import public_addresses;"
        "number = phone_number(connect()); public_addresses.remember(0, 'https://tunnel.example', lasting=False);"
        "number.update(voice_url='https://tunnel.example/incoming_call'); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=patience(60))
    assert ended.returncode == -9
    assert stat.S_IMODE(notes._file().stat().st_mode) == 0o600
    taken(live_client, server)
    restore_number(live_client)
    assert settings(number) == before


def test_run_after_it_was_given_back_a_cell_that_takes_it_again_can_be_undone(live_client, number, server):
    before = settings(number)
    lesson = taken(live_client, server)
    restore_number(live_client)
    lesson.update(voice_url=f"{server.public_url}/incoming_call")  # without phone_number
    restore_number(live_client)
    assert settings(number) == before


@pytest.mark.parametrize("use", ["url", "application"])
def test_a_number_in_use_is_taken_only_after_a_yes(live_client, number, server, answer, capsys, use):
    application = "AP" + "1" * 32
    number.update(**{"voice_url": COMPANY} if use == "url" else {"voice_application_sid": application})
    where = COMPANY if use == "url" else application
    before = settings(number)
    with pytest.raises(LessonError, match=NOBODY):
        phone_number(live_client)
    answer.words = "n"
    with pytest.raises(LessonError, match=r"^Nothing was changed"):
        phone_number(live_client)
    assert settings(number) == before
    assert notes.of_account(ACCOUNT_SID) == []

    answer.words = "y"
    lesson = taken(live_client, server)
    assert f"{NUMBER} is in use: its calls go to" in (said := capsys.readouterr().out)
    assert where in said
    assert not lesson.voice_application_sid  # which would come before the voice URL
    phone_number(live_client)
    assert len(answer.asked) == 3  # a second run asks nothing

    restore_number(live_client)
    assert settings(number) == before
    assert where in capsys.readouterr().out
    phone_number(live_client)
    assert len(answer.asked) == 4  # given back, it is the company's again


def test_in_a_notebook_that_nobody_looks_at_nobody_is_asked(number):
    number.update(voice_url=COMPANY)
    before = settings(number)
    cell = nbformat.v4.new_code_cell("from helpers import connect, phone_number\nphone_number(connect())")
    client = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3", timeout=int(patience(60)))
    with pytest.raises(CellExecutionError, match=r"(?s)LessonError: .* is in use .*nobody could be asked"):
        client.execute(cwd=str(ROOT))
    assert settings(number) == before


def test_to_be_named_in_the_settings_is_a_yes(live_client, number, answer, monkeypatch):
    number.update(voice_url=COMPANY)
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", "+1 (500) 555-0006")
    assert phone_number(live_client).sid == number.sid
    assert answer.asked == []


def test_of_several_one_must_be_named(live_client, number, monkeypatch):
    other = live_client.incoming_phone_numbers.create(phone_number=OTHER, voice_url=COMPANY)
    with pytest.raises(LessonError, match=r"several numbers: .*TWILIO_PHONE_NUMBER=\.\.\. in \.env") as refused:
        phone_number(live_client)
    assert f"{OTHER} (its calls go to {COMPANY}), {NUMBER} (free)." in str(refused.value)
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", OTHER)
    assert phone_number(live_client).sid == other.sid
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", "+15005550199")
    with pytest.raises(LessonError, match=r"which is no number of this account.*Its numbers: "):
        phone_number(live_client)


@pytest.mark.parametrize("given", ["5005550006", "+0123456789", "+1 500 CALL NOW", "+123"])
def test_a_setting_that_is_no_number_is_refused(live_client, number, monkeypatch, given):
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", given)
    with pytest.raises(LessonError, match=r"which is no phone number: write it with \+ and its country"):
        phone_number(live_client)


def test_without_a_number_it_says_where_to_buy_one_and_what_it_costs(twilio, live_client, number):
    number.delete()
    with pytest.raises(LessonError, match=r"^This account has no number that takes calls\. Buy one at console") as none:
        phone_number(live_client)
    assert "twilio.com/en-us/voice/pricing lists it" in str(none.value)
    local = {"number_type": "local", "base_price": "1.15", "current_price": "1.15"}
    toll_free = {"number_type": "toll free", "base_price": "2.15", "current_price": "2.15"}
    twilio.proxy.prices["/v1/PhoneNumbers/Countries/US"] = {
        "country": "United States", "iso_country": "US", "phone_number_prices": [toll_free, local], "price_unit": "USD",
        "url": "https://pricing.twilio.com/v1/PhoneNumbers/Countries/US",
    }  # fmt: skip
    with pytest.raises(LessonError, match=r"A local one in the country US costs 1\.15 USD a month"):
        phone_number(live_client)


def test_what_calls_cost_is_said_before_anything_rings(twilio, live_client, number, monkeypatch, capsys):
    phone_number(live_client)
    assert f"Each call to {NUMBER} costs you what twilio.com/en-us/voice/pricing lists" in capsys.readouterr().out
    monkeypatch.setenv("ALICE_PHONE", "+15005550111")
    twilio.proxy.prices[f"/v2/Voice/Numbers/{NUMBER}"] = {
        "destination_number": NUMBER, "price_unit": "USD", "outbound_call_prices": [],
        "inbound_call_price": {"base_price": "0.0085", "current_price": "0.0085", "number_type": "local"},
    }  # fmt: skip
    twilio.proxy.prices["/v2/Voice/Numbers/+15005550111"] = {
        "destination_number": "+15005550111", "price_unit": "USD", "inbound_call_price": None,
        "outbound_call_prices": [
            {"base_price": "0.014", "current_price": "0.013", "origination_prefixes": ["ALL"]},
        ],
    }  # fmt: skip
    phone_number(live_client)
    said = capsys.readouterr().out
    assert f"Each call to {NUMBER} costs you 0.0085 USD a minute, Twilio says now, and a begun minute counts" in said
    assert "Each call to +15005550111 costs you 0.013 USD a minute" in said
    path = "/v2/Voice/Numbers/+15005550111?OriginationNumber=%2B15005550006"
    assert ("pricing.twilio.com", f"GET {path}") in twilio.proxy.asked


def test_a_number_that_somebody_else_has_changed_meanwhile_is_left_alone(live_client, number, server, capsys):
    taken(live_client, server)
    number.update(voice_url=COMPANY)
    now = settings(number)
    restore_number(live_client)
    said = capsys.readouterr().out
    assert f"{NUMBER} was changed by somebody else meanwhile, and is left as it is" in said
    assert f"its calls went to {DEMO}. Its status_callback still goes" in said
    assert settings(number) == now


def test_a_setting_beside_the_voice_url_that_somebody_else_has_made_stays(live_client, number, server):
    taken(live_client, server)
    number.update(status_callback=COMPANY)
    restore_number(live_client)
    assert settings(number)["voice_url"] == DEMO
    assert settings(number)["status_callback"] == COMPANY


def test_a_number_that_was_given_up_meanwhile(live_client, number, server, capsys):
    taken(live_client, server)
    number.delete()
    restore_number(live_client)
    assert f"{NUMBER} is no number of this account any more." in capsys.readouterr().out
    assert notes.of_account(ACCOUNT_SID) == []


def test_a_new_address_is_brought_to_the_numbers_that_were_taken(live_client, number, server, monkeypatch, capsys):
    other = live_client.incoming_phone_numbers.create(phone_number=OTHER)
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", NUMBER)
    lesson = taken(live_client, server)
    first = server.public_url
    lesson.update(voice_fallback_url=f"{first}/fallback")
    other.update(voice_url=f"{first}/incoming_call")  # by somebody, and not by the lessons
    tunnels.close()
    second = expose(server)
    assert second != first
    assert f"The new address was brought to the number {NUMBER}." in capsys.readouterr().out
    now = settings(number)
    assert [now["voice_url"], now["voice_fallback_url"], now["status_callback"]] == [
        f"{second}/{name}" for name in ("incoming_call", "fallback", "status")
    ]
    assert settings(other)["voice_url"] == f"{first}/incoming_call"


def test_notes_that_cannot_be_read_are_not_written_over(live_client, number):
    notes._file().parent.mkdir(parents=True, exist_ok=True)
    notes._file().write_text("{")
    with pytest.raises(LessonError, match="cannot be read"):
        phone_number(live_client)
    assert notes._file().read_text() == "{"


def test_a_real_phone_rings_for_an_agent(live_client, number, monkeypatch):
    monkeypatch.setenv("BOB_PHONE", "")
    with pytest.raises(LessonError, match=r"a real phone rings for Bob: .*BOB_PHONE=\+15005550111.*verified"):
        contact_uri_for(live_client, "Bob")
    monkeypatch.setenv("BOB_PHONE", "+1 500 555 0112")
    assert contact_uri_for(live_client, "Bob") == "+15005550112"
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", "+15005550112")
    with pytest.raises(
        LessonError, match="BOB_PHONE is the number that the lessons are called at: set that of a phone"
    ):
        contact_uri_for(live_client, "Bob")
    monkeypatch.setenv("ALICE_PHONE", "client:alice")
    with pytest.raises(LessonError, match="ALICE_PHONE is 'client:alice', which is no phone number"):
        contact_uri_for(live_client, "Alice")
    with pytest.raises(LessonError, match="no agent 'Carol': write 'Alice' or 'Bob'"):
        contact_uri_for(live_client, "Carol")


def test_the_clean_up_lists_the_number_and_gives_it_back(live_client, number, server, answer, capsys):
    before = settings(number)
    planned()
    assert "to use     a number of the account" in capsys.readouterr().out
    taken(live_client, server)
    planned()
    assert f"in use number {NUMBER}, whose calls went to {DEMO}" in " ".join(capsys.readouterr().out.split())
    answer.words = "n"
    clean_up()
    assert settings(number) != before
    answer.words = "y"
    clean_up()
    assert settings(number) == before
    said = capsys.readouterr().out
    assert f"Deleted: what the lessons have set at {NUMBER}: its calls go to {DEMO} again." in said
    clean_up()
    assert "There is nothing of the lessons in this account." in capsys.readouterr().out


def test_the_clean_up_leaves_a_number_alone_that_is_changed_while_it_asks(live_client, number, server, answer, capsys):
    taken(live_client, server)

    class Meanwhile(str):
        def strip(self) -> str:
            number.update(voice_url=COMPANY)
            return "y"

    answer.words = Meanwhile()
    with pytest.raises(LessonError, match="1 of 1 could not be deleted"):
        clean_up()
    assert f"because {NUMBER} was changed by somebody else meanwhile" in capsys.readouterr().out
    assert settings(number)["voice_url"] == COMPANY
    clean_up()  # says nothing of it any more, but for what still goes to our server
    assert "still goes to the server of the lessons" in capsys.readouterr().out


def test_the_doctor_knows_the_number_and_the_phones(live_client, number, server, monkeypatch):
    def phones() -> Finding:
        return next(found for found in diagnose() if found.name == "Phones")

    monkeypatch.setenv("BOB_PHONE", "")
    assert (phones().state, phones().says) == ("ok", f"The lessons are called at {NUMBER}.")
    monkeypatch.setenv("ALICE_PHONE", "+15005550111")
    taken(live_client, server)
    assert "Alice's phone is +15005550111. The calls to +15005550006 go to your server: `restore" in phones().says
    restore_number(live_client)
    assert "go to your server" not in phones().says

    monkeypatch.setenv("TWILIO_PHONE_NUMBER", OTHER)
    assert (found := phones()).state == "not-needed"
    assert "Before notebook 04: TWILIO_PHONE_NUMBER is +15005550123, which is no number of this account" in found.says
    monkeypatch.setenv("BOB_PHONE", "bob")
    assert (found := phones()).state == "not-ok"
    assert "BOB_PHONE is 'bob', which is no phone number" in found.says
