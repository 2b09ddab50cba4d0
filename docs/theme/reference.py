"""What the site makes of the packages by itself: a hook of MkDocs.

The raw client has some 170 methods, and each bump brings others: their pages are made while the
site is built, one for each group. And a public name that stands as code in a text is a link to its
reference, on every page. Nothing is imported.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
METHODS = ROOT / "packages" / "rpc" / "src" / "codex_app_server_rpc" / "generated" / "methods"

PROTOCOL = "../../../protocol/methods"
"""Where the methods are described by the protocol itself, seen from the pages made here."""

LINKED = {
    "openai_codex": ROOT / "packages/sdk/src/openai_codex/__init__.py",
    "openai_codex.testing": ROOT / "packages/sdk/src/openai_codex/testing/__init__.py",
    "codex_app_server_rpc": ROOT / "packages/rpc/src/codex_app_server_rpc/__init__.py",
    "codex_app_server_types": ROOT / "packages/types/src/codex_app_server_types/__init__.py",
}
"""Modules whose names become links; a name of several is that of the first."""

_CODE = re.compile(r"<code>((?:\w+\.)?\w+)</code>")
_IN_TREE = re.compile(r"\b([A-Z]\w+Error)\b")
_LEFT_ALONE = re.compile(r"(<(a|autoref|pre|h[1-6])\b.*?</\2>)", re.DOTALL)


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, before a plugin makes the nav of what is there."""
    for path, text in method_pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links of names in texts; where a name has no reference after all, it stays a name."""
    parts = _LEFT_ALONE.split(html)
    # Between two texts: what is left alone, and the name of its element.
    parts[0::3] = [_CODE.sub(_link, part) for part in parts[0::3]]
    parts[1::3] = [_IN_TREE.sub(_link, part) if "├──" in part else part for part in parts[1::3]]
    del parts[2::3]
    return "".join(parts)


def _link(match: re.Match[str]) -> str:
    name, _, member = match[1].partition(".")
    home = _homes().get(name)
    if home is None:
        return match[0]
    identifier = ".".join(filter(None, [home, name, member]))
    return f'<autoref optional identifier="{identifier}">{match[0]}</autoref>'


@cache
def _homes() -> dict[str, str]:
    """Find the module of each public name that is not a common word: ``tool`` is one."""
    homes: dict[str, str] = {}
    for module, path in LINKED.items():
        for name in _public_names(path):
            if not name.islower() or "_" in name:
                homes.setdefault(name, module)
    return homes


def _public_names(path: Path) -> list[str]:
    """Read ``__all__``, or the table of which it is made."""
    for node in _tree(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            [target] = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.value
            names = ast.unparse(target) in ("__all__", "_HOMES")
            if names and isinstance(value, ast.List | ast.Dict):
                return list(ast.literal_eval(value))
    raise ValueError(f"{path} does not say what is public")


def method_pages() -> dict[str, str]:
    """Give a page for each group of methods of the raw client: path below `docs/` -> Markdown."""
    pages: dict[str, str] = {}
    for path in sorted(METHODS.glob("[a-z]*.py")):
        names = [
            function.name
            for node in _tree(path).body
            if isinstance(node, ast.ClassDef)
            for function in node.body
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        ]
        pages[f"reference/rpc/methods/{path.stem}.md"] = _method_page(path.stem, names)
    return pages


def _method_page(module: str, names: list[str]) -> str:
    """Write a page; within the nav its kind is clear, in a list of results it is not."""
    domain = module.replace("_", " ").replace("mcp", "MCP")
    head = f"---\ntitle: {domain[0].upper()}{domain[1:]}\n---\n\n# Methods: {domain}"
    text = (
        "Methods of `Client`; those of `AsyncClient` are the same, with `await`. What they send "
        f"and get, as it looks on the wire, is in the [protocol reference]({PROTOCOL}/{module}.md)."
    )
    short = "\n    options:\n      show_root_full_path: false"
    blocks = [f"::: codex_app_server_rpc.Client.{name}{short}" for name in names]
    return "\n\n".join([head, text, *blocks]) + "\n"


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
