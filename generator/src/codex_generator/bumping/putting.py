"""Putting: many files change as if they were one.

What is to change is first laid down whole in a journal beside the tree, which gets its name by one
rename: before that, nothing has happened. Then a process of its own renames file after file into
its place: it needs no space, takes a fraction of a second, and hears neither Ctrl-C nor what ends
the process that began. If a file cannot be put, those that were are put back. Should the machine
itself die, the journal is still there, and the next bump finishes it first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypedDict, cast

from codex_generator.bumping.checkout import Change
from codex_generator.bumping.errors import BumpError
from codex_generator.release.outputs import failures_told, scratch_folder

JOURNAL: Final = Path(".nox", "bump-journal")
"""Where the journal is, from the root: git ignores it, and it is on the disk of the tree."""

_PLAN: Final = "plan.json"
_OLD: Final = "old"
_NEW: Final = "new"


class _Plan(TypedDict):
    written: list[str]
    removed: list[str]


def put(root: Path, copy: Path, changes: Sequence[Change]) -> None:
    """Bring changes of a copy into the tree: all of them, or none.

    Args:
        root: of the tree.
        copy: of the tree, with the changes.
        changes: what to bring.

    Raises:
        BumpError: It cannot be done; the tree is as it was.
    """
    journal = root / JOURNAL
    with failures_told(root, "changed"):
        journal.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(journal) as scratch:
            filled = scratch / "journal"
            _fill(filled, root, copy, changes)
            filled.rename(journal)
    command = [sys.executable, "-m", __name__, str(root)]
    # Nobody reads what it says but this process, which may be gone: then it is lost, and no error.
    process = subprocess.Popen(
        command, start_new_session=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while True:
        try:
            _, said = process.communicate()
            break
        except KeyboardInterrupt:
            continue  # it is a matter of a moment, and cannot be stopped any more
    if process.returncode:
        raise BumpError(f"{root}: cannot be changed, and is as it was: {said.strip()}")


def finish_last(root: Path) -> bool:
    """Finish a bump that was killed while it was putting, if there is one.

    Args:
        root: of the tree.

    Returns:
        Whether there was one.

    Raises:
        BumpError: It cannot be finished; the tree is as it was before that bump.
    """
    journal = root / JOURNAL
    if not journal.is_dir():
        return False
    plan = cast("_Plan", json.loads((journal / _PLAN).read_text(encoding="utf-8")))
    try:
        for name in plan["written"]:
            _place(journal / _NEW / name, root / name)
        for name in plan["removed"]:
            (root / name).unlink(missing_ok=True)
            _remove_empty((root / name).parent)
    except OSError as error:
        _put_back(root, journal, plan)
        raise BumpError(f"{error.filename}: {error.strerror}") from error
    finally:
        shutil.rmtree(journal, ignore_errors=True)
    return True


def _fill(journal: Path, root: Path, copy: Path, changes: Sequence[Change]) -> None:
    plan: _Plan = {"written": [], "removed": []}
    for change in changes:
        plan["removed" if change.removed else "written"].append(change.path.as_posix())
        if (root / change.path).exists():
            _copy(root / change.path, journal / _OLD / change.path)
        if not change.removed:
            _copy(copy / change.path, journal / _NEW / change.path)
    (journal / _PLAN).write_text(json.dumps(plan), encoding="utf-8")


def _place(file: Path, target: Path) -> None:
    """Rename a file into its place, unless it is there already."""
    if file.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def _put_back(root: Path, journal: Path, plan: _Plan) -> None:
    for name in (*plan["written"], *plan["removed"]):
        old, target = journal / _OLD / name, root / name
        # What could not be put is still there: whatever hindered it is no hindrance now.
        with suppress(OSError):
            if old.exists():
                _place(old, target)
            else:
                target.unlink(missing_ok=True)
                _remove_empty(target.parent)


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, target)


def _remove_empty(folder: Path) -> None:
    """Remove a folder, and those above, as far as there is nothing in them."""
    with suppress(OSError):
        while True:
            folder.rmdir()
            folder = folder.parent


if __name__ == "__main__":
    try:
        finish_last(Path(sys.argv[1]))
    except BumpError as error:
        with suppress(OSError):
            print(error, file=sys.stderr)
        sys.exit(1)
    os._exit(0)  # nothing is left to do, and nothing may go wrong any more
