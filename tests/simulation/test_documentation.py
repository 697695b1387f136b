"""What docs/simulation.md shows runs as it stands, and it names every field and distribution."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.simulation import Day, SummaryRow, TaskRecord, WorkerRow, rehearse
from taskrouter_sandbox.simulation.day import (
    Answers,
    ArrivalRate,
    RecordedTask,
    Shift,
    TaskClass,
    WorkerAnswers,
    WorkerHabits,
)
from taskrouter_sandbox.simulation.distributions import KINDS, UNITS
from taskrouter_sandbox.simulation.fast import play, tables
from tests.simulation.days import notes, team
from tests.waiting import patience

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "simulation.md").read_text("utf-8")


def block(language: str, about: str = "") -> str:
    """Find the first block in a language that names what it is about."""
    return next(each for each in re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL) if about in each)


def test_its_program_rehearses_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot.save(team(), "team.json")
    Path("monday.json").write_text(block("json"), encoding="utf-8")
    exec(compile(block("python"), "docs/simulation.md", "exec"), {})
    *rows, slowest = capsys.readouterr().out.splitlines()
    assert rows[0].startswith("0.0 ")
    assert rows[1].startswith("9.0 ")
    assert "Spanish calls" in slowest or "Call-backs" in slowest
    tasks = rehearse(team(), json.loads(block("json")), seed=1).tasks
    assert {each.class_name for each in tasks} == {"Spanish calls", "Call-backs"}
    assert {each.worker for each in tasks} >= {"Alice", "Bob"}


def test_its_programs_about_answers_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot.save(team(), "team.json")
    snapshot.save(team(10), "new-team.json")
    Path("monday.json").write_text(block("json"), encoding="utf-8")
    rehearsal = rehearse("team.json", "monday.json", seed=1, replications=2)
    names = {"rehearsal": rehearsal, "slowest": max(rehearsal.tasks, key=lambda task: task.wait)}
    exec(compile(block("python", "rehearsal.why"), "docs/simulation.md", "exec"), names)
    exec(
        compile(block("python", "compare(").replace("replications=20", "replications=2"), "docs/simulation.md", "exec")
    )
    shown = capsys.readouterr().out
    assert "\nservice_level 0." in shown
    assert "\nAlice 9.0 " in shown
    assert "\n0 1 Everyone " in shown
    assert "The task was created" in shown
    assert "\nSpanish calls mean_wait " in shown


def test_its_programs_that_search_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot.save(team(), "team.json")
    day = json.loads(block("json"))
    day["classes"][0]["arrivals"] = [{"from": "09:00", "to": "10:00", "per_hour": 30}]
    Path("monday.json").write_text(json.dumps(day), encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(block("python", "staff_for").replace("replications=5", "replications=2"), "docs", "exec"), names)
    shown = capsys.readouterr().out
    assert "\n30 Bob 0." in shown
    assert "\n09:00 to 09:30: " in shown
    assert notes(names["plan"]) == []
    program = Path("program.py")
    text = block("python", "ProcessPoolExecutor").replace("Executor()", "Executor(2)").replace("=20", "=4")
    program.write_text(text, encoding="utf-8")
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=patience(60), check=False)
    assert "tasks in 4 replications>" in ran.stdout, ran.stderr
    assert "4 of 4 rehearsed" in ran.stderr


def test_it_names_every_field_distribution_and_unit() -> None:
    parts = (Day, TaskClass, ArrivalRate, RecordedTask, Shift, Answers, WorkerHabits, WorkerAnswers)
    names = {name for part in parts for name in part.__struct_encode_fields__}
    names |= {name for parameters, _ in KINDS.values() for name in parameters} | set(KINDS) | set(UNITS)
    names |= {"low", "high", "difference"} | set(WorkerRow.__dataclass_fields__) - {"start", "end"}
    names |= {"entered", "answered", "moved_on", "timed_out", "hung_up", "canceled"}
    names |= set(TaskRecord.__dataclass_fields__) | {"queues", "service_level", "abandonment", "occupancy"}
    assert {"wait_50", "wait_99"} <= set(SummaryRow.__dataclass_fields__)
    assert [name for name in sorted(names) if f"`{name}`" not in TEXT] == []


def test_it_names_all_that_the_fast_engine_does_not_hold() -> None:
    """Each reason is a row of its table, as the code writes it, without the place that it begins with."""
    written: set[str] = set()
    for module in (tables, play):
        for reason in re.findall(r'NotHeldError\(f?"(.*)"\)', inspect.getsource(module)):
            what = re.sub(r"\{([A-Z_]+):?,?\}", lambda found, module=module: f"{getattr(module, found[1]):,}", reason)
            written.add(re.sub(r"^.*\}: ", "", what))
    section = TEXT.partition("| what it does not hold |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| (?!---)([^|]+) \|", section, re.MULTILINE)) == written
