"""Answer TaskRouter's assignment callback: the worker whom it has reserved gets the task."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from starlette.datastructures import FormData
from webhooks import setting, signed_form

log = logging.getLogger("uvicorn.error")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Refuse to start without the settings that every request needs."""
    for name in ("TWILIO_AUTH_TOKEN", "PUBLIC_URL"):
        setting(name)
    yield


app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/health")
def health() -> dict[str, str]:
    """Tell whoever keeps this app running that it runs."""
    return {"status": "ok"}


@app.post("/assignment_callback")
def assignment_callback(form: Annotated[FormData, Depends(signed_form)]) -> dict[str, str]:
    """Accept the reservation. Answer within five seconds; slow work belongs elsewhere."""
    log.info("task %s goes to worker %s", form.get("TaskSid"), form.get("WorkerSid"))
    return {"instruction": "accept"}
