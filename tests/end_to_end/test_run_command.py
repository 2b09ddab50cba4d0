"""`python -m openai_codex run` on the real runtime, piped and in a terminal."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import TurnStatus
from openai_codex import Codex, CodexConfig
from openai_codex.testing import Gate, Reply

if TYPE_CHECKING:
    from openai_codex.testing import IsolatedHome, ModelServer

    from tests.end_to_end.terminal import Terminal

COMMAND = (sys.executable, "-m", "openai_codex", "run")
posix = pytest.mark.skipif(os.name != "posix", reason="there are no such terminals")


@pytest.fixture(autouse=True)
def configured(home: IsolatedHome, model: ModelServer) -> None:
    """Let every runtime of the home ask the scripted model."""
    home.configure(model.config_overrides())


def run(home: IsolatedHome, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as scripts do: nothing is a terminal."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=said,
        cwd=home.workspace,
        env=home.process_env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        start_new_session=os.name == "posix",  # so that there is no terminal at all
    )


def in_terminal(home: IsolatedHome, *arguments: str, columns: int = 80) -> Terminal:
    """Run the command in a terminal."""
    from tests.end_to_end.terminal import Terminal

    return Terminal(
        [*COMMAND, *arguments], env=home.process_env, cwd=home.workspace, columns=columns
    )


def dot() -> bytes:
    """Give a picture of one grey pixel, as PNG."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def thread_in(text: str) -> str:
    """Give the thread that a run has named."""
    found = re.search(r"thread ([0-9a-f-]{36})", text)
    assert found is not None, text
    return found[1]


def test_piped_only_the_answer_goes_to_stdout(home: IsolatedHome, model: ModelServer) -> None:
    model.add(Reply.text("I ask.", phase="commentary") + Reply.command("echo hi; exit 3"))
    model.add(Reply.text("It said hi.", phase="final_answer"))

    done = run(home, "Say hi.")

    assert (done.returncode, done.stdout) == (0, "It said hi.\n")
    for words in ("I ask.\n", "echo hi; exit 3'\n", "  hi\n", "(exit code 3", "tokens in"):
        assert words in done.stderr
    assert "It said hi." not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_the_prompt_comes_from_stdin(home: IsolatedHome, model: ModelServer) -> None:
    model.add("Four.")

    done = run(home, "-", said="What is two and two, naïvely?\n")

    assert done.stdout == "Four.\n"
    assert model.requests[0].prompt.strip() == "What is two and two, naïvely?"


def test_a_conversation_is_continued(home: IsolatedHome, model: ModelServer) -> None:
    model.add("Noted.", "Seven.")

    first = run(home, "Remember seven.")
    second = run(home, "What was it?", "--resume", thread_in(first.stderr))

    assert second.stdout == "Seven.\n"
    assert thread_in(second.stderr) == thread_in(first.stderr)
    assert "Remember seven." in json.dumps(model.requests[1].body)


def test_options_reach_the_turn(home: IsolatedHome, model: ModelServer) -> None:
    model.add('{"n": 4}')
    schema = home.workspace / "schema.json"
    wanted: dict[str, Any] = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    schema.write_text(json.dumps(wanted), encoding="utf-8")
    (home.workspace / "dot.png").write_bytes(dot())
    (home.workspace / "below").mkdir()

    done = run(
        home,
        *("Look.", "--image", "dot.png", "--output-schema", "schema.json", "--cwd", "below"),
        *("--effort", "low", "--model", "gpt-5.5", "--sandbox", "read-only", "--ephemeral"),
    )

    assert json.loads(done.stdout) == {"n": 4}
    asked = model.requests[0].body
    assert asked["text"]["format"]["schema"] == wanted
    assert asked["reasoning"]["effort"] == "low"
    told = json.dumps(asked)
    assert "data:image/png;base64," in told
    assert str(home.workspace / "below") in told


