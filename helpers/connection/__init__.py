"""Which TaskRouter is talked to, what was asked of it, and what went wrong, in words."""
