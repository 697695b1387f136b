"""What the REST API can ask of a workspace, one module for each resource.

Each command takes the time first. It raises a TaskRouterError and changes nothing, or does all that follows from it.
"""
