"""Execute one import statement and print its time and the memory resident after it, as JSON.

A program for a child process: nothing is imported before the measurement that the statement could
profit from.
"""

from __future__ import annotations

import sys
from time import perf_counter

statement = compile(sys.argv[1], "<statement>", "exec")
start = perf_counter()
exec(statement)
seconds = perf_counter() - start

if sys.platform == "linux":
    import os

    with open("/proc/self/statm", encoding="ascii") as status:
        resident = int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
else:
    # Elsewhere only the peak is at hand; after nothing but an import that is nearly the same.
    import resource

    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

print(f'{{"milliseconds": {seconds * 1e3}, "megabytes": {resident / 2**20}}}')
