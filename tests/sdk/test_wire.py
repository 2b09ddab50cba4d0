"""What the facade sends, to the letter, for the sync and the async half alike."""

from __future__ import annotations

import inspect
import json
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import codex_app_server_types as types
import pytest
from openai_codex import (
    Codex,
    ExternalMessage,
    MentionInput,
    Thread,
)

from tests.sdk.recording_server import HOLD, NEXT_CURSOR
from tests.sdk.wire import Wire
from tests.sdk.wire_options import (
    DERIVED,
    INPUTS,
    NEVER_NULL,
    NOT_SENT,
    OF_ALL,
    OF_FORK,
    OF_LIST,
    OF_RESUME,
    OF_START,
    OF_TURNS,
    Option,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SAID = [{"type": "text", "text": "Hi."}]

Calls = tuple["Callable[[Wire], Callable[..., Any]]", str, dict[str, Any], list[Option]]
"""How to get at a function, its method, what it always sends, and its options."""

T5 = {"threadId": "T5"}
RESUMED = {**T5, "excludeTurns": True}
BY_USE = {"sortKey": "recency_at"}
"""What `threads` goes by: the runtime pages without a gap by nothing else."""
CALLS: dict[str, Calls] = {
    "thread_start": (lambda wire: wire.codex.thread_start, "thread/start", {}, OF_START),
    "thread_resume": (
        lambda wire: partial(wire.codex.thread_resume, "T5"),
        "thread/resume",
        RESUMED,
        OF_RESUME,
    ),
    "thread_fork": (
        lambda wire: partial(wire.codex.thread_fork, "T5"),
        "thread/fork",
        RESUMED,
        OF_FORK,
    ),
    "thread_list": (lambda wire: wire.codex.thread_list, "thread/list", {}, OF_LIST),
    "threads": (lambda wire: wire.all_threads, "thread/list", BY_USE, OF_ALL),
    "run": (
        lambda wire: partial(wire.thread.run, "Hi."),
        "turn/start",
        {"input": SAID, "threadId": "T1"},
        OF_TURNS,
    ),
    "turn": (
        lambda wire: wire.turn_to_its_end,
        "turn/start",
        {"input": SAID, "threadId": "T1"},
        OF_TURNS,
    ),
}


def as_json(value: object) -> str:
    """Write a value so that ``1`` and ``True`` are not the same, and the order does not matter."""
    return json.dumps(value, sort_keys=True)


BARE: list[tuple[Callable[[Wire], Any], bytes]] = [
    (lambda wire: wire.codex.thread_start(), b'"method":"thread/start","params":{}'),
    (lambda wire: wire.codex.thread_list(), b'"method":"thread/list","params":{}'),
    (lambda wire: wire.codex.models(), b'"method":"model/list","params":{}'),
    (lambda wire: wire.codex.account(), b'"method":"account/read","params":{}'),
    (lambda wire: wire.codex.logout(), b'"method":"account/logout"'),
    (
        lambda wire: wire.thread.run("ü\n"),
        b'"method":"turn/start","params":{"input":[{"text":"\xc3\xbc\\n","type":"text"}],'
        b'"threadId":"T1"}',
    ),
]


@pytest.mark.parametrize(
    ("call", "line"), BARE, ids=lambda value: value.decode() if isinstance(value, bytes) else ""
)
def test_a_call_without_options_sends_nothing_that_was_not_said(
    wire: Wire, call: Callable[[Wire], Any], line: bytes
) -> None:
    [sent] = wire.lines(lambda: call(wire))

    number = json.loads(sent)["id"]
    assert sent == b'{"id":%d,%s}\n' % (number, line)


@pytest.mark.parametrize("name", CALLS)
def test_options_that_are_not_given_are_not_sent(wire: Wire, name: str) -> None:
    function, method, always, _ = CALLS[name]

    [(sent_method, params)] = wire.sent(function(wire))

    assert sent_method == method
    assert as_json(params) == as_json(always)


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, call in CALLS.items() for option in call[3]],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}={value[1]!r}"[:60],
)
def test_an_option_is_sent_under_the_protocols_name(wire: Wire, name: str, option: Option) -> None:
    function, method, always, _ = CALLS[name]
    keyword, value, added = option

    [(sent_method, params)] = wire.sent(lambda: function(wire)(**{keyword: value}))

    assert sent_method == method
    assert as_json(params) == as_json(always | added)


