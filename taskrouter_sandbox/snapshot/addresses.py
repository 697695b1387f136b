"""The addresses that TaskRouter is to call, and where they lead when a workspace is made of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

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

    Raises SnapshotError where nothing says it, or `callbacks` is no address.
    """

    def led(place: str, url: str) -> str:
        if not url.startswith("/"):
            return url
        if callbacks is None:
            raise SnapshotError(f"{place} is {url!r}: say where it leads, as in callbacks='https://example.com'")
        return _at(callbacks, _split(url))

    return with_addresses(snapshot, led)


def lead_here(snapshot: Snapshot, callbacks: str | None) -> tuple[Snapshot, list[str]]:
    """Let no address lead to another machine: a rehearsal must not call the servers of a live account.

    callbacks: where the path of each address leads instead; without it the address is left out. Gives also what was
    changed, as (place: address) texts. Raises SnapshotError where `callbacks` is no address.
    """
    changed: list[str] = []

    def led(place: str, url: str) -> str:
        parts = _split(url)
        if parts.hostname in HERE:
            return url
        changed.append(f"{place}: {url}")
        return _at(callbacks, parts) if callbacks else ""

    return with_addresses(snapshot, led), changed


def lead_out(snapshot: Snapshot, callbacks: str | None) -> Snapshot:
    """Let addresses lead where live Twilio reaches them: those that begin with a slash, and those of this machine.

    callbacks: where they lead, as `https://example.com`. Raises SnapshotError where nothing says it, or that is no
    address.
    """

    def led(place: str, url: str) -> str:
        parts = _split(url)
        if not url.startswith("/") and parts.hostname not in HERE:
            return url
        if callbacks is None:
            raise SnapshotError(
                f"{place} is {url!r}, where Twilio reaches nothing: say where it leads by --callbacks https://example.com"
            )
        return _at(callbacks, parts)

    return with_addresses(snapshot, led)


def _split(url: str) -> SplitResult:
    """Split an address; all of one that begins with a slash, or that makes no sense, is its path."""
    try:
        parts = (
            urlsplit(url) if not url.startswith("/") else urlsplit(f"http://path{url}")._replace(scheme="", netloc="")
        )
        parts.port  # noqa: B018  # is read only here
    except ValueError:
        return SplitResult("", "", url, "", "")
    return parts


def _at(callbacks: str, parts: SplitResult) -> str:
    """Let an address lead to another machine, by its own path, also by one that begins with two slashes.

    callbacks: where to, as `https://example.com`; with a path, as `https://example.com/app`, that comes first
    where it does not already. Raises SnapshotError for what is no such address.
    """
    there = _split(callbacks)
    if there.scheme not in ("http", "https") or not there.hostname or there.query or there.fragment:
        raise SnapshotError(
            f"callbacks must say where addresses lead, as https://example.com or https://example.com/app; it was "
            f"{callbacks!r}"
        )
    path, first = parts.path or "/", there.path.rstrip("/")
    if not f"{path}/".startswith(f"{first}/"):
        path = first + path
    return parts._replace(scheme=there.scheme, netloc=there.netloc, path=path).geturl()
