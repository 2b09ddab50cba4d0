#!/usr/bin/env python3
"""Set up this repository and run one of its nox sessions, from any folder.

    python3 scripts/dev.py demo               a real turn on the real runtime
    python3 scripts/dev.py tests              the tests, on every Python that is here
    python3 scripts/dev.py tests-3.12 -k turn one Python, with arguments for pytest
    python3 scripts/dev.py                    the list of all sessions

It needs Python 3.10 or newer with `venv`, and the Python package index; nothing else.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# Stands before everything that an older Python could stumble over, and the file keeps to a
# syntax that Python 3.6 can read, so that this sentence is what its owner gets to see.
if sys.version_info < (3, 10):  # noqa: UP036 - the check is the point
    sys.exit(
        f"This needs Python 3.10 or newer, and {sys.executable} is "
        f"{sys.version.split()[0]}: name a newer one, such as `python3.12 scripts/dev.py`."
    )

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements-dev.txt"
# Not `.venv`: what is there belongs to whoever works in the checkout.
ENVIRONMENT = ROOT / ".nox" / "dev"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

UNKNOWN = 3
"""What nox ends with if there is no such session, and with nothing else."""


def say(text: str) -> None:
    """Print one line at once, also where output is buffered."""
    print(text, flush=True)


def fingerprint() -> str:
    """Return what the environment depends on: pins, this Python, where the repository stands."""
    parts = [PINS.read_text(encoding="utf-8"), sys.version, sys.base_prefix, str(ROOT)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def prepare() -> None:
    """Make the environment with the pinned nox in it, unless it is there, whole and up to date."""
    stamp = ENVIRONMENT / "ready"
    wanted = fingerprint()
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        say("step 1/2  nox is ready")
        return
    # The stamp is written last: an environment that an interruption left half made has none,
    # and is made anew from nothing.
    say(f"step 1/2  fetching nox (Python {sys.version.split()[0]}; some seconds)")
    if ENVIRONMENT.exists():
        shutil.rmtree(str(ENVIRONMENT))
    venv.create(str(ENVIRONMENT), with_pip=True, symlinks=os.name != "nt")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", str(PINS), "nox"], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def run_nox(arguments: "list[str]") -> int:
    """Run nox on this repository's noxfile, from wherever this is, and return its exit code."""
    command = [str(PYTHON), "-m", "nox", "-f", str(ROOT / "noxfile.py"), *arguments]
    nox = subprocess.Popen(command)
    while True:
        try:
            return nox.wait()
        except KeyboardInterrupt:
            # A terminal has interrupted nox as well: it may have to clean up, and ends by itself.
            say("stopping")


def main(arguments: "list[str]") -> int:
    """Prepare the environment, run the session that was asked for, and return an exit code.

    Args:
        arguments: The session's name and what follows it; nothing, or an option, for help.
    """
    try:
        prepare()
        if not arguments or arguments[0].startswith("-"):
            say(__doc__ or "")
            return run_nox(["--list"])
        session, *rest = arguments
        say(f"step 2/2  nox -s {session}")
        code = run_nox(["--session", session, "--", *rest])
        if code == UNKNOWN:
            say("`python3 scripts/dev.py` lists the sessions.")
        return code
    except subprocess.CalledProcessError as error:
        say(f"The environment could not be made: exit code {error.returncode}; see above.")
        say("It needs the `venv` module with pip, and a Python package index within reach.")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
