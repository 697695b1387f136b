"""Where random numbers come from: each for its purpose, whatever else is drawn.

The same seed gives two workflows, or two rosters, the same people, who come at the same times, talk as long and hang up
after as long; and another class beside them changes none of it.
"""

from __future__ import annotations

from hashlib import blake2b

from numpy.random import PCG64, Generator

GOLDEN, MIX_1, MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
MASK = 2**64 - 1
UNIT = 2.0**-53


def key(*parts: object) -> int:
    """Give 64 bits that stand for these parts, such as the seed, the replication, a class and a purpose."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "little")


def generator(*parts: object) -> Generator:
    """Make the generator of random numbers that belongs to these parts."""
    return Generator(PCG64(int.from_bytes(blake2b(repr(parts).encode(), digest_size=16).digest(), "little")))


def hashed(key: int, first: int, second: int) -> int:
    """Give 64 random bits for two counts under a key: SplitMix64, twice (G. Steele, D. Lea, C. Flood, 2014).

    `fast/heaps.py` has the same in compiled code.
    """
    return _mixed(_mixed(key + first * GOLDEN) + second * GOLDEN)


def _mixed(bits: int) -> int:
    bits = (bits + GOLDEN) & MASK
    bits = (bits ^ (bits >> 30)) * MIX_1 & MASK
    bits = (bits ^ (bits >> 27)) * MIX_2 & MASK
    return bits ^ (bits >> 31)


def share(bits: int) -> float:
    """Turn 64 random bits into a number from 0 up to, and without, 1."""
    return (bits >> 11) * UNIT
