"""`nox -s compat` answers bad input with a sentence, and never touches the tree."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from codex_generator.compat.cli import main
from codex_generator.compat.columns import COLUMNS
from codex_generator.compat.page import BEGIN, END
from codex_generator.load import read_version
from codex_generator.tree import SCHEMA
from codex_generator.versions import runtime_version

from tests.generator.compat.trees import REPOSITORY, hashes, stand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")

PINNED = runtime_version(read_version(REPOSITORY / SCHEMA))
VERSION = f"{PINNED.major}.{PINNED.minor}.{PINNED.micro + 1}"
"""Of no runtime, but next to the one whose schema it is."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the scratch folder is made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.timeout(300)
def test_a_runtime_is_checked_in_a_copy_and_the_tree_is_as_before(
    tmp_path: Path, scratch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes(REPOSITORY)
    report = tmp_path / "matrix.json"
    options = ["--runtimes", str(tmp_path), "--only", "import", "--keep", "--json", str(report)]

    assert main([*options, str(stand_in(tmp_path, VERSION))]) == 0

    assert hashes(REPOSITORY) == before
    [row] = json.loads(report.read_text(encoding="utf-8"))["runtimes"]
    assert row["version"] == VERSION
    assert [(check["column"], check["outcome"]) for check in row["checks"]] == [
        ("generation", "ok"),
        ("import", "ok"),
    ]
    *_, kept = capsys.readouterr().out.splitlines()
    [folder] = scratch.iterdir()
    assert kept == f"kept: {folder}"
    project = folder / VERSION / "packages/types/pyproject.toml"
    assert f'version = "{VERSION}"' in project.read_text(encoding="utf-8")


def test_a_runtime_that_fails_is_told_and_nothing_is_kept(
    tmp_path: Path, scratch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = stand_in(tmp_path, VERSION)
    program.write_text(program.read_text().replace("folder.mkdir()", "sys.exit('no ink')"))

    assert main(["--runtimes", str(tmp_path), "--only", "generation", str(program)]) == 1

    said = capsys.readouterr().out
    log = tmp_path / "compat" / VERSION / "generation.log"
    assert f"{VERSION} generation: failed; all of it is in {log}\n" in said
    assert "no ink" in said
    assert "no ink" in log.read_text(encoding="utf-8")
    assert not [*scratch.iterdir()]


def test_a_program_that_is_no_runtime_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "other"
    program.write_text(f"#!{sys.executable}\nprint('Python 3')\n", encoding="utf-8")
    program.chmod(0o755)

    assert main([str(program)]) == 1

    assert capsys.readouterr().err.startswith(f"error: {program}: is not the Codex runtime")


def test_a_runtime_of_another_version_than_it_is_kept_as_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "runtime-0.150.0/codex_cli_bin/bin/codex"
    kept.parent.mkdir(parents=True)
    stand_in(tmp_path, VERSION).rename(kept)

    assert main(["--runtimes", str(tmp_path), "0.150.0"]) == 1

    said = f"error: {kept}: says that it is {VERSION}, and not 0.150.0; remove {tmp_path}/runtime-"
    assert capsys.readouterr().err.startswith(said)


def test_two_programs_of_one_version_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs: list[str] = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        programs.append(str(stand_in(tmp_path / name, VERSION)))

    assert main(programs) == 1

    assert capsys.readouterr().err == (
        f"error: {programs[1]}: is runtime {VERSION}, as {programs[0]} is: name one of them\n"
    )


def test_a_page_without_a_place_for_the_matrix_is_refused_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n", encoding="utf-8")

    assert main(["--write", str(page), str(stand_in(tmp_path, VERSION))]) == 1

    said = f"error: {page}: has no place for the matrix: {BEGIN} … {END}\n"
    assert capsys.readouterr().err == said


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "nowhere" / "matrix.json"

    assert main(["--json", str(report), str(stand_in(tmp_path, VERSION))]) == 1

    assert capsys.readouterr().err == f"error: {report.parent}: there is no such folder\n"


def test_the_columns_that_the_page_tells_of_are_those_that_there_are() -> None:
    page = (REPOSITORY / "docs/maintainers/compatibility.md").read_text(encoding="utf-8")
    section = page.split("## What is checked")[1].split("##")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.M) == [column.name for column in COLUMNS]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: RUNTIME"),
        (["--only", "types", "--write", "page.md", "latest"], "--only gives a part of it"),
        (["--only", "colour", "latest"], "argument --only: invalid choice: 'colour'"),
        (["--jobs", "0", "latest"], "argument --jobs: must be a number, 1 or more"),
        (["--jobs", "two", "latest"], "argument --jobs: must be a number, 1 or more"),
    ],
)
def test_a_wrong_command_line_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err
