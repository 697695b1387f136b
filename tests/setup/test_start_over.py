"""Starting over: everything in the sandbox goes, after a yes; a live account is never touched."""

from __future__ import annotations

import json

import pytest

from helpers import __main__ as commands
from helpers import cast, skip, start_over
from helpers.names import WORKSPACE


def names(client) -> list[str]:
    return [workspace.friendly_name for workspace in client.taskrouter.v1.workspaces.list()]


def test_the_command_empties_the_sandbox_and_says_what_is_next(client, sandbox, capsys):
    team = cast(client)
    team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=json.dumps({"selected_language": "es"}))
    client.taskrouter.v1.workspaces.create(friendly_name="Mine")
    skip(minutes=5)

    assert commands.main(["reset", "--yes"]) == 0

    said = capsys.readouterr().out
    assert "deletes every workspace in the sandbox" in said
    assert "Run the notebooks again from the top" in said
    assert names(client) == []
    assert sandbox.clock.ahead() < 1
    assert cast(client).alice.activity_name == "Offline"


@pytest.mark.parametrize(("words", "left"), [("y", []), ("YES", []), ("", [WORKSPACE]), ("later", [WORKSPACE])])
def test_it_asks_first(client, monkeypatch, capsys, words, left):
    cast(client)
    monkeypatch.setattr("builtins.input", lambda question: words)

    start_over()

    assert names(client) == left
    assert ("Nothing was deleted." in capsys.readouterr().out) == bool(left)


def test_where_nobody_can_answer_the_command_says_how_to_go_on(client, monkeypatch, capsys):
    cast(client)
    monkeypatch.setattr("builtins.input", lambda question: (_ for _ in ()).throw(EOFError))

    assert commands.main(["reset"]) == 1

    assert "--yes" in capsys.readouterr().err
    assert names(client) == [WORKSPACE]
