"""Find the pairs of names, and the constructs whose meaning derivation would silently change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from codex_generator.asyncsync.rules import PAIRED_PACKAGES

_ASYNC_NAME: Final = re.compile(r"(_*)(?:Async(?=[A-Z])|async_(?=[^\W\d_]))(\w+)")


class Binding(NamedTuple):
    """A name bound in the body of a module or class.

    Attributes:
        name: The name.
        original: Its name where it comes from (``from x import original as name``).
        origin: The module it is imported from; empty if it is made here.
        line: The line of the statement, from 1.
    """

    name: str
    original: str
    origin: str
    line: int


def twin(name: str) -> str | None:
    """Name the sync twin of `name`: ``AsyncLock`` -> ``Lock``, ``async_sleep`` -> ``sleep``.

    Returns:
        The twin's name, or None if `name` is not that of an async half.
    """
    match = _ASYNC_NAME.fullmatch(name)
    return match and match[1] + match[2]


def paired_names(module: ast.Module) -> dict[str, str]:
    """Collect the async names that a module declares or imports from a package with twins.

    Returns:
        Async name -> sync name.
    """
    names: dict[str, str] = {}
    for binding in bindings(module.body):
        if binding.origin and binding.origin.partition(".")[0] not in PAIRED_PACKAGES:
            continue
        for name in (binding.name, binding.original):
            sync = twin(name)
            if sync:
                names[name] = sync
    return names


def bindings(body: Iterable[ast.stmt]) -> Iterator[Binding]:
    """List what a module's or class's body binds, also under `if` and `try`."""
    for statement in body:
        line = statement.lineno
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield Binding(statement.name, statement.name, "", line)
        elif isinstance(statement, ast.ImportFrom):
            origin = "." * statement.level + (statement.module or "")
            for alias in statement.names:
                yield Binding(alias.asname or alias.name, alias.name, origin, line)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield Binding(target.id, target.id, "", line)
        else:
            for field in ("body", "handlers", "orelse", "finalbody"):
                yield from bindings(getattr(statement, field, ()))


def missing_twins(primitives: ast.Module) -> Iterator[tuple[int, str]]:
    """Report the primitives that stand alone.

    Yields:
        Line and message of each.
    """
    bound = {binding.name: binding for binding in bindings(primitives.body)}
    for name, binding in bound.items():
        sync = twin(name)
        # An async name that is imported as it is has its twin elsewhere.
        is_ours = not binding.origin or binding.name != binding.original
        if is_ours and sync and sync not in bound:
            yield binding.line, f"{name} has no sync twin {sync}"


def merged_names(module: ast.Module, names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Report names of one scope that derivation would make one, such as `aclose` and `close`.

    Yields:
        Line and message of each.
    """
    classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    for body in [module.body, *(node.body for node in classes)]:
        seen: dict[str, Binding] = {}
        for binding in bindings(body):
            sync = names.get(binding.name, binding.name)
            first = seen.setdefault(sync, binding)
            # AsyncIterator and Iterator of one module are one import afterwards, and no harm.
            together = binding.origin and binding.origin == first.origin
            if first.name != binding.name and not together:
                yield binding.line, f"{first.name} and {binding.name} would both become {sync}"


def idle_awaits(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Report statements such as ``await task``, which wait for nothing once `await` is gone.

    Yields:
        Line and message of each.
    """
    for node in ast.walk(module):
        statement = node.value if isinstance(node, ast.Expr) else None
        if isinstance(statement, ast.Await) and not isinstance(statement.value, ast.Call):
            yield statement.lineno, "awaiting what is not a call would do nothing in the sync half"
