"""A data folder whose sandbox was stopped or killed, and a service started on it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import sandbox
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.conftest import TOKEN

AUTH = (sandbox.ACCOUNT_SID, TOKEN)
NAME = "sandbox.sqlite3"


def names(service: Service) -> list[str]:
    return [each.friendly_name for each in service.store.workspaces()]


def create(service: Service, name: str) -> None:
    now = service.clock.now()
    queue = {"friendly_name": "Q", "max_reserved_workers": 1}

    def fill(engine) -> None:
        made = engine.task_queues.create(now, **queue)
        engine.workers.create(now, friendly_name="Alice", attributes="{}")
        engine.tasks.create(now, task_queue_sid=made.sid, attributes="{}")

    service.workspaces.create(now, fill, friendly_name=name)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a sandbox that has ended, with a workspace `First` and a webhook that was to be delivered."""
    (tmp_path / "data").mkdir()
    service = Service(tmp_path / "data", *AUTH)
    create(service, "First")
    delivery = Delivery(kind="event", workspace_sid="WS", subject_sid="EV", url="http://here", parameters={})
    service.store.keep_deliveries([delivery], 0)
    service.store.close()
    return tmp_path / "data"


@pytest.fixture
def killed(stopped: Path, tmp_path: Path) -> Path:
    """The folder of a sandbox that was killed: `First` is in its file, `Second` in its log of changes only."""
    service = Service(stopped, *AUTH)
    create(service, "Second")
    folder = Path(shutil.copytree(stopped, tmp_path / "killed"))
    service.store.close()
    return folder


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Service]:
    service = Service(folder, *AUTH)
    yield service
    service.store.close()
