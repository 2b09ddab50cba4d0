"""The long form: ``python -m tests.soak [--soak-minutes=1] [--repeat=5] [ARGUMENT of pytest...]``.

First a thousand clients, a thousand cancelled turns and ten minutes of mixed traffic; then every
misbehaving server a hundred times.
"""

from __future__ import annotations

import argparse
import subprocess
import sys


def main(arguments: list[str]) -> int:
    """Run both parts, whatever comes of the first, and return an exit code."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--soak-cycles", type=int, default=1000, help="clients of each kind")
    parser.add_argument("--soak-turns", type=int, default=1000, help="turns of each kind of client")
    parser.add_argument("--soak-minutes", type=float, default=10, help="of mixed traffic")
    parser.add_argument("--repeat", type=int, default=100, help="of each server; 0 for none")
    sizes, rest = parser.parse_known_args(arguments)
    leaks = [
        "tests/soak",
        "--verbose",
        f"--soak-cycles={sizes.soak_cycles}",
        f"--soak-turns={sizes.soak_turns}",
        f"--soak-minutes={sizes.soak_minutes}",
        "--override-ini=faulthandler_timeout=0",  # these tests take their time
    ]
    # The servers are slow on purpose, so more of them than processors can be met at once.
    flakes = ["tests/misbehaving", f"--repeat={sizes.repeat}", "--numprocesses=4"]
    codes = [
        subprocess.run([sys.executable, "-m", "pytest", *part, *rest], check=False).returncode
        for part in ([leaks, flakes] if sizes.repeat else [leaks])
    ]
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
