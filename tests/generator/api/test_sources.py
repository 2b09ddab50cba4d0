"""Where two versions of our packages are taken from, and what the command says of them."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from codex_generator.api.facts import PACKAGES, PUBLIC_MODULES
from codex_generator.api.reading import read_api
from codex_generator.cli import main

from tests.generator.api.packages import git, write_packages

ROOT = Path(__file__).parents[3]
RUN = "def run(text: str) -> str: ..."


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, `old`, and a changed tree."""
    folder = write_packages(tmp_path / "repository", sdk=RUN, version="1.0.0")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "old"], ["tag", "old"]):
        git(folder, *command)
    return write_packages(folder, sdk=RUN.replace("text", "words"), version="1.1.0")


def test_a_commit_is_compared_with_a_tree(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--root", str(repository), "api-diff", "old", str(repository)]
    assert main([*command, "--fail-on", "breaking"]) == 3
    assert capsys.readouterr().out.splitlines() == [
        "1.0.0 -> 1.1.0: 2 breaking, 0 additive, 0 neutral",
        "  parameter openai_codex.run(text): who gives it is refused",
        "  parameter openai_codex.run(words): str; who calls it has to give it",
    ]


def test_so_are_wheels_with_what_is_installed(
    tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheels, installed = tmp_path / "dist", tmp_path / "site-packages"
    wheels.mkdir()
    for source in repository.glob("packages/*/src"):
        shutil.copytree(source, installed, dirs_exist_ok=True)
        with zipfile.ZipFile(wheels / f"{source.parent.name}-1.1.0-py3-none-any.whl", "w") as file:
            for module in source.rglob("*.py"):
                file.write(module, module.relative_to(source))

    assert main(["api-diff", str(wheels), str(installed), "--fail-on", "additive"]) == 0
    assert capsys.readouterr().out == "1.1.0 -> 1.1.0: nothing\n"


def test_json_has_what_it_is_about(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = str(repository)
    assert main(["--root", tree, "api-diff", "old", tree, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["old"], document["new"], document["severity"]) == (
        "1.0.0",
        "1.1.0",
        "breaking",
    )


@pytest.mark.parametrize("name", ["nothing", "--help", "old:packages"])
def test_what_is_neither_a_folder_nor_a_commit_is_said_in_a_sentence(
    repository: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(repository), "api-diff", "--", name, str(repository)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"{name}: is neither a folder nor a commit of {repository}\n"


def test_a_folder_without_our_packages_is_refused(
    tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["api-diff", str(tmp_path / "repository" / "packages"), str(repository)]) == 1
    assert capsys.readouterr().err.endswith("there is no codex_app_server_types\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("__all__ = ['run']", "openai_codex: run: is said to be public, and is not there"),
        ("def run(:", "the package openai_codex cannot be read: "),
    ],
)
def test_so_are_packages_that_cannot_be_read(
    repository: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_packages(repository, sdk=f"{text}\n__all__ = ['run']")
    assert main(["--root", str(repository), "api-diff", "old", str(repository)]) == 1
    assert capsys.readouterr().err.startswith(reason)


def test_a_damaged_wheel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.whl").write_bytes(b"PK")
    assert main(["api-diff", str(tmp_path), str(ROOT)]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'broken.whl'}: the wheel: cannot be")


def test_everything_public_of_our_own_packages_is_read() -> None:
    api = read_api([ROOT / "packages" / name / "src" for name in ("types", "rpc", "sdk")])
    assert tuple(api.modules) == PUBLIC_MODULES
    assert all(api.modules.values())
    assert {name.partition(".")[0] for name in api.modules} == set(PACKAGES)
