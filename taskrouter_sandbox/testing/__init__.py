"""A sandbox inside a test: on a thread, without a process of its own."""
