"""TaskRouter's rules as a pure library: no I/O, no clock. Time comes in, effects go out.

`Router` is one workspace. Every command takes the time as its first argument, and leaves what changed, what
happened and whom to call in `router.take()`.
"""

from .workspace import Router

__all__ = ["Router"]
