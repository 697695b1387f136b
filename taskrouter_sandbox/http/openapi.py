"""The sandbox's own OpenAPI document, made from the declared operations: what is accepted and what comes back."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from .operation import Operation
from .parameters import JsonBody, Parameters, declared
from .response_types import PageLinks, PageMeta

Schema = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
SIDS = {
    "WorkspaceSid": "WS",
    "TaskSid": "WT",
    "WorkerSid": "WK",
    "TaskQueueSid": "WQ",
    "WorkflowSid": "WW",
    "AccountSid": "AC",
    "QueueSid": "QU",
    "Calls": "CA",
    "IncomingPhoneNumbers": "PN",
    "Applications": "AP",
    "OutgoingCallerIds": "PN",
    "Messages": "(SM|MM)",
    "Queues": "QU",
    "Activities": "WA",
    "Alerts": "NO",
    "Events": "EV",
    "Tasks": "WT",
    "Reservations": "WR",
    "TaskQueues": "WQ",
    "Workers": "WK",
    "Workflows": "WW",
    "Workspaces": "WS",
    "transfer_sid": "TT",
}  # of what stands in a path; the two kinds of channels are found by name, too
ERROR: Schema = {
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


def document(operations: Iterable[Operation], base: str) -> Schema:
    """Make the OpenAPI document of these operations; base: scheme and host that they are asked on."""
    operations = list(operations)
    schemas = _schemas(operations)
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(_path(operation), {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "TaskRouter sandbox", "version": "1"},
        "servers": [{"url": base}],
        "components": {
            "schemas": {"Error": ERROR, **schemas},
            "securitySchemes": {"accountSid_authToken": {"type": "http", "scheme": "basic"}},
        },
        "security": [{"accountSid_authToken": []}],
        "paths": paths,
    }


def _path(operation: Operation) -> str:
    """Write a path as Twilio's document does: a resource of its own ends in `{Sid}`."""
    head, _, last = operation.path.rpartition("/")
    is_own = last.startswith("{") and operation.path.startswith("/v1/")
    return f"{head}/{{Sid}}" if is_own else operation.path


def _operation(operation: Operation, schemas: Schema) -> Schema:
    parameters = _path_parameters(_path(operation).split("/")[2:])
    if operation.if_match:
        parameters.append({"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    made: Schema = {
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
    if described := inspect.getdoc(operation.run):
        made["summary"], _, rest = described.partition("\n\n")
        made |= {"description": rest} if rest else {}
    if operation.open:
        made["security"] = []
    if operation.deprecated:
        made["deprecated"] = True
    if operation.parameters is not None:
        if operation.method == "POST" and not operation.control:
            media = "application/json" if issubclass(operation.parameters, JsonBody) else FORM
            made["requestBody"] = {"content": {media: {"schema": _reference(operation.parameters)}}}
        else:
            schema = schemas[operation.parameters.__name__]
            required = schema.get("required", [])
            parameters += [
                {"name": name, "in": "query", "required": name in required, "schema": one}
                for name, one in schema["properties"].items()
            ]
    return made


def _path_parameters(parts: list[str]) -> list[Schema]:
    made: list[Schema] = []
    for before, part in zip(["", *parts], parts, strict=False):
        if part.startswith("{"):
            name = part.removesuffix(".json")[1:-1]
            letters = SIDS.get(before if name == "Sid" else name)
            schema: Schema = {"type": "integer" if name == "number" else "string"}
            if letters:
                schema["pattern"] = f"^{letters}[0-9a-fA-F]{{32}}$"
            made.append({"name": name, "in": "path", "required": True, "schema": schema})
    return made


def _success(operation: Operation) -> Schema:
    made: Schema = {"description": "Success"}
    headers = [] if operation.control else ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config"]
    if operation.etag:
        headers.append(operation.etag)
    if headers:
        made["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    if operation.status != 204:
        schema = _reference(operation.returns) if operation.returns else {"type": "object"}
        if operation.key:
            links = PageLinks.__annotations__
            schema = (
                {
                    "type": "object",
                    "required": [operation.key, *links],
                    "properties": {operation.key: {"type": "array", "items": schema}, **_links()},
                }
                if operation.path.startswith("/2010-04-01/")
                else {
                    "type": "object",
                    "required": [operation.key, "meta"],
                    "properties": {operation.key: {"type": "array", "items": schema}, "meta": _reference(PageMeta)},
                }
            )
        made["content"] = {"application/json": {"schema": schema}}
    return made


def _links() -> Schema:
    (_, schemas) = msgspec.json.schema_components([PageLinks])
    return schemas["PageLinks"]["properties"]


def _reference(kind: type) -> Schema:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _schemas(operations: list[Operation]) -> Schema:
    """Make the schemas of all parameters and answers, by the names of their classes."""
    parameters = {operation.parameters for operation in operations if operation.parameters is not None}
    kinds = parameters | {operation.returns for operation in operations if operation.returns is not None} | {PageMeta}
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    for kind in parameters:
        _put_in_place(schemas[kind.__name__]["properties"], kind)
    return schemas


def _put_in_place(properties: Schema, parameters: type[Parameters]) -> None:
    """Show what a parameter declares about itself instead of the type that it is read as."""
    for name, parameter in declared(parameters).items():
        if parameter.schema is not None:
            optional = "anyOf" in properties[name] and {"type": "null"} in properties[name]["anyOf"]
            properties[name] = {"anyOf": [parameter.schema, {"type": "null"}]} if optional else parameter.schema
