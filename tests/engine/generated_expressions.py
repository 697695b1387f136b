"""Expressions, and what they are asked of, as hypothesis makes them."""

from __future__ import annotations

from hypothesis import strategies as st

from taskrouter_sandbox.language import operators

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["5", "en", "-1.5"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.from_regex(r"[abc](\.[abc]|\[[0-2]\]){0,2}", fullmatch=True)
scalars = st.sampled_from(["0", "5", "-1.5", ".5", "0800", '"5"', "'en'", "true", "False", "NULL"])
arrays = st.lists(scalars, max_size=3).map(lambda items: f"[{', '.join(items)}]")
operands = keys | scalars | arrays
comparisons = st.tuples(operands, st.sampled_from(sorted(operators.OPERATORS)), operands).map(" ".join)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        inner.map("NOT ({})".format)
        | st.tuples(inner, st.sampled_from(["AND", "or"]), inner).map(lambda parts: "({} {} {})".format(*parts))
    ),
    max_leaves=5,
)
