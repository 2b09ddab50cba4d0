"""Fixtures for tests of programs that use Codex: no account, no network.

pytest finds this plugin by its entry point wherever `openai_codex` is installed::

    from my_program import summarize  # which uses Codex()

    def test_it_summarizes(codex_model):
        codex_model.add("It sorts numbers.")
        assert summarize("sort.py") == "It sorts numbers."
        assert "sort.py" in codex_model.requests[0].prompt

`codex_home` isolates the test, `codex_model` scripts the model, `codex` and `async_codex` are
clients that have both, set up by `codex_config`. ``-p no:openai_codex`` turns the plugin off.
"""

from __future__ import annotations

import os
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from openai_codex import AsyncCodex, Codex, CodexConfig
    from openai_codex.testing import IsolatedHome, ModelServer

# This module is loaded in every run of pytest: what it needs beyond pytest is imported by the
# fixtures that need it.

_KEPT: Final = (
    *("PYTEST_*", "PYTHON*", "COV_*", "COVERAGE_*", "VIRTUAL_ENV"),
    *("CODEX_BIN", "CODEX_WIRE_LOG*"),
)
"""What Python, pytest and coverage tell their subprocesses, and what tells this library which
runtime to start and where to write the wire log: nothing of it is a secret, or the runtime's."""

_WIRE_LOG: Final = "CODEX_WIRE_LOG"

_KEEP_OPTION: Final = "codex_keep_env"

