"""Which trace a request belongs to (W3C Trace Context), told to the server in its envelope.

A request may carry ``"trace": {"traceparent": …, "tracestate": …}`` beside its method; the runtime
then makes its own spans children of that one. The protocol's schema does not mention it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_app_server_rpc.loggers import CONNECTION, logger

if TYPE_CHECKING:
    from typing import TypeAlias

    TraceProvider: TypeAlias = Callable[[], "TraceContext | None"]

__all__ = ["TraceContext", "TraceProvider", "trace_member"]

_logger = logger(CONNECTION)


@dataclass(frozen=True)
class TraceContext:
    """The span that a request belongs to.

    Attributes:
        traceparent: Its ids, as in ``00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01``.
        tracestate: What vendors add; ``None`` for nothing.
    """

    traceparent: str
    tracestate: str | None = None


def trace_member(provider: TraceProvider | None) -> bytes | None:
    """Ask for the span that the caller is in, and write it as JSON; ``None`` if there is none.

    A provider that fails is logged, and the request goes without.
    """
    if provider is None:
        return None
    try:
        found = provider()
        if found is None:
            return None
        from pydantic_core import to_json

        members = {"traceparent": found.traceparent}
        if found.tracestate is not None:
            members["tracestate"] = found.tracestate
        return to_json(members)
    except Exception:
        _logger.exception("the provider of the trace context has failed")
        return None
