"""Where the sources leave open what a call does, and how long things take that no source times (voice.md §2.2, §8)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class VoiceOptions(Struct, frozen=True):
    """Readings that can be chosen, and durations in milliseconds; the defaults are what voice.md proposes.

    dequeue_failure: is a reservation still "pending" when the worker's phone of a dequeue or call was busy, did not
    answer or could not be reached, or is it "canceled" (voice.md §4.2)?
    dequeue_callback: is the status callback of dequeue and call a "POST", or a "GET" (voice.md §4.2)?
    silent_record: after a Record in which nobody spoke, is the "action" requested, or does the "next" verb run (§2.1)?
    gather_message: does a Gather send the undocumented `msg`, "sent" or "left-out" (§2.3)?
    unknown_from: is a call over REST from a number that is not the account's "warned" of, or "refused" (§5.4)?
    say_per_character, play, speech_end, queued: how long a character of Say, a Play, the silence after speech, and the
    wait of a call made over REST until it is dialed last.
    """

    dequeue_failure: Literal["pending", "canceled"] = "pending"
    dequeue_callback: Literal["POST", "GET"] = "POST"
    silent_record: Literal["action", "next"] = "action"
    gather_message: Literal["sent", "left-out"] = "sent"
    unknown_from: Literal["warned", "refused"] = "warned"
    say_per_character: int = 60
    play: int = 5_000
    speech_end: int = 1_000
    queued: int = 0
