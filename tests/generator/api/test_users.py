"""Programs that were written for the last release, checked against the packages as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from codex_generator.api.users import Finding, UserCheck, check_users, last_release
from codex_generator.cli import main
from codex_generator.diagnostics import GeneratorError

from tests.generator.api.packages import git, write_packages

SDK = "def run(text: str) -> str:\n    return text\n"
PROGRAM = """\
from openai_codex import run

print(run("Hello.").upper())
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose one commit is the release of this program and these packages."""
    folder = write_packages(tmp_path, sdk=SDK)
    program = folder / "tests/user/program.py"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Release")
    return folder


def test_programs_of_the_last_release_are_held_against_the_tree(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "tag", "v1.0.0")
    write_packages(repository, sdk=SDK.replace("str:", "str | None:"))
    # Mended already, so that today's would not tell.
    (repository / "tests/user/program.py").write_text("", encoding="utf-8")

    assert main(["--root", str(repository), "check-users"]) == 0
    found, count = capsys.readouterr().out.splitlines()
    assert found.startswith('tests/user/program.py:3: "upper" is not a known attribute of "None"')
    assert count == "1 programs of v1.0.0: 1 line(s) to change"


def test_a_line_of_which_several_things_are_said_is_one_line() -> None:
    found = (Finding("a.py", 1, "this"), Finding("a.py", 1, "that"), Finding("b.py", 1, "this"))
    assert UserCheck("v1.0.0", 2, found).lines == 2
    assert str(UserCheck("v1.0.0", 2, found)).endswith("2 programs of v1.0.0: 2 line(s) to change")


def test_who_asks_for_it_has_them_fail(repository: Path) -> None:
    command = ["--root", str(repository), "check-users", "--fail-on", "breaking"]
    assert main(command) == 0
    write_packages(repository, sdk=SDK.replace("run", "start"))
    assert main(command) == 3


def test_another_tree_can_have_the_packages(tmp_path: Path, repository: Path) -> None:
    build = write_packages(tmp_path / "build", sdk=SDK.replace("text: str", "text: int"))
    found = check_users(repository, build=build).findings
    assert [(each.file, each.line) for each in found] == [("tests/user/program.py", 3)]


def test_the_last_release_is_the_last_tag_of_a_version(repository: Path) -> None:
    commit = last_release(repository)
    assert re.fullmatch("[0-9a-f]{7,}", commit)
    for tag in ("v1.0.0", "1.1.0", "later"):
        git(repository, "commit", "--quiet", "--allow-empty", f"--message={tag}")
        git(repository, "tag", tag)
    assert last_release(repository) == "1.1.0"


@pytest.mark.parametrize(
    ("since", "reason"),
    [("v2.0.0", "v2.0.0: is neither a folder nor a commit of "), ("v1.0.0", "has no tests/user/")],
)
def test_without_programs_there_is_nothing_to_check(
    repository: Path, since: str, reason: str
) -> None:
    git(repository, "rm", "--quiet", "-r", "tests")
    git(repository, "commit", "--quiet", "--message=Without")
    git(repository, "tag", "v1.0.0")
    with pytest.raises(GeneratorError, match=reason):
        check_users(repository, since=since)


def test_a_folder_without_commits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="git: the last commit of "):
        last_release(tmp_path)


def test_a_library_that_is_missing_is_no_fault_of_the_packages(repository: Path) -> None:
    (repository / "tests/user/program.py").write_text("import no_such_library", encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message=Needs more")
    with pytest.raises(GeneratorError, match="needs no_such_library to be installed"):
        check_users(repository)
