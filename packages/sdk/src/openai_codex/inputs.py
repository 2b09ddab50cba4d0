"""What is said in a turn: text, images, skills, mentions, and messages of somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypeAlias, Union

from openai_codex.errors import ArgumentTypeError, InvalidArgumentError

if TYPE_CHECKING:
    from codex_app_server_types import (
        FunctionCallOutputContentItem,
        ImageDetail,
        JsonValue,
        TurnToolOutput,
        UserInput,
    )

__all__ = [
    "ExternalMessage",
    "ImageInput",
    "Input",
    "InputItem",
    "LocalImageInput",
    "MentionInput",
    "RunInput",
    "SkillInput",
    "TextInput",
    "external_output",
    "wire_input",
]


@dataclass(frozen=True)
class TextInput:
    """Text; a plain ``str`` says the same.

    Attributes:
        text: The text, of 1,048,576 characters at most in all of a turn's input.
    """

    text: str


@dataclass(frozen=True)
class ImageInput:
    """An image by its URL. The runtime takes inline ``data:`` URLs, and may refuse others.

    Attributes:
        url: The URL.
        detail: How closely the model looks at it; ``None`` for its own choice. The runtime leaves
            an image out, and says so to the model, if the model does not have that detail.
    """

    url: str
    detail: ImageDetail | None = None


@dataclass(frozen=True)
class LocalImageInput:
    """An image file that the runtime reads. If it cannot, it tells the model, and nobody else.

    Attributes:
        path: Where it is, for the runtime; absolute, or below the working directory of the
            runtime (``CodexConfig.cwd``), which need not be the thread's.
        detail: How closely the model looks at it; ``None`` for the model's own choice.
    """

    path: str | PathLike[str]
    detail: ImageDetail | None = None


@dataclass(frozen=True)
class SkillInput:
    """A skill to be used. The runtime passes over one that it does not know, without a word.

    Attributes:
        name: The skill's name.
        path: Where its ``SKILL.md`` is, for the runtime: among the skills of its home or of the
            thread's working directory.
    """

    name: str
    path: str | PathLike[str]


@dataclass(frozen=True)
class MentionInput:
    """Something that the text mentions: an app, a plugin, a file.

    Attributes:
        name: Its name.
        path: Its address, for example ``app://calendar``.
    """

    name: str
    path: str | PathLike[str]


@dataclass(frozen=True)
class ExternalMessage:
    """What somebody other than the user says: untrusted content, kept apart from instructions.

    It reaches the model as the output of a tool, and is the whole input of its turn.

    Attributes:
        tool_name: The name of the tool that it seems to come from.
        content: The text, or a list of content items, as ``FunctionCallOutputContentItem`` of the
            protocol or as a mapping like ``{"type": "input_text", "text": "..."}``.
        namespace: The tool's namespace.
    """

    tool_name: str
    content: str | Sequence[FunctionCallOutputContentItem | Mapping[str, JsonValue]]
    namespace: str | None = None


InputItem: TypeAlias = Union[
    TextInput, ImageInput, LocalImageInput, SkillInput, MentionInput, "UserInput"
]
"""One thing that is said. ``UserInput`` is the protocol's own form of it."""

Input: TypeAlias = InputItem | Sequence[str | InputItem]
"""One thing that is said, or several of them, with plain text among them."""

RunInput: TypeAlias = str | Input | ExternalMessage
"""What a turn can be started with."""

_ACCEPTED = (
    "text, TextInput, ImageInput, LocalImageInput, SkillInput, MentionInput, a UserInput of the "
    "protocol, or a list of these"
)


def external_output(value: RunInput) -> TurnToolOutput | None:
    """Give an external message in the form of the protocol (``toolOutput``); ``None`` for others.

    Raises:
        ArgumentTypeError: Its content is of a type that is not accepted.
        InvalidArgumentError: Its content is none.
    """
    if not isinstance(value, ExternalMessage):
        return None
    from codex_app_server_rpc.params import params_of
    from codex_app_server_types import UNSET, TurnToolOutput

    _check_content(value.content)

    return params_of(
        TurnToolOutput,
        name=_text(value, "tool_name"),
        namespace=UNSET if value.namespace is None else value.namespace,
        output=value.content,
    )


def wire_input(value: RunInput, *, accepted: str = _ACCEPTED) -> list[UserInput]:
    """Bring what the user said into the form of the protocol.

    Args:
        value: What was said, but for an external message.
        accepted: What is said to be accepted, in an error.

    Returns:
        The ``input`` of ``turn/start`` and ``turn/steer``.

    Raises:
        ArgumentTypeError: It is of a type that is not accepted.
        InvalidArgumentError: There is nothing in it.
    """
    parts: Sequence[object] = [value]
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        parts = value
    if all(part in ("", TextInput("")) for part in parts):
        raise InvalidArgumentError("the input is empty: a turn needs something to answer")
    return [_wire_part(part, accepted) for part in parts]


def _wire_part(part: object, accepted: str) -> UserInput:
    import codex_app_server_types as types
    from codex_app_server_rpc.params import params_of
    from codex_app_server_types import UNSET

    match part:
        case str():
            return types.TextUserInput(text=part)
        case TextInput():
            return types.TextUserInput(text=_text(part, "text"))
        case ImageInput():
            url = _text(part, "url")
            return params_of(types.ImageUserInput, url=url, detail=part.detail or UNSET)
        case LocalImageInput():
            file = _path(part)
            return params_of(types.LocalImageUserInput, path=file, detail=part.detail or UNSET)
        case SkillInput():
            return types.SkillUserInput(name=_text(part, "name"), path=_path(part))
        case MentionInput():
            return types.MentionUserInput(name=_text(part, "name"), path=_path(part))
        case (
            types.TextUserInput()
            | types.ImageUserInput()
            | types.LocalImageUserInput()
            | types.AudioUserInput()
            | types.LocalAudioUserInput()
            | types.SkillUserInput()
            | types.MentionUserInput()
            | types.UnknownUserInput()
        ):
            return part
        case ExternalMessage():
            raise ArgumentTypeError("an ExternalMessage starts a turn, and is all of its input")
        case _:
            raise ArgumentTypeError(f"the input is {accepted}; not {type(part).__name__}")


def _text(part: object, name: str) -> str:
    """Give an attribute that is text."""
    value: object = getattr(part, name)
    if not isinstance(value, str):
        kind, given = type(part).__name__, type(value).__name__
        raise ArgumentTypeError(f"{name} of {kind} is a string, not {given}")
    return value


def _check_content(content: object) -> None:
    if not isinstance(content, Sequence) or isinstance(content, (bytes, bytearray)):
        given = type(content).__name__
        raise ArgumentTypeError(
            f"content of ExternalMessage is a string or a list of content items, not {given}"
        )


def _path(part: LocalImageInput | SkillInput | MentionInput) -> str:
    """Give the path, which may be an object."""
    if isinstance(part.path, PathLike):
        return fspath(part.path)
    return _text(part, "path")