def test_events_are_json_lines(home: IsolatedHome, model: ModelServer) -> None:
    model.add("Hello.")

    done = run(home, "Hi.", "--json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["type"] == "thread"
    assert {line["type"] for line in lines[1:-1]} == {"event"}
    assert lines[-1]["type"] == "result"
    assert (lines[-1]["status"], lines[-1]["final_response"]) == ("completed", "Hello.")
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_turn_that_fails_says_so_and_what_to_do(
    home: IsolatedHome, model: ModelServer, arguments: list[str]
) -> None:
    model.add(Reply.failure(401))

    done = run(home, "Hi.", *arguments)

    assert done.returncode == 1
    assert "The turn failed: " in done.stderr
    assert "Log in with" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_logged_in_is_told_before_a_model_is_asked(home: IsolatedHome) -> None:
    (home.codex_home / "config.toml").write_text("", encoding="utf-8")

    done = run(home, "Hi.")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Nobody is logged in")


@pytest.mark.parametrize(
    ("text", "words"), [("model = ", "config.toml:1:9"), ('model_provider = "x"', "`x` not found")]
)
def test_a_broken_configuration_is_told(home: IsolatedHome, text: str, words: str) -> None:
    login = home.codex_home / "auth.json"
    login.write_text(json.dumps({"OPENAI_API_KEY": "sk-secret"}), encoding="utf-8")
    (home.codex_home / "config.toml").write_text(text, encoding="utf-8")

    done = run(home, "Hi.")

    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "openai_codex doctor" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["model = gpt", 'model_provider = "x"'])
def test_a_broken_configuration_is_told_rather_than_that_nobody_is_logged_in(
    home: IsolatedHome, text: str
) -> None:
    (home.codex_home / "config.toml").write_text(text, encoding="utf-8")

    done = run(home, "Hi.")

    assert done.returncode == 1
    assert "failed to load configuration" in done.stderr
    assert "logged in" not in done.stderr


@pytest.mark.parametrize(
    ("thread_id", "words"),
    [
        ("01a22830-0000-7000-8000-000000000000", "and there is no such thread"),
        ("nope", "which is no thread's id: that is a UUID"),
    ],
)
def test_a_thread_that_does_not_exist_is_told(
    home: IsolatedHome, thread_id: str, words: str
) -> None:
    done = run(home, "Hi.", "--resume", thread_id, "--json")

    assert done.returncode == 1
    assert done.stderr.startswith(f"--resume is {thread_id}, {words}")
    assert "doctor" not in done.stderr
    assert "()" not in done.stderr
    assert json.loads(done.stdout)["error"]["message"] == done.stderr.rstrip("\n")


def test_a_thread_that_is_archived_is_brought_back_by_what_is_told(
    home: IsolatedHome, model: ModelServer
) -> None:
    model.add("Noted.", "Seven.")
    thread_id = thread_in(run(home, "Remember seven.").stderr)
    with Codex(CodexConfig(env=home.process_env)) as codex:
        codex.thread_archive(thread_id)

    refused = run(home, "What was it?", "--resume", thread_id)
    advised = re.search(r"bring it back with `(.*)`", refused.stderr)
    assert advised is not None, refused.stderr
    subprocess.run(advised[1].split(), env=home.process_env, capture_output=True, check=True)

    assert run(home, "What was it?", "--resume", thread_id).stdout == "Seven.\n"


def test_a_turn_that_takes_too_long_is_stopped(home: IsolatedHome, model: ModelServer) -> None:
    model.add(Reply.text("Begun", Gate(), "never"))

    done = run(home, "Hi.", "--timeout", "1", "--json")

    assert done.returncode == 1
    assert "was not over within 1 s" in done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["type"], last["status"]) == ("result", "interrupted")
    assert "was not over within 1 s" in last["error"]["message"]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_an_answer_that_breaks_the_schema_is_no_success(
    home: IsolatedHome, model: ModelServer, arguments: list[str]
) -> None:
    model.add("Four.")
    (home.workspace / "schema.json").write_text('{"type": "object"}', encoding="utf-8")

    done = run(home, "Count.", "--output-schema", "schema.json", *arguments)

    assert done.returncode == 1
    assert "The answer does not keep to the schema" in done.stderr
    assert "Four." in done.stdout.splitlines()[-1]


