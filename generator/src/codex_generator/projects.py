"""Projects: the files that make a folder below `packages/` a distribution of some version.

They follow from versions alone, so that staging can render them for any release.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codex_generator.release.platforms import PLATFORMS, TAGS
from codex_generator.templating import fill

PROJECTS: Final = {
    "types": "codex-app-server-types",
    "rpc": "codex-app-server-rpc",
    "sdk": "codex-app-server-sdk-core",
    "runtime": "openai-codex-cli-bin",
    "bundle": "codex-app-server-sdk",
}
"""The distribution of each layer, lowest first; a layer's folder is `packages/LAYER`."""

LICENSE: Final = "Apache-2.0"
"""Of everything that is written or rendered here, as an SPDX expression."""

_BESIDE: Final = {
    "types": (),
    "rpc": (),
    "sdk": ("src/openai_codex/_version.py",),
    "runtime": (
        "hatch_build.py",
        "src/codex_cli_bin/__init__.py",
        "src/codex_cli_bin/py.typed",
    ),
    "bundle": (),
}
"""What a project has rendered beside its `pyproject.toml` and `README.md`."""


def render_project(
    layer: str, version: str, *, runtime_version: str | None = None, license_: str = LICENSE
) -> dict[Path, str]:
    """Render the files of one project, unformatted.

    Args:
        layer: a key of `PROJECTS`.
        version: of the distribution, and of those of ours that it pins.
        runtime_version: of the runtime, where it is another.
        license_: of all that the distribution carries, as an SPDX expression.

    Returns:
        The text of each file, by its path from the project's folder.
    """
    files = ("pyproject.toml", "README.md", *_BESIDE[layer])
    return {
        Path(file): fill(
            f"{layer}/{Path(file).name}.jinja",
            version=version,
            runtime_version=runtime_version or version,
            license=license_,
            platforms=PLATFORMS,
            tags=TAGS,
        )
        for file in files
    }
