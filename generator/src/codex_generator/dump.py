"""Dump the schema of a runtime into `schema/`, with its manifest.

The runtime prints its own schema; the files are kept byte for byte as it printed them. The
manifest says which runtime that was, and is where every package takes its version from.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from codex_generator.diagnostics import GeneratorError
from codex_generator.load import FLAVOURS, MANIFEST, digest

_BUNDLE: Final = "codex_app_server_protocol.schemas.json"
_TIMEOUT: Final = 120.0
"""Seconds: the runtime answers within one; a hang must still end."""


def installed_runtime() -> Path:
    """Return the binary of the installed `openai-codex-cli-bin` package.

    Raises:
        GeneratorError: when the package is not installed.
    """
    try:
        package = import_module("codex_cli_bin")
    except ImportError as error:
        reason = "openai-codex-cli-bin is not installed: install it, or name a binary (--codex)"
        raise GeneratorError(reason) from error
    return cast("Path", package.bundled_codex_path())


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
    version = _version(codex)
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


def _version(codex: Path) -> str:
    words = _run(codex, "--version").split()
    if not words:
        raise GeneratorError(f"{codex}: prints no version")
    return pep440(words[-1])


def _print(codex: Path, flavour: str, scratch: Path) -> Path:
    out = scratch / flavour
    flags = ["--experimental"] if flavour == "experimental" else []
    _run(codex, "app-server", "generate-json-schema", "--out", str(out), *flags)
    bundle = out / _BUNDLE
    if not bundle.is_file():
        raise GeneratorError(f"{codex}: printed no {_BUNDLE}")
    return bundle


def pep440(release: str) -> str:
    """Return the Python version of a runtime release: `0.116.0-alpha.1` -> `0.116.0a1`."""
    return re.sub(r"-(a|b|rc)[a-z]*\.?", r"\1", release)


def _run(codex: Path, *arguments: str) -> str:
    command = [str(codex), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_TIMEOUT)
    except OSError as error:
        raise GeneratorError(f"{codex}: cannot be run: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        stderr = cast("str", error.stderr).strip()
        raise GeneratorError(f"{codex}: exit code {error.returncode}: {stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"{codex}: no answer within {_TIMEOUT:.0f} s") from error
    return done.stdout
