"""The voice side of an account as an object: commands in, effects out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from ..engine.model.entities import Entity
from .calls import documents
from .commands.calls import Calls
from .commands.conferences import Conferences
from .commands.messages import Messages
from .commands.numbers import Applications, Numbers, Queues
from .commands.people import People
from .endings import giving_up, giving_up_instruction, giving_up_outcome
from .flow import advance, settle
from .instructions import call, conference, dequeue, redirect, reservations, supervise
from .model.effects import FetchFailure, FetchReply, Outcome, VoiceEffects
from .model.options import VoiceOptions
from .model.state import VoiceState
from .model.terms import InstructionOrder
from .recovery import recover

INSTRUCTIONS: dict[str, Callable[[VoiceState, InstructionOrder], None]] = {
    "dequeue": dequeue.start,
    "call": call.start,
    "redirect": redirect.start,
    "conference": conference.start,
    "supervise": supervise.start,
}
DEFAULT_OPTIONS = VoiceOptions()


class VoiceEngine:
    """The calls of an account, and the rules that move them.

    The commands stand by who gives them: `engine.people.dial(now, "+15005550100", "+15005550006")`. Each takes `now`
    first, in milliseconds since 1970; times must not go backwards. Effects wait in `drain()`. Where a rule fails by a
    mistake of the sandbox's, the calls at work end as `failed`, with an alert, and nobody waits for them for ever.

    account_sid: `AC...`; new_sid: makes a SID from its two letters; stored: the resources that were there, without
    what had ended, in any order (see `recover`); options: how to read what the sources leave open, and how long things
    take.
    """

    def __init__(
        self,
        account_sid: str,
        new_sid: Callable[[str], str],
        options: VoiceOptions = DEFAULT_OPTIONS,
        stored: Iterable[Entity] = (),
    ) -> None:
        self.state = state = VoiceState(account_sid, new_sid, options)
        for entity in stored:
            state.add(entity)
        self.people = People(state)
        self.calls = Calls(state)
        self.conferences = Conferences(state)
        self.numbers = Numbers(state)
        self.applications = Applications(state)
        self.messages = Messages(state)
        self.queues = Queues(state)

    def fetched(self, now: int, fetch_sid: str, answer: FetchReply | FetchFailure) -> documents.Use:
        """Take the answer to a Fetch, and tell what it was good for; for a call that has moved on it is void."""
        state = advance(self.state, now)
        requested, use = state.requested.get(fetch_sid), "failed"
        with giving_up(state, [requested.call] if requested else []):
            use = documents.fetched(state, fetch_sid, answer)
        settle(state)
        return use

    def ordered(self, now: int, command_sid: str, outcome: Outcome) -> None:
        """Take the outcome of a TaskCommand; of those that nobody waits for nothing comes."""
        state = advance(self.state, now)
        ordered = state.ordered.pop(command_sid, None)
        if ordered is not None:
            with giving_up_outcome(state, ordered.command, outcome):
                ordered.told(state, outcome)
            settle(state)

    def instruct(self, now: int, order: InstructionOrder) -> None:
        """Carry out an instruction that needs a call; what becomes of it is told by task commands."""
        state = advance(self.state, now)
        with giving_up_instruction(state, order):
            INSTRUCTIONS[order.instruction](state, order)
        settle(state)

    def can_redirect(self, call_sid: str) -> bool:
        """Tell whether a call can be sent to another document now."""
        return redirect.why_refused(self.state, call_sid) is None

    def reservation_changed(self, now: int, reservation_sid: str, status: str) -> None:
        """Note the status of a reservation: a phone that rings for one that is not pending any more stops."""
        state = advance(self.state, now)
        leg = state.following.get(reservation_sid)
        with giving_up(state, [leg] if leg else []):
            reservations.changed(state, reservation_sid, status)
        settle(state)

    def recover(self, now: int) -> None:
        """End what was going on when the account was stored: the first command on an engine with stored resources."""
        recover(advance(self.state, now))

    def advance(self, now: int) -> None:
        """Do all that is due up to `now`, each at its own time and in order."""
        advance(self.state, now)

    @contextmanager
    def knowing(self, ended: Iterable[Entity]) -> Generator[None]:
        """Let a command find calls, conferences and messages that have ended; `drain` forgets them."""
        known = list(ended)
        for entity in known:
            self.state.add(entity)
        try:
            yield
        finally:
            for entity in known:
                self.state.forget(entity)

    def next_due(self) -> int | None:
        """Give the time when `advance` may have something to do again, in milliseconds since 1970; None for never."""
        return self.state.timers.next_due()

    def drain(self) -> VoiceEffects:
        """Give what changed, and what is to be requested, ordered and reported since the last call.

        What has ended (see `has_ended`) the engine knows no more: whoever drains it keeps that (see `knowing`).
        """
        return self.state.drain()
