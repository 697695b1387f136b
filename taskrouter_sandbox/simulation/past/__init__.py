"""A day that has been, made of its events into one that can be rehearsed."""
