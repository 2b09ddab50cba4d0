"""One run of an example: what surrounds it, who plays its model, and what it has to print.

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
from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True)
class Scene:
    """One run of an example.

    Attributes:
        prints: All that the example prints, where ``...`` stands for any text.
        script: Who plays the model, and in which words. A sequence has to be used up.
        arguments: The arguments on the command line.
        types: What is typed, line by line.
        files: Files in the folder in which it runs, by name.
        environment: Further environment variables.
        exit_code: How it ends.
        complains: All that it prints on stderr, likewise.
        check: A look at what it did.
        with_account: Whether it makes sense, and does no harm, with somebody's own account.
    """

    prints: str
    script: Script = ()
    arguments: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    exit_code: int = 0
    complains: str = ""
    check: Check | None = None
    with_account: bool = True

    def play(self, program: Path) -> None:
        """Run an example, and see whether it does what this scene says."""
        if WITH_ACCOUNT:
            self._play_with_account(program)
            return
        with ModelServer(self.script) as model, IsolatedHome() as home:
            home.configure(model.config_overrides())
            ended = self._run(program, home.workspace, home.process_env)
            check_text("stderr", self.complains, ended.stderr)
            check_text("stdout", self.prints, ended.stdout)
            assert ended.returncode == self.exit_code
            model.assert_exhausted()
            if self.check is not None:
                self.check(model.requests, home.workspace)

    def _play_with_account(self, program: Path) -> None:
        if not self.with_account:
            pytest.skip("this is for the scripted model only")
        with tempfile.TemporaryDirectory() as folder:
            ended = self._run(program, Path(folder), os.environ)
        assert (ended.returncode, ended.stderr) == (self.exit_code, "")
        assert ended.stdout.strip()

    def _run(
        self, program: Path, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return subprocess.run(
            [sys.executable, "-W", "error", program, *self.arguments],
            cwd=folder,
            env={**environment, "PYTHONIOENCODING": "utf-8", **self.environment},
            input="".join(f"{line}\n" for line in self.types),
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT * (10 if WITH_ACCOUNT else 1),
            check=False,
        )


def check_text(name: str, wanted: str, got: str) -> None:
    """Compare a text with what it has to be, where ``...`` stands for any text."""
    if doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS):
        return
    lines = difflib.ndiff(wanted.splitlines(), got.splitlines())
    pytest.fail("\n".join([f"{name} is not what it has to be:", *lines]), pytrace=False)
