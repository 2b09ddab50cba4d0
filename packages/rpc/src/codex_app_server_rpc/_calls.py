"""What the rendered methods stand on: one call, sync and async."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_types import Unset, WireModel

__all__ = ["AsyncMethodsBase", "MethodsBase"]

ResultT = TypeVar("ResultT")


class MethodsBase(ABC):
    """The base of the rendered sync methods."""

    @abstractmethod
    def _call(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
    ) -> ResultT:
        """Send a request and wait for its typed result."""


class AsyncMethodsBase(ABC):
    """The base of the rendered async methods."""

    @abstractmethod
    async def _call(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
    ) -> ResultT:
        """Send a request and wait for its typed result."""
