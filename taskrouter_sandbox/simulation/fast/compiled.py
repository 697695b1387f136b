"""How the code of the fast engine is compiled, and kept for the next time.

numba keeps compiled code beside the source of the function that is called, and looks at that one file to tell whether
it is still good. What that function calls lies in other files: so their digest is a part of a type that it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from ..chance import GOLDEN, MIX_1, MIX_2
from ..columns import HOWS, REASONS
from ..habits import NEVER, TABLE

numba: Any = None
why_not: str | None = None
try:
    numba = import_module("numba")
    import_module("numba.extending")
except ImportError as error:  # no wheel for this Python or machine, or too new a numpy: the exact engine serves
    why_not = f"the fast engine needs numba, which cannot be loaded here ({error})"

F = TypeVar("F", bound=Callable[..., Any])
SOURCES = (
    "layout.py",
    "memory.py",
    "heaps.py",
    "matching.py",
    "offers.py",
    "steps.py",
    "events.py",
    "kernel.py",
    "outcome.py",
)
CONSTANTS = (HOWS, REASONS, NEVER, TABLE, GOLDEN, MIX_1, MIX_2)


def digest() -> str:
    """Give what stands for the sources that are compiled together."""
    here = Path(__file__).parent
    sources = [repr(CONSTANTS).encode(), *((here / name).read_bytes() for name in SOURCES)]
    return blake2b(b"".join(sources), digest_size=8).hexdigest()


def compiled(function: F) -> F:
    """Compile a function that others call when it is first called; without numba it stays as it is."""
    return _compiled(function, is_inlined=False)


def inlined(function: F) -> F:
    """Compile a small function, or one of a single caller, into those that call it."""
    return _compiled(function, is_inlined=True)


def _compiled(function: F, *, is_inlined: bool) -> F:
    if numba is None:
        return function
    made = numba.njit(
        nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=is_inlined
    )(function)
    compile_for = made.compile

    def compile_once(types: tuple[Any, ...]) -> Any:
        """Compile for integers of 64 bits, instead of for each width that is given."""
        return compile_for(tuple(map(_widest, types)))

    made.compile = compile_once
    return made


def _widest(kind: Any) -> Any:
    """Give the type to which a call casts an argument: of integers the one with 64 bits."""
    kind = numba.types.unliteral(kind)
    return numba.int64 if isinstance(kind, numba.types.Integer) and kind.signed else kind


def compiled_entry(function: F) -> F:
    """Compile a function that Python calls; keep what was compiled, where a folder for it can be written."""
    if numba is None:
        return function
    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # neither the folder of the source nor that of the user can be written
        return numba.njit(nogil=True, error_model="numpy")(function)
