"""What a secret looks like: by the name that it goes by, and in the middle of a text.

Names are judged by their words, so that ``api_key``, ``apiKey`` and ``X-Api-Key`` are one. Whoever
adds to the protocol adds names; a test holds what is here against the schema.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REDACTED", "Kind", "kind_of", "kind_of_path", "without_query", "without_secrets"]

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
        *("cookies", "credential", "credentials", "jwt", "passphrase", "passwd", "password"),
        *("passwords", "privatekey", "pwd", "secret", "secretkey", "secrets", "signature"),
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
    if not _SECRET_WORDS.isdisjoint(words) or not _SECRET_PAIRS.isdisjoint(pairs):
        return Kind.SECRET
    if words[-1] in _TABLE_WORDS or name in _TABLES:
        return Kind.VALUES
    return Kind.PLAIN


def kind_of_path(path: str) -> Kind:
    """Tell what is at a dotted path of the configuration, such as ``mcp_servers.x.env.NAME``."""
    kinds = [kind_of(part.strip("\"' ")) for part in path.split(".")]
    if Kind.SECRET in kinds or Kind.VALUES in kinds[:-1]:
        return Kind.SECRET
    return kinds[-1]


def without_query(url: str) -> str:
    """Cut off what a login's address carries: a query, a fragment, a user and a password."""
    url = _USER_INFO.sub(r"\1" + REDACTED + "@", url)
    return _AFTER_PATH.sub(lambda found: found[0][0] + REDACTED, url, count=1)


def without_secrets(text: str) -> str:
    """Replace what looks like a secret in a text: keys, tokens, passwords in addresses."""
    lowered = text.lower()
    for mark in _MARKS:
        if mark in lowered:
            break
    else:
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


_AFTER_PATH: Final = re.compile(r"[?#].*", re.DOTALL)
_USER_INFO: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@", re.IGNORECASE)
_NAME: Final = (
    r"[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"signing[_-]?key|credential|cookie|authorization|signature|jwt)[\w-]*"
)
"""The name of a secret in a text."""

_COUNT: Final = re.compile(r"tokens|token[_-]?(?:budget|count|limit|usage)", re.IGNORECASE)
"""The name of a number of tokens, which is none."""

_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_QUOTED_INSIDE: Final = r"\\\"(?:[^\"\\]|\\\\.)*\\\""
"""A string of JSON within a string of JSON."""

_SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "token"})
"""What may stand between the word authorization and the secret."""

_MARKS: Final = (
    *("token", "secret", "passw", "passphrase", "key", "credential", "cookie", "authorization"),
    *("signature", "jwt", "bearer", "basic", "sk-", "ghp_", "gho_", "ghr_", "ghs_", "ghu_"),
    *("github_pat_", "xox", "glpat-", "akia", "asia", "aiza", "eyj", "://", "env", "headers"),
    *("code=", "state=", "sig="),
)
"""What a text has somewhere, in lower case, that one of the patterns fits.

Most texts have none of it, which is much cheaper to see than that no pattern fits.
"""


def _without_value(found: re.Match[str]) -> str:
    value = found["value"]
    bare = value.strip("\\\"'")
    if not bare or bare == REDACTED or bare.lower() in ("true", "false", "null", "none"):
        return found[0]
    if re.fullmatch(r"[\d.,]*", bare) and _COUNT.search(found["name"]):
        return found[0]
    quote = value[: len(value) - len(value.lstrip("\\\"'"))]
    if not quote and (bare[0] in "$<{[(" or bare.lower() in _SCHEMES):  # a variable, or seen to
        return found[0]
    return f"{found['name']}{quote}{REDACTED}{quote}"


def _table_without_values(found: re.Match[str]) -> str:
    return re.sub(rf"([=:]\s*)({_QUOTED})", rf'\1"{REDACTED}"', found[0])


_PATTERNS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL),
        REDACTED,
    ),
    (_USER_INFO, r"\1" + REDACTED + "@"),
    (
        re.compile(
            r"(authorization(?:\\*[\"'])?\s*[:=]\s*(?:\\*[\"'])?(?:[a-z-]+\s+)?)[^\s\"'\\]+",
            re.IGNORECASE,
        ),
        r"\1" + REDACTED,
    ),
    (re.compile(r"\b(bearer|basic)(\s+)[\w.~+/-]{6,}=*", re.IGNORECASE), r"\1\2" + REDACTED),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"), REDACTED),
    (
        re.compile(
            r"\b(?:sk-[\w-]{8,}|gh[oprsu]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{8,}|"
            r"glpat-[\w-]{12,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{30,})"
        ),
        REDACTED,
    ),
    (
        re.compile(r"(?P<name>[?&#](?:code|state|key|sig)=)(?P<value>[^&#\s\"'<>]+)"),
        _without_value,
    ),
    (
        re.compile(
            rf"(?P<name>{_NAME}(?:\\?[\"'])?\s*(?:=>|[:=])\s*)"
            rf"(?P<value>{_QUOTED_INSIDE}|{_QUOTED}|[^\s\"'`,;&)}}\]]+)",
            re.IGNORECASE,
        ),
        _without_value,
    ),
    (
        re.compile(rf"(?P<name>(?<!\w)--?{_NAME}\s+)(?P<value>{_QUOTED}|[^\s-]\S*)", re.IGNORECASE),
        _without_value,
    ),
    (
        re.compile(r"\b\w*(?:env|headers)\"?\s*[=:]\s*\{[^{}]*\}", re.IGNORECASE),
        _table_without_values,
    ),
)
