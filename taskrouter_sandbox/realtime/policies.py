"""What a capability token lets its bearer do: addresses with wildcards, and methods (agent-sdk.md §13)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast
from urllib.parse import urlsplit

from .rights import Forbidden
from .tokens import Capability


def check_policies(claims: Capability, method: str, path: str, params: Collection[str]) -> None:
    """Check whether a policy allows a request.

    path: of the address, without its host; params: the names of what is sent along. Raises Forbidden.
    """
    if not any(_allows(policy, method, path, params) for policy in claims.policies):
        named = f" with {', '.join(sorted(params))[:200]}" if params else ""
        raise Forbidden(f"No policy of the token allows {method} {path}{named}: add one where the token is made")


def _allows(policy: dict[str, Any], method: str, path: str, params: Collection[str]) -> bool:
    url, filtered = policy.get("url"), policy.get("query_filter" if method == "GET" else "post_filter")
    if policy.get("allow") is not True or policy.get("method") != method or not isinstance(url, str):
        return False
    return _matches(_parts(_path_of(url)), _parts(path)) and _has_required(filtered, params)


def _path_of(url: str) -> str:
    """Cut the host off: the sandbox has another one."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _has_required(filtered: object, params: Collection[str]) -> bool:
    if not isinstance(filtered, dict):
        return True
    rules = cast("dict[str, Any]", filtered)
    return all(name in params for name, rule in rules.items() if isinstance(rule, dict) and rule.get("required"))  # pyright: ignore[reportUnknownMemberType]


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _matches(pattern: list[str], parts: list[str]) -> bool:
    """Tell whether a path matches: `*` stands for one segment, `**` for any number of them, also none.

    It asks, as it goes on, which places of the pattern may have been reached: so no pattern takes long.
    """
    reached = _onward(pattern, {0})
    for part in parts:
        kept = {at for at in reached if at < len(pattern) and pattern[at] == "**"}
        stepped = {at + 1 for at in reached if at < len(pattern) and pattern[at] in ("*", part)}
        reached = _onward(pattern, kept | stepped)
    return len(pattern) in reached


def _onward(pattern: list[str], reached: set[int]) -> set[int]:
    """Add the places behind every `**` that has been reached."""
    found = set(reached)
    for at in sorted(reached):
        while at < len(pattern) and pattern[at] == "**":
            at += 1
            found.add(at)
    return found
