"""Redaction takes time in proportion to a text, whatever the text is: it runs on the reader."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from codex_app_server_rpc import _secret_texts as texts
from codex_app_server_rpc.redaction import Redactor, redact_text

SHORT = 5_000
UNITS = (
    *("0123456789abcdef", "-", ".", ".-", "a-", "token", "token=", 'token="', "token=' "),
    *('token=\\"', 'token=\\"\\\\', 'token="""', "--token ", "--token-", "eyJhbGciOi-_"),
    *("-eyJ", " ", "token        ", "\\", "authorization: ", "authorization\\\\\\"),
    *("http://", "a+b.c-", "env={", 'env={"', 'env={A="', "-----BEGIN A PRIVATE KEY-----"),
    *("-----END ", "xoxa-", "env"),
)
"""What a text may be made of, over and over."""

START = 'token bearer eyJ sk- env={ -----BEGIN PRIVATE KEY----- token=" authorization: \\'
"""Goes past the marks, and opens whatever can be open."""


def seconds(work: Callable[[str], object], text: str) -> float:
    """Tell how long this thread works on it, at best."""

    def once() -> float:
        before = time.thread_time()
        work(text)
        return time.thread_time() - before

    return min(once() for _ in range(2))


def assert_linear(work: Callable[[str], object], unit: str, start: str = "") -> None:
    """Compare a text with one of four times its length; quadratic is 16 times as long."""
    short = (unit * SHORT)[:SHORT]
    brief = seconds(work, start + short)
    long = seconds(work, start + short * 4)
    assert long < max(brief * 9, 0.02), f"{brief:.4f} s became {long:.4f} s for {unit!r}"
    assert long < 0.5


@pytest.mark.parametrize("number", range(len(texts.PATTERNS)))
def test_a_pattern_takes_time_in_proportion_to_the_text(number: int) -> None:
    pattern: re.Pattern[str] = texts.PATTERNS[number][0]

    for unit in UNITS:
        assert_linear(lambda text: pattern.sub("", text), unit)


@pytest.mark.parametrize("start", ["", "token ", START], ids=["alone", "token", "open"])
def test_a_text_is_redacted_in_time_in_proportion_to_its_length(start: str) -> None:
    for unit in UNITS:
        assert_linear(redact_text, unit, start)


def test_a_setting_is_redacted_in_time_in_proportion_to_its_length() -> None:
    for unit in UNITS:
        assert_linear(texts.without_tables, unit, "set={")


def test_any_number_of_secrets_is_remembered_at_little_cost() -> None:
    redactor = Redactor()
    before = time.thread_time()
    for number in range(1000):
        redactor.redact("server", {"method": "x", "params": {"token": f"{number:040}"}})
    redactor.redact("server", {"method": "x", "params": {"token": "a" * 10_000_000}})

    assert time.thread_time() - before < 2
