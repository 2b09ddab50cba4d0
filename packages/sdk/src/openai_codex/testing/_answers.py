"""What the test has a scripted server answer, in place of what it would answer by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from openai_codex.testing._server_messages import Json

if TYPE_CHECKING:
    from codex_app_server_types import WireModel

    from openai_codex.testing._gate import Gate
    from openai_codex.testing._replies import Delay

__all__ = ["Answer", "Answers", "AnyAnswer"]

Result: TypeAlias = "Mapping[str, Any] | WireModel | None"

AnyAnswer: TypeAlias = "Result | Callable[[Json], Result]"
"""A result, as JSON or as a model; or a function that makes one of the request's params, and may
raise a `JsonRpcError` to answer with that error."""


@dataclass
class Answer:
    """An answer to a method.

    Attributes:
        make: Makes the result of the request's params; ``None`` for no answer at all.
        after: What it waits for.
        times: How often it is given before it is used up; ``None`` for ever.
    """

    make: Callable[[Json], Json] | None
    after: Gate | Delay | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would never be given.

        Raises:
            ValueError: ``times`` is less than one.
        """
        if self.times is not None and self.times < 1:
            raise ValueError(
                f"times is {self.times}: an answer is given once or more, None is for ever"
            )


class Answers:
    """The answers that were set, by method: the newest first, each as often as it was said."""

    def __init__(self, extra_methods: Iterable[str] = ()) -> None:
        """Start without any.

        Args:
            extra_methods: Methods that may be answered though the protocol does not know them.
        """
        self._extra_methods = frozenset(extra_methods)
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()

    def put(self, method: str, answer: Answer) -> None:
        """Set an answer, over those that were set before.

        Raises:
            ValueError: Nobody asks for this method: its name is wrong.
        """
        self._check(method)
        with self._lock:
            self._answers.setdefault(method, []).append(answer)

    def take(self, method: str) -> Answer | None:
        """Use the newest answer to a method, if there is one."""
        with self._lock:
            answers = self._answers.get(method, [])
            if not answers:
                return None
            answer = answers[-1]
            if answer.times is not None:
                answer.times -= 1
                if answer.times == 0:
                    answers.pop()
            return answer

    def _check(self, method: str) -> None:
        from difflib import get_close_matches

        from codex_app_server_rpc.generated.catalog import METHODS

        known = {"initialize", *METHODS, *self._extra_methods}
        if method not in known:
            close = get_close_matches(str(method), sorted(known), n=1)
            raise ValueError(
                f"the protocol has no method {method!r}"
                + (f": did you mean {close[0]!r}?" if close else "")
                + " (One that is newer is named in ScriptedServer(extra_methods=[...]).)"
            )


def as_result(value: object) -> Json:
    """Give a result as JSON.

    Raises:
        TypeError: It is none.
    """
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    to_wire = getattr(value, "to_wire", None)
    if callable(to_wire):
        return as_result(to_wire())
    raise TypeError(f"{value!r} is no result: it is a JSON object, a model or None")


def as_make(answer: AnyAnswer) -> Callable[[Json], Json]:
    """Give an answer as a function of the params."""
    if callable(answer):
        return lambda params: as_result(answer(params))
    result = as_result(answer)
    return lambda params: result
