"""The sandbox's HTTP face: TaskRouter's REST API (rest-contract.md), and a control plane beside it.

One module for each resource: it declares the parameters, calls the router, renders the answer.
"""
