"""What a workspace is at this moment, kept current for all who look at it.

event, model: pure; rest_reader: what one REST read says; threads: the two threads; feed: who is told, and how.
"""
