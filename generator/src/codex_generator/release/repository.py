"""Repository: what is released is what git has, and that is the question here."""

from __future__ import annotations

from pathlib import Path

from codex_generator.commands import run
from codex_generator.drift import find_drift
from codex_generator.release.errors import ReleaseError
from codex_generator.tree import produce


def tracked(root: Path, folder: Path) -> list[Path]:
    """Return the files below a folder that git has.

    Args:
        root: of the repository.
        folder: from the root.

    Returns:
        Their paths from the root.

    Raises:
        GeneratorError: There is a file of which git knows nothing, and which is not ignored: it
            was forgotten, or does not belong there. Or this is no git repository.
    """
    listing = ["git", "-C", str(root), "ls-files", "-z"]
    strangers = run([*listing, "--others", "--exclude-standard", "--", folder.as_posix()])
    if strangers:
        raise ReleaseError(f"{strangers.split(chr(0))[0]}: git has no such file; add or remove it")
    return [Path(name) for name in run([*listing, "--", folder.as_posix()]).split("\0") if name]


def check_committed(root: Path) -> None:
    """Check that the tree is what is committed, and its rendered files what is rendered.

    Args:
        root: of the repository.

    Raises:
        GeneratorError: Something was changed since the last commit, or is not as it is rendered.
    """
    changes = run(["git", "-C", str(root), "status", "--porcelain"]).splitlines()
    if changes:
        raise ReleaseError(f"{changes[0][3:]}: is not committed; a release is what is committed")
    drift = find_drift(root, produce(root))
    if drift:
        raise ReleaseError(f"{drift[0]}; render everything anew with `nox -s generate`")
