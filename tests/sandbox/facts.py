"""Facts of an OpenAPI document of TaskRouter, small enough to keep and to compare.

`python -m tests.sandbox.facts openapi.json` derives those of Twilio's own document (its release is named in the file)
into `docs/taskrouter/facts.json`. Only names, places, types and limits are kept: no prose, and nothing of the examples.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[2] / "docs/taskrouter"
FACTS = REFERENCE / "facts.json"
RECORDINGS = REFERENCE / "recordings.json"
FORM = "application/x-www-form-urlencoded"


def facts_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By operation id: method, path, parameters, success, headers, and the fields of what comes back.

    A parameter is `place type`, with its limits in brackets and a `!` when it is required; a field is its type.
    """
    found = {}
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            if method in ("get", "post", "delete"):
                found[operation["operationId"]] = _facts(document, method, path, operation)
    return found


def _facts(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = {}
    for one in operation.get("parameters", []):
        needed = "!" if one.get("required") else ""
        parameters[one["name"]] = f"{one['in']} {_parameter(document, one['schema'])}{needed}"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(document, content["schema"])
        for name, one in schema.get("properties", {}).items():
            needed = "!" if name in schema.get("required", []) else ""
            parameters[name] = f"{'form' if media == FORM else media} {_parameter(document, one)}{needed}"
    ((status, success),) = [(s, r) for s, r in operation["responses"].items() if s.startswith("2")]
    headers = success.get("headers", {})
    made = {
        "method": method.upper(),
        "path": path,
        "parameters": parameters,
        "status": int(status),
        "etag": next((name for name in headers if name.lower() == "etag"), None),
    }
    schema = _resolved(document, success.get("content", {}).get("application/json", {}).get("schema", {}))
    fields = schema.get("properties", {})
    if "meta" in fields:
        (made["key"],) = [name for name in fields if name != "meta"]
        made["meta"] = _kinds(document, fields["meta"])
        fields = _resolved(document, fields[made["key"]]["items"])["properties"]
    made["fields"] = {name: kind(document, one) for name, one in fields.items()}
    return made


def _parameter(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """The type of a parameter, and its limits: of a number, of the length of a text, of how many there are."""
    what = kind(document, schema)
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    pairs = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))
    limits = [f"{schema.get(low, '')}..{schema.get(high, '')}" for low, high in pairs if {low, high} & schema.keys()]
    return what if what.startswith("sid") or not limits else f"{what} [{', '.join(limits)}]"


def _kinds(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, str]:
    return {name: kind(document, one) for name, one in _resolved(document, schema)["properties"].items()}


def kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """The type of a value in a word: `sid WT`, `one of FIFO, LIFO`, `several string`, `date-time`, `integer`, ..."""
    schema = _resolved(document, schema)
    for word in ("anyOf", "allOf"):
        if word in schema:
            choices = [one for one in schema[word] if one.get("type") != "null" and one.get("const") != ""]
            return kind(document, choices[0])
    if "enum" in schema:
        return "one of " + ", ".join(sorted(schema["enum"]))
    if schema.get("type") == "array":
        return "several " + kind(document, schema.get("items", {}))
    if (letters := re.match(r"\^\(?([A-Z|]+)\)?\[0-9a-fA-F\]\{32\}\$", schema.get("pattern", ""))) is not None:
        return f"sid {letters[1]}"
    if schema.get("format") in ("date-time", "uri"):
        return schema["format"]
    return schema.get("type", "any")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def read() -> dict[str, dict[str, Any]]:
    """Twilio's facts, by operation id."""
    return json.loads(FACTS.read_text())["operations"]


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text())
    facts = {"source": "twilio/twilio-oai", "version": source["info"]["version"], "operations": facts_of(source)}
    FACTS.write_text(json.dumps(facts, indent=1) + "\n")
