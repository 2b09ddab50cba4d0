"""What went wrong, and what to do about it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from codex_app_server_types import CodexErrorInfoValue

from openai_codex.commands.run.wording import clean
from openai_codex.errors import (
    CodexError,
    CodexRpcError,
    RuntimeNotFoundError,
    ThreadArchivedError,
    ThreadInUseError,
    ThreadNotFoundError,
    TransportError,
    http_status,
)
from openai_codex.launch import find_runtime
from openai_codex.places import (
    RUNTIME_DISTRIBUTION,
    RUNTIME_VARIABLE,
    install_command,
    search,
)

if TYPE_CHECKING:
    from codex_app_server_types import CodexErrorInfo, TurnError

    from openai_codex.commands.run.options import RunOptions
    from openai_codex.config import CodexConfig
    from openai_codex.places import Place

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


def sentence_of(error: CodexError, options: RunOptions) -> str:
    """Say what an error means, and what to do, in the words of the command line.

    Args:
        error: The error.
        options: What the command was told.
    """
    if isinstance(error, RuntimeNotFoundError):
        return _program_sentence(error, search(options.config.codex_bin)[-1])
    if options.resume is not None:
        advice = _resume_advice(error, options.resume, options.config)
        if advice is not None:
            return f"--resume is {clean(options.resume)}, {advice}"
    said = clean(str(error))
    if not _is_for_the_doctor(error):
        return said
    return f"{_ended(said)} {_DOCTOR}" if "\n" not in said else f"{said}\n{_DOCTOR}"


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
    reason = " ".join(clean(error.message).split())  # which may be a page of HTML
    said = f"The turn failed: {_ended(reason)}"
    return f"{said} {advice.replace('{program}', program)}" if advice else said


def _is_for_the_doctor(error: CodexError) -> bool:
    """Tell whether the doctor looks at what is wrong."""
    return isinstance(error, TransportError) or (
        isinstance(error, CodexRpcError) and "configuration" in error.message
    )


def _program_sentence(error: CodexError, place: Place) -> str:
    """Say that there is no program to run."""
    said = clean(place.problem or str(error))
    if place.name == RUNTIME_DISTRIBUTION:
        said = said.replace("neither codex_bin nor", "neither --codex-bin nor")
        return f"{said} Install it with `{install_command()}`."
    if place.name != RUNTIME_VARIABLE:
        said = f"--codex-bin{said.removeprefix(place.name)}"
    return f"{said} {place.advice}"


def _resume_advice(error: CodexError, thread_id: str, config: CodexConfig) -> str | None:
    """Say what is wrong with the thread that is to go on; ``None`` if it is not about that."""
    match error:
        case ThreadArchivedError():
            program = find_runtime(config)
            return f"which is archived: bring it back with `{program} unarchive {thread_id}`."
        case ThreadInUseError():
            return "on which another program works: end that first."
        case ThreadNotFoundError() if not _is_uuid(thread_id):
            return "which is no thread's id: that is a UUID, on the first line that a run shows."
        case ThreadNotFoundError():
            return (
                "and there is no such thread: another CODEX_HOME may have it. What ran with "
                "--ephemeral is not kept."
            )
        case _:
            return None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _advice(info: CodexErrorInfo | None) -> str | None:
    if isinstance(info, CodexErrorInfoValue):
        return _ADVICE.get(info)
    status = None if info is None else http_status(info)
    return None if status is None else _HTTP_ADVICE.get(status)


def _ended(text: str) -> str:
    """End a sentence that somebody else began."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
