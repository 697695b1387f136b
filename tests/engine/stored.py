"""What a store would hold of the engine's resources."""

from __future__ import annotations

import json
from typing import Any

from taskrouter_sandbox.engine.model.entities import Entity
from taskrouter_sandbox.storage.resources import write_resource


def state_of(entity: Entity) -> dict[str, Any]:
    """A resource's stored state, by the stored names."""
    return json.loads(write_resource(entity)[1])
