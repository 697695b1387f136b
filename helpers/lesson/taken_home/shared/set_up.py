"""Create the workspace that workspace.json describes, or bring it in line: everything is found by its name.

Run it as often as you like: `python set_up.py`. It needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL, in the
environment or in `.env`; what it prints belongs into `.env`, too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dotenv import load_dotenv
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

DESCRIPTION = Path(__file__).with_name("workspace.json")


def make_client() -> Client:
    """Make the client of the account in the environment; it asks a sandbox where TASKROUTER_SANDBOX_URL names one.

    It waits 30 seconds for an answer: by itself Twilio's client waits for ever.
    """
    client = Client(http_client=TwilioHttpClient(timeout=30))
    if url := os.environ.get("TASKROUTER_SANDBOX_URL"):
        client.taskrouter.base_url = client.api.base_url = url
    return client


def set_up(client: Client, public_url: str) -> dict[str, str]:
    """Create or update the workspace, and lead its callbacks to the app; what is there besides stays.

    public_url: where Twilio reaches the app, such as "https://example.com". Returns the settings of the app.
    """
    wanted = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    workspace = find_or_create_workspace(client, wanted["workspace"])
    activities = {
        one["friendly_name"]: bring(
            workspace.activities, one["friendly_name"], at_first={"available": one.get("available", False)}
        )
        for one in wanted["activities"]
    }
    workspace = workspace.update(
        prioritize_queue_order=wanted["workspace"].get("prioritize_queue_order", "FIFO"),
        default_activity_sid=activities[wanted["workspace"].get("default_activity", "Offline")].sid,
        timeout_activity_sid=activities[wanted["workspace"].get("timeout_activity", "Offline")].sid,
    )
    for one in wanted.get("task_channels", []):
        optimized = one.get("channel_optimized_routing", False)
        settings = {"friendly_name": one["friendly_name"], "channel_optimized_routing": optimized}
        bring(workspace.task_channels, one["unique_name"], key="unique_name", **settings)
    queues = {one["friendly_name"]: bring_queue(workspace, one, activities) for one in wanted["task_queues"]}
    workflows = [bring_workflow(workspace, one, queues, public_url) for one in wanted["workflows"]]
    for one in wanted["workers"]:
        bring_worker(workspace, one)
    found = {"WORKSPACE_SID": workspace.sid, "WORKFLOW_SID": workflows[0].sid}
    return found | ({"WRAP_UP_SID": activities["WrapUp"].sid} if "WrapUp" in activities else {})


def bring_queue(workspace: Any, wanted: dict[str, Any], activities: dict[str, Any]) -> Any:
    """Create or update a task queue, with the activities that its workers are moved to."""
    moved_to = {
        f"{name}_sid": activities[wanted[name]].sid
        for name in ("reservation_activity", "assignment_activity")
        if wanted.get(name)
    }
    return bring(
        workspace.task_queues,
        wanted["friendly_name"],
        target_workers=wanted.get("target_workers", "1==1"),
        max_reserved_workers=wanted.get("max_reserved_workers", 1),
        task_order=wanted.get("task_order", "FIFO"),
        **moved_to,
    )


def bring_workflow(workspace: Any, wanted: dict[str, Any], queues: dict[str, Any], public_url: str) -> Any:
    """Create or update a workflow, whose assignment callback asks the app."""
    return bring(
        workspace.workflows,
        wanted["friendly_name"],
        configuration=json.dumps(with_queue_sids(wanted["configuration"], queues)),
        assignment_callback_url=f"{public_url}/assignment_callback",
        task_reservation_timeout=wanted.get("task_reservation_timeout", 120),
    )


def bring_worker(workspace: Any, wanted: dict[str, Any]) -> Any:
    """Create or update a worker; a new one is in the workspace's default activity."""
    attributes = json.dumps(wanted.get("attributes", {}))
    worker = bring(workspace.workers, wanted["friendly_name"], attributes=attributes)
    for channel, settings in wanted.get("channels", {}).items():
        worker.worker_channels(channel).update(**settings)
    return worker


def bring(
    resources: Any, name: str, *, at_first: dict[str, Any] | None = None, key: str = "friendly_name", **settings: Any
) -> Any:
    """Find a resource by its name and bring its settings in line, or create it.

    at_first: settings that are given only when it is created; key: which of its properties is the name.
    """
    for found in resources.list():
        if getattr(found, key) == name:
            return found.update(**settings) if settings else found
    return resources.create(**{key: name}, **(at_first or {}), **settings)


def find_or_create_workspace(client: Client, wanted: dict[str, Any]) -> Any:
    """Find the workspace by its name, or create it; multitasking, where the account has no other kind."""
    workspaces, name = client.taskrouter.v1.workspaces, wanted["friendly_name"]
    for found in workspaces.list(friendly_name=name):
        return found
    multitasking = wanted.get("multi_task_enabled", True)
    try:
        return workspaces.create(friendly_name=name, multi_task_enabled=multitasking)
    except TwilioRestException as refused:
        if multitasking or refused.status != 400:
            raise
        print(f"A single-tasking workspace is refused ({refused.msg}), so it is a multitasking one.")
        return workspaces.create(friendly_name=name, multi_task_enabled=True)


def with_queue_sids(configuration: Any, queues: dict[str, Any]) -> Any:
    """Give a workflow's configuration with the SID of each queue in the place of its name."""
    if isinstance(configuration, list):
        return [with_queue_sids(one, queues) for one in configuration]
    if not isinstance(configuration, dict):
        return configuration
    return {
        name: queues[value].sid if name == "queue" and value in queues else with_queue_sids(value, queues)
        for name, value in configuration.items()
    }


def lead_number(client: Client, number: str, public_url: str) -> None:
    """Let calls to a number of the account ask the app. Raises LookupError when it is not the account's."""
    for found in client.incoming_phone_numbers.list(phone_number=number):
        found.update(voice_url=f"{public_url}/incoming_call", voice_method="POST")
        return
    raise LookupError(f"{number} is no number of this account.")


def main() -> None:
    """Set up what the environment says, and print the settings of the app."""
    load_dotenv(Path(__file__).with_name(".env"))
    missing = [name for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL") if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"Not set: {', '.join(missing)}. Copy .env.example to .env, and fill it in.")
    client, public_url = make_client(), os.environ["PUBLIC_URL"].rstrip("/")
    for name, value in set_up(client, public_url).items():
        print(f"{name}={value}")
    if number := os.environ.get("PHONE_NUMBER"):
        lead_number(client, number, public_url)


if __name__ == "__main__":
    main()
