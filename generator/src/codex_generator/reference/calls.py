"""Calls: the sections of client requests, notifications and server requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codex_generator.domains import family_of
from codex_generator.ir import Method, MethodModule, Model, Notification, Protocol, ServerRequest
from codex_generator.reference.answers import ANSWERS, UNKNOWN
from codex_generator.reference.facade import facade_names, raw_name
from codex_generator.reference.fields import Page
from codex_generator.reference.pages import Call, CallPage, Piece, Table
from codex_generator.reference.places import (
    METHODS,
    NOTIFICATIONS,
    SERVER_REQUESTS,
    Places,
    anchor_of,
)

_NO_FIELDS = ", no fields"
_NO_PARAMS = "none"
_VARIANTS = ", one of its variants, given as `params` in Python"


@dataclass(frozen=True)
class Calls:
    """Makes the pages of calls."""

    places: Places
    lifetimes: Mapping[str, str]
    """Since when the protocol has each call, in words, by wire name."""

    def pages(self, protocol: Protocol) -> tuple[CallPage, ...]:
        """Return the pages of all calls."""
        families: dict[str, list[Notification]] = {}
        for found in protocol.notifications:
            families.setdefault(family_of(found.wire), []).append(found)
        return (
            *(self._of_methods(module) for module in protocol.methods),
            *(self._of_notifications(name, found) for name, found in sorted(families.items())),
            self._of_server_requests(protocol.server_requests),
        )

    def _of_methods(self, module: MethodModule) -> CallPage:
        path = f"{METHODS}/{module.name}.md"
        page = Page(path, self.places)
        calls = tuple(self._method(method, page) for method in module.methods)
        return CallPage(path, f"Client requests: {module.name}", calls)

    def _of_notifications(self, family: str, notifications: Iterable[Notification]) -> CallPage:
        path = f"{NOTIFICATIONS}/{family}.md"
        page = Page(path, self.places)
        calls = tuple(self._notification(found, page) for found in notifications)
        return CallPage(path, f"Notifications: {family}", calls)

    def _of_server_requests(self, requests: Iterable[ServerRequest]) -> CallPage:
        page = Page(SERVER_REQUESTS, self.places)
        calls = tuple(self._server_request(found, page) for found in requests)
        return CallPage(SERVER_REQUESTS, "Server requests", calls)

    def _method(self, method: Method, page: Page) -> Call:
        names = {parameter.field: parameter.name for parameter in method.parameters}
        return Call(
            wire=method.wire,
            anchor=anchor_of(method.wire),
            experimental=method.experimental,
            lifetime=self.lifetimes[method.wire],
            description=method.description,
            names=(raw_name(f"Client.{method.name}"), *facade_names(method.wire)),
            tables=(
                self._table("Parameters", method.params_model, page, names),
                self._table("Result", method.response, page),
            ),
        )

    def _notification(self, found: Notification, page: Page) -> Call:
        return Call(
            wire=found.wire,
            anchor=anchor_of(found.wire),
            experimental=found.experimental,
            lifetime=self.lifetimes[found.wire],
            description=found.description,
            names=(),
            tables=(self._table("Payload", found.payload, page),),
        )

    def _server_request(self, request: ServerRequest, page: Page) -> Call:
        answer = ANSWERS.get(request.wire, UNKNOWN)
        return Call(
            wire=request.wire,
            anchor=anchor_of(request.wire),
            experimental=request.experimental,
            lifetime=self.lifetimes[request.wire],
            description=request.description,
            names=(
                raw_name(f"ServerRequestHandlers.{request.handler}"),
                *facade_names(request.wire),
            ),
            tables=(
                self._table("Parameters", request.params, page),
                self._table("Result", request.response, page),
            ),
            answer=answer.words,
            answer_json=answer.result,
        )

    def _table(
        self, title: str, name: str, page: Page, names: Mapping[str, str] | None = None
    ) -> Table:
        found = self.places.declaration(name)
        if found is None:
            return Table(title, (), "", (), _NO_PARAMS)
        if not isinstance(found, Model):
            return Table(title, page.spell(name), "", (), _VARIANTS if names else "")
        spelling = page.spell(name)
        if not self.places.has_section(name):
            place = self.places[name]
            spelling = (Piece(name, place.seen_from(page.path), place.anchor),)
        note = "" if found.fields else _NO_FIELDS
        return Table(title, spelling, found.description, page.rows(found, names), note)
