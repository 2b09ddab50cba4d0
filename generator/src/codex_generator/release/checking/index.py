"""Index: whether a runtime's wheel carries the same programs as the one that is published."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError
from codex_generator.projects import PROJECTS
from codex_generator.release.checking.archives import read_archive
from codex_generator.release.checking.expected import Expected

_HAS_OTHERS: Final = re.compile(r"\(from versions: (?!none\))")
"""What pip says of an index that has other versions: it was reached, then."""


def index_faults(wheel: Expected) -> list[str] | None:
    """Compare what a wheel has to hold with the wheel that the Python index has of its release.

    Args:
        wheel: of the runtime.

    Returns:
        A sentence for each program that the published wheel has not, or has otherwise; `None` if
        the index has wheels of other releases only, as of many it has.

    Raises:
        GeneratorError: The index cannot be reached, or has no wheel at all.
    """
    with tempfile.TemporaryDirectory(prefix="index-") as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch]
        options = ["--only-binary", ":all:", "--platform", wheel.tag]
        # A fix of ours carries the same programs, and the index need not have it yet.
        released = wheel.version.partition(".post")[0]
        try:
            run([*pip, *options, f"{PROJECTS['runtime']}=={released}"])
        except GeneratorError as error:
            if _HAS_OTHERS.search(str(error)):
                return None
            raise
        [file] = Path(scratch).glob("*.whl")
        published = read_archive(file).contents
    return [
        f"{path} is not the program of the published wheel"
        for path in wheel.programs
        if published.get(path) != wheel.contents[path]
    ]
