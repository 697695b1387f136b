"""A sandbox inside tests: the plugin for pytest (docs/testing-your-app.md), and a sandbox on a thread."""
