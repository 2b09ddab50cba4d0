"""The programs that the blocks of a page make up.

The blocks of a page are one program, in their order, and those with an `await` outside of a
function are another, with `AsyncCodex` in place of `Codex`. What defines things for both is in
both.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.docs.pages import Block, PageError

GRANTED: Final = ("codex", "thread", "handle", "result")
"""Names that a page may use without defining them."""

_OF_A_CLIENT: Final = frozenset({"codex", "thread", "handle"})
_OF_A_HALF: Final = frozenset({*GRANTED, "Codex", "AsyncCodex"})


@dataclass(frozen=True)
class Step:
    """A block as part of a program.

    Attributes:
        block: The block.
        needs: The names that it takes from what came before, or for granted.
        gives: The names that it defines.
        closes: Those of `GRANTED` that are over after it, since it has closed their client.
    """

    block: Block
    needs: frozenset[str]
    gives: frozenset[str]
    closes: frozenset[str]


@dataclass
class Program:
    """Blocks that are run one after another, in one namespace.

    Attributes:
        is_async: Whether it runs in an event loop.
        steps: The blocks.
    """

    is_async: bool
    steps: list[Step] = field(default_factory=list[Step])

    @property
    def takes(self) -> list[str]:
        """Those of `GRANTED` that it may need, without regard to the order."""
        needed = frozenset[str]().union(*(step.needs for step in self.steps))
        return [name for name in GRANTED if name in needed]


def programs(blocks: list[Block]) -> list[Program]:
    """Sort the Python blocks of a page into its programs."""
    sync, asynchronous = Program(is_async=False), Program(is_async=True)
    alone: list[Program] = []
    of_sync_only = set[str]()
    for block in blocks:
        if block.language != "python" or block.is_included or "not checked" in block.remarks:
            continue
        step, is_async = _step(block)
        if "alone" in block.remarks or is_test(block):
            alone.append(Program(is_async, [step]))
        elif is_async:
            asynchronous.steps.append(step)
        else:
            sync.steps.append(step)
            if step.needs.isdisjoint(_OF_A_HALF | of_sync_only):
                asynchronous.steps.append(step)
            else:
                of_sync_only |= step.gives
    if all(not _awaits(ast_of(step.block)) for step in asynchronous.steps):
        asynchronous.steps.clear()  # definitions only, which the other half has too
    return [program for program in (sync, asynchronous, *alone) if program.steps]


def is_test(block: Block) -> bool:
    """Tell whether a block is a file of tests, for pytest to run."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(
        isinstance(node, definitions) and node.name.startswith("test_")
        for node in ast_of(block).body
    )


def ast_of(block: Block) -> ast.Module:
    """Parse a block.

    Raises:
        PageError: It is not Python.
    """
    try:
        return ast.parse(block.code)
    except SyntaxError as error:
        raise PageError(f"{block.place}: not Python: {error}") from error


def _step(block: Block) -> tuple[Step, bool]:
    tree = ast_of(block)
    table = symtable.symtable(block.code, block.place, "exec")
    opened = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        for name in ast.walk(item.optional_vars or ast.Pass())
        if isinstance(name, ast.Name)
    }
    gives = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    gives |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()}
    needs = set(_referenced(table)) - _bound_first(tree)
    over = _OF_A_CLIENT & gives if "codex" in opened & gives else frozenset[str]()
    return Step(block, frozenset(needs), frozenset(gives), over), _awaits(tree)


def _referenced(table: symtable.SymbolTable) -> Iterator[str]:
    """Give the names of the module's that a block refers to, in its functions as well."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _referenced(child)


def _bound_first(tree: ast.Module) -> set[str]:
    """Give the names whose first mention in a block, as its lines go, binds them.

    An assignment mentions what it reads before what it binds.
    """
    order = _Mentions()
    order.visit(tree)
    return {name for name, binds in order.first.items() if binds}


class _Mentions(ast.NodeVisitor):
    """Finds out of each name whether its first mention binds it."""

    def __init__(self) -> None:
        self.first: dict[str, bool] = {}

    def visit_Name(self, node: ast.Name) -> None:
        self.first.setdefault(node.id, isinstance(node.ctx, ast.Store))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_alias(self, node: ast.alias) -> None:
        self.first.setdefault((node.asname or node.name).partition(".")[0], True)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """What a function has in it, it mentions when it is called."""
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.first.setdefault(node.name, True)


def _awaits(tree: ast.Module) -> bool:
    """Tell whether there is an `await`, `async for` or `async with` outside of functions."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return False
