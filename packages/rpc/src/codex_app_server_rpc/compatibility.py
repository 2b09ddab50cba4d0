"""Whether a server will do: what is too old is refused, what is newer than was tested is told."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import RuntimeTooOldError
from codex_app_server_rpc.generated.compatibility import MINIMUM_RUNTIME, TESTED_RUNTIME
from codex_app_server_rpc.loggers import CONNECTION, logger
from codex_app_server_rpc.server_version import is_older, order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MINIMUM_RUNTIME", "TESTED_RUNTIME", "UntestedRuntimeWarning", "check_runtime"]

_logger = logger(CONNECTION)


class UntestedRuntimeWarning(UserWarning):
    """The runtime is newer than any on which this version of the library was driven.

    Python shows it once for each version in a process; its filters show it more often, silence it
    or make it an error: ``warnings.simplefilter("error", UntestedRuntimeWarning)``.
    """


def check_runtime(version: str | None, *, argv: Sequence[str] = ()) -> None:
    """Refuse a runtime that is too old, and warn of one that is newer than any that was tested.

    One whose version cannot be read is given a chance, and the log says so.

    Args:
        version: What the runtime says that it is; ``None`` if that cannot be read.
        argv: The command line that started it, for the error.

    Raises:
        RuntimeTooOldError: It is older than `MINIMUM_RUNTIME`.
        UntestedRuntimeWarning: It is newer than `TESTED_RUNTIME`, and a filter of Python's makes
            this an error.
    """
    if version is None or order_of(version) is None:
        _logger.warning("the server does not say its version: whether it will do is not known")
    elif is_older(version, MINIMUM_RUNTIME):
        raise RuntimeTooOldError(version=version, minimum=MINIMUM_RUNTIME, argv=argv)
    elif is_older(TESTED_RUNTIME, version):
        _tell(version)


def _tell(version: str) -> None:
    message = (
        f"the Codex runtime is {version}, and this library was tested on none newer than "
        f"{TESTED_RUNTIME}: look for a newer version of this library"
    )
    _logger.info("%s", message)
    # From here, whoever connects: so Python's usual filter shows each message once in a process.
    warnings.warn(message, UntestedRuntimeWarning, stacklevel=1)
