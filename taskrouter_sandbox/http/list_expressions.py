"""Reads the expression that a list of tasks or workers is filtered by."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.model.errors import TaskRouterError
from ..language.expressions import Expression, ExpressionError, parse
from ..language.lint import Place, lint_expression, lint_operands
from ..language.parser import Names
from .operation import RequestContext


def read_expression(
    context: RequestContext, limit: str, text: str | None, place: Place, everybody: Iterable[Names]
) -> Expression | None:
    """Read an expression, and raise an alert when it can never match (behaviour.md §6.5); None for a request without.

    limit: name of the limit for such requests, which ends in the name of the parameter; text: as it was sent; place:
    where else such expressions stand; everybody: what it will be asked about. Raises TaskRouterError for a text that
    is no expression, and for one request too many.
    """
    if text is None:
        return None
    context.limit(limit)
    parameter = limit.rpartition("-")[2]
    try:
        expression = parse(text, context.state.options.missing_attribute)
    except ExpressionError as error:
        raise TaskRouterError(f"{parameter}: {error}") from None
    found = lint_expression(expression, place) + lint_operands(expression, everybody)
    context.warn(f"{parameter}: {one}" for one in found)
    return expression
