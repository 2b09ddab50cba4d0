"""What becomes of the things that a server of a later version may send."""

from __future__ import annotations

from typing import Any

from codex_app_server_rpc import UnknownNotification
from codex_app_server_types import AgentMessageThreadItem, UnknownCodexErrorInfo, UnknownThreadItem
from openai_codex import TurnFailedError, TurnResult

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import answering, failing, resulting, streaming
from tests.misbehaving.table import Case, Family


async def delivers_unknown_notifications(meeting: Encounter) -> None:
    def look(events: list[Any]) -> None:
        payload = events[1].payload
        assert isinstance(payload, UnknownNotification)
        assert payload.method == "item/hologram/delta"
        assert events[1].params["shape"] == [1, 2]

    await streaming(look)(meeting)
    client = meeting.last_client
    assert client.stats().unknown == 2 * 3
    weather = await meeting.run(client.subscribe, {"weather/changed"})
    await meeting.follow(await meeting.start_turn(client))
    assert (await meeting.run(weather.next, 5)).params == {"sky": "blue"}
    await meeting.run(weather.close)


def keeps_unknown_items(result: TurnResult) -> None:
    hologram = result.items[0]
    assert isinstance(hologram, UnknownThreadItem)
    assert hologram.to_wire() == {"type": "hologram", "id": "H", "shape": [1, 2]}
    assert result.final_response == "hello"


def keeps_unknown_values(result: TurnResult) -> None:
    assert result.status == "evaporated"
    assert result.status.value == "evaporated"
    (message,) = result.items
    assert isinstance(message, AgentMessageThreadItem)
    assert message.phase == "whispered"
    assert result.final_response is None


def keeps_the_failure(error: TurnFailedError) -> None:
    assert "the moon was full" in str(error)
    assert error.error is not None
    info = error.error.codex_error_info
    assert isinstance(info, UnknownCodexErrorInfo)
    assert info.to_wire() == {"lunar": {"phase": 1}}


async def keeps_unknown_members(meeting: Encounter) -> None:
    client = await meeting.client()
    assert client.server.model_extra == {"mood": "good"}
    started = await meeting.run(client.thread_start)
    assert started.model_extra == {"mood": "good"}
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert error is None
    assert events[-2].payload.item.model_extra == {"mood": "good"}


FAMILY = Family(
    "newcomers",
    "What a later version may send",
    [
        Case(
            "unknown_notifications",
            "sends notifications of methods that this version does not know",
            "They are delivered with an `UnknownNotification` as payload, and pass results over.",
            delivers_unknown_notifications,
            answering("hello"),
        ),
        Case(
            "unknown_items",
            "completes an item of an unknown type",
            "It is among the items as an `UnknownThreadItem` that holds everything.",
            facade=resulting(keeps_unknown_items),
        ),
        Case(
            "unknown_values",
            "uses values that an enumeration does not have, for a turn's end and a message's phase",
            "They keep their strings. Such an end is not `completed`, such a message not final.",
            facade=resulting(keeps_unknown_values),
        ),
        Case(
            "unknown_failure",
            "lets a turn fail for a reason of an unknown kind",
            "`TurnFailedError` has the reason as it came.",
            facade=failing(TurnFailedError, keeps_the_failure),
        ),
        Case(
            "unknown_members",
            "adds members to every object",
            "They are kept with the objects, and change nothing.",
            keeps_unknown_members,
            answering("hello"),
        ),
    ],
)
