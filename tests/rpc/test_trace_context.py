"""The trace of a request is told in its envelope. For both clients."""

from __future__ import annotations

from contextvars import ContextVar

import pytest
from codex_app_server_rpc import TraceContext

from tests.rpc.driver import Driver
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.wire import result

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def server() -> MemoryServer:
    return MemoryServer(lambda message: [result(message["id"], {"dataBase64": ""})])


@pytest.mark.parametrize(
    ("context", "sent"),
    [
        (TraceContext(PARENT), {"traceparent": PARENT}),
        (TraceContext(PARENT, 'a="ü"'), {"traceparent": PARENT, "tracestate": 'a="ü"'}),
    ],
    ids=["parent alone", "parent and state"],
)
async def test_a_request_tells_the_trace_that_it_belongs_to(
    context: TraceContext, sent: dict[str, str], driver: Driver
) -> None:
    memory = server()
    client = await driver.open_memory(memory, trace=lambda: context)
    await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)

    (request,) = memory.requests
    assert request["trace"] == sent
    assert request["params"] == {"path": "/x"}


@pytest.mark.parametrize("options", [{}, {"trace": lambda: None}], ids=["nobody", "no span"])
async def test_a_request_outside_of_a_trace_has_none(
    options: dict[str, object], driver: Driver
) -> None:
    memory = server()
    client = await driver.open_memory(memory, **options)
    await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)

    assert "trace" not in memory.requests[0]


async def test_the_provider_is_asked_where_the_request_is_made(driver: Driver) -> None:
    place: ContextVar[str] = ContextVar("place", default="nowhere")
    memory = server()
    client = await driver.open_memory(memory, trace=lambda: TraceContext(place.get()))

    def ask_here() -> object:
        place.set("here")
        return client.fs_read_file(path="/x")  # awaited by the driver, if it is to be

    await driver.run(client.fs_read_file, path="/x")
    await driver.run(ask_here)
    await driver.run(client.close)

    assert [one["trace"]["traceparent"] for one in memory.requests] == ["nowhere", "here"]


async def test_a_provider_that_fails_is_logged_and_the_request_is_sent(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> TraceContext:
        raise RuntimeError("no")

    memory = server()
    client = await driver.open_memory(memory, trace=fail)
    await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)

    assert "trace" not in memory.requests[0]
    (record,) = caplog.records
    assert record.getMessage() == "the provider of the trace context has failed"
