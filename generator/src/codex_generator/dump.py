"""Dump the schema of a runtime into `schema/`, with its manifest.

The runtime prints its own schema; the files are kept byte for byte as it printed them. The
manifest says which runtime that was, and is where every package takes its version from.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError
from codex_generator.load import FLAVOURS, MANIFEST, digest
from codex_generator.runtime import ask, release_of
from codex_generator.versions import python_version

_BUNDLE: Final = "codex_app_server_protocol.schemas.json"


def dump(codex: Path, folder: Path) -> str:
    """Write both flavours of a runtime's schema and the manifest.

    Args:
        codex: the runtime's binary.
        folder: the schema folder.

    Returns:
        The runtime's version.

    Raises:
        GeneratorError: when the binary cannot be run.
    """
    version = python_version(release_of(codex))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        # All that can fail comes before anything in the folder is touched.
        printed = {f"{flavour}.json": _print(codex, flavour, Path(scratch)) for flavour in FLAVOURS}
        files = {name: {"sha256": digest(file)} for name, file in printed.items()}
        for name, file in printed.items():
            shutil.copyfile(file, folder / name)
    manifest = {
        "version": version,
        "source": {
            "distribution": "openai-codex-cli-bin",
            "command": "codex app-server generate-json-schema --out DIR [--experimental]",
            "file": _BUNDLE,
        },
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return version


def _print(codex: Path, flavour: str, scratch: Path) -> Path:
    out = scratch / flavour
    flags = ["--experimental"] if flavour == "experimental" else []
    ask(codex, "app-server", "generate-json-schema", "--out", str(out), *flags)
    bundle = out / _BUNDLE
    if not bundle.is_file():
        raise GeneratorError(f"{codex}: printed no {_BUNDLE}")
    return bundle
