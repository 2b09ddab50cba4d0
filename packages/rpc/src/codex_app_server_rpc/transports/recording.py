"""Transports that write down what passes through them, on its way to and from another transport.

What is sent is recorded before it is handed on, so that no answer stands before its request; a
message that the server did not take in time is in the record all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc.transports.protocols import PreparesClose, StartsProgram

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.errors import TransportClosedError
    from codex_app_server_rpc.recording import TranscriptRecorder
    from codex_app_server_rpc.transports.protocols import AsyncTransport, Transport

__all__ = ["AsyncRecordingTransport", "RecordingTransport"]


class _Recording:
    """What both halves have in common."""

    def __init__(self, transport: Transport | AsyncTransport, recorder: TranscriptRecorder) -> None:
        self._inner = transport
        self._recorder = recorder

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line of the server; empty if the other transport does not start it."""
        return self._inner.argv if isinstance(self._inner, StartsProgram) else ()

    def prepare_close(self) -> None:
        """Look around, if the other transport has to; see `PreparesClose`."""
        if isinstance(self._inner, PreparesClose):
            self._inner.prepare_close()

    def abort(self) -> None:
        """End the connection at once; see `Transport.abort`."""
        self._inner.abort()

    def _ears(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> tuple[Callable[[bytes], None], Callable[[TransportClosedError], None]]:
        record = self._recorder.record

        def hear(data: bytes) -> None:
            record("server", data)
            receive(data)

        def hear_the_end(error: TransportClosedError) -> None:
            self._recorder.end(error.message, error.exit_code)
            closed(error)

        return hear, hear_the_end


class RecordingTransport(_Recording):
    """Leads to the server by another transport, and records what passes."""

    def __init__(self, transport: Transport, recorder: TranscriptRecorder) -> None:
        """Wrap a transport that is not started yet.

        Args:
            transport: The way to the server.
            recorder: Takes what passes.
        """
        super().__init__(transport, recorder)
        self._transport = transport

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Begin the record and open the way; see `Transport.start`."""
        self._recorder.begin(self.argv)
        try:
            self._transport.start(*self._ears(receive, closed))
        except BaseException as error:
            self._recorder.end(f"it was not opened: {error}")
            raise

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Record a message and send it; see `Transport.send`."""
        self._recorder.record("client", data)
        self._transport.send(data, timeout=timeout)

    def close(self) -> None:
        """End the connection and the record; see `Transport.close`."""
        try:
            self._transport.close()
        finally:
            self._recorder.end()


class AsyncRecordingTransport(_Recording):
    """Leads to the server by another async transport, and records what passes."""

    def __init__(self, transport: AsyncTransport, recorder: TranscriptRecorder) -> None:
        """Wrap a transport that is not started yet; as `RecordingTransport`."""
        super().__init__(transport, recorder)
        self._transport = transport

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Begin the record and open the way; see `AsyncTransport.start`."""
        self._recorder.begin(self.argv)
        try:
            await self._transport.start(*self._ears(receive, closed))
        except BaseException as error:
            self._recorder.end(f"it was not opened: {error}")
            raise

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Record a message and send it; see `AsyncTransport.send`."""
        self._recorder.record("client", data)
        await self._transport.send(data, timeout=timeout)

    async def close(self) -> None:
        """End the connection and the record; see `AsyncTransport.close`."""
        try:
            await self._transport.close()
        finally:
            self._recorder.end()
