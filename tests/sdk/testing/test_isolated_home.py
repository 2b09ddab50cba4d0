"""What the runtime finds in an isolated home, and what is left of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from openai_codex.testing import IsolatedHome


def test_the_folders_exist_and_the_workspace_is_empty() -> None:
    with IsolatedHome() as home:
        assert home.codex_home.is_dir()
        assert list(home.workspace.iterdir()) == []


def test_every_home_is_another() -> None:
    with IsolatedHome() as one, IsolatedHome() as two:
        assert one.path != two.path


@pytest.mark.parametrize("name", ["HOME", "USERPROFILE", "CODEX_HOME", "TMPDIR", "TEMP", "TMP"])
def test_home_and_temporary_folders_lie_in_it(name: str) -> None:
    with IsolatedHome() as home:
        folder = Path(home.process_env[name])

        assert folder.is_dir()
        assert folder.is_relative_to(home.path)


def test_the_runtimes_home_is_not_in_the_temporary_folder() -> None:
    with IsolatedHome() as home:
        assert not home.codex_home.is_relative_to(home.process_env["TMPDIR"])


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "CODEX_ACCESS_TOKEN", "HTTPS_PROXY", "all_proxy", "XDG_CONFIG_HOME"]
)
def test_what_is_the_developers_own_stays_outside(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "the-developers-own")

    with IsolatedHome() as home:
        assert name not in home.process_env


def test_what_a_process_needs_of_the_machine_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/some/where")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    with IsolatedHome() as home:
        assert home.process_env["PATH"] == "/some/where"
        assert home.process_env["LC_ALL"] == "C.UTF-8"


def test_laid_over_the_parents_environment_it_leaves_nothing_else_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-developers-own")

    with IsolatedHome() as home:
        laid_over = {**os.environ, **home.env}

        assert {n: v for n, v in laid_over.items() if v is not None} == home.process_env
        assert home.env["OPENAI_API_KEY"] is None


def test_the_environment_is_enough_to_run_a_program() -> None:
    with IsolatedHome() as home:
        code = "import os, tempfile; print(tempfile.gettempdir(), os.path.expanduser('~'))"
        result = subprocess.run(
            [sys.executable, "-c", code],
            env=home.process_env,
            capture_output=True,
            text=True,
            check=True,
        )

        assert result.stdout.split() == [home.process_env["TMPDIR"], home.process_env["HOME"]]


def test_nothing_is_left_of_it() -> None:
    with IsolatedHome() as home:
        (home.workspace / "folder").mkdir()
        (home.workspace / "folder" / "file").write_text("text")

    assert not home.path.exists()


def test_it_may_be_closed_twice() -> None:
    home = IsolatedHome()
    home.close()
    home.close()

    assert not home.path.exists()


def test_it_may_be_gone_already() -> None:
    with IsolatedHome() as home:
        home.path.rename(home.path.with_suffix(".moved"))
    home.path.with_suffix(".moved").rename(home.path)
    home.close()

    assert not home.path.exists()


def test_a_program_that_still_writes_does_not_keep_it() -> None:
    home = IsolatedHome()
    writing = threading.Event()

    def write() -> None:
        with contextlib.suppress(FileNotFoundError):  # the folder is gone: so is the writer
            for number in range(3000):
                with open(home.codex_home / str(number), "wb"):
                    writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(10)
    home.close()
    writer.join(10)

    assert not home.path.exists()


def test_what_comes_back_after_closing_goes_with_the_interpreter() -> None:
    code = """if True:
        from openai_codex.testing import IsolatedHome

        home = IsolatedHome()
        home.close()
        home.codex_home.mkdir(parents=True)
        print(home.path)
    """
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert not Path(os.fsdecode(result.stdout.strip())).exists()


def test_the_parents_environment_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEX_HOME", "the-developers-own")
    before = dict(os.environ)

    with IsolatedHome() as home:
        assert home.env != home.process_env
        assert dict(os.environ) == before


def test_a_fork_that_exits_leaves_the_home_to_its_parent() -> None:
    program = """
import os, sys
from openai_codex.testing import IsolatedHome
home = IsolatedHome()
if (child := os.fork()) == 0:
    sys.exit()
os.waitpid(child, 0)
print(home.workspace.is_dir())
"""

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "True\n"
