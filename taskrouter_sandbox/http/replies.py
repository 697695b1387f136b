"""What goes back to a client: status, headers and body (rest-contract.md §1, §11)."""

from __future__ import annotations

import zlib

import orjson

from ..engine.model.errors import TaskRouterError
from .errors import body as error_body
from .errors import headers as error_headers
from .messages import Reply, header_lines
from .operation import Answer, Operation
from .rate_limits import FREE, RateLimit

JSON = header_lines((b"content-type", b"application/json; charset=utf-8"))
CORS = header_lines(  # rest-contract.md §1
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
    ),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", b"ETag"),
)


def _rate_lines(limit: int, remaining: int, config: str) -> bytes:
    return header_lines(
        (b"x-rate-limit-limit", str(limit).encode()),
        (b"x-rate-limit-remaining", str(remaining).encode()),
        (b"x-rate-limit-config", config.encode()),
    )


WITHOUT_LIMIT = CORS + _rate_lines(*FREE)


def success(operation: Operation, answer: Answer, rate: RateLimit | None) -> Reply:
    """Make the reply of an operation; rate: the limit that the request counted for, if any."""
    if operation.control:
        return operation.status, JSON, orjson.dumps(answer.body)
    headers = WITHOUT_LIMIT if rate is None else CORS + _rate_lines(*rate)
    if operation.status == 204:
        return 204, headers, b""
    content = orjson.dumps(answer.body)
    if operation.etag:
        # a list has no version of its own: its ETag tells whether the page is the same (rest-contract.md §15, point 1)
        value = f'W/"{zlib.crc32(content):08x}"' if answer.version is None else answer.version
        headers += f"{operation.etag}: {value}\r\n".encode()
    return operation.status, JSON + headers, content


def preflight() -> Reply:
    """Make the reply to a CORS preflight (OPTIONS): what a browser may send, and with which verbs."""
    return 204, CORS, b""


def failure(refused: TaskRouterError, rest: bool) -> Reply:
    """Make the reply for a refusal; rest: with the headers that every answer of the REST API has."""
    own = header_lines(*((name.lower().encode(), value.encode()) for name, value in error_headers(refused).items()))
    if rest:
        own += WITHOUT_LIMIT if refused.rate is None else CORS + _rate_lines(*refused.rate)
    return refused.status, JSON + own, error_body(refused)
