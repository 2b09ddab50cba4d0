"""Expected: what each distribution of a release has to hold, worked out from the sources anew."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final

import tomli
from build import BuildException, ProjectBuilder
from packaging.metadata import Metadata
from pyproject_hooks import quiet_subprocess_runner

from codex_generator.projects import PROJECTS
from codex_generator.release.errors import ReleaseError
from codex_generator.release.packages import Content
from codex_generator.release.platforms import platform_of
from codex_generator.release.sources import DESCRIPTION
from codex_generator.release.staging import PROGRAMS_BELOW, runtime_texts
from codex_generator.render import write_files
from codex_generator.tree import walk

METADATA: Final = "METADATA"
_ENTRY_POINTS: Final = "entry_points.txt"

PURE: Final = "any"
"""The platform tag of a wheel that holds no program."""


@dataclass(frozen=True)
class Expected:
    """What a file in `dist/` has to be."""

    name: str
    """The file's name."""
    layer: str
    """Its distribution, as a key of `PROJECTS`."""
    version: str
    contents: Mapping[str, Content]
    """Every file in it, but for a wheel's `RECORD`, which follows from the others."""
    metadata: str
    """The path of the metadata in it."""
    requirements: tuple[str, ...]
    """What it needs, as its metadata say."""
    tag: str = ""
    """Its platform tag, of a wheel with programs."""
    programs: tuple[str, ...] = ()
    """The paths of the native programs in it."""

    @property
    def label(self) -> str:
        """What it is called where there is little room."""
        return self.tag or f"{self.layer} {'wheel' if self.is_wheel else 'sdist'}"

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(content.size for content in self.contents.values())

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, and no sdist."""
        return self.name.endswith(".whl")


def expected_runtime(
    root: Path, version: str, tag: str, package: Mapping[str, Content]
) -> Expected:
    """Work out what the runtime's wheel for a platform has to be.

    Args:
        root: of the repository.
        version: of the release.
        tag: the wheel's platform tag.
        package: the content of the platform package, from `read_package`.
    """
    left_out = platform_of(tag).left_out(tag)
    carried = {path: content for path, content in package.items() if path not in left_out}
    with tempfile.TemporaryDirectory() as scratch:
        staged = Path(scratch)
        write_files(staged, runtime_texts(root, carried.keys() - {DESCRIPTION}, version, tag))
        below = PROGRAMS_BELOW.relative_to("src").as_posix()
        programs = {f"{below}/{path}": content for path, content in carried.items()}
        return _wheel(staged, "runtime", version, tag, programs, _declared(staged))


def expected_pure(staged: Path, layer: str, version: str) -> tuple[Expected, Expected]:
    """Work out what wheel and sdist of a layer without programs have to be.

    Args:
        staged: its staged folder.
        layer: a key of `PROJECTS`.
        version: of the release.

    Returns:
        The wheel and the sdist.
    """
    declared = _declared(staged)
    wheel = _wheel(staged, layer, version, PURE, {}, declared)
    return wheel, _sdist(staged, layer, version, declared[METADATA])


def _wheel(
    staged: Path,
    layer: str,
    version: str,
    tag: str,
    programs: Mapping[str, Content],
    declared: Mapping[str, bytes],
) -> Expected:
    name = f"{_file_name(layer)}-{version}"
    info = f"{name}.dist-info"
    facts = (
        f"Wheel-Version: 1.0\nGenerator: hatchling {installed_version('hatchling')}\n"
        f"Root-Is-Purelib: {'true' if tag == PURE else 'false'}\nTag: py3-none-{tag}\n"
    )
    contents = {
        **programs,
        **{f"{info}/{name}": _content(text) for name, text in declared.items()},
        f"{info}/WHEEL": _content(facts.encode()),
    }
    for path in walk(staged, Path()):
        text = (staged / path).read_bytes()
        if path.parts[0] == "src":
            contents[path.relative_to("src").as_posix()] = _content(text)
        elif path.name.startswith(("LICENSE", "NOTICE")):
            contents[f"{info}/licenses/{path.name}"] = _content(text)
    file = f"{name}-py3-none-{tag}.whl"
    natives = tuple(sorted(path for path in programs if not path.endswith(f"/{DESCRIPTION}")))
    platform_tag = tag if natives else ""
    where, needs = f"{info}/{METADATA}", _requirements(declared[METADATA])
    return Expected(file, layer, version, contents, where, needs, platform_tag, natives)


def _sdist(staged: Path, layer: str, version: str, metadata: bytes) -> Expected:
    name = f"{_file_name(layer)}-{version}"
    contents = {
        f"{name}/{path.as_posix()}": _content((staged / path).read_bytes())
        for path in walk(staged, Path())
    }
    contents[f"{name}/PKG-INFO"] = _content(metadata)
    where, needs = f"{name}/PKG-INFO", _requirements(metadata)
    return Expected(f"{name}.tar.gz", layer, version, contents, where, needs)


def _declared(staged: Path) -> dict[str, bytes]:
    """Return what a staged folder declares as its wheel has it: metadata, perhaps entry points."""
    points = _entry_points(staged)
    return {METADATA: _metadata(staged), **({_ENTRY_POINTS: points} if points else {})}


def _metadata(staged: Path) -> bytes:
    """Have the build backend say what a staged folder's metadata are."""
    with tempfile.TemporaryDirectory() as scratch:
        builder = ProjectBuilder(staged, runner=quiet_subprocess_runner)
        try:
            return Path(builder.metadata_path(scratch), METADATA).read_bytes()
        except BuildException as error:
            raise ReleaseError(f"{staged}: its metadata cannot be made: {error}") from error


def _entry_points(staged: Path) -> bytes:
    """Write a project's entry points as its wheel has them; empty where there is none."""
    project = tomli.loads((staged / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups: dict[str, dict[str, str]] = project.get("entry-points", {})
    sections = [
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""])
        for group, points in groups.items()
    ]
    return "\n".join(sections).encode()


def _requirements(metadata: bytes) -> tuple[str, ...]:
    found = Metadata.from_email(metadata, validate=False).requires_dist or []
    return tuple(map(str, found))


def _file_name(layer: str) -> str:
    return PROJECTS[layer].replace("-", "_")


def _content(text: bytes) -> Content:
    return Content(sha256(text).hexdigest(), len(text), executable=False)
