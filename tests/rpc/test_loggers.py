"""The tree of loggers: what its drawing says is there, and nothing is configured by an import."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import codex_app_server_rpc
import openai_codex
from codex_app_server_rpc import loggers

PACKAGES = [Path(str(module.__file__)).parent for module in (codex_app_server_rpc, openai_codex)]
CONSTANTS = {name: getattr(loggers, name) for name in loggers.__all__ if name.isupper()}


def drawn() -> set[str]:
    """Read the names off the drawing: four columns are one level."""
    names: set[str] = set()
    path: list[str] = []
    for row in (loggers.__doc__ or "").splitlines():
        if found := re.match(r"^    ([│├└─ ]*)([a-z_]+)(?:\s{2,}\S.*)?$", row):
            path[len(found[1]) // 4 :] = [found[2]]
            names.add(".".join(path[1:]))
    return names - {""}


def used() -> Iterator[str]:
    """Find the names that the packages ask for."""
    for package in PACKAGES:
        for file in package.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "logger":
                    argument = ast.unparse(node.args[0])
                    yield CONSTANTS.get(argument) or ast.literal_eval(argument)


def test_the_drawing_shows_the_loggers_that_there_are() -> None:
    parents = {name.rpartition(".")[0] for name in used()} - {""}

    assert drawn() == set(used()) | parents


def test_nobody_makes_a_logger_otherwise() -> None:
    makers = {
        file.name
        for package in PACKAGES
        for file in package.rglob("*.py")
        if "getLogger" in file.read_text(encoding="utf-8")
    }

    assert makers - {"entry.py"} == {"loggers.py"}  # a command silences what it says otherwise


def test_an_import_configures_nothing_and_an_unconfigured_tree_warns_on_stderr() -> None:
    code = """
import logging
from codex_app_server_rpc.loggers import logger
from codex_app_server_rpc import Client
logger("tools").info("all is well")
logger("tools").warning("oops")
root, own = logging.getLogger(), logging.getLogger("openai_codex")
print(root.handlers, root.level, own.level, own.propagate, own.handlers)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[] 30 0 True []"
    assert done.stderr == "oops\n"


def test_a_logger_is_below_the_root() -> None:
    assert loggers.logger("tools") is logging.getLogger("openai_codex.tools")
