"""What a secret looks like in the middle of a text.

The texts are whatever a server sends, and this runs where they pass: every pattern takes time in
proportion to the length of the text. So none begins with a repetition that can begin anew at the
next character, repetitions that may come to nothing are bounded, and a quoted value that is not
closed ends with the text. A test holds each of them to that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc._secrets import REDACTED

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATTERNS", "without_query", "without_secrets", "without_tables"]


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
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def without_tables(setting: str) -> str:
    """Replace the values of environments in a setting of the configuration, written as TOML."""
    return _SETTING_TABLE.sub(_table_without_values, setting)


_AFTER_PATH: Final = re.compile(r"[?#].*", re.DOTALL)
_USER_INFO: Final = re.compile(r"(://)[^\s/?#\"'<>]+@")
_NAME: Final = (
    r"(?=[tspakcjo])(?:token|secret|passw(?:or)?d|passphrase|passcode|api[_-]?key|access[_-]?key|"
    r"private[_-]?key|signing[_-]?key|credential|cookie|authorization|signature|jwt|"
    r"(?<![a-z])otp(?![a-z]))(?=(?P<rest>[\w-]{0,80}))(?P=rest)"
)
"""The name of a secret in a text, from the word on that makes it one.

Where none can begin is passed over first, which is much cheaper; and the rest is looked ahead for,
so that none of it is given back and tried again.
"""

_NO_NAME: Final = re.compile(r"env_?var$", re.IGNORECASE)
"""How the name of a member ends that names a variable of the environment."""

_COUNT: Final = re.compile(r"tokens|token[_-]?(?:budget|count|limit|usage)", re.IGNORECASE)
"""The name of a number of tokens, which is none."""

_INSIDE: Final = r"\\\"(?:[^\"\\]+|\\\\\\[\"\\]|\\\\[^\"\\]|\\[^\"\\])*(?:\\\")?"
"""A string of JSON within a string of JSON."""

_QUOTED: Final = (
    r"\"\"\"(?:(?!\"\"\").)*(?:\"\"\")?|'''(?:(?!''').)*(?:''')?|"
    r"\"(?:[^\"\\]+|\\.)*\"?|'(?:[^'\\]+|\\.)*'?"
)
_VALUE: Final = rf"{_INSIDE}|(?s:{_QUOTED})"

_SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "token"})
"""What may stand between the word authorization and the secret."""

_CONSTANTS: Final = frozenset({"true", "false", "null", "none"})

_MARKS: Final = (
    *("token", "secret", "passw", "passphrase", "passcode", "key", "credential", "cookie"),
    *("authorization", "signature", "jwt", "otp", "bearer", "basic", "sk-", "ghp_", "gho_"),
    *("ghr_", "ghs_", "ghu_", "github_pat_", "xox", "glpat-", "akia", "asia", "aiza", "eyj"),
    *("://", "env", "headers", "query_params", "code=", "state=", "sig="),
)
"""What a text has somewhere, in lower case, that one of the patterns fits.

Most texts have none of it, which is much cheaper to see than that no pattern fits.
"""


def _without_value(found: re.Match[str]) -> str:
    name, value = found["name"], found["value"]
    bare = value.strip("\\\"'")
    if not bare or bare == REDACTED or bare.lower() in _CONSTANTS:
        return found[0]
    if re.fullmatch(r"[\d.,]*", bare) and _COUNT.search(name):
        return found[0]
    if _NO_NAME.search(name.rstrip(" \t=:>\\\"'")):
        return found[0]
    quote = _QUOTE.match(value)
    if quote is None:
        if bare[0] == "$" or bare.lower() in _SCHEMES:  # a variable, or seen to
            return found[0]
        return name + REDACTED
    end = quote[0] if value.endswith(quote[0]) else ""  # it may have been cut off
    return f"{name}{quote[0]}{REDACTED}{end}"


def _table_without_values(found: re.Match[str]) -> str:
    return _TABLE_VALUE.sub(_without_table_value, found[0])


def _without_table_value(found: re.Match[str]) -> str:
    value = found["value"]
    if _QUOTE.match(value) is None and (value.lower() in _CONSTANTS or value.isdigit()):
        return found[0]
    return f'{found["name"]}"{REDACTED}"' if value[0] != "\\" else rf"{found['name']}\"{REDACTED}\""


_QUOTE: Final = re.compile(r"\"\"\"|'''|\\?[\"']")
_TABLE: Final = rf"(?:\\?\")?\s{{0,8}}[=:]\s{{0,8}}\{{(?:[^{{}}\"'\\]+|{_VALUE}|\\(?!\"))*\}}?"
_TABLE_VALUE: Final = re.compile(
    rf"(?P<name>[=:]\s{{0,8}})(?P<value>{_VALUE}|[^\s\"'\\,;{{}}\[\]]+)"
)
_SETTING_TABLE: Final = re.compile(rf"(?:env|headers|query_params|\bset){_TABLE}", re.IGNORECASE)

PATTERNS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,60}-----|\Z)",
            re.DOTALL,
        ),
        REDACTED,
    ),
    (_USER_INFO, r"\1" + REDACTED + "@"),
    (
        re.compile(
            r"(authorization(?:\\{0,8}[\"'])?\s{0,8}[:=]\s{0,8}(?:\\{0,8}[\"'])?"
            r"(?:[a-z-]{1,40}\s{1,8})?)[^\s\"'\\]+",
            re.IGNORECASE,
        ),
        r"\1" + REDACTED,
    ),
    (re.compile(r"\b(bearer|basic)(\s{1,8})[\w.~+/-]{6,}=*", re.IGNORECASE), r"\1\2" + REDACTED),
    (re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"), REDACTED),
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
            rf"(?P<name>{_NAME}(?:\\?[\"'])?\s{{0,8}}(?:=>|[:=])\s{{0,8}})"
            rf"(?P<value>{_VALUE}|[^\s\"'`,;&)}}\]{{\[(<][^\s\"'`,;&)}}\]]*)",
            re.IGNORECASE,
        ),
        _without_value,
    ),
    (
        re.compile(
            rf"(?P<name>(?<![\w.-])--?[\w.-]{{0,80}}?{_NAME}\s{{1,8}})"
            rf"(?P<value>{_VALUE}|[^\s\"'-]\S*)",
            re.IGNORECASE,
        ),
        _without_value,
    ),
    (re.compile(rf"(?:env|headers|query_params){_TABLE}", re.IGNORECASE), _table_without_values),
)
"""The patterns, in order, and what stands in the place of what they fit."""
