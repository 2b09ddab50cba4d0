"""Render: write the `Protocol` down through templates.

Everything is rendered in memory, then formatted by ruff over the whole batch at once, which
takes a fraction of what a run per file would. Nothing here writes into the tree.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError
from codex_generator.ir import Protocol
from codex_generator.projects import PROJECTS, render_project
from codex_generator.reference import build_reference
from codex_generator.templating import fill
from codex_generator.versions import release_names

PACKAGES: Final = Path("packages")
DOCS: Final = Path("docs")
REFERENCE: Final = DOCS / "protocol"
TYPES: Final = PACKAGES / "types"
TYPES_SOURCE: Final = TYPES / "src/codex_app_server_types"
RPC_GENERATED: Final = PACKAGES / "rpc/src/codex_app_server_rpc/generated"

_LINE_LENGTH: Final = 100
_SUPPORT: Final = ("_enum.py", "_json.py", "_model.py", "_union.py", "_unset.py", "lenient.py")
_TABLES: Final = (
    *("__init__.py", "catalog.py", "compatibility.py", "history.py"),
    *("notifications.py", "server_requests.py"),
)
_SUPPORT_EXPORTS: Final = {
    "_enum": ("OpenEnum",),
    "_json": ("JsonValue",),
    "_model": ("UnknownVariant", "Variant", "WireModel"),
    "_unset": ("UNSET", "Unset"),
}


@dataclass(frozen=True)
class Flavour:
    """One of the two halves that a template makes."""

    prefix: str
    package: str
    phrase: str
    async_: str
    await_: str


SYNC: Final = Flavour("", "methods", "", "", "")
ASYNC: Final = Flavour(
    "Async",
    "async_methods",
    ", for asyncio",
    "async ",
    "await ",
)


@dataclass(frozen=True)
class _Exports:
    """One module's share of the package's names."""

    name: str
    exports: tuple[str, ...]


def render(protocol: Protocol) -> dict[Path, str]:
    """Render every file that follows from the schema.

    Args:
        protocol: what to render.

    Returns:
        The unformatted text of each file, by its path from the root of the repository.
    """
    rendering = _Rendering(protocol)
    rendering.render_projects()
    rendering.render_types()
    rendering.render_methods()
    rendering.render_tables()
    rendering.render_reference()
    return rendering.files


class _Rendering:
    """One run: fills `files`, a group of templates at a time."""

    def __init__(self, protocol: Protocol) -> None:
        self.files: dict[Path, str] = {}
        self._protocol = protocol

    def render_projects(self) -> None:
        for layer in PROJECTS:
            for path, text in render_project(layer, self._protocol.version).items():
                self.files[PACKAGES / layer / path] = text

    def render_types(self) -> None:
        modules = self._protocol.modules
        for name in (*_SUPPORT, "py.typed"):
            self._write(TYPES_SOURCE / name, f"types/{name}.jinja")
        for module in modules:
            target = TYPES_SOURCE / f"{module.name}.py"
            self._write(target, "types/module.py.jinja", module=module)
        shared = [_Exports(name, names) for name, names in _SUPPORT_EXPORTS.items()]
        exports = shared + [_Exports(module.name, module.exports) for module in modules]
        homes = sorted((name, module.name) for module in exports for name in module.exports)
        for name in ("__init__.py", "__init__.pyi"):
            target = TYPES_SOURCE / name
            self._write(target, f"types/{name}.jinja", modules=exports, homes=homes)
        stability = self._protocol.stability
        self._write(TYPES_SOURCE / "stability.py", "types/stability.py.jinja", stability=stability)
        origin = {
            "version": release_names(self._protocol.version)[0],
            "hashes": self._protocol.hashes,
        }
        self._write(TYPES_SOURCE / "origin.py", "types/origin.py.jinja", **origin)

    def render_methods(self) -> None:
        modules = self._protocol.methods
        for flavour in (SYNC, ASYNC):
            folder = RPC_GENERATED / flavour.package
            target = folder / "__init__.py"
            self._write(target, "rpc/methods_init.py.jinja", flavour=flavour, modules=modules)
            for module in modules:
                target = folder / f"{module.name}.py"
                self._write(target, "rpc/methods.py.jinja", flavour=flavour, module=module)

    def render_tables(self) -> None:
        for name in _TABLES:
            self._write(
                RPC_GENERATED / name,
                f"rpc/{name}.jinja",
                modules=self._protocol.methods,
                notifications=self._protocol.notifications,
                server_requests=self._protocol.server_requests,
                past=self._protocol.past,
                compatibility=self._protocol.compatibility,
            )

    def render_reference(self) -> None:
        reference = build_reference(self._protocol)
        self._write_page("index.md", "index", reference=reference)
        for calls in reference.calls:
            self._write_page(calls.path, "calls", page=calls)
        for types in reference.types:
            self._write_page(types.path, "types", page=types)
        for overview in (reference.requests, reference.notifications):
            self._write_page(overview.path, "overview", overview=overview)
        names = reference.index_of_types
        self._write_page(names.path, "names", overview=names)

    def _write_page(self, path: str, template: str, **context: object) -> None:
        # No formatter goes over Markdown: what parts one section from the next ends with the last.
        text = fill(f"docs/{template}.md.jinja", **context)
        self.files[REFERENCE / path] = f"{text.rstrip()}\n"

    def _write(self, target: Path, template: str, **context: object) -> None:
        self.files[target] = fill(template, **context)


def formatted(files: Mapping[Path, str]) -> dict[Path, str]:
    """Return the same files as ruff formats them, imports sorted.

    Args:
        files: by path; only Python is touched.

    Raises:
        GeneratorError: when rendered source is not Python, which is a fault of a template.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_files(root, files)
        _mark_packages(root, files)
        # Each package counts as a dependency of the layers above it, as in the root's settings.
        settings = ("src=[]", "lint.isort.combine-as-imports=true")
        options = [option for setting in settings for option in ("--config", setting)]
        _ruff(root, "check", "--quiet", "--fix", "--select", "I,RUF022", *options)
        _ruff(root, "format", "--quiet")
        return {path: (root / path).read_text(encoding="utf-8") for path in files}


def _mark_packages(root: Path, files: Iterable[Path]) -> None:
    # A package that is rendered in part still has to look like one, or ruff would not know
    # which imports are its own.
    for path in files:
        if "src" in path.parts:
            package = Path(*path.parts[: path.parts.index("src") + 2])
            (root / package / "__init__.py").touch()


def write_files(root: Path, files: Mapping[Path, str]) -> None:
    """Write files below a folder, making the folders that they need."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))


def _ruff(root: Path, command: str, *options: str) -> None:
    arguments = [
        sys.executable,
        "-m",
        "ruff",
        command,
        "--isolated",
        "--no-cache",
        "--target-version=py310",
        *options,
        "--line-length",
        str(_LINE_LENGTH),
        ".",
    ]
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stdout + done.stderr).strip()
        raise GeneratorError(f"ruff {command} refuses what was rendered: {reason}")
