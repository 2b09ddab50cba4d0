"""Starts one scenario: ``python program.py FAMILY SCENARIO [ARGUMENT...]``.

A family is a module beside this one, a scenario a function in it. They import nothing of the
project but each other, and little else, so that a server starts fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from os.path import abspath, dirname


def main(family: str, scenario: str, *arguments: str) -> None:
    """Play a scenario to its end."""
    sys.path[0] = dirname(dirname(dirname(dirname(abspath(__file__)))))
    module = import_module(f"tests.misbehaving.server.{family}")
    getattr(module, scenario)(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
