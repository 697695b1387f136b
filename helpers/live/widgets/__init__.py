"""Live widgets for a lesson: a worker's activity, the tasks of a workspace, the calls to the callback server.

Each is a view of something that runs elsewhere. A widget's whole content is the JSON-able dictionary `state`;
only the render thread sets it, and the browser only draws it.
"""
