"""What docs/languages.md says of Python, Node and curl, run as it stands there, with the unmodified libraries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.setup import environment
from taskrouter_sandbox.testing.session import running
from tests.waiting import patience

PAGE = (environment.ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
NODE_LIBRARY = "twilio@6.3.1"


def block(language: str, heading: str) -> str:
    """The code below a heading of the page."""
    below = PAGE.split(f"### {heading}\n")[1]
    found = re.search(rf"```{language}\n(.*?)```", below, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """Of a program that uses the sandbox: its address, and an account."""
    with running() as url:
        account = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "any", "TASKROUTER_SANDBOX_URL": url}
        yield {**os.environ, **account}


def said(command: list[str], variables: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(
        command, env=variables, cwd=cwd, capture_output=True, text=True, timeout=patience(60), check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PYTHON = """
workspaces = client.taskrouter.v1.workspaces
workspaces.create(friendly_name="P1"), workspaces.create(friendly_name="P2")
numbers = client.incoming_phone_numbers.list()
alerts = client.monitor.v1.alerts.list()
print(sum(each.friendly_name.startswith("P") for each in workspaces.list(page_size=1)), len(numbers), len(alerts))
"""
ASYNCHRONOUS = """
async def main():
    async with AsyncTwilioHttpClient(proxy_url="http://127.0.0.1:1") as http_client:  # where nobody is
        client = Client(http_client=http_client)
        client.taskrouter.base_url = url
        workspaces = client.taskrouter.v1.workspaces
        await workspaces.create_async(friendly_name="A1")
        await workspaces.create_async(friendly_name="A2")
        print(sum(each.friendly_name.startswith("A") for each in await workspaces.list_async(page_size=1)))
asyncio.run(main())
"""
NODE = """
(async () => {
  const workspaces = client.taskrouter.v1.workspaces;
  await workspaces.create({ friendlyName: "N1" });
  await workspaces.create({ friendlyName: "N2" });
  const found = await workspaces.list({ pageSize: 1 });
  const numbers = await client.incomingPhoneNumbers.list();
  const alerts = await client.monitor.v1.alerts.list();
  console.log(found.filter((each) => each.friendlyName.startsWith("N")).length, numbers.length, alerts.length);
})();
"""


def test_python(variables, tmp_path):
    assert said([sys.executable, "-c", block("python", "Python") + PYTHON], variables, tmp_path) == "2 1 0"


def test_python_asynchronous(variables, tmp_path):
    """Also that it does not use its `proxy_url`, as the page says."""
    begin = "import asyncio\nfrom twilio.http.async_http_client import AsyncTwilioHttpClient\n"
    code = begin + block("python", "Python") + ASYNCHRONOUS
    assert said([sys.executable, "-c", code], variables, tmp_path) == "2"


@pytest.mark.slow
def test_node(variables, tmp_path):
    npm = shutil.which("npm")
    if npm is None and "CI" not in os.environ:
        pytest.skip("npm is not here")
    assert npm is not None
    said([npm, "install", "--no-audit", "--no-fund", "--prefer-offline", NODE_LIBRARY], variables, tmp_path)
    (tmp_path / "application.js").write_text(block("js", "Node") + NODE)
    assert said(["node", "application.js"], variables, tmp_path) == "2 1 0"
    assert NODE_LIBRARY.replace("@", "` ") in PAGE


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl(variables, tmp_path):
    told = said(
        ["bash", "-c", "set -o pipefail; " + block("sh", "curl").replace("curl ", "curl -sSf ")], variables, tmp_path
    )
    assert '"friendly_name":"Test"' in told
