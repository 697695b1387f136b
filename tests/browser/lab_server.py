"""JupyterLab, with kernels that are forked from a template where that is possible; its options are JupyterLab's."""

from __future__ import annotations

import os
import sys

from jupyterlab.labapp import main

from tests.forked_kernels import NAME

if __name__ == "__main__":
    forked = [f"--KernelProvisionerFactory.default_provisioner_name={NAME}"] if hasattr(os, "pidfd_open") else []
    sys.exit(main([*sys.argv[1:], *forked]))
