"""Check the types of all programs on all pages, in one run of pyright.

``python -m tests.docs.typecheck`` does it, and so does `nox -s typecheck`.

Each program becomes a file whose lines are those of its page, so that what pyright says of a line
can be said of the page's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.docs.pages import ROOT, page_paths, read_blocks
from tests.docs.programs import Program, programs

_SOURCES: Final = [ROOT, *sorted((ROOT / "packages").glob("*/src"))]

# What is good on a page and would not be in a module: names that are defined again by a later
# block, or for the reader only, and values that are only looked at.
_OFF: Final = (
    "reportRedeclaration",
    "reportUnusedClass",
    "reportUnusedExpression",
    "reportUnusedFunction",
    "reportUnusedVariable",
)


def source_of(program: Program) -> str:
    """Write a program as a file, each line where it stands on the page."""
    indent = "    " if program.is_async else ""
    lines: dict[int, str] = {}
    for step in program.steps:
        for offset, line in enumerate(step.block.code.splitlines()):
            # A function's body has no such imports, and pyright does not need it.
            kept = line if line != "from __future__ import annotations" else ""
            lines[step.block.line + offset] = f"{indent}{kept}".rstrip()
    return "\n".join([*_head(program, min(lines)), *_lines(lines)]) + "\n"


def _head(program: Program, free: int) -> Iterator[str]:
    """Fill the lines above the first block."""
    half = "asynchronous" if program.is_async else "sync"
    granted = "; ".join(f"{name} = _granted.{name}" for name in program.takes)
    statements = [f"from tests.docs.granted import {half} as _granted; {granted}"] * bool(granted)
    if program.is_async:
        statements = [
            "async def page() -> None:",
            *(f"    {line}" for line in statements),
            "    ...",
        ]
    head = [*statements, *[""] * free][: free - 1]
    assert head[: len(statements)] == statements, "the page has to begin with a heading"
    yield from head


def _lines(lines: dict[int, str]) -> Iterator[str]:
    for number in range(min(lines), max(lines) + 1):
        yield lines.get(number, "")


def write_sources(folder: Path) -> dict[str, str]:
    """Write all programs into a folder, and tell of which page each file is."""
    pages: dict[str, str] = {}
    for path in page_paths():
        for number, program in enumerate(programs(read_blocks(path))):
            page = path.relative_to(ROOT).as_posix()
            name = f"{page.replace('/', '_').replace('.', '_').replace('-', '_')}_{number}.py"
            (folder / name).write_text(source_of(program), encoding="utf-8")
            pages[name] = page
    settings: dict[str, object] = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
        "extraPaths": [str(path) for path in _SOURCES],
        **dict.fromkeys(_OFF, False),
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return pages


def main() -> int:
    """Print what pyright has found, by page and line; the exit code is 1 if it has."""
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        folder = Path(name).resolve()
        pages = write_sources(folder)
        command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(folder)]
        environment = os.environ | {"PYRIGHT_PYTHON_GLOBAL_NODE": "off"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if not done.stdout.startswith("{"):
        print(done.stdout, done.stderr, file=sys.stderr)
        return 2
    report: dict[str, Any] = json.loads(done.stdout)
    for found in report["generalDiagnostics"]:
        page = pages[Path(found["file"]).name]
        place = f"{page}:{found['range']['start']['line'] + 1}"
        print(f"{place}: {found['severity']}: {found['message']} ({found.get('rule', '')})")
    errors = len(report["generalDiagnostics"])
    print(f"{len(pages)} programs on {len(set(pages.values()))} pages: {errors} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
