"""Which tools the threads of a client have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc.loggers import logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codex_app_server_types import (
        DynamicToolCallParams,
        DynamicToolCallResponse,
        DynamicToolSpec,
        JsonValue,
        Thread,
    )

    from openai_codex.tools.definition import Tool
    from openai_codex.tracing.tracer import Tracer

__all__ = ["Toolbox"]

_logger = logger("tools")


class Toolbox:
    """The tools of one client's threads."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        """Have none.

        Args:
            tracer: Makes spans of the calls.
        """
        self._tracer = tracer
        self._of: dict[str, tuple[Tool[..., object], ...]] = {}
        # What the models were told, of threads that this client has started.
        self._told: dict[str, tuple[Tool[..., object], ...]] = {}

    def specs(self, tools: Sequence[Tool[..., object]]) -> list[DynamicToolSpec]:
        """Say in the protocol's words which tools a thread is to have."""
        if not tools:
            return []
        from openai_codex.tools.specs import specs

        return specs(tools)

    def bind(self, thread_id: str, tools: Iterable[Tool[..., object]]) -> None:
        """Give a thread that has just been started its tools."""
        self._of[thread_id] = self._told[thread_id] = tuple(tools)

    def bind_again(self, thread: Thread, tools: Iterable[Tool[..., object]]) -> None:
        """Give a thread that was started before its tools, in place of those it had here.

        Warns of those that are not as its model was told. Reads the thread's file.
        """
        tools = self._of[thread.id] = tuple(tools)
        from openai_codex.tools.specs import Changes
        from openai_codex.tools.stored import stored_tools

        known: JsonValue = stored_tools(thread.path)
        told = self._told.get(thread.id)
        if told is not None:
            known = [spec.to_wire() for spec in self.specs(told)]
        try:
            changes = Changes.between(known, tools)
        except ValueError as error:
            _logger.debug("the tools of thread %s are not known: %s", thread.id, error)
            return
        if changes:
            _logger.warning(
                "the tools of thread %s are not those that it was started with, which its model "
                "still goes by (%s): start another thread to change them",
                thread.id,
                changes,
            )

    def bind_copy(self, thread_id: str, original_id: str) -> None:
        """Give a copy of a thread the tools of the original."""
        for tools in (self._of, self._told):
            if original_id in tools:
                tools[thread_id] = tools[original_id]

    async def answer(self, call: DynamicToolCallParams) -> DynamicToolCallResponse:
        """Answer a call of the model (``item/tool/call``)."""
        name = call.tool if call.namespace is None else f"{call.namespace}.{call.tool}"
        if self._tracer is None:
            return await self._answer(call, name)
        with self._tracer.tool_call(call, name) as note:
            response = await self._answer(call, name)
            note(response)
            return response

    async def _answer(self, call: DynamicToolCallParams, name: str) -> DynamicToolCallResponse:
        from openai_codex.tools.calls import answer_to, unknown_tool

        for tool in self._of.get(call.thread_id, ()):
            if tool.full_name == name:
                return await answer_to(call, tool)
        return unknown_tool(call, name)
