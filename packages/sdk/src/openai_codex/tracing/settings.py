"""How a client is traced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from openai_codex.tracing.tracer import Tracer

__all__ = ["Tracing", "tracer_for"]


@dataclass(frozen=True)
class Tracing:
    """What a client tells OpenTelemetry; for `CodexConfig.tracing`.

    Attributes:
        content: Whether spans carry what was said: prompts, answers, commands and their output,
            arguments and results of tools.
        tracer_provider: Who makes the spans; ``None`` for the program's global one.
    """

    content: bool = False
    tracer_provider: TracerProvider | None = None


def tracer_for(tracing: Tracing | bool) -> Tracer | None:
    """Make what traces a client; ``None`` for one that is not traced.

    Raises:
        UsageError: OpenTelemetry is not installed.
    """
    if tracing is False:
        return None
    from openai_codex.tracing.tracer import Tracer

    return Tracer(Tracing() if tracing is True else tracing)
