"""`python -m taskrouter_sandbox`: the same as the command `taskrouter-sandbox`."""

import sys

from .cli import main

sys.exit(main())
