"""What holds unless told otherwise: times in seconds, and how much at once."""

from __future__ import annotations

from typing import Final

__all__ = ["CLOSE_GRACE", "DEFAULT_MAX_IN_FLIGHT", "DEFAULT_REQUEST_TIMEOUT", "STOP_GRACE"]

DEFAULT_REQUEST_TIMEOUT: Final = 60.0
"""How long a request waits for its answer."""
DEFAULT_MAX_IN_FLIGHT: Final = 128
"""How many requests wait for their answers at once: as many as the server queues."""
STOP_GRACE: Final = 5.0
"""How long stopping a turn may take."""
CLOSE_GRACE: Final = 5.0
"""How long closing a client waits for the turns that run."""
