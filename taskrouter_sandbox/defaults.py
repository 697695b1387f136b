"""What a sandbox is started with, unless told otherwise."""

from __future__ import annotations

import os
from pathlib import Path

# Plainly local, and no account of anybody's: the real service would refuse both.
ACCOUNT_SID = "AC" + "5a" * 16
PUBLISHED_TOKEN = "sandbox-token-not-a-secret"  # of every sandbox of earlier versions, so everybody knows it
AUTH_TOKEN_VARIABLE = "TASKROUTER_SANDBOX_AUTH_TOKEN"


def data_folder() -> Path:
    """Return where the sandbox keeps its state: TASKROUTER_SANDBOX_DIR, or this user's data folder."""
    if chosen := os.environ.get("TASKROUTER_SANDBOX_DIR"):
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("taskrouter-sandbox", appauthor=False)
