"""Tools in the protocol's words, and the warning of those that a thread was not started with."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import codex_app_server_types as types
import pytest
from openai_codex import InvalidArgumentError, Tool, ToolNamespace
from openai_codex.tools.specs import Changes, checked_tools, specs
from openai_codex.tools.stored import stored_tools
from openai_codex.tools.toolbox import Toolbox

from tests.sdk.test_tool_functions import Counter
from tests.sdk.tool_samples import CALENDAR, forecast, named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codex_app_server_types import JsonValue


def told(tools: Sequence[Tool[..., object]]) -> list[JsonValue]:
    """Give what the runtime is told of some tools."""
    return [spec.to_wire() for spec in specs(tools)]


def test_the_tools_of_a_namespace_are_told_together() -> None:
    one, two = named("one", CALENDAR), named("two", CALENDAR, defer_loading=True)
    alone = named("one")

    inner = {"type": "function", "description": "Do.", "inputSchema": forecast.input_schema}
    assert told([one, alone, two]) == [
        {
            "type": "namespace",
            "name": "calendar",
            "description": "What the user has to do.",
            "tools": [
                {**inner, "name": "one"},
                {**inner, "name": "two", "deferLoading": True},
            ],
        },
        {**inner, "name": "one"},
    ]


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        ([named("a"), named("a")], "two tools of the name a"),
        ([named("a", CALENDAR), named("a", CALENDAR)], r"two tools of the name calendar\.a"),
        (
            [named("a", CALENDAR), named("b", ToolNamespace("calendar", "Other."))],
            "namespace calendar has two descriptions",
        ),
        ([forecast.function], "a tool is made by @tool, not of type function"),
        (["forecast"], "a tool is made by @tool, not of type str"),
        (forecast, "tools is a list of tools, not of type Tool"),
        ([Counter.add], r"tool add is a method: give that of an object, as thing\.add"),
    ],
    ids=range(7),
)
def test_what_cannot_be_the_tools_of_one_thread_is_refused(tools: Any, reason: str) -> None:
    with pytest.raises(InvalidArgumentError, match=reason):
        checked_tools(tools)


def test_any_iterable_of_tools_will_do() -> None:
    assert checked_tools(one for one in [forecast]) == (forecast,)


def test_what_is_new_gone_or_changed_is_named() -> None:
    before = [named("kept"), named("gone"), named("changed"), named("group", CALENDAR)]
    other = ToolNamespace("calendar", "Other.")
    now = [named("new"), named("kept"), Counter(1).add, named("group", other)]
    now[2].name = "changed"

    changes = Changes.between(told(before), now)

    assert changes == Changes(new=("new",), gone=("gone",), changed=("changed", "calendar.group"))
    assert str(changes) == "new: new; gone: gone; changed: changed, calendar.group"
    assert not Changes.between(told(before), before)


def test_a_method_with_its_object_can_be_a_tool_of_a_thread() -> None:
    add = Counter(1).add

    assert checked_tools([add]) == (add,)


@pytest.mark.parametrize(
    "part", [{"description": "Other."}, {"inputSchema": {"type": "object"}}], ids=str
)
def test_another_description_or_schema_is_a_change(part: dict[str, Any]) -> None:
    [spec] = told([named("a")])
    assert isinstance(spec, dict)

    assert Changes.between([{**spec, **part}], [named("a")]).changed == ("a",)


def test_putting_a_tool_off_is_a_change() -> None:
    before = told([named("a", CALENDAR)])

    assert Changes.between(before, [named("a", CALENDAR, defer_loading=True)]).changed


@pytest.mark.parametrize(
    "stored", [5, {}, ["a"], [{"type": "function"}], [{"type": "new", "name": "a"}], None], ids=str
)
def test_tools_of_another_format_cannot_be_compared(stored: Any) -> None:
    with pytest.raises(ValueError, match="tools"):
        Changes.between(stored, [forecast])


def file_of(folder: Path, payload: object, kind: str = "session_meta") -> str:
    """Write a thread's file."""
    path = folder / "thread.jsonl"
    path.write_text(json.dumps({"type": kind, "payload": payload}) + '\n{"type": "other"}\n')
    return str(path)


def test_the_tools_of_a_thread_stand_in_its_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"cli_version": "0.163.0", "dynamic_tools": told([forecast])})

    assert stored_tools(path) == told([forecast])


def test_a_thread_without_tools_has_none(tmp_path: Path) -> None:
    assert stored_tools(file_of(tmp_path, {"cli_version": "0.163.0"})) == []


def unreadable(folder: Path) -> list[str | None]:
    (folder / "compressed.jsonl").write_bytes(b"\x28\xb5\x2f\xfd\x00")
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "list.jsonl").write_bytes(b"[]\n")
    names = ("compressed.jsonl", "empty.jsonl", "list.jsonl", "nowhere.jsonl", "")
    other = [file_of(folder, ["a"]), file_of(folder, {"x": 1})]
    return [None, *other, *(str(folder / name) for name in names)]


def test_what_cannot_be_read_is_not_known_and_warned_of_by_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert all(stored_tools(path) is None for path in unreadable(tmp_path))
    assert not caplog.records


def thread(path: str | None) -> types.Thread:
    """Make a thread as ``thread/resume`` gives it, as far as it matters here."""
    return types.Thread.model_construct(id="T1", path=path)


def test_tools_that_the_thread_was_not_started_with_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = file_of(tmp_path, {"cli_version": "0.163.0", "dynamic_tools": told([named("old")])})

    Toolbox().bind_again(thread(path), [named("young")])

    [record] = caplog.records
    assert (record.name, record.levelname) == ("openai_codex.tools", "WARNING")
    assert "thread T1" in record.getMessage()
    assert "(new: young; gone: old)" in record.getMessage()


def test_the_same_tools_are_not_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tools = [forecast, named("a", CALENDAR), named("b", CALENDAR, defer_loading=True)]
    path = file_of(tmp_path, {"cli_version": "0.163.0", "dynamic_tools": told(tools)})

    Toolbox().bind_again(thread(path), reversed(tools))

    assert not caplog.records


@pytest.mark.parametrize("stored", [5, ["a"]], ids=str)
def test_stored_tools_of_another_format_are_not_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, stored: Any
) -> None:
    path = file_of(tmp_path, {"cli_version": "0.163.0", "dynamic_tools": stored})

    Toolbox().bind_again(thread(path), [forecast])

    assert not caplog.records


def test_a_client_remembers_what_it_started_a_thread_with(
    caplog: pytest.LogCaptureFixture,
) -> None:
    box = Toolbox()
    box.bind("T1", [named("a")])

    box.bind_again(thread(None), [named("a")])
    assert not caplog.records
    box.bind_again(thread(None), [named("b")])
    box.bind_again(thread(None), [named("b")])

    assert [record.getMessage().count("(new: b; gone: a)") for record in caplog.records] == [1, 1]


def test_a_client_remembers_it_of_copies_too(caplog: pytest.LogCaptureFixture) -> None:
    box = Toolbox()
    box.bind("T0", [named("a")])
    box.bind_copy("T1", "T0")

    box.bind_again(thread(None), [named("b")])

    assert "(new: b; gone: a)" in caplog.text
