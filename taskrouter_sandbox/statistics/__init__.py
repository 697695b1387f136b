"""The statistics of a workspace: real-time ones from its state, cumulative ones from records of what happened.

`window` is the time they are about, `history` the records, `durations` the four figures of a length of time. What is
counted stands in `cumulative` and `realtime`; nothing here knows HTTP.
"""
