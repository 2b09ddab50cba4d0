"""Pages of the API reference that follow from the packages: the raw methods.

A hook of MkDocs. There are some 170 methods, and each bump brings others: their pages are made
while the site is built, one for each module, from what the modules say of themselves. Nothing is
imported. The types' pages are rendered by the generator, as a part of the protocol reference.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[2]
METHODS = ROOT / "packages" / "rpc" / "src" / "codex_app_server_rpc" / "generated" / "methods"


def generated_pages() -> dict[str, str]:
    """Give the pages: path below `docs/` -> Markdown."""
    return _method_pages()


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, before a plugin makes the nav of what is there."""
    for path, text in generated_pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def _method_pages() -> dict[str, str]:
    """One page for each group of methods of the raw client."""
    pages: dict[str, str] = {}
    for path in sorted(METHODS.glob("[a-z]*.py")):
        names = [
            function.name
            for node in _tree(path).body
            if isinstance(node, ast.ClassDef)
            for function in node.body
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        ]
        text = (
            "Methods of [`Client`][codex_app_server_rpc.Client]; those of "
            "[`AsyncClient`][codex_app_server_rpc.AsyncClient] are the same, with `await`."
        )
        identifiers = [f"codex_app_server_rpc.Client.{name}" for name in names]
        pages[f"reference/rpc/methods/{path.stem}.md"] = _page(
            "Methods", path.stem, text, identifiers
        )
    return pages


def _page(kind: str, module: str, text: str, identifiers: list[str]) -> str:
    """Make a page; within the nav its kind is clear, in a list of results it is not."""
    domain = module.replace("_", " ").replace("mcp", "MCP")
    title = f"---\ntitle: {domain[0].upper()}{domain[1:]}\n---\n\n# {kind}: {domain}"
    blocks = [f"::: {identifier}" for identifier in identifiers]
    return "\n\n".join([title, text, *blocks]) + "\n"


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
