"""The control plane under `/_sandbox/`: what the real service does not have, declared like its operations.

What a start does without is loaded when it is first asked for, such as `calls` and `phones`: see `http/app.py`.
"""

from . import clock, deliveries, faults, process

OPERATIONS = [operation for module in (process, clock, faults, deliveries) for operation in module.control.operations]
