"""What a client can say of itself at any moment: numbers for logs, metrics and tests."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClientStats"]


@dataclass(frozen=True)
class ClientStats:
    """A snapshot of a connection. The first group are present values, the second counts so far.

    Attributes:
        in_flight: Requests that wait for their answers.
        waiting: Requests that wait in line to be sent, because too many are in flight.
        server_requests: Requests of the server that wait for a reply.
        active_turns: Turns that run, whether or not somebody follows them.
        consumers: Streams and subscriptions that are open.
        queued: Notifications that their consumers have not taken yet.
        received: Messages that were understood.
        dropped: Notifications that were not delivered: nobody wanted them, or their consumer
            had fallen too far behind.
        missed: Those among them that a consumer wanted; it was told by `SlowConsumerError`.
        merged: Text deltas that were delivered as part of an earlier one.
        skipped: Lines that were no message.
        unknown: Notifications and requests of methods that this version does not know.
        unmatched: Answers to nothing that was asked, or to what was given up.
        retries: Requests that were sent again because the server was overloaded.
    """

    in_flight: int
    waiting: int
    server_requests: int
    active_turns: int
    consumers: int
    queued: int
    received: int
    dropped: int
    missed: int
    merged: int
    skipped: int
    unknown: int
    unmatched: int
    retries: int
