"""A stage whose orders to TaskRouter may come late."""

from __future__ import annotations

from collections import deque

from taskrouter_sandbox.voice.model import effects as voice
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.stage import Stage


class LateStage(Stage):
    """A stage whose orders to TaskRouter wait while `holds` is true."""

    holds = False

    def __init__(self, multi: bool = False, options: VoiceOptions | None = None) -> None:
        self.held: deque[voice.TaskCommand] = deque()
        super().__init__(multi, options)

    def carry(self, command: voice.TaskCommand) -> None:
        if self.holds or self.held:
            self.held.append(command)
        else:
            super().carry(command)

    def release(self) -> None:
        """Carry out the oldest order that waits."""
        super().carry(self.held.popleft())
        self.work()