@pytest.mark.parametrize(
    ("name", "keyword"),
    [(name, keyword) for name, call in CALLS.items() for keyword in {o[0]: None for o in call[3]}],
)
def test_none_is_sent_as_null_where_the_protocol_has_one(
    wire: Wire, name: str, keyword: str
) -> None:
    function, _, always, options = CALLS[name]
    wire_name = next(next(iter(added)) for given, _, added in options if given == keyword)

    [(_, params)] = wire.sent(lambda: function(wire)(**{keyword: None}))

    assert as_json(params) == as_json(always | NEVER_NULL.get((name, keyword), {wire_name: None}))


@pytest.mark.parametrize("name", CALLS)
def test_every_keyword_is_in_these_tables(name: str) -> None:
    signature = inspect.signature(getattr(Thread if name in ("run", "turn") else Codex, name))
    keywords = {p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY}

    assert keywords - NOT_SENT - DERIVED == {keyword for keyword, _, _ in CALLS[name][3]}


@pytest.mark.parametrize("name", CALLS)
def test_all_options_go_together(wire: Wire, name: str) -> None:
    function, _, expected, options = CALLS[name]
    last = {keyword: (value, added) for keyword, value, added in options}
    for _, added in last.values():
        expected = expected | added

    given = {keyword: value for keyword, (value, _) in last.items()}
    [(_, params)] = wire.sent(lambda: function(wire)(**given))

    assert as_json(params) == as_json(expected)


@pytest.mark.parametrize("setting", [{"timeout": 30.0}, {"timeout": None}])
def test_a_timeout_is_not_sent(wire: Wire, setting: dict[str, Any]) -> None:
    assert wire.sent(lambda: wire.codex.thread_list(**setting)) == [("thread/list", {})]
    assert wire.sent(lambda: wire.codex.models(**setting)) == [("model/list", {})]


def test_any_mapping_is_sent_as_a_schema(wire: Wire) -> None:
    [(_, params)] = wire.sent(lambda: wire.thread.run("Hi.", output_schema=MappingProxyType({})))

    assert params["outputSchema"] == {}


@pytest.mark.parametrize(("said", "parts"), INPUTS, ids=lambda value: ascii(value)[:60])
def test_what_is_said_is_sent_in_the_protocols_form(
    wire: Wire, said: Any, parts: list[dict[str, Any]]
) -> None:
    expected = as_json([("turn/start", {"input": parts, "threadId": "T1"})])

    assert as_json(wire.sent(lambda: wire.thread.run(said))) == expected
    assert as_json(wire.sent(lambda: wire.thread.turn(said).run())) == expected


CONTENT = types.InputTextFunctionCallOutputContentItem(text="b")


@pytest.mark.parametrize(
    ("message", "output"),
    [
        (ExternalMessage("mail", "a"), {"name": "mail", "output": "a"}),
        (
            ExternalMessage("mail", [CONTENT], namespace="inbox"),
            {
                "name": "mail",
                "namespace": "inbox",
                "output": [{"type": "input_text", "text": "b"}],
            },
        ),
        (
            ExternalMessage("mail", (CONTENT,)),
            {"name": "mail", "output": [{"type": "input_text", "text": "b"}]},
        ),
    ],
    ids=["text", "a list", "a tuple"],
)
def test_an_external_message_is_the_output_of_a_tool_and_no_input(
    wire: Wire, message: ExternalMessage, output: dict[str, Any]
) -> None:
    [(method, params)] = wire.sent(lambda: wire.thread.run(message))

    assert method == "turn/start"
    assert params == {"input": [], "threadId": "T1", "toolOutput": output}


