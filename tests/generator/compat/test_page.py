"""A page keeps what was last seen of each runtime."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from codex_generator.compat.columns import COLUMNS
from codex_generator.compat.matrix import Check, Matrix, Outcome, Row
from codex_generator.compat.page import BEGIN, END, Page
from codex_generator.diagnostics import GeneratorError

from tests.generator.compat.trees import REPOSITORY, column

TWO = (column("types"), column("facade"))
DAY = date(2026, 11, 30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A page whose matrix has no row yet."""
    file = tmp_path / "page.md"
    file.write_text(f"# Before\n\n{BEGIN}\n{END}\n\nAfter.\n", encoding="utf-8")
    return file


def matrix(version: str, *outcomes: Outcome) -> Matrix:
    """Make a matrix of one row."""
    return Matrix("0.163.0", [Row(version, [Check("a column", outcome) for outcome in outcomes])])


def test_rows_stand_by_their_versions_between_what_is_written_by_hand(file: Path) -> None:
    for version, outcome in (("0.169.0", Outcome.OK), ("0.97.0", Outcome.NOT_MEANT)):
        Page.read(file).extended(matrix(version, Outcome.OK, outcome), TWO, DAY).write()

    assert file.read_text(encoding="utf-8") == (
        f"# Before\n\n{BEGIN}\n\n"
        "| runtime | `types` | `facade` | pinned | seen |\n"
        "|---|---|---|---|---|\n"
        "| 0.97.0 | ok |  | 0.163.0 | 2026-11-30 |\n"
        "| 0.169.0 | ok | ok | 0.163.0 | 2026-11-30 |\n"
        f"\n{END}\n\nAfter.\n"
    )


def test_what_was_seen_last_of_a_runtime_is_kept(file: Path) -> None:
    for outcome in (Outcome.OK, Outcome.FAILED):
        Page.read(file).extended(matrix("0.169.0", outcome, outcome), TWO, DAY).write()

    assert [*Page.read(file).rows.values()] == [
        "| 0.169.0 | failed | failed | 0.163.0 | 2026-11-30 |"
    ]


def test_rows_of_other_columns_are_dropped(file: Path) -> None:
    Page.read(file).extended(matrix("0.160.0", Outcome.OK), TWO[:1], DAY).write()

    page = Page.read(file).extended(matrix("0.169.0", Outcome.OK, Outcome.OK), TWO, DAY)

    assert [*page.rows] == ["0.169.0"]


@pytest.mark.parametrize("text", ["", BEGIN, f"{BEGIN}\n", END, f"{END}\n{BEGIN}\n"])
def test_a_page_without_a_place_for_the_matrix_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(GeneratorError, match="has no place for the matrix"):
        Page.read(file)


def test_the_kept_matrix_has_what_is_promised_and_nothing_that_failed() -> None:
    page = Page.read(REPOSITORY / "docs/maintainers/compatibility.md")
    promised = json.loads((REPOSITORY / "schema/compatibility.json").read_text(encoding="utf-8"))

    empty = Page(page.file, "", "", "", {})
    assert page.head == empty.extended(Matrix("", []), COLUMNS, DAY).head
    assert {"0.131.0", *promised.values()} <= page.rows.keys()
    assert len(page.rows) >= 8
    cells = {cell.strip() for row in page.rows.values() for cell in row.split("|")[2:-3]}
    assert cells == {"ok", ""}
