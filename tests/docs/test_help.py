"""Every script that is run by hand says with `--help` what it does, and begins nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = sorted(
    path.name for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")
)
PROOFS = [
    *(f"tests.endurance.{name}" for name in ("growth", "kills", "notebooks", "people", "races")),
    "tests.engine.long_run",
    "tests.simulation.random_days",
    "tests.voice.long_run",
]
ASK = """
import contextlib, io, json, runpy, sys
sys.path[:0] = ["benchmarks", "."]
said = {}
for name in sys.argv[1:]:
    sys.argv, ended, text = [name, "--help"], None, io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            if name.endswith(".py"):
                runpy.run_path(f"benchmarks/{name}", run_name="__main__")
            else:
                runpy.run_module(name, run_name="__main__")
        except SystemExit as end:
            ended = end.code
        except Exception as error:
            ended = repr(error)
    said[name] = ended, text.getvalue()
print(json.dumps(said))
"""


def test_each_says_what_it_does() -> None:
    asked = [*BENCHMARKS, *PROOFS]
    done = subprocess.run(
        [sys.executable, "-c", ASK, *asked], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == asked
    for name, (ended, text) in said.items():
        assert ended == 0, (name, ended)
        assert text.startswith("usage: "), (name, text)
        assert name.endswith(".py") <= ("--json" in text), name
        assert len(text.split("\n\n")) > 2, f"{name} does not say what it does"
