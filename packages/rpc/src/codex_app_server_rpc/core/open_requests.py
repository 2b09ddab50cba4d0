"""The requests of the server that wait for a reply."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from codex_app_server_rpc.core.inbound import ServerRequest

__all__ = ["OpenRequests"]


class OpenRequests(Collection[ServerRequest]):
    """A table of requests, in the order of their arrival.

    It counts how many of them name which turn, since a turn's clock asks that with every event.
    """

    __slots__ = ("_by_id", "_counts")

    def __init__(self) -> None:
        """Start without any."""
        self._by_id: dict[str | int, ServerRequest] = {}
        self._counts: dict[tuple[str | None, str | None], int] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._by_id)

    def __iter__(self) -> Iterator[ServerRequest]:
        """Go through them."""
        return iter(self._by_id.values())

    def __contains__(self, request: object) -> bool:
        """Tell whether this very request is open: the server may use an id again."""
        return isinstance(request, ServerRequest) and self._by_id.get(request.id) is request

    def get(self, request_id: str | int) -> ServerRequest | None:
        """Give the request that has an id, if one has."""
        return self._by_id.get(request_id)

    def add(self, request: ServerRequest) -> None:
        """Put a request into the table; no other one has its id."""
        self._by_id[request.id] = request
        address = request.address
        self._counts[address] = self._counts.get(address, 0) + 1

    def remove(self, request: ServerRequest) -> None:
        """Take a request out of the table, in which it is."""
        del self._by_id[request.id]
        address = request.address
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]

    def clear(self) -> None:
        """Take all out."""
        self._by_id.clear()
        self._counts.clear()

    def wait_in(self, thread_id: str, turn_id: str) -> bool:
        """Tell whether a request names this turn, or its thread and no turn."""
        return (thread_id, turn_id) in self._counts or (thread_id, None) in self._counts
