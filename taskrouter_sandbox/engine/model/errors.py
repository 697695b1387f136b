"""How the rules say no. The sentence is what the client reads; the code is Twilio's (rest-contract.md §11)."""

from __future__ import annotations


class TaskRouterError(Exception):
    """A request that breaks a rule: HTTP 400, code 20001 unless told otherwise."""

    status = 400
    code = 20001
    rate: tuple[int, int, str] | None = None  # limit, what is left of it, and its name, where one was exceeded
    detail: str | None = None  # a second sentence, where the real service sends one

    def __init__(self, text: str, code: int | None = None):
        super().__init__(text)
        self.text = text
        self.code = code or type(self).code


class NotFound(TaskRouterError):
    """There is no such resource: HTTP 404, code 20404 (rest-contract.md §10.11)."""

    status = 404
    code = 20404


class PreconditionFailed(TaskRouterError):
    """`If-Match` names another version: HTTP 412, code 20412 (rest-contract.md §1.1)."""

    status = 412
    code = 20412


class Gone(TaskRouterError):
    """The reservation was rescinded: another worker was quicker. HTTP 410 (behaviour.md §2.2)."""

    status = 410
