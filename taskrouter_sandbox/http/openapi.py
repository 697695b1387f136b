"""The sandbox's own OpenAPI document, made from the declared operations: what is accepted and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from .operation import Operation
from .parameters import JsonBody
from .response_types import Meta

FORM = "application/x-www-form-urlencoded"
SIDS = {
    "WorkspaceSid": "WS",
    "TaskSid": "WT",
    "WorkerSid": "WK",
    "TaskQueueSid": "WQ",
    "WorkflowSid": "WW",
    "Activities": "WA",
    "Events": "EV",
    "Tasks": "WT",
    "Reservations": "WR",
    "TaskQueues": "WQ",
    "Workers": "WK",
    "Workflows": "WW",
    "Workspaces": "WS",
}  # of what stands in a path; the two kinds of channels are found by name, too
ERROR = {
    "type": "object",
    "required": ["code", "message", "more_info", "status"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string", "format": "uri"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def document(operations: Iterable[Operation], base: str) -> dict[str, Any]:
    """The OpenAPI document of these operations; base: scheme and host that they are asked on."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(_path(operation), {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "TaskRouter sandbox", "version": "1"},
        "servers": [{"url": base}],
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {"accountSid_authToken": {"type": "http", "scheme": "basic"}},
        },
        "security": [{"accountSid_authToken": []}],
        "paths": paths,
    }


def _path(operation: Operation) -> str:
    """A resource of its own ends in `{Sid}`, as Twilio names it."""
    head, _, last = operation.path.rpartition("/")
    return f"/v1{head}/{{Sid}}" if last.startswith("{") else f"/v1{operation.path}"


def _operation(operation: Operation) -> dict[str, Any]:
    parameters = _path_parameters(_path(operation).split("/")[2:])
    if operation.if_match:
        parameters.append({"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    made: dict[str, Any] = {
        "operationId": operation.id,
        "parameters": parameters,
        "responses": {
            str(operation.status): _success(operation),
            "default": {
                "description": "A refusal",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if operation.parameters is not None:
        schema = _inlined(operation.parameters.model_json_schema(by_alias=True))
        if operation.method == "POST":
            media = "application/json" if issubclass(operation.parameters, JsonBody) else FORM
            made["requestBody"] = {"content": {media: {"schema": schema}}}
        else:
            required = schema.get("required", [])
            parameters += [
                {"name": name, "in": "query", "required": name in required, "schema": one}
                for name, one in schema["properties"].items()
            ]
    return made


def _path_parameters(parts: list[str]) -> list[dict[str, Any]]:
    made = []
    for before, part in zip(["", *parts], parts, strict=False):
        if part.startswith("{"):
            name = part[1:-1]
            letters = SIDS.get(before if name == "Sid" else name)
            schema = {"type": "string", "pattern": f"^{letters}[0-9a-fA-F]{{32}}$"} if letters else {"type": "string"}
            made.append({"name": name, "in": "path", "required": True, "schema": schema})
    return made


def _success(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {"description": "Success"}
    headers = ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config"]
    if operation.etag:
        headers.append(operation.etag)
    made["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    if operation.status != 204:
        schema = _shape(operation.returns) if operation.returns else {"type": "object"}
        if operation.key:
            schema = {
                "type": "object",
                "required": [operation.key, "meta"],
                "properties": {operation.key: {"type": "array", "items": schema}, "meta": _shape(Meta)},
            }
        made["content"] = {"application/json": {"schema": schema}}
    return made


def _shape(returns: type) -> dict[str, Any]:
    return _inlined(TypeAdapter(returns).json_schema(mode="serialization"))


def _inlined(schema: Any, defs: dict[str, Any] | None = None) -> Any:
    """A schema without references, and without titles."""
    if isinstance(schema, list):
        return [_inlined(one, defs) for one in schema]
    if not isinstance(schema, dict):
        return schema
    defs = schema.get("$defs", defs)
    if "$ref" in schema:
        return _inlined((defs or {})[schema["$ref"].rpartition("/")[2]], defs)
    return {
        name: {n: _inlined(s, defs) for n, s in one.items()} if name == "properties" else _inlined(one, defs)
        for name, one in schema.items()
        if name not in ("$defs", "title", "description")
    }
