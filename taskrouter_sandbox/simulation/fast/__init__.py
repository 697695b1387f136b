"""The fast engine: the rules of routing on arrays, compiled by numba. It decides what the exact engine decides."""
