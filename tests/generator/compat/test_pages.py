"""The matrix says what came of everything, to people, to programs and to the page that keeps it."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest
from codex_generator.compat.matrix import Check, Matrix, Outcome, Row
from codex_generator.compat.pages import (
    BEGIN,
    END,
    Page,
    as_json,
    as_markdown,
    print_matrix,
)
from codex_generator.diagnostics import GeneratorError
from rich.console import Console

from tests.generator.compat.trees import column

TYPES, FACADE = columns = (column("types"), column("facade", supported=True))
OLD = "facade and pinned packages are for runtimes from 0.154.0 on"
MATRIX = Matrix(
    "0.163.0",
    [
        Row(
            "0.131.0",
            [
                Check("types", Outcome.FAILED, 12.3, "line 1\nline 2", Path("types.log")),
                Check("facade", Outcome.NOT_MEANT, reason=OLD),
            ],
        ),
        Row(
            "0.169.0",
            [
                Check("types", Outcome.OK, 7.0, log=Path("types.log")),
                Check("facade", Outcome.OK, 8.0, log=Path("facade.log")),
            ],
        ),
    ],
)
SECTION = as_markdown(MATRIX, columns, date(2026, 11, 30))


def test_people_see_a_row_for_each_runtime_and_why_anything_is_not_ok() -> None:
    file = io.StringIO()

    print_matrix(MATRIX, columns, Console(file=file, width=100))

    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert lines == [
        "runtime  types         facade         in all",
        "0.131.0  failed, 12 s  not meant for    12 s",
        "0.169.0  ok, 7 s       ok, 8 s          15 s",
        f"not meant for: {OLD}",
        "0.131.0 types: failed; all of it is in types.log",
        "  line 1",
        "  line 2",
    ]


def test_programs_read_the_same() -> None:
    document = json.loads(as_json(MATRIX))

    assert (document["pinned"], document["passed"]) == ("0.163.0", False)
    old, new = document["runtimes"]
    assert (old["version"], old["passed"], new["passed"]) == ("0.131.0", False, True)
    assert old["checks"][0] == {
        "column": "types",
        "outcome": "failed",
        "seconds": 12.3,
        "reason": "line 1\nline 2",
        "log": "types.log",
    }


def test_a_page_keeps_the_matrix_in_its_place(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")

    Page.read(file).write(SECTION)

    text = file.read_text(encoding="utf-8")
    assert text == f"# Before\n\n{BEGIN}\n\n{SECTION}\n{END}\n\nAfter.\n"
    assert "2026-11-30" in text
    assert "| 0.131.0 | failed |  |" in text
    assert f"Where nothing stands: {OLD}." in text
    Page.read(file).write(SECTION)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", BEGIN, f"{BEGIN}\n", END, f"{END}\n{BEGIN}\n"])
def test_a_page_without_such_a_place_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(GeneratorError, match="has no place for the matrix"):
        Page.read(file)
