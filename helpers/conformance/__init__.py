"""Does a TaskRouter behave as expected? Named checks against whichever account is configured.

`python3 -m helpers conformance` runs them. They are written with the plain `twilio` client, in workspaces of their own
which are removed at the end, however it comes. Against the sandbox all pass; a person with an account runs the same
command to see where the sandbox and the service differ.
"""

from helpers.conformance.run import list_checks, main

__all__ = ["list_checks", "main"]