def test_what_nobody_can_be_asked_for_is_declined(home: IsolatedHome, model: ModelServer) -> None:
    model.add(Reply.command("touch made", justification="I want to."), "I could not.")

    done = run(home, "Make it.", "--approval-mode", "on-request")

    assert done.stdout == "I could not.\n"
    assert "declined, as there is no terminal to ask on" in done.stderr
    assert not (home.workspace / "made").exists()


@posix
@pytest.mark.parametrize(("keys", "is_made"), [("y\n", True), ("n\n", False), ("\x04", False)])
def test_an_approval_is_asked_for_on_the_terminal(
    home: IsolatedHome, model: ModelServer, keys: str, is_made: bool
) -> None:
    model.add(Reply.command("touch made", justification="I want to."), "That was it.")

    with in_terminal(home, "Make it.", "--approval-mode", "on-request") as terminal:
        terminal.wait_for("accept, and")
        terminal.wait_for("> ")
        terminal.type(keys)
        assert terminal.wait() == 0

    assert "The agent wants your approval of a command." in terminal.written
    assert "That was it." in terminal.written
    assert (home.workspace / "made").exists() is is_made


@posix
def test_an_approval_is_asked_for_on_the_terminal_though_the_prompt_was_piped(
    home: IsolatedHome, model: ModelServer
) -> None:
    model.add(Reply.command("touch made", justification="I want to."), "That was it.")
    piped = f"echo Make it. | {' '.join(COMMAND)} - --approval-mode on-request"

    from tests.end_to_end.terminal import Terminal

    argv = ["/bin/sh", "-c", piped]
    with Terminal(argv, env=home.process_env, cwd=home.workspace) as terminal:
        terminal.wait_for("accept, and")
        terminal.type("y\n")
        assert terminal.wait() == 0

    assert (home.workspace / "made").exists()


@posix
def test_questions_of_the_agent_are_asked_on_the_terminal(
    home: IsolatedHome, model: ModelServer
) -> None:
    options = [{"label": label, "description": f"A {label}."} for label in ("Red", "Blue")]
    question = {"id": "color", "header": "Colour", "question": "Which?", "options": options}
    model.add(Reply.tool_call("request_user_input", {"questions": [question]}), "Thank you.")
    setting = "features.default_mode_request_user_input=true"

    with in_terminal(home, "Ask me.", "--config", setting, columns=40) as terminal:
        terminal.wait_for("Blue")
        terminal.wait_for("> ")
        terminal.type("2\n")
        assert terminal.wait() == 0

    assert "Thank you." in terminal.written
    assert "Blue" in model.requests[1].tool_outputs["call_1"]


@posix
def test_text_is_shown_while_it_comes(home: IsolatedHome, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("Once upon a time", gate, " there was an end."))

    with in_terminal(home, "Tell me.", columns=40) as terminal:
        terminal.wait_for("Once upon a time")
        gate.release()
        assert terminal.wait() == 0

    assert "there was an end." in terminal.written


@posix
def test_ctrl_c_stops_the_turn_on_the_runtime(home: IsolatedHome, model: ModelServer) -> None:
    model.add(Reply.text("Begun", Gate(), "never"))

    with in_terminal(home, "Hi.") as terminal:
        terminal.wait_for("Begun")
        terminal.type("\x03")
        assert terminal.wait() == 130

    assert terminal.written.rstrip().endswith("Interrupted: the turn was stopped.")
    assert "Traceback" not in terminal.written
    with Codex(CodexConfig(env=home.process_env)) as codex:
        turns = list(codex.thread_resume(thread_in(terminal.written)).turns())
    assert [turn.status for turn in turns] == [TurnStatus.interrupted]
