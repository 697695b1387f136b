"""Every resource of the 2010-04-01 API that the sandbox serves, in the order of voice.md §5.1."""

from . import (
    accounts,
    applications,
    calls,
    conferences,
    incoming_phone_numbers,
    members,
    messages,
    outgoing_caller_ids,
    participants,
    queues,
)

MODULES = (
    accounts,
    calls,
    conferences,
    participants,
    queues,
    members,
    incoming_phone_numbers,
    applications,
    outgoing_caller_ids,
    messages,
)
OPERATIONS = [operation for module in MODULES for operation in module.resource.operations]
