"""The messages on the page of troubles are what the library and the runtime say."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import warnings
from collections.abc import Callable, Generator
from typing import Any

import pytest
from codex_app_server_rpc.availability import told_apart
from openai_codex import (
    AsyncCodex,
    Codex,
    CodexConfig,
    CodexError,
    ServerBusyError,
    SlowConsumerError,
    UntestedRuntimeWarning,
)
from openai_codex.errors import InvalidRequestError, RuntimeTooOldError
from openai_codex.testing import Gate, IsolatedHome, ModelServer, Reply, ScriptedServer

from tests.docs.pages import ROOT, read_blocks

PAGE = ROOT / "docs" / "troubleshooting.md"
BUSY = "Server overloaded; retry later."
LIMIT = {"error": {"type": "usage_limit_reached", "message": "limit", "plan_type": "plus"}}
UNKNOWN_METHOD = InvalidRequestError(
    -32600,
    "Invalid request: unknown variant `thread/prediction/request`, expected one of `initialize`",
    method="thread/prediction/request",
)

Doing = Callable[[], object]


def messages() -> list[str]:
    """Give all messages of the page, in order."""
    return [block.code.strip() for block in read_blocks(PAGE) if block.language == "text"]


def starting(**config: Any) -> Doing:
    """Start a client in an isolated home that has a certain configuration."""

    def start() -> None:
        text = config.pop("file", None)
        with IsolatedHome() as home:
            if text is not None:
                (home.codex_home / "config.toml").write_text(text, encoding="utf-8")
            env = {**home.env, **config.pop("variables", {})}
            with Codex(CodexConfig(env=env, cwd=home.workspace, **config)) as codex:
                codex.thread_start()

    return start


def running(reply: Reply | str, **options: Any) -> Doing:
    """Run a turn to which the model replies like that."""

    def run() -> None:
        with answered(reply) as codex:
            codex.thread_start().run("Hello.", **options)

    return run


@contextlib.contextmanager
def answered(*replies: Reply | str) -> Generator[Codex]:
    """Start a client whose model replies like that."""
    with ModelServer([*replies]) as model, IsolatedHome() as home:
        config = CodexConfig(
            env=home.env, cwd=home.workspace, config_overrides=model.config_overrides()
        )
        with Codex(config) as codex:
            yield codex


def raising(error: Exception) -> Doing:
    """Raise what only a server of its own could bring about."""

    def fail() -> None:
        raise error

    return fail


def without_package() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "codex_cli_bin", None)
        patch.delenv("CODEX_BIN", raising=False)
        Codex()


def damaged() -> None:
    with IsolatedHome() as home:
        program = home.path / "program"
        program.write_bytes(b"\0")
        program.chmod(0o755)
        Codex(CodexConfig(codex_bin=program))


def busy() -> None:
    gate = Gate()
    with answered(Reply.text("a", gate, "b")) as codex:
        thread = codex.thread_start()
        with thread.turn("Hello."):
            try:
                thread.run("And?")
            finally:
                gate.release()


def used_elsewhere() -> None:
    with ModelServer(["Hi."]) as model, IsolatedHome() as home:
        config = CodexConfig(
            env=home.env, cwd=home.workspace, config_overrides=model.config_overrides()
        )
        with Codex(config) as one, Codex(config) as other:
            thread = one.thread_start()
            thread.run("Hello.")
            other.thread_resume(thread.id)


def unknown_thread() -> None:
    with answered() as codex:
        codex.thread_resume("01a22830-0000-7000-8000-000000000000")


def other_loop() -> None:
    with IsolatedHome() as home:
        codex = AsyncCodex(CodexConfig(env=home.env, cwd=home.workspace))
        first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
        try:
            first.run_until_complete(codex.account())
            second.run_until_complete(codex.account())
        finally:
            first.run_until_complete(codex.close())
            first.close()
            second.close()


def closed() -> None:
    with answered() as codex:
        pass
    codex.thread_start()


def untested() -> None:
    with warnings.catch_warnings(), ScriptedServer(version="99.0.0") as server:
        warnings.simplefilter("error", UntestedRuntimeWarning)
        Codex(transport=server.transport())


HANGS = (sys.executable, "-c", "import sys; sys.stdin.read()")
TROUBLES: dict[str, Doing] = {
    "RuntimeNotFoundError: The": without_package,
    "RuntimeNotFoundError: codex_bin": starting(codex_bin="/no/such/codex"),
    "LaunchError": damaged,
    "RuntimeTooOldError": raising(
        RuntimeTooOldError(version="0.150.0", minimum="0.154.0", argv=["codex", "app-server"])
    ),
    "UntestedRuntimeWarning": untested,
    "UnsupportedMethodError": raising(told_apart(UNKNOWN_METHOD, "0.154.0")),
    "TransportClosedError: the app-server": starting(variables={"CODEX_HOME": "/no/such"}),
    "RequestTimeoutError": starting(launch_args_override=HANGS, request_timeout=0.2),
    "InvalidRequestError: thread/start: failed to load configuration: …/": starting(
        file="model = "
    ),
    "InvalidRequestError: thread/start: failed to load configuration: M": starting(
        file='model_provider = "x"'
    ),
    "ArgumentTypeError": lambda: Codex(cwd="."),  # type: ignore[call-arg]  # the mistake
    "TurnFailedError: turn … failed: unexpected status 401": running(Reply.failure(401)),
    "TurnFailedError: turn … failed: You": running(Reply.failure(429, LIMIT)),
    "TurnFailedError: turn … failed: Sel": running(Reply.failed("server_is_overloaded")),
    "TurnFailedError: turn … failed: Codex ran": running(Reply.failed("context_length_exceeded")),
    "ServerBusyError": raising(ServerBusyError(-32001, BUSY, method="thread/start")),
    "TurnIdleTimeoutError": running(Reply.text("a", Gate(), "b"), idle_timeout=0.5),
    "TurnTimeoutError": running(Reply.text("a", Gate(), "b"), timeout=0.5),
    "OutputValidationError": running("no JSON", output_type=int),
    "ThreadBusyError": busy,
    "ThreadInUseError": used_elsewhere,
    "ThreadNotFoundError": unknown_thread,
    "SlowConsumerError": raising(SlowConsumerError(12)),
    "UsageError": other_loop,
    "TransportClosedError: this client": closed,
}
"""How each message that names an error begins, and what brings it about."""


def pattern(message: str) -> str:
    """Give what a message with ``…`` in it stands for."""
    return ".*".join(re.escape(part) for part in message.split("…"))


@pytest.mark.parametrize("begin", TROUBLES)
def test_the_message_is_what_is_said(begin: str) -> None:
    [message] = [one for one in messages() if one.startswith(begin)]

    with pytest.raises((CodexError, UntestedRuntimeWarning)) as caught:
        TROUBLES[begin]()

    said = f"{type(caught.value).__name__}: {caught.value}"
    ending = "" if message.endswith("…") else "$"
    assert re.match(pattern(message) + ending, said, re.DOTALL), said


def test_what_is_declined_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    from openai_codex import ApprovalMode

    [message] = [one for one in messages() if one.startswith("declined")]
    with answered(Reply.command("ls", justification="I must."), "Well.") as codex:
        codex.thread_start(approval_mode=ApprovalMode.on_request).run("List them.")

    said = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("openai_codex")
    )
    assert re.search(pattern(message), said), said


def test_every_message_of_the_page_is_brought_about() -> None:
    begins = (*TROUBLES, "declined")

    assert [one for one in messages() if not one.startswith(begins)] == []
