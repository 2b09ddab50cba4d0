"""The rules of derivation: everything that is decided rather than computed.

`GRAMMAR`, `UNWRAPPED`, `PADDED` and `PROSE_NOUNS` hold for any Python and may lie idle. The
phrases of `HALVES` are for one package: each must be used in every run, or the run fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Half:
    """A package whose sync half is derived from its async one.

    Attributes:
        package: Its folder below the repository's root.
        phrases: Whole words or phrases of one line, in code or text, replaced before anything
            else.
    """

    package: str
    phrases: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def source(self) -> str:
        """The folder that is written by hand."""
        return f"{self.package}/_async"

    @property
    def target(self) -> str:
        """The folder that is derived."""
        return f"{self.package}/_sync"

    @property
    def primitives(self) -> str:
        """The one module that holds the real differences, as pairs of names."""
        return f"{self.package}/_primitives.py"


HALVES: Final = (
    Half("packages/sdk/src/openai_codex"),
    Half("packages/rpc/src/codex_app_server_rpc", {"async_methods": "methods"}),
)
"""The packages that have a derived half."""

PAIRED_PACKAGES: Final = ("openai_codex", "codex_app_server_rpc")
"""Packages whose ``AsyncName`` promises a ``Name`` beside it."""

GRAMMAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "__aenter__": "__enter__",
        "__aexit__": "__exit__",
        "__aiter__": "__iter__",
        "__anext__": "__next__",
        "_async": "_sync",
        "AbstractAsyncContextManager": "AbstractContextManager",
        "aclose": "close",
        "aclosing": "closing",
        "aiter": "iter",
        "anext": "next",
        "asend": "send",
        "AsyncContextManager": "ContextManager",
        "asynccontextmanager": "contextmanager",
        "AsyncExitStack": "ExitStack",
        "AsyncGenerator": "Generator",
        "AsyncIterable": "Iterable",
        "AsyncIterator": "Iterator",
        "athrow": "throw",
        "enter_async_context": "enter_context",
        "push_async_callback": "callback",
        "push_async_exit": "push",
        "StopAsyncIteration": "StopIteration",
    }
)
"""Names of the language and its standard library; the twin lives in the same module."""

UNWRAPPED: Final = frozenset({"Awaitable"})
"""Generic names that stand for their one argument: ``Awaitable[T]`` is ``T``."""

PADDED: Final[Mapping[str, int]] = MappingProxyType({"AsyncGenerator": 3})
"""Generic names whose twin takes more arguments; ``None`` fills up to that many."""

PROSE_NOUNS: Final = (
    "with|for|def|iterators?|iterables?|iteration|generators?|context managers?|functions?"
)
"""What "async" may stand before in comments and docstrings, and be dropped."""

LEFTOVER: Final = re.compile(r"\w*(?:async|await|coroutine)\w*|event loop", re.IGNORECASE)
"""What a derived file must not contain."""
