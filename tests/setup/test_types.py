"""The types, as basedpyright checks them: strictly in the sandbox, by its standard in the tutorial."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.setup import environment
from tests.waiting import patience


@pytest.mark.timeout(patience(600))
def test_the_types_are_right():
    project = environment.ROOT / "pyproject.toml"  # else a pyrightconfig.json in a folder above would come first
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--level", "error", "--project", project]
    variables = os.environ | {"NODE_OPTIONS": "--max-semi-space-size=64"}  # MB: it collects garbage less often
    done = subprocess.run([*command, "--pythonpath", sys.executable], capture_output=True, text=True, env=variables)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] > 150
    errors: list[str] = []
    for error in found["generalDiagnostics"]:
        path = Path(error["file"]).relative_to(environment.ROOT)
        errors.append(f"{path}:{error['range']['start']['line'] + 1}: {error['message']} ({error.get('rule')})")
    assert not errors, "\n".join(errors)
