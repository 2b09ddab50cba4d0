"""What a secret goes by: the names of members.

Names are judged by their words, so that ``api_key``, ``apiKey`` and ``X-Api-Key`` are one. Whoever
adds to the protocol adds names; a test holds what is here against the schema.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

__all__ = ["REDACTED", "Kind", "kind_of", "kind_of_path"]

REDACTED: Final = "[redacted]"
"""What stands in the place of a secret."""


class Kind(Enum):
    """What a member of that name holds."""

    PLAIN = "plain"
    SECRET = "secret"
    """The value is a secret, or all that is in it."""
    VALUES = "values"
    """If it is a table, such as an environment: its names are none, its values may be."""
    LINK = "link"
    """An address to log in at: what comes after its path is a secret."""


_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS: Final = frozenset(
    {
        *("accesskey", "apikey", "apikeys", "authorization", "bearer", "challenge", "cookie"),
        *("cookies", "credential", "credentials", "jwt", "otp", "passcode", "passphrase"),
        *("passwd", "password", "passwords", "privatekey", "pwd", "secret", "secretkey"),
        *("secrets", "signature"),
        *("signatures", "token", "tokens"),
    }
)
_SECRET_PAIRS: Final = frozenset(
    {
        *(("api", "key"), ("api", "keys"), ("access", "key"), ("access", "keys")),
        *(("private", "key"), ("private", "keys"), ("secret", "key"), ("signing", "key")),
        *(("encryption", "key"), ("auth", "code"), ("device", "code"), ("pairing", "code")),
        *(("user", "code"), ("client", "assertion")),
    }
)
_SECRET_ENDS: Final = (
    *("accesskey", "apikey", "passcode", "passphrase", "passwd", "password", "privatekey"),
    *("secret", "secretkey", "token"),
)
"""How a word ends that was joined of several, such as ``accesstoken`` and ``PGPASSWORD``."""

_LINK_WORDS: Final = frozenset({"auth", "authorization", "login", "oauth", "verification"})
_TABLE_WORDS: Final = frozenset({"env", "environ", "headers"})
_NO_SECRETS: Final = frozenset(
    {
        "cancellationToken",  # names a search, to replace it by another
        "environmentCredentials",  # which of them there are, not what they are
        "cliAuthCredentialsStore",  # where they are kept
        "cli_auth_credentials_store",
        "mcp_oauth_credentials_store",
        "userAuthorization",  # how far a user has allowed something
        "model_auto_compact_token_limit_scope",
    }
)
_TABLES: Final = frozenset({"set"})  # of shell_environment_policy, in the configuration


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind:
    """Tell what a member of that name holds."""
    if name in _NO_SECRETS:
        return Kind.PLAIN
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return Kind.PLAIN
    if words[-1] in ("url", "uri") and not _LINK_WORDS.isdisjoint(words):
        return Kind.LINK
    pairs = pairwise(words)
    if words[-2:] == ["env", "var"]:  # names a variable
        return Kind.PLAIN
    if not _SECRET_WORDS.isdisjoint(words) or not _SECRET_PAIRS.isdisjoint(pairs):
        return Kind.SECRET
    if any(word.endswith(_SECRET_ENDS) for word in words):
        return Kind.SECRET
    if words[-1] in _TABLE_WORDS or words[-2:] == ["query", "params"] or name in _TABLES:
        return Kind.VALUES
    return Kind.PLAIN


def kind_of_path(path: str) -> Kind:
    """Tell what is at a dotted path of the configuration, such as ``mcp_servers.x.env.NAME``."""
    kinds = [kind_of(part.strip("\"' ")) for part in path.split(".")]
    if Kind.SECRET in kinds or Kind.VALUES in kinds[:-1]:
        return Kind.SECRET
    return kinds[-1]