_model_key = pytest.StashKey["ModelServer"]()
_reported_key = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option of `codex_home`."""
    parser.addini(
        _KEEP_OPTION,
        "Environment variables that codex_home leaves in place, as names or patterns (DATABASE_*).",
        type="args",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixture that needs pytest-asyncio, where that is there."""
    if _has_pytest_asyncio(config):
        from openai_codex.testing import _pytest_asyncio

        config.pluginmanager.register(_pytest_asyncio, "openai_codex_asyncio")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Let a test fail for what went wrong in its script."""
    try:
        yield
    except BaseException:
        # It may be the consequence: tell both.
        for error in _new_errors(item):
            item.add_report_section("call", "codex_model", error)
        raise
    if errors := _new_errors(item):
        raise _failure(f"codex_model: {errors[0]}")


@pytest.fixture
def codex_home(pytestconfig: pytest.Config) -> Iterator[IsolatedHome]:
    """A temporary home of the runtime, in whose environment the test runs.

    During the test, `os.environ` has little more than `PATH` and a `CODEX_HOME` of its own: no
    login, configuration, key or proxy of yours. Every `Codex()` of the program under test, and
    every subprocess, is isolated by that. `codex_home.workspace` is an empty folder,
    `codex_home.configure(...)` writes the runtime's `config.toml`. What the program needs of the
    environment, set in the test, or name it in the ini option `codex_keep_env`: what an autouse
    fixture has set before is taken away as well. `os.environ` is that of the whole process, so
    tests that use this fixture, or one that builds on it, cannot run in parallel threads; in
    parallel processes, as those of pytest-xdist, they can.
    """
    from openai_codex.testing import IsolatedHome

    patterns = [*_KEPT, *pytestconfig.getini(_KEEP_OPTION)]
    # Not the fixture `monkeypatch`: a test that undoes its own changes keeps its isolation.
    with IsolatedHome() as home, pytest.MonkeyPatch.context() as patch:
        isolated = home.process_env
        if log := os.environ.get(_WIRE_LOG):
            patch.setenv(_WIRE_LOG, os.path.expanduser(log))  # while the home is the user's
        for name in list(os.environ):
            if name not in isolated and not any(fnmatchcase(name, each) for each in patterns):
                patch.delenv(name)
        for name, value in isolated.items():
            patch.setenv(name, value)
        yield home


@pytest.fixture
def codex_model(codex_home: IsolatedHome, request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    """A scripted model (`ModelServer`) that every runtime in `codex_home` asks.

    `codex_model.add("text", Reply.command("ls"))` appends to its script, `codex_model.play(f)`
    has a function reply, `codex_model.requests` is what the runtime asked. A request that finds no
    reply, or a script that raises, fails the test.
    """
    from openai_codex.testing import ModelServer

    model = ModelServer()
    try:
        model.start()
    except OSError as error:
        reason = f"codex_model: the scripted model cannot listen on the loopback: {error}"
        raise _failure(reason) from None
    try:
        codex_home.configure(model.config_overrides())
        # A test may run twice, as what is flaky does: nothing of its first script counts.
        request.node.stash[_model_key] = model
        request.node.stash[_reported_key] = 0
        yield model
    finally:
        model.close()
    if errors := _new_errors(request.node):
        raise _failure(f"codex_model: {errors[0]}")


@pytest.fixture
def codex_config(codex_home: IsolatedHome) -> CodexConfig:
    """The `CodexConfig` of `codex` and `async_codex`: threads work in `codex_home.workspace`.

    Define a fixture of this name to set them up otherwise.
    """
    from openai_codex import CodexConfig

    return CodexConfig(cwd=codex_home.workspace)


@pytest.fixture
def codex(codex_model: ModelServer, codex_config: CodexConfig) -> Iterator[Codex]:
    """A `Codex` on the real runtime with the scripted model, started; closed afterwards."""
    from openai_codex import Codex
    from openai_codex.errors import CodexError

    try:
        client = Codex(codex_config)
    except CodexError as error:
        raise _failure(f"codex: the runtime did not start: {error}") from None
    with client:
        yield client


@pytest.fixture
def async_codex(request: pytest.FixtureRequest) -> AsyncCodex:
    """An `AsyncCodex` on the real runtime with the scripted model, started; closed afterwards.

    pytest-asyncio runs it, in its strict and auto modes, or anyio's plugin, in tests marked
    for it. It belongs to the event loop of the test, whatever the `loop_scope` of that: by the
    test's marker, or by the ini option `asyncio_default_test_loop_scope`.
    """
    if request.node.get_closest_marker("anyio") is not None:
        runner = "_codex_of_anyio"
    elif _has_pytest_asyncio(request.config):
        from openai_codex.testing import _pytest_asyncio

        runner = _pytest_asyncio.client_fixture_of(request.node)
    else:
        raise _failure(
            "async_codex: pytest-asyncio, which it needs, is not installed or is turned off: "
            "pip install pytest-asyncio"
        )
    client: AsyncCodex = request.getfixturevalue(runner)
    return client


@pytest.fixture
async def _codex_of_anyio(
    codex_model: ModelServer, codex_config: CodexConfig
) -> AsyncIterator[AsyncCodex]:
    async for client in running(codex_config):
        yield client


async def running(config: CodexConfig) -> AsyncIterator[AsyncCodex]:
    """Start a client, give it, and close it when it is wanted no more."""
    import asyncio

    from openai_codex import AsyncCodex
    from openai_codex.errors import CodexError

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise _failure(
            "async_codex: it runs on asyncio; let the fixture anyio_backend return 'asyncio'"
        ) from None
    client = AsyncCodex(config)
    try:
        await client.__aenter__()
    except CodexError as error:
        raise _failure(f"async_codex: the runtime did not start: {error}") from None
    try:
        yield client
    finally:
        await client.close()


def _has_pytest_asyncio(config: pytest.Config) -> bool:
    """Tell whether pytest-asyncio is among the plugins, by whatever name it was loaded."""
    plugin = sys.modules.get("pytest_asyncio.plugin")
    return plugin is not None and config.pluginmanager.is_registered(plugin)


def _failure(reason: str) -> BaseException:
    """Make the failure of a test that is one sentence, without a traceback."""
    return pytest.fail.Exception(reason, pytrace=False)


def _new_errors(node: pytest.Item) -> list[str]:
    """Give the errors of a test's script that were not reported yet."""
    model = node.stash.get(_model_key, None)
    if model is None:
        return []
    errors = [str(error) for error in model.errors]
    reported = node.stash.get(_reported_key, 0)
    node.stash[_reported_key] = len(errors)
    return errors[reported:]
