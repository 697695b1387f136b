"""TaskRouter's rules as a pure library: no I/O, no clock. Time comes in, effects go out.

`WorkspaceEngine` is one workspace. Every command takes the time as its first argument, and leaves what changed, what
happened and whom to call in `engine.drain()`.
"""

from .workspace import WorkspaceEngine

__all__ = ["WorkspaceEngine"]
