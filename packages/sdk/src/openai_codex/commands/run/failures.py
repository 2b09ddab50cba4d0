"""What went wrong, and what to do about it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codex_app_server_types import CodexErrorInfoValue

from openai_codex.commands.run.wording import clean
from openai_codex.errors import (
    CodexError,
    InvalidRequestError,
    TransportError,
    UsageError,
    http_status,
)

if TYPE_CHECKING:
    from codex_app_server_types import CodexErrorInfo, TurnError

__all__ = ["login_sentence", "sentence_of", "turn_sentence"]

_DOCTOR: Final = "`python -m openai_codex doctor` looks for what is wrong."
_LOGIN: Final = (
    "Log in with `{program} login`, or from Python by Codex.login_api_key, login_chatgpt or "
    "login_chatgpt_device_code."
)
_ADVICE: Final = {
    CodexErrorInfoValue.unauthorized: _LOGIN,
    CodexErrorInfoValue.usage_limit_exceeded: "Wait until the limit is reset: "
    "Codex.account_rate_limits tells when.",
    CodexErrorInfoValue.rate_limit_exceeded: "Wait a moment, then try again.",
    CodexErrorInfoValue.server_overloaded: "The model is overloaded: try again later.",
    CodexErrorInfoValue.internal_server_error: "The provider is in trouble: try again later.",
    CodexErrorInfoValue.context_window_exceeded: "The conversation is too long: begin another one.",
    CodexErrorInfoValue.sandbox_error: _DOCTOR,
}
_HTTP_ADVICE: Final = {
    401: _LOGIN,
    403: "The account may not use this model, or not from here.",
    429: "Wait a moment, then try again.",
    503: "The model is overloaded: try again later.",
}


def sentence_of(error: CodexError) -> str:
    """Say what an error means, and what to do."""
    said = clean(str(error))
    if isinstance(error, (TransportError, InvalidRequestError)) and not isinstance(
        error, UsageError
    ):
        return f"{_ended(said)} {_DOCTOR}" if "\n" not in said else f"{said}\n{_DOCTOR}"
    return said


def login_sentence(program: str) -> str:
    """Say that nobody is logged in, and what to do.

    Args:
        program: The runtime's program.
    """
    advice = _LOGIN.format(program=program)
    return f"Nobody is logged in, and the configured provider needs an account. {advice}"


def turn_sentence(error: TurnError | None, program: str) -> str:
    """Say why a turn failed, and what to do.

    Args:
        error: What the runtime says of it.
        program: The runtime's program.
    """
    if error is None:
        return f"The turn failed, and the runtime gives no reason. {_DOCTOR}"
    advice = _advice(error.codex_error_info)
    said = f"The turn failed: {_ended(clean(error.message))}"
    return f"{said} {advice.replace('{program}', program)}" if advice else said


def _advice(info: CodexErrorInfo | None) -> str | None:
    if isinstance(info, CodexErrorInfoValue):
        return _ADVICE.get(info)
    status = None if info is None else http_status(info)
    return None if status is None else _HTTP_ADVICE.get(status)


def _ended(text: str) -> str:
    """End a sentence that somebody else began."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
