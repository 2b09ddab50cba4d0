"""Copies have what git has or would take, and the tree is only read."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.compat.copies import Copies
from codex_generator.diagnostics import GeneratorError

from tests.generator.compat.trees import hashes, make_tree, runtime


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_has_the_files_that_git_has_or_would_take(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree")

    copy = Copies(root, tmp_path / "scratch").fresh(runtime("1.2.3"))

    assert files_in(copy.root) == {".gitignore", "new", "packages/types/src/layer.py"}


def test_what_happens_in_a_copy_stays_there(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree")
    before = hashes(root)
    copies = Copies(root, tmp_path / "scratch")
    copy = copies.fresh(runtime("1.2.3"))

    (copy.root / "new").write_text("changed", encoding="utf-8")

    assert hashes(root) == before
    assert (copies.pinned(runtime("1.2.3")).root / "new").read_text() == "not added yet"


def test_copies_are_of_the_moment_in_which_the_tree_was_read(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree")
    copies = Copies(root, tmp_path / "scratch")

    (root / "new").write_text("changed", encoding="utf-8")

    assert (copies.fresh(runtime("1.2.3")).root / "new").read_text() == "not added yet"


def test_what_is_no_repository_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="not a git repository"):
        Copies(tmp_path, tmp_path / "scratch")
