"""The control plane under `/_sandbox/`: what the real service does not have, declared like its operations."""

from . import alerts, calls, clock, deliveries, documents, faults, options, phones, process, transfers

OPERATIONS = [
    operation
    for module in (process, clock, faults, deliveries, alerts, options, transfers, calls, phones, documents)
    for operation in module.control.operations
]
