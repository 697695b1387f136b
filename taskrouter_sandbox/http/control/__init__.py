"""The control plane under `/_sandbox/`: what the real service does not have, declared like its operations.

What people do at phones (`calls`, `phones`), and `decisions`, are loaded later: see `http/app.py`.
"""

from . import alerts, clock, deliveries, documents, faults, options, process, transfers

OPERATIONS = [
    operation
    for module in (process, clock, faults, deliveries, alerts, options, transfers, documents)
    for operation in module.control.operations
]
