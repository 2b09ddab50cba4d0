"""A runtime's wheel is compared with the published one, where there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.release.checking.archives import read_archive
from codex_generator.release.checking.expected import Expected
from codex_generator.release.checking.index import index_faults

from tests.generator.runtimes.published import take_for_index, wheel

CODEX = "codex_cli_bin/bin/codex"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of wheels that pip takes for the index in this test."""
    folder = tmp_path / "index"
    take_for_index(folder, monkeypatch)
    return folder


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    """What the runtime's wheel of release 0.163.0 has to be."""
    wheel("0.163.0", tmp_path)
    [file] = tmp_path.glob("*.whl")
    return Expected(
        name=file.name,
        layer="runtime",
        version="0.163.0",
        contents=read_archive(file).contents,
        metadata="",
        requirements=(),
        tag="any",
        programs=(CODEX,),
    )


def test_the_programs_of_the_published_wheel_have_no_fault(index: Path, expected: Expected) -> None:
    wheel("0.163.0", index)
    assert index_faults(expected) == []


def test_a_fix_of_ours_is_compared_with_the_wheel_of_its_release(
    index: Path, expected: Expected
) -> None:
    wheel("0.163.0", index)
    assert index_faults(replace(expected, version="0.163.0.post1")) == []


def test_another_program_is_found(index: Path, expected: Expected) -> None:
    wheel("0.163.0", index)
    metadata = expected.contents["codex_cli_bin/__init__.py"]
    other = replace(expected, contents={**expected.contents, CODEX: metadata})
    assert index_faults(other) == [f"{CODEX} is not the program of the published wheel"]


def test_a_release_that_the_index_lacks_cannot_be_compared(index: Path, expected: Expected) -> None:
    wheel("0.162.0", index)
    assert index_faults(expected) is None


def test_an_index_with_no_wheel_at_all_is_an_error(index: Path, expected: Expected) -> None:
    with pytest.raises(GeneratorError, match="No matching distribution found"):
        index_faults(expected)
