"""Runs of an example: what surrounds them, who plays the model, and what they have to print.

An example runs unchanged, as a program of its own, on the real runtime. Its home is isolated, and
the home's `config.toml` sends the runtime to a scripted model. With ``CODEX_EXAMPLES_ACCOUNT=1`` in
the environment there is neither: the example runs with the login, the configuration and the model
of whoever runs the tests, and has only to end well and to print something.
"""

from __future__ import annotations

import difflib
import doctest
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from openai_codex.testing import IsolatedHome, ModelRequest, ModelServer, Reply

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"

WITH_ACCOUNT = os.environ.get("CODEX_EXAMPLES_ACCOUNT") == "1"

LIMIT = 60
"""How long an example may take, in seconds; with an account ten times as long."""

Script: TypeAlias = Sequence[Reply | str] | Callable[[ModelRequest], Reply | str]

Check: TypeAlias = Callable[[Sequence[ModelRequest], Path], None]
"""Looks at what the model was asked, and at the folder that the example ran in."""

Surroundings: TypeAlias = Callable[
    [ModelServer, IsolatedHome], AbstractContextManager[Mapping[str, str]]
]
"""Sets a home up, and gives further environment variables."""


@contextmanager
def scripted_model(model: ModelServer, home: IsolatedHome) -> Generator[Mapping[str, str]]:
    """Send every runtime in the home to the scripted model."""
    home.configure(model.config_overrides())
    yield {}


@dataclass(frozen=True)
class Run:
    """One run of an example.

    Attributes:
        prints: All that it prints, where ``...`` stands for any text.
        arguments: The arguments on its command line; or a function that makes them of what the run
            before has printed.
        types: What is typed, line by line.
        exit_code: How it ends.
        complains: All that it prints on stderr, where ``...`` stands for any text.
    """

    prints: str
    arguments: tuple[str, ...] | Callable[[str], tuple[str, ...]] = ()
    types: tuple[str, ...] = ()
    exit_code: int = 0
    complains: str = ""


@dataclass(frozen=True)
class Scene:
    """Runs of an example in one home.

    Attributes:
        runs: One after the other.
        script: Who plays the model, and in which words. A sequence has to be used up.
        files: Files in the folder in which it runs, by name.
        surroundings: What else there is.
        check: A look at what it did.
        with_account: Whether it makes sense, and does no harm, with somebody's own account.
    """

    runs: tuple[Run, ...]
    script: Script = ()
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    surroundings: Surroundings = scripted_model
    check: Check | None = None
    with_account: bool = True

    def play(self, program: Path) -> None:
        """Run an example, and see whether it does what this scene says."""
        if WITH_ACCOUNT:
            self._play_with_account(program)
            return
        with (
            ModelServer(self.script) as model,
            IsolatedHome() as home,
            self.surroundings(model, home) as environment,
        ):
            surroundings = {**home.process_env, **environment}
            for run, ended in self._played(program, home.workspace, surroundings):
                _check_text("stderr", run.complains, ended.stderr)
                _check_text("stdout", run.prints, ended.stdout)
                assert ended.returncode == run.exit_code
            model.assert_exhausted()
            if self.check is not None:
                self.check(model.requests, home.workspace)

    def _play_with_account(self, program: Path) -> None:
        if not self.with_account:
            pytest.skip("not with an account: it would be changed, or has nothing to do with it")
        with tempfile.TemporaryDirectory() as folder:
            for run, ended in self._played(program, Path(folder), os.environ):
                assert (ended.returncode, ended.stderr) == (run.exit_code, "")
                assert ended.stdout.strip()

    def _played(
        self, program: Path, folder: Path, environment: Mapping[str, str]
    ) -> Iterator[tuple[Run, subprocess.CompletedProcess[str]]]:
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        printed = ""
        for run in self.runs:
            arguments = run.arguments(printed) if callable(run.arguments) else run.arguments
            ended = subprocess.run(
                [sys.executable, "-W", "error", program, *arguments],
                cwd=folder,
                env={**environment, "PYTHONIOENCODING": "utf-8"},
                input="".join(f"{line}\n" for line in run.types),
                capture_output=True,
                encoding="utf-8",
                timeout=LIMIT * (10 if WITH_ACCOUNT else 1),
                check=False,
            )
            printed = ended.stdout
            yield run, ended


def _check_text(name: str, wanted: str, got: str) -> None:
    """Compare a text with what it has to be, where ``...`` stands for any text."""
    if doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS):
        return
    lines = difflib.ndiff(wanted.splitlines(), got.splitlines())
    pytest.fail("\n".join([f"{name} is not what it has to be:", *lines]), pytrace=False)
