"""Runtimes of other versions: refused, warned of, used; and what they know can be asked."""

from __future__ import annotations

import warnings

import pytest
from codex_app_server_rpc import AsyncClient, Client, ClientIdentity
from openai_codex import (
    AsyncCodex,
    Codex,
    CodexConfig,
    InvalidArgumentError,
    RuntimeTooOldError,
    UnsupportedMethodError,
    UntestedRuntimeWarning,
    UsageError,
)
from openai_codex.testing import ScriptedServer

NEWER = "90.0.0"
OLDER = "0.150.0"
ME = ClientIdentity("editor/9.9.9", "1")


@pytest.fixture(autouse=True)
def errors() -> None:
    """Make each warning an error, which is raised each time."""
    warnings.simplefilter("error", UntestedRuntimeWarning)


def test_a_runtime_that_is_too_old_is_refused_by_facade_and_raw_client() -> None:
    with ScriptedServer(version=OLDER) as server:
        with pytest.raises(RuntimeTooOldError, match=rf"{OLDER}.*0\.154\.0 or newer"):
            Codex(transport=server.transport())
        client = Client(server.transport(), identity=ME)
        with pytest.raises(RuntimeTooOldError, match=OLDER):
            client.start()


def test_a_warning_that_is_an_error_ends_the_client() -> None:
    with ScriptedServer(version=NEWER) as server:
        with pytest.raises(UntestedRuntimeWarning):
            Codex(transport=server.transport())
        with pytest.raises(UntestedRuntimeWarning):
            Client(server.transport(), identity=ME).start()


async def test_the_async_halves_do_so_too() -> None:
    with ScriptedServer(version=NEWER) as server:
        with pytest.raises(UntestedRuntimeWarning):
            await AsyncCodex(transport=server.async_transport()).__aenter__()
        with pytest.raises(UntestedRuntimeWarning):
            await AsyncClient(server.async_transport(), identity=ME).start()


@pytest.mark.parametrize("version", [OLDER, NEWER, "0.0.0"])
def test_the_check_can_be_turned_off(version: str) -> None:
    with ScriptedServer(version=version) as server:
        with Codex(CodexConfig(check_version=False), transport=server.transport()) as codex:
            assert codex.metadata.server_info.version == version
        with Client(server.transport(), identity=ME, check_version=False) as client:
            assert client.server_info.version == version
            assert client.server_info.name == ME.name


def test_who_is_not_started_knows_no_server() -> None:
    with ScriptedServer() as server:
        client = Client(server.transport(), identity=ME)
        with pytest.raises(UsageError, match="not started"):
            client.supports("thread/start")
        with pytest.raises(UsageError, match="not started"):
            _ = client.server_info


def test_the_facade_tells_what_the_runtime_knows() -> None:
    with ScriptedServer(version="0.154.0") as server, Codex(transport=server.transport()) as codex:
        assert codex.supports("thread/goal/set")
        assert not codex.supports("thread/prediction/request")
        assert not codex.supports("thread/queue/add")  # it is experimental, and nobody opted in
        with pytest.raises(InvalidArgumentError, match="did you mean thread/goal/set"):
            codex.supports("thread/goal/sett")


async def test_who_opts_in_has_what_is_experimental() -> None:
    with ScriptedServer(version="0.154.0") as server:
        config = CodexConfig(experimental_api=True)
        async with AsyncCodex(config, transport=server.async_transport()) as codex:
            assert codex.supports("thread/queue/add")
            assert not codex.supports("thread/prediction/request")


OLD = "0.139.0"
"""Has no `thread/delete`; the minimum has, so that there are no packages without."""
MISSING = r"thread/delete: .*0\.139\.0.*since 0\.140\.0"


def test_a_method_that_the_runtime_does_not_have_is_told_with_both_versions() -> None:
    with (
        ScriptedServer(version=OLD) as server,
        Client(server.transport(), identity=ME, check_version=False) as client,
        pytest.raises(UnsupportedMethodError, match=MISSING),
    ):
        client.thread_delete(thread_id="t")


async def test_it_is_told_so_by_the_async_client() -> None:
    with ScriptedServer(version=OLD) as server:
        transport = server.async_transport()
        async with AsyncClient(transport, identity=ME, check_version=False) as client:
            with pytest.raises(UnsupportedMethodError, match=MISSING):
                await client.thread_delete(thread_id="t")
