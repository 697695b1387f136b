"""The sandbox over HTTP: TaskRouter's REST API (rest-contract.md), and a control plane beside it.

`resources/` has one module for each resource: it declares the parameters and the type of what comes back, calls the
engine, renders the answer. `control/` does the same for what the real service does not have. `protocol.py` reads
requests, `dispatcher.py` takes each to its operation, `errors.py` holds every refusal, `openapi.py` says what is
declared. What the sandbox does where the sources are silent or contradict each other stands in rest-contract.md §15.
"""
