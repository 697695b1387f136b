"""Every resource of the voice side that the sandbox serves, in the order of voice.md §5.1."""

from . import calls, conferences, incoming_phone_numbers, members, participants, queues

OPERATIONS = [
    operation
    for module in (calls, conferences, participants, queues, members, incoming_phone_numbers)
    for operation in module.resource.operations
]
