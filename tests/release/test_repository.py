"""What is released is what git has: nothing forgotten, nothing unfinished."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.release.repository import check_committed, tracked

HOME = Path("packages/types")


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two committed files."""
    folder = tmp_path / HOME / "src/build"
    folder.mkdir(parents=True)
    (folder / "module.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / HOME / "a name.md").write_text("# Types\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("*.pyc\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "All of it")
    return tmp_path


def test_every_file_that_git_has_is_released_whatever_its_name(root: Path) -> None:
    assert sorted(tracked(root, HOME)) == [HOME / "a name.md", HOME / "src/build/module.py"]


def test_a_file_that_git_has_not_stops_the_release(root: Path) -> None:
    (root / HOME / "secret.env").write_text("KEY=1", encoding="utf-8")

    with pytest.raises(GeneratorError, match=r"packages/types/secret.env: git has no such file"):
        tracked(root, HOME)


def test_a_file_that_git_ignores_is_left_out(root: Path) -> None:
    (root / HOME / "module.pyc").write_bytes(b"")

    assert len(tracked(root, HOME)) == 2


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="not a git repository"):
        tracked(tmp_path, HOME)


@pytest.mark.parametrize("name", ["packages/types/a name.md", "new.md"])
def test_a_change_that_is_not_committed_stops_the_check(root: Path, name: str) -> None:
    (root / name).write_text("# Changed\n", encoding="utf-8")

    with pytest.raises(GeneratorError, match="is not committed; a release is what is committed"):
        check_committed(root)
