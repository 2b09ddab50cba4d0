"""Every method of the protocol, on both clients, against a server in memory."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import AsyncClient, Client
from codex_app_server_rpc.generated.catalog import METHODS
from pydantic import TypeAdapter

from tests.rpc.driver import Driver
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import client_methods, minimal, minimal_params, problems
from tests.rpc.wire import result

OWN = {
    "close",
    "respond",
    "server_requests",
    "start",
    "start_turn",
    "stats",
    "subscribe",
    "supports",
    "turn_stream",
    "watch",
}


def public_functions(client: type) -> dict[str, Any]:
    members = inspect.getmembers(client, inspect.isfunction)
    return {name: value for name, value in members if not name.startswith("_") and name not in OWN}


def parameters(function: Any) -> list[tuple[str, Any, Any, str]]:
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.kind, one.default, str(one.annotation)) for one in found]


def response_name(python_name: str) -> str:
    annotation = inspect.signature(getattr(Client, python_name)).return_annotation
    return str(annotation).removeprefix("t.")


def arguments_of(python_name: str, params: Any) -> dict[str, Any]:
    """Turn params on the wire into the keyword arguments of a method."""
    names = list(inspect.signature(getattr(Client, python_name)).parameters)
    if names[1:2] == ["params"]:
        union: TypeAdapter[Any] = TypeAdapter(getattr(types, parameters_type(python_name)))
        return {"params": union.validate_python(params)}
    by_letters = {name.replace("_", "").lower(): name for name in names}
    return {by_letters[key.replace("_", "").lower()]: value for key, value in params.items()}


def parameters_type(python_name: str) -> str:
    parameter = inspect.signature(getattr(Client, python_name)).parameters["params"]
    return str(parameter.annotation).removeprefix("t.")


def result_types(name: str) -> list[type]:
    """List the classes that a result of a named type may have, without the unknown one."""
    named = getattr(types, name)
    if inspect.isclass(named):
        return [named]
    arms: tuple[type, ...] = get_args(get_args(named)[0])
    return [arm for arm in arms if not issubclass(arm, types.UnknownVariant)]


def test_there_is_a_method_for_every_request_of_the_schema_and_no_other() -> None:
    assert sorted(METHODS) == client_methods()
    names = {info.python_name for info in METHODS.values()}
    assert len(names) == len(METHODS) > 0
    assert set(public_functions(Client)) == names
    assert set(public_functions(AsyncClient)) == names


@pytest.mark.parametrize("wire", client_methods())
def test_both_clients_have_the_method_with_equal_parameters(wire: str) -> None:
    name = METHODS[wire].python_name
    sync, asynchronous = getattr(Client, name), getattr(AsyncClient, name)
    assert parameters(sync) == parameters(asynchronous)
    assert inspect.iscoroutinefunction(asynchronous)
    assert not inspect.iscoroutinefunction(sync)
    assert inspect.signature(sync).return_annotation == (
        inspect.signature(asynchronous).return_annotation
    )
    assert sync.__doc__ == asynchronous.__doc__
    assert sync.__doc__


@pytest.mark.parametrize("wire", client_methods())
def test_every_parameter_is_given_by_its_name(wire: str) -> None:
    function = getattr(Client, METHODS[wire].python_name)
    _, *rest = inspect.signature(function).parameters.values()
    assert {one.kind for one in rest} == {inspect.Parameter.KEYWORD_ONLY}
    assert rest[-1].name == "timeout"


@pytest.mark.parametrize("wire", client_methods())
async def test_a_method_sends_its_request_and_decodes_its_result(wire: str, driver: Driver) -> None:
    name = METHODS[wire].python_name
    answer = minimal(response_name(name))
    assert problems(response_name(name), answer) == []
    server = MemoryServer(lambda message: [result(message["id"], answer)])
    client = await driver.open_memory(server)
    params = minimal_params("ClientRequest", wire)
    arguments = {} if params is None else arguments_of(name, params)

    response = await driver.run(getattr(client, name), **arguments)

    (sent,) = server.requests
    assert sent.pop("id") is not None
    assert sent == ({"method": wire} if params is None else {"method": wire, "params": params})
    assert type(response) in result_types(response_name(name))
    assert response.to_wire() == answer
    await driver.run(client.close)
