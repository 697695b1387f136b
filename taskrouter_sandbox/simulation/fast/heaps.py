"""Heaps in arrays, and random bits: what the kernel stands on. All of it is compiled.

A pairing heap (M. Fredman, R. Sedgewick, D. Sleator, R. Tarjan, 1986) holds nodes, each in one heap at most, and lets
go of any of them. The root of a heap is the node with the least key, or -1; keys differ. Nodes are records of
`layout.NODE`: `child` is a node's first child, `sibling` the next child of its parent, `before` the sibling before it,
or its parent.

Arrays are given by their addresses (`memory`). The heap of events is a binary one, of numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..chance import GOLDEN, MIX_1, MIX_2
from .compiled import compiled, inlined
from .layout import KIND_BITS, NUMBER_BITS, int64
from .memory import long_at, node_at

_GOLDEN, _MIX_1, _MIX_2 = np.uint64(GOLDEN), np.uint64(MIX_1), np.uint64(MIX_2)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@inlined
def merge(nodes: Any, a: int, b: int) -> int:
    """Make one heap of two, given by their roots: its root."""
    if node_at(nodes, b).key < node_at(nodes, a).key:
        a, b = b, a
    child = node_at(nodes, a).child
    node_at(nodes, b).sibling, node_at(nodes, b).before = child, a
    if child >= 0:
        node_at(nodes, child).before = b
    node_at(nodes, a).child = b
    return a


@inlined
def insert(nodes: Any, roots: Any, heap: int, node: int, key: int) -> None:
    """Put a node that is in no heap into one."""
    it = node_at(nodes, node)
    it.key, it.child, it.sibling, it.before, it.inside = key, -1, -1, -1, 1
    long_at(roots, heap).value = (
        node if long_at(roots, heap).value < 0 else merge(nodes, long_at(roots, heap).value, node)
    )


@compiled
def _combined(nodes: Any, first: int) -> int:
    """Make one heap of siblings: pairs from left to right, then all of them from right to left."""
    done = -1  # the pairs so far, the last one first, linked by `before`
    while first >= 0:
        second = node_at(nodes, first).sibling
        if second < 0:
            node_at(nodes, first).before, done = done, first
            break
        rest = node_at(nodes, second).sibling
        pair = merge(nodes, first, second)
        node_at(nodes, pair).before, done, first = done, pair, rest
    if done < 0:
        return -1
    root, done = done, node_at(nodes, done).before
    while done >= 0:
        before = node_at(nodes, done).before
        root, done = merge(nodes, root, done), before
    node_at(nodes, root).sibling = node_at(nodes, root).before = -1
    return root


@compiled
def remove(nodes: Any, roots: Any, heap: int, node: int) -> None:
    """Take a node out of its heap."""
    it = node_at(nodes, node)
    it.inside = 0
    if long_at(roots, heap).value == node:
        long_at(roots, heap).value = _combined(nodes, it.child)
        return
    before, sibling = it.before, it.sibling
    if node_at(nodes, before).child == node:
        node_at(nodes, before).child = sibling
    else:
        node_at(nodes, before).sibling = sibling
    if sibling >= 0:
        node_at(nodes, sibling).before = before
    rest = _combined(nodes, it.child)
    if rest >= 0:
        long_at(roots, heap).value = merge(nodes, long_at(roots, heap).value, rest)


@inlined
def event(at: int, kind: int, number: int) -> int:
    """Make an event of one number: the lesser comes first."""
    return (((int64(at) << KIND_BITS) | kind) << NUMBER_BITS) | number


@inlined
def push(events: Any, size: int, added: int) -> int:
    """Add an event: how many there are then. There must be room for it."""
    _rise(events, size, added)
    return size + 1


@inlined
def pop(events: Any, size: int) -> int:
    """Take the first event away: how many there are then.

    The gap that it leaves goes down to the end, by the lesser of two, without a branch; the last event rises there.
    """
    size -= 1
    last, place, below = long_at(events, size).value, int64(0), int64(1)
    while below < size:
        a, b = long_at(events, below).value, long_at(events, below + 1).value  # b is the last one, where there is none
        below += b < a
        long_at(events, place).value = min(a, b)
        place, below = below, 2 * below + 1
    _rise(events, place, last)
    return size


@inlined
def _rise(events: Any, place: int, rising: int) -> None:
    """Put an event where there is a gap, or above that."""
    while place > 0:
        above = (place - 1) >> 1
        other = long_at(events, above).value
        if other <= rising:
            break
        long_at(events, place).value = other
        place = above
    long_at(events, place).value = rising


@compiled
def _mixed(bits: Any) -> Any:
    bits = bits + _GOLDEN
    bits = (bits ^ (bits >> _30)) * _MIX_1
    bits = (bits ^ (bits >> _27)) * _MIX_2
    return bits ^ (bits >> _31)


@compiled
def hashed(key: Any, first: int, second: int) -> Any:
    """Give 64 random bits; `chance.hashed` is the same."""
    return _mixed(_mixed(key + np.uint64(first) * _GOLDEN) + np.uint64(second) * _GOLDEN)


@compiled
def share(bits: Any) -> float:
    """Turn 64 random bits into a number from 0 up to, and without, 1."""
    return np.float64(bits >> _11) * 2.0**-53
