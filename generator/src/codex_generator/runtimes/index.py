"""The Python index: the runtime's wheel, where there is one for this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError
from codex_generator.projects import PROJECTS

NAME: Final = "the Python index"

_PIP: Final = (
    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
    *("--no-deps", "--only-binary", ":all:", "--retries", "1"),
)
_NONE: Final = "No matching distribution found"
"""What pip says where an index has no such wheel, and also where it cannot be reached."""


def unpack_wheel(version: str, site: Path) -> bool:
    """Unpack the wheel that the index has published; pip compares it with the index's hash.

    The index is the one that pip is configured for on this machine.

    Args:
        version: of the runtime.
        site: an empty folder for it.

    Returns:
        Whether there was one: an index that cannot be reached has none.

    Raises:
        GeneratorError: pip failed otherwise.
    """
    command = [sys.executable, *_PIP, "--target", str(site), f"{PROJECTS['runtime']}=={version}"]
    # What is downloaded grows in the temporary folder: let that be where there is room for it.
    temporary = site.with_name("download")
    temporary.mkdir()
    try:
        run(command, name="pip install", environment={**os.environ, "TMPDIR": str(temporary)})
    except GeneratorError as error:
        if _NONE in str(error):
            return False
        raise
    return True
