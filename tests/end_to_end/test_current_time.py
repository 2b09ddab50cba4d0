"""A clock of the program's own, which the runtime reads (``currentTime/read``).

Packages that are rendered for 0.171.0 have nothing of it, so no type checker may be asked.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import ServerRequestHandlers
from openai_codex import TurnFailedError
from openai_codex.testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Codex, CodexConfig
    from openai_codex.testing import ModelServer

pytestmark = pytest.mark.needs("currentTime/read")

NOON = 1700000000
READ_CLOCK = Reply.tool_call("curr_time", {}, namespace="clock")


def current_time(seconds: int) -> Any:
    types = import_module("codex_app_server_types")
    return types.CurrentTimeReadResponse(current_time_at=seconds)


def reading(handler: Callable[..., Any]) -> ServerRequestHandlers:
    by_name: dict[str, Any] = {"current_time_read": handler}
    return ServerRequestHandlers(**by_name)


@pytest.fixture
def with_clock(config: CodexConfig) -> CodexConfig:
    """A runtime that asks this program for the time."""
    override = 'features.current_time_reminder={enabled=true,clock_source="external"}'
    return replace(config, config_overrides=(*config.config_overrides, override))


def test_the_model_is_told_the_programs_time(
    opened: Callable[..., Codex], with_clock: CodexConfig, model: ModelServer
) -> None:
    async def noon(_: object) -> Any:
        return current_time(NOON)

    model.add(READ_CLOCK, "Late.")
    codex = opened(with_clock, handlers=reading(noon))

    assert codex.thread_start().run("How late is it?").final_response == "Late."
    assert "2023-11-14 22:13:20 UTC" in model.requests[1].tool_outputs["call_1"]


def test_without_a_clock_it_is_that_of_this_machine(
    opened: Callable[..., Codex], with_clock: CodexConfig, model: ModelServer
) -> None:
    model.add(READ_CLOCK, "Late.")

    assert opened(with_clock).thread_start().run("How late is it?").final_response == "Late."
    assert "2023" not in model.requests[1].tool_outputs["call_1"]
    assert " UTC" in model.requests[1].tool_outputs["call_1"]


def test_a_clock_that_is_broken_fails_the_turn_and_not_the_client(
    opened: Callable[..., Codex], with_clock: CodexConfig, model: ModelServer
) -> None:
    broken = True

    def read(_: object) -> Any:
        return current_time(-(2**70) if broken else NOON)

    codex = opened(with_clock, handlers=reading(read))
    with pytest.raises(TurnFailedError, match="current time"):
        codex.thread_start().run("How late is it?")

    broken = False
    model.add("Late.")
    assert codex.thread_start().run("And now?").final_response == "Late."
