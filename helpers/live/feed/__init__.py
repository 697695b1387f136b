"""What a workspace is at this moment, kept current for all who look at it.

Pure: event, entities (the shapes), transitions (what an event makes of an entity), spans (the timeline), changes (what
a view has not been told), memory (which events were applied), model (all of these together). rest_reader: what one REST
read says; threads: the poller and the thread for commands; feed: who is told, and how.
"""
