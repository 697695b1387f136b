"""The addresses that TaskRouter is to call, and where they lead when a workspace is made of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from .format import Snapshot, SnapshotError

HERE = ("localhost", "127.0.0.1", "::1")


def with_addresses(snapshot: Snapshot, change: Callable[[str, str], str]) -> Snapshot:
    """Copy a snapshot with `change(place, address)` in place of each address that is not empty."""

    def of(place: str, url: str) -> str:
        return change(place, url) if url else url

    workspace = snapshot.workspace
    return replace(
        snapshot,
        workspace=replace(
            workspace, event_callback_url=of("workspace.event_callback_url", workspace.event_callback_url)
        ),
        workflows=[
            replace(
                each,
                assignment_callback_url=of(f"workflows[{i}].assignment_callback_url", each.assignment_callback_url),
                fallback_assignment_callback_url=of(
                    f"workflows[{i}].fallback_assignment_callback_url", each.fallback_assignment_callback_url
                ),
            )
            for i, each in enumerate(snapshot.workflows)
        ],
    )


def complete(snapshot: Snapshot, callbacks: str | None) -> Snapshot:
    """Complete the addresses that begin with a slash; callbacks: where they lead, as `https://example.com`.

    Raises SnapshotError where nothing says it.
    """

    def led(place: str, url: str) -> str:
        if not url.startswith("/"):
            return url
        if callbacks is None:
            raise SnapshotError(f"{place} is {url!r}: say where it leads, as in callbacks='https://example.com'")
        return urljoin(callbacks, url)

    return with_addresses(snapshot, led)


def lead_here(snapshot: Snapshot, callbacks: str | None) -> tuple[Snapshot, list[str]]:
    """Let no address lead to another machine: a rehearsal must not call the servers of a live account.

    callbacks: where the path of each address leads instead; without it the address is left out. Gives also what was
    changed, as (place: address) texts.
    """
    changed: list[str] = []

    def led(place: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.hostname in HERE:
            return url
        changed.append(f"{place}: {url}")
        path = parts._replace(scheme="", netloc="").geturl()
        return urljoin(callbacks, path or "/") if callbacks else ""

    return with_addresses(snapshot, led), changed


def lead_out(snapshot: Snapshot, callbacks: str | None) -> Snapshot:
    """Let addresses lead where live Twilio reaches them: those that begin with a slash, and those of this machine.

    callbacks: where they lead, as `https://example.com`. Raises SnapshotError where nothing says it.
    """

    def led(place: str, url: str) -> str:
        parts = urlsplit(url)
        if not url.startswith("/") and parts.hostname not in HERE:
            return url
        if callbacks is None:
            raise SnapshotError(
                f"{place} is {url!r}, where Twilio reaches nothing: say where it leads by --callbacks https://example.com"
            )
        return urljoin(callbacks, parts._replace(scheme="", netloc="").geturl() or "/")

    return with_addresses(snapshot, led)
