"""The event bridge: what the browser SDKs for agents speak to (docs/taskrouter/agent-sdk.md).

Nothing here is loaded before somebody asks for it: a start does without.
"""
