"""Why stored state cannot be read."""

from __future__ import annotations


class UnreadableState(Exception):
    """State has a version, a kind or a form that this sandbox does not know. The message is half a sentence.

    version: of the database that it stands in.
    """

    def __init__(self, why: str, version: int):
        super().__init__(why)
        self.version = version
