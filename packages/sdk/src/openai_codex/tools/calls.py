"""Answering a tool call of the model (``item/tool/call``), in both halves.

The raw client runs this off its reader: in a task of the async client; of the sync one, in a thread
with an event loop of its own. It cancels what works on a call that wants no answer any more.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from codex_app_server_rpc.loggers import logger
from codex_app_server_rpc.threads import in_thread
from codex_app_server_types import (
    DynamicToolCallResponse,
    InputTextDynamicToolCallOutputContentItem,
)

from openai_codex.errors import ToolError
from openai_codex.tools.content import content_items

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from codex_app_server_types import DynamicToolCallOutputContentItem, DynamicToolCallParams

    from openai_codex.tools.definition import Tool

__all__ = ["answer_to", "unknown_tool"]

ResultT = TypeVar("ResultT")

_CALL: Final = "in thread %s, turn %s, call %s"
"""How a call is named in the log; see `_ids`."""

_given_up: set[asyncio.Task[Any]] = set()
"""Tools that still run although nobody waits for them: event loops do not keep their tasks."""

_logger = logger("tools")


async def answer_to(
    call: DynamicToolCallParams, tool: Tool[..., object]
) -> DynamicToolCallResponse:
    """Call a tool. Whatever goes wrong in it is told to the model, and the turn goes on.

    Args:
        call: What the model wants.
        tool: The tool that it means.
    """
    try:
        arguments = tool.parameters.arguments(call.arguments)
        items = await _within(tool, call, _items(tool, arguments))
        return DynamicToolCallResponse(success=True, content_items=items)
    except ToolError as error:
        return _failure(str(error) or f"{tool.full_name} failed.")
    except _OverdueError:
        _logger.warning(
            f"tool %s took more than %g s {_CALL}: the model was told so",
            tool.full_name,
            tool.timeout,
            *_ids(call),
        )
        return _failure(f"{tool.full_name} took more than {tool.timeout:g} s, and was given up.")
    except Exception:
        _logger.exception(f"tool %s failed {_CALL}", tool.full_name, *_ids(call))
        return _failure(f"{tool.full_name} failed: an error in the program that offers it.")


def unknown_tool(call: DynamicToolCallParams, name: str) -> DynamicToolCallResponse:
    """Tell the model that there is no such tool, and the developer too."""
    _logger.warning(
        f"there is no tool %s {_CALL}: give the thread its tools, as thread_resume(tools=[...])",
        name,
        *_ids(call),
    )
    return _failure(f"There is no tool {name}: the program that offered it does not any more.")


class _OverdueError(Exception):
    """A tool takes longer than it may."""


async def _within(
    tool: Tool[..., object], call: DynamicToolCallParams, work: Coroutine[None, None, ResultT]
) -> ResultT:
    """Wait for a tool as long as it may take, and not for what it does when it is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=tool.timeout)
    except asyncio.CancelledError:  # the turn is over: nobody waits for an answer
        _give_up(task, tool, call)
        await asyncio.wait({task})
        raise
    if not done:
        _give_up(task, tool, call)
        raise _OverdueError
    if task.cancelled():
        raise RuntimeError("the tool cancelled itself")
    return task.result()


def _give_up(task: asyncio.Task[Any], tool: Tool[..., object], call: DynamicToolCallParams) -> None:
    def ended(task: asyncio.Task[Any]) -> None:
        _given_up.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _logger.error(
                f"tool %s failed after it was cancelled {_CALL}",
                tool.full_name,
                *_ids(call),
                exc_info=task.exception(),
            )

    _given_up.add(task)
    task.add_done_callback(ended)
    task.cancel()


async def _items(
    tool: Tool[..., object], arguments: dict[str, object]
) -> list[DynamicToolCallOutputContentItem]:
    result = await _result(tool, arguments)
    # Not on the event loop: this may read files.
    return await in_thread(content_items, result, name=f"codex-{tool.full_name}-result")


async def _result(tool: Tool[..., object], arguments: dict[str, object]) -> object:
    if tool.is_async:
        return await _awaited(tool, cast("Awaitable[object]", tool.function(**arguments)))
    place = await tool.limiter.place()

    def run(arguments: dict[str, object]) -> object:
        # Left at the end of the function, not of the call: nothing stops a thread.
        with place:
            try:
                return tool.function(**arguments)
            except Exception:
                raise
            except BaseException as error:  # in the event loop, SystemExit would end the program
                raise RuntimeError(f"the tool raised {type(error).__name__}") from error

    try:
        result = await in_thread(run, arguments, name=f"codex-{tool.full_name}")
    except RuntimeError:  # there may be no more threads
        place.leave()
        raise
    if inspect.isawaitable(result):  # it wraps a coroutine function
        return await _awaited(tool, cast("Awaitable[object]", result))
    return result


async def _awaited(tool: Tool[..., object], awaitable: Awaitable[object]) -> object:
    try:
        with await tool.limiter.place():
            return await awaitable
    except SystemExit as error:  # which would end the event loop
        raise RuntimeError("the tool raised SystemExit") from error
    finally:
        if inspect.iscoroutine(awaitable):
            awaitable.close()  # if it was not begun


def _ids(call: DynamicToolCallParams) -> tuple[str, str, str]:
    return call.thread_id, call.turn_id, call.call_id


def _failure(message: str) -> DynamicToolCallResponse:
    item = InputTextDynamicToolCallOutputContentItem(text=message)
    return DynamicToolCallResponse(success=False, content_items=[item])
