"""Keeps the newest of many things, and which of them have changed since somebody asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Entity = dict[str, Any]


class Recent:
    """Entities by what names them, those that were put last. Not safe from several threads by itself.

    Args:
        kept: how many at most.
        key: the name of that.
        stays: tells of an entity that it is kept beyond that number.
    """

    def __init__(self, kept: int, key: str = "id", stays: Callable[[Entity], bool] = lambda _entity: False) -> None:
        self._kept, self._key, self._stays = kept, key, stays
        self._entities: dict[str, Entity] = {}
        self._changed: dict[str, Entity | None] = {}

    def get(self, key: str) -> Entity | None:
        """Give the entity with that id; None when it is not there, or no longer."""
        return self._entities.get(key)

    def snapshot(self) -> dict[str, Entity]:
        """Give all of them, by id."""
        return dict(self._entities)

    def put(self, entity: Entity) -> None:
        """Keep an entity as the newest, in the place of an earlier one with its id."""
        key = entity[self._key]
        self._entities.pop(key, None)
        self._entities[key] = self._changed[key] = entity
        if len(self._entities) > self._kept:
            others = [key for key, each in self._entities.items() if not self._stays(each)]
            for old in others[: max(0, len(others) - self._kept)]:
                self.remove(old)

    def replace(self, entity: Entity) -> None:
        """Keep an entity, unless it is kept as it is; one that is known keeps its place."""
        key = entity[self._key]
        if key not in self._entities:
            self.put(entity)
        elif self._entities[key] != entity:
            self._entities[key] = self._changed[key] = entity

    def remove(self, key: str) -> None:
        """Forget the entity with that id."""
        del self._entities[key]
        self._changed[key] = None

    def take_changes(self) -> dict[str, Entity | None]:
        """Give what was put since the last time, by id; None: it is not there any more."""
        changed, self._changed = self._changed, {}
        return changed


def forget_oldest(known: dict[Any, Any], kept: int) -> None:
    """Drop what was put into a dictionary first, until it has no more than `kept`."""
    while len(known) > kept:
        del known[next(iter(known))]
