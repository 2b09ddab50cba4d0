"""The commands on the pages: they are there, and so is what they name."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import tomli
from codex_generator.runtime import ask, installed_runtime
from packaging.requirements import InvalidRequirement, Requirement

from tests.docs.pages import ROOT, Block

PYTHONS: Final = frozenset({"python", "python3", "py"})

OTHERS: Final = frozenset(
    {".", "&", "cat", "cd", "curl", "echo", "export", "git", "jq", "npm", "openssl", "pytest"}
    | {"source", "ssh", "tail", "$(", "set", "unset"}
)
"""Programs that are not ours; nothing is known of what they are given."""

PUBLISHED: Final = frozenset({"openai-codex-cli-bin"})
"""Those of our packages that are on the index. By the names of the others it has nothing, or what
strangers make, and nobody may be told to install that."""

CHECKOUT: Final = "/path/to/checkout/"
"""How the pages call the folder of this repository, seen from elsewhere."""

_ASSIGNMENT: Final = re.compile(r"\$?[A-Za-z_]\w*(:\w+)?=.*", re.DOTALL)
_SEPARATORS: Final = frozenset({"|", "||", "&&", ";"})


def mistakes(block: Block) -> Iterator[str]:
    """Tell what is wrong with the commands of a block."""
    for command in _commands(block.code):
        for mistake in _mistakes(command):
            yield f"{block.place}: {shlex.join(command)}: {mistake}"


def _commands(code: str) -> Iterator[list[str]]:
    """Split a script into its commands, without variables that are set before them."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if word in _SEPARATORS:
                if command:
                    yield command
                command = []
            elif command or not _ASSIGNMENT.fullmatch(word):
                command.append(word)


def _mistakes(command: list[str]) -> Iterator[str]:
    program, arguments = command[0], command[1:]
    if program in PYTHONS:
        yield from _python_mistakes(arguments)
    elif program == "pip":
        yield from _pip_mistakes(arguments)
    elif program == "nox":
        yield from _session_mistakes(_after(arguments, "-s"))
    elif program == "codex":
        yield from _codex_mistakes(arguments)
    elif program not in OTHERS and not program.startswith(("$", ".venv")):
        yield f"{program!r} is not known: add it to tests/docs/commands.py"


def _python_mistakes(arguments: list[str]) -> Iterator[str]:
    if arguments[:1] == ["-m"]:
        module, rest = arguments[1], arguments[2:]
        if module == "pip":
            yield from _pip_mistakes(rest)
        elif module == "openai_codex":
            yield from _command_mistakes(rest)
        elif module not in ("build", "nox") and find_spec(module) is None:
            yield f"there is no module {module}"
    elif arguments[:1] == ["scripts/dev.py"]:
        yield from _session_mistakes(arguments[1:2])
    elif arguments and "/" in arguments[0] and not (ROOT / arguments[0]).exists():
        yield f"there is no {arguments[0]}"


def _session_mistakes(names: list[str]) -> Iterator[str]:
    for name in names:
        if re.sub(r"-3\.\d+$", "", name) not in _sessions() and not name.startswith("-"):
            yield f"there is no session {name!r}"


@cache
def _sessions() -> frozenset[str]:
    """Read the names of nox's sessions."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("nox.session"):
                    named = re.search(r"\bname='([^']+)'", decorator)
                    names.add(named[1] if named else node.name)
    return frozenset(names)


def _command_mistakes(arguments: list[str]) -> Iterator[str]:
    if arguments and not arguments[0].startswith("-") and not _helps(arguments[0]):
        yield f"python -m openai_codex has no {arguments[0]!r}"


@cache
def _helps(command: str) -> bool:
    program = [sys.executable, "-m", "openai_codex", command, "--help"]
    return subprocess.run(program, capture_output=True, check=False).returncode == 0


def _codex_mistakes(arguments: list[str]) -> Iterator[str]:
    words = [word for word in arguments if not word.startswith("-")]
    if words and words[0] not in _runtime_commands():
        yield f"the runtime has no {words[0]!r}"


@cache
def _runtime_commands() -> frozenset[str]:
    """Read the runtime's own list of its commands."""
    told = ask(installed_runtime(), "--help")
    return frozenset(re.findall(r"^  ([a-z][\w-]+)", told, re.MULTILINE))


def _pip_mistakes(arguments: list[str]) -> Iterator[str]:
    if arguments[:1] != ["install"]:
        return
    for argument in arguments[1:]:
        if argument.startswith("-"):
            continue
        if argument.startswith((".", "/")) and "/" in argument:
            yield from _folder_mistakes(argument)
        else:
            yield from _requirement_mistakes(argument)


def _folder_mistakes(text: str) -> Iterator[str]:
    name, bracket, extras = text.partition("[")
    folder = ROOT / name.removeprefix(CHECKOUT)
    if not folder.is_dir():
        yield f"there is no {text}"
    elif bracket:
        requirement = Requirement(f"{_name(folder / 'pyproject.toml')}[{extras}")
        yield from _extra_mistakes(requirement)


def _requirement_mistakes(text: str) -> Iterator[str]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        yield str(error)
        return
    if requirement.name in PUBLISHED:
        yield from _extra_mistakes(requirement)
    elif requirement.name in _distributions():
        yield f"{requirement.name} is not ours on the index: name its folder in a checkout"
    elif f"\n{requirement.name}==" not in (ROOT / "requirements-dev.txt").read_text("utf-8"):
        yield f"{requirement.name} is none of our packages or tools"


def _extra_mistakes(requirement: Requirement) -> Iterator[str]:
    unknown = requirement.extras - _distributions()[requirement.name]
    if unknown:
        yield f"{requirement.name} has no extra {sorted(unknown)}"


@cache
def _distributions() -> dict[str, frozenset[str]]:
    """Read our packages and their extras."""
    found: dict[str, frozenset[str]] = {}
    for path in (ROOT / "packages").glob("*/pyproject.toml"):
        project = tomli.loads(path.read_text(encoding="utf-8"))["project"]
        found[project["name"]] = frozenset(project.get("optional-dependencies", {}))
    return found


def _name(path: Path) -> str:
    name: str = tomli.loads(path.read_text(encoding="utf-8"))["project"]["name"]
    return name


def _after(arguments: list[str], option: str) -> list[str]:
    if option not in arguments:
        return []
    start = arguments.index(option) + 1
    return arguments[start : start + 1]
