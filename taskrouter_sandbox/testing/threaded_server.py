"""Serve a sandbox on a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from ..runtime.service import Service
from ..runtime.worlds import Worlds
from ..server import Server, bound_socket


@contextmanager
def served(what: Service | Worlds) -> Generator[str]:
    """Serve an account, or several, on a free port as long as the block lasts; yield its address."""
    listener, ready = bound_socket(0), threading.Event()
    worlds = what if isinstance(what, Worlds) else Worlds(what)
    server = Server(worlds, listener, ready.set)
    thread = threading.Thread(target=asyncio.run, args=(server.run(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join()
