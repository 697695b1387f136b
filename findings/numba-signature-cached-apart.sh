#!/usr/bin/env bash
# What people guess: a simulation's kernel that is compiled ahead, `kernel.compile(int64(array, int64))` of an `@njit(cache=True)`
# function, is in numba's cache for every process that calls it later with such arguments.
#
# What really happens: the cache is kept by what was compiled for. A signature that names what comes back is another key
# than the types of the arguments, which is what a call looks for. So the call in the next process finds nothing,
# compiles the same once more, and leaves a second file. `kernel.compile((array, int64))`, a tuple of the types alone,
# is what a call finds.
#
# Why it matters: whoever compiles before a pool of workers begins, so that they only load, gets the contrary: with a
# large kernel each worker compiles for its tens of seconds, all at once, though the cache's folder is not empty and
# nothing says so. In the process that compiled it all is well, so that a test in one process shows nothing.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install numba==0.68.1 numpy==2.4.6
cat >kernel.py <<'PY'
import numba


@numba.njit(cache=True)
def kernel(values, times):
    total = 0
    for _ in range(times):
        for value in values:
            total += value
    return total


ARRAY = numba.types.Array(numba.int64, 1, "C")
PY
cat >ahead.py <<'PY'
import sys

import numba

from kernel import ARRAY, kernel

kernel.compile((ARRAY, numba.int64) if sys.argv[1] == "types" else numba.int64(ARRAY, numba.int64))
PY
cat >later.py <<'PY'
import numpy as np

from kernel import kernel

assert kernel(np.arange(4, dtype=np.int64), 2) == 12
print(sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values()))
PY
v/bin/python -c 'import numba; print(f"numba {numba.__version__}")'
for given in signature types; do
    export NUMBA_CACHE_DIR="$PWD/cache-$given"
    v/bin/python ahead.py "$given"
    found=$(v/bin/python later.py)
    files=$(find "$NUMBA_CACHE_DIR" -name '*.nbc' | wc -l)
    echo "compiled ahead by $given: a call in another process has hits and misses $found, files of code: $files"
    case $given in
    signature) [ "$found $files" = "0 1 2" ] ;;
    types) [ "$found $files" = "1 0 1" ] ;;
    esac
done
# Seen:
#   numba 0.68.1
#   compiled ahead by signature: a call in another process has hits and misses 0 1, files of code: 2
#   compiled ahead by types: a call in another process has hits and misses 1 0, files of code: 1
