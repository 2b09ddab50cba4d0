"""What was not given is not sent, what was given as `None` is sent as `null`."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from codex_app_server_types import (
    UNSET,
    AgentMessageThreadItem,
    AskForApprovalValue,
    GranularAskForApproval,
    GranularAskForApprovalPayload,
    TextUserInput,
    ThreadStartParams,
    Turn,
    TurnItemsView,
    TurnStartParams,
    TurnStatus,
    Unset,
    UserInput,
    WireModel,
)

from tests.types.decoding import decode, same_json
from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, DEFINITIONS, Arm, snake, tag

every_object = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.schema.get("type") == "object"], ids=str
)


def test_a_field_that_was_not_given_is_not_sent() -> None:
    assert ThreadStartParams().to_wire() == {}


def test_a_field_given_as_none_is_sent_as_null() -> None:
    params = ThreadStartParams(model=None, service_tier=None)

    assert params.to_wire() == {"model": None, "serviceTier": None}


def test_a_field_given_with_its_default_is_sent() -> None:
    item = AgentMessageThreadItem(id="1", text="hello", phase=None)
    turn = Turn(id="1", items=[], status=TurnStatus.completed, items_view=TurnItemsView.full)

    assert item.to_wire()["phase"] is None
    assert turn.to_wire()["itemsView"] == "full"


def test_a_field_assigned_later_is_sent() -> None:
    params = ThreadStartParams()
    params.service_tier = None

    assert params.to_wire() == {"serviceTier": None}


def test_null_and_absent_fields_of_the_server_are_told_apart() -> None:
    absent = Turn.from_wire({"id": "1", "items": [], "status": "completed"})
    null = Turn.from_wire({"id": "1", "items": [], "status": "completed", "error": None})

    assert absent.error is null.error is None
    assert null.model_fields_set - absent.model_fields_set == {"error"}


def test_fields_go_by_their_python_and_by_their_wire_name() -> None:
    by_wire_name: dict[str, str] = {"threadId": "1", "serviceTier": "fast"}

    one = TurnStartParams(thread_id="1", service_tier="fast", input=[])
    other = TurnStartParams.model_validate({**by_wire_name, "input": []})

    assert one == other
    assert one.to_wire() == {**by_wire_name, "input": []}


def test_the_tag_of_a_variant_built_in_python_is_sent() -> None:
    item = AgentMessageThreadItem(id="1", text="hello")

    assert item.to_wire() == {"id": "1", "text": "hello", "type": "agentMessage"}
    assert json.loads(item.to_wire_json()) == item.to_wire()


def test_tags_are_sent_at_every_level() -> None:
    item = AgentMessageThreadItem(id="1", text="hello")
    turn = Turn(id="1", items=[item], status=TurnStatus.completed)

    assert turn.to_wire()["items"] == [{"id": "1", "text": "hello", "type": "agentMessage"}]
    assert json.loads(turn.to_wire_json()) == turn.to_wire()


def test_unions_of_strings_and_objects_are_sent_as_such() -> None:
    granular = GranularAskForApproval(
        granular=GranularAskForApprovalPayload(
            mcp_elicitations=True, rules=False, sandbox_approval=True
        )
    )
    items: list[UserInput] = [TextUserInput(text="hi")]

    asking = TurnStartParams(thread_id="1", input=items, approval_policy=granular)
    never = TurnStartParams(thread_id="1", input=items, approval_policy=AskForApprovalValue.never)

    assert asking.to_wire()["approvalPolicy"] == {
        "granular": {"mcp_elicitations": True, "rules": False, "sandbox_approval": True}
    }
    assert never.to_wire()["approvalPolicy"] == "never"
    assert never.to_wire()["input"] == [{"type": "text", "text": "hi"}]


@every_object
def test_an_object_built_in_python_is_sent_as_the_server_would_send_it(arm: Arm) -> None:
    raw = sample(arm)
    decoded = decode(arm.definition, raw)
    assert isinstance(decoded, WireModel)
    constant = tag(DEFINITIONS[arm.definition])
    names = decoded.model_fields_set - ({snake(constant)} if constant else set())
    given = {name: value for name, value in decoded if name in names}

    built = type(decoded)(**given)

    assert same_json(built.to_wire(), raw)


def test_unset_is_false_and_shows_its_name() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_there_is_one_unset_also_after_pickling(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET


def test_there_is_one_unset_also_after_copying() -> None:
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy({"model": UNSET})["model"] is UNSET
    assert isinstance(UNSET, Unset)