CURSOR = {"cursor": NEXT_CURSOR}
T1 = {"threadId": "T1"}
OTHERS: dict[str, tuple[Callable[[Wire], Any], list[tuple[str, Any]]]] = {
    "threads": (
        lambda wire: wire.all_threads(page_size=1, archived=True),
        [
            ("thread/list", {"archived": True, "limit": 1, **BY_USE}),
            ("thread/list", {"archived": True, "limit": 1, **BY_USE, **CURSOR}),
        ],
    ),
    "models": (
        lambda wire: wire.codex.models(include_hidden=True),
        [("model/list", {"includeHidden": True})],
    ),
    "account": (
        lambda wire: wire.codex.account(refresh_token=False),
        [("account/read", {"refreshToken": False})],
    ),
    "thread_archive": (lambda wire: wire.codex.thread_archive("T5"), [("thread/archive", T5)]),
    "thread_unarchive": (
        lambda wire: wire.codex.thread_unarchive("T5"),
        [("thread/unarchive", T5), ("thread/resume", RESUMED)],
    ),
    "set_name": (
        lambda wire: wire.thread.set_name("A name"),
        [("thread/name/set", {**T1, "name": "A name"})],
    ),
    "read": (lambda wire: wire.thread.read(), [("thread/read", T1)]),
    "read with turns": (
        lambda wire: wire.thread.read(include_turns=True),
        [("thread/read", {**T1, "includeTurns": True})],
    ),
    "turns": (lambda wire: list(wire.thread.turns()), [("thread/turns/list", T1)]),
    "turns with options": (
        lambda wire: list(
            wire.thread.turns(
                items_view=types.TurnItemsView.not_loaded,
                page_size=1,
                sort_direction=types.SortDirection.asc,
            )
        ),
        [
            ("thread/turns/list", params)
            for first in [{**T1, "itemsView": "notLoaded", "limit": 1, "sortDirection": "asc"}]
            for params in (first, first | CURSOR)
        ],
    ),
    "items": (lambda wire: list(wire.thread.items()), [("thread/items/list", T1)]),
    "items with options": (
        lambda wire: list(
            wire.thread.items(turn_id="U1", page_size=1, sort_direction=types.SortDirection.desc)
        ),
        [
            ("thread/items/list", params)
            for first in [{**T1, "turnId": "U1", "limit": 1, "sortDirection": "desc"}]
            for params in (first, first | CURSOR)
        ],
    ),
    "goal": (lambda wire: wire.thread.goal(), [("thread/goal/get", T1)]),
    "set_goal": (
        lambda wire: wire.thread.set_goal(
            "win", status=types.ThreadGoalStatus.paused, token_budget=5
        ),
        [("thread/goal/set", {**T1, "objective": "win", "status": "paused", "tokenBudget": 5})],
    ),
    "set_goal without limit": (
        lambda wire: wire.thread.set_goal(token_budget=None),
        [("thread/goal/set", {**T1, "tokenBudget": None})],
    ),
    "clear_goal": (lambda wire: wire.thread.clear_goal(), [("thread/goal/clear", T1)]),
    "compact": (lambda wire: wire.thread.compact().run(), [("thread/compact/start", T1)]),
    "review of what is said": (
        lambda wire: wire.thread.review("the tests").run(),
        [("review/start", {**T1, "target": {"type": "custom", "instructions": "the tests"}})],
    ),
    "review of a commit": (
        lambda wire: wire.thread.review(types.CommitReviewTarget(sha="abc")).run(),
        [("review/start", {**T1, "target": {"type": "commit", "sha": "abc"}})],
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_call_sends_what_was_said_and_no_more(wire: Wire, name: str) -> None:
    call, expected = OTHERS[name]

    assert as_json(wire.sent(lambda: call(wire))) == as_json(expected)


def test_steering_sends_the_input_and_the_turn_that_it_is_for(wire: Wire) -> None:
    handle = wire.thread.turn(HOLD)

    sent = wire.sent(lambda: handle.steer(["More.", MentionInput("m", "app://m")]))

    handle.run()
    mention = {"type": "mention", "name": "m", "path": "app://m"}
    said = [{"type": "text", "text": "More."}, mention]
    assert sent == [("turn/steer", {**T1, "expectedTurnId": handle.id, "input": said})]


def test_an_interrupt_sends_the_turn_that_it_is_for(wire: Wire) -> None:
    handle = wire.thread.turn(HOLD)

    sent = wire.sent(handle.interrupt)

    handle.run()
    assert sent == [("turn/interrupt", {**T1, "turnId": handle.id})]
