"""Finds the operation for a path, one segment after the other."""

from __future__ import annotations

from .operation import Operation

ENDED, ENDING = "/2010-04-01/", ".json"  # the API whose paths end so, and how


class PathTree:
    """The paths of operations by segment; a fixed segment is preferred to a parameter such as `{Sid}`."""

    def __init__(self) -> None:
        self.fixed: dict[str, PathTree] = {}
        self.any: PathTree | None = None
        self.verbs: dict[str, tuple[Operation, tuple[str, ...]]] = {}

    def add(self, operation: Operation) -> None:
        """Add an operation under its path and verb, with the names of the parameters in the path."""
        node = self
        names: list[str] = []
        path = operation.path
        for part in (path.removesuffix(ENDING) if path.startswith(ENDED) else path).split("/")[1:]:
            if part.startswith("{"):
                names.append(part[1:-1])
                node.any = node.any or PathTree()
                node = node.any
            else:
                node = node.fixed.setdefault(part, PathTree())
        node.verbs[operation.method] = operation, tuple(names)

    def find(self, path: str) -> tuple[PathTree | None, list[str]]:
        """Find the node of a path, None when there is none, and what stands where its parameters are."""
        node = self
        values: list[str] = []
        if path.startswith(ENDED):
            if not path.endswith(ENDING):
                return None, values
            path = path.removesuffix(ENDING)
        for part in path.split("/")[1:]:
            if part in node.fixed:
                node = node.fixed[part]
            elif node.any is not None and part:
                node = node.any
                values.append(part)
            else:
                return None, values
        return (node if node.verbs else None), values
