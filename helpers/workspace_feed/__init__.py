"""What a workspace is at this moment, kept current for all who look at it.

happening, model: pure; reading: what one REST read says; watch: the two threads; feed: who is told, and how.
"""

from __future__ import annotations

from helpers.workspace_feed.feed import Feed, Listener, join

__all__ = ["Feed", "Listener", "join"]
