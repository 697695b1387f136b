"""Single calls: how they begin and end, what is requested for them, and what an answer means."""
