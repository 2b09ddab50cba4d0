"""The command ``run``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, TurnStatus

from openai_codex import Codex
from openai_codex.commands.exits import INTERRUPTED
from openai_codex.commands.run.asking import Asker
from openai_codex.commands.run.failures import login_sentence, sentence_of, turn_sentence
from openai_codex.commands.run.json_lines import JsonLinesDisplay
from openai_codex.commands.run.plain import PlainDisplay
from openai_codex.commands.screen import fitted
from openai_codex.errors import CodexError, SlowConsumerError, TurnTimeoutError
from openai_codex.launch import find_runtime

if TYPE_CHECKING:
    from openai_codex._sync.thread import Thread
    from openai_codex.commands.run.display import Display
    from openai_codex.commands.run.options import RunOptions
    from openai_codex.results import TurnResult

__all__ = ["run"]


def run(options: RunOptions) -> int:
    """Run a turn, and show it.

    Returns:
        The exit code: 0 if the turn was completed, 1 if it failed or never began, or its answer
        breaks the schema, 130 if Ctrl-C has interrupted it.
    """
    display = _display(options)
    if display is None:
        return _complain("The display needs rich: pip install rich, or use --plain.")
    console = sys.stdout if sys.stdout.isatty() and not options.plain else sys.stderr
    asker = Asker(display, None) if options.json_lines else Asker.on_terminal(display, console)
    try:
        code = _run(options, display, asker)
    except CodexError as error:
        result = error.result if isinstance(error, TurnTimeoutError) else None
        code = _failed(display, result, sentence_of(error, options))
    except KeyboardInterrupt:  # before the turn, or once more
        display.end(None)
        _complain("Interrupted.")
        code = INTERRUPTED
    if asker.is_asking:
        # The thread that waits for a line cannot be called off, and Python would not end before
        # it. The runtime has ended, and all that was to be written is.
        os._exit(code)
    return code


def _run(options: RunOptions, display: Display, asker: Asker) -> int:
    with Codex(
        options.config,
        approvals=asker.approvals,
        questions=asker.questions,
        elicitations=asker.elicitations,
    ) as codex:
        # Before anybody is told to log in: a configuration that cannot be read is refused here, and
        # who has to log in depends on the provider that it names.
        thread = _thread(codex, options)
        account = codex.account()
        if account.account is None and account.requires_openai_auth:
            return _failed(display, None, login_sentence(find_runtime(options.config)))
        display.begin(thread.id)
        try:
            result = _turn(thread, options, display)
        except KeyboardInterrupt:  # which has stopped the turn on the runtime
            result = None
    if result is None:
        display.end(None)
        _complain("Interrupted: the turn was stopped.")
        return INTERRUPTED
    problem = _problem(result, options)
    if problem is None:
        display.end(result)
        return 0
    code = _failed(display, result, problem)
    return INTERRUPTED if result.status == TurnStatus.interrupted else code


def _problem(result: TurnResult[None], options: RunOptions) -> str | None:
    """Say what is wrong with a turn that is over; ``None`` if nothing is."""
    if result.status == TurnStatus.completed:
        schema = options.output_schema
        return None if schema is None else schema.problem_of(result.final_response)
    if result.status == TurnStatus.interrupted:
        return "The turn was interrupted."
    return turn_sentence(result.error, find_runtime(options.config))


def _failed(display: Display, result: TurnResult[object] | None, problem: str) -> int:
    display.end(result, problem)
    return _complain(problem)


def _thread(codex: Codex, options: RunOptions) -> Thread:
    if options.resume is None:
        return codex.thread_start(
            approval_mode=options.approval_mode,
            cwd=options.cwd,
            ephemeral=options.is_ephemeral or UNSET,
            model=options.model,
            sandbox=options.sandbox,
        )
    return codex.thread_resume(
        options.resume,
        approval_mode=options.approval_mode,
        cwd=options.cwd,
        model=options.model,
        sandbox=options.sandbox,
    )


def _turn(thread: Thread, options: RunOptions, display: Display) -> TurnResult[None]:
    with thread.turn(
        list(options.input),
        effort=options.effort,
        output_schema=UNSET if options.output_schema is None else options.output_schema.schema,
        timeout=options.timeout,
    ) as handle:
        events = handle.stream()
        while True:
            try:
                for event in events:
                    display.show(event)
                break
            except SlowConsumerError:
                pass  # what was dropped comes whole with the item's completion
        return handle.run(check=False)


def _display(options: RunOptions) -> Display | None:
    """Choose a display; ``None`` if it is not installed."""
    if options.json_lines:
        return JsonLinesDisplay()
    if options.plain or not sys.stdout.isatty():
        return PlainDisplay()
    if find_spec("rich") is None:
        return None
    from openai_codex.commands.run.live import LiveDisplay

    return LiveDisplay()


def _complain(sentence: str) -> int:
    sys.stdout.flush()
    print(fitted(sentence, sys.stderr), file=sys.stderr, flush=True)
    return 1
