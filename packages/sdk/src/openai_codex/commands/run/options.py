"""What a run is told, checked before anything starts."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, Unset

from openai_codex.commands.run.answers import AnswerSchema
from openai_codex.config import CodexConfig
from openai_codex.errors import InvalidArgumentError
from openai_codex.inputs import ImageInput, LocalImageInput, TextInput
from openai_codex.options import ApprovalMode, Sandbox

if TYPE_CHECKING:
    import argparse

    from openai_codex.inputs import InputItem

__all__ = ["RunOptions"]


@dataclass(frozen=True)
class RunOptions:
    """What the command is told. What is not given is ``UNSET``: the user's configuration decides.

    Attributes:
        config: Which runtime runs, in which surroundings.
        input: What is said.
        approval_mode: Who decides what goes beyond the sandbox.
        cwd: The folder in which the agent works.
        effort: How much the model thinks.
        model: The model.
        output_schema: What the answer has to keep to; ``None`` for nothing.
        sandbox: What commands may touch.
        resume: The thread to continue; ``None`` to start one.
        is_ephemeral: Whether to keep nothing of it on disk.
        timeout: How long the turn may take, in seconds; ``None`` for no limit.
        form: How the turn is written down.
    """

    config: CodexConfig
    input: list[InputItem]
    approval_mode: ApprovalMode | Unset
    cwd: str | Unset
    effort: str | Unset
    model: str | Unset
    output_schema: AnswerSchema | None
    sandbox: Sandbox | Unset
    resume: str | None
    is_ephemeral: bool
    timeout: float | None
    json_lines: bool
    plain: bool

    @classmethod
    def of(cls, told: argparse.Namespace) -> RunOptions:
        """Read what the command line says, and the files and the standard input that it names.

        Raises:
            InvalidArgumentError: Something of it cannot be used.
        """
        mode = told.approval_mode
        schema = told.output_schema
        images = [_image(one) for one in told.image]
        return cls(
            config=CodexConfig(codex_bin=told.codex_bin, config_overrides=tuple(told.config)),
            input=[TextInput(_prompt(told.prompt)), *images],
            approval_mode=UNSET if mode is None else ApprovalMode(mode.replace("-", "_")),
            cwd=UNSET if told.cwd is None else _folder(told.cwd),
            effort=_given(told.effort),
            model=_given(told.model),
            output_schema=None if schema is None else AnswerSchema.of(Path(schema)),
            sandbox=UNSET if told.sandbox is None else Sandbox(told.sandbox),
            resume=told.resume,
            is_ephemeral=told.ephemeral,
            timeout=told.timeout,
            json_lines=told.json,
            plain=told.plain,
        )


def _given(value: str | None) -> str | Unset:
    return UNSET if value is None else value


def _prompt(text: str) -> str:
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidArgumentError(f"stdin is not UTF-8 (at byte {error.start})") from error
    if not text.strip():
        raise InvalidArgumentError("PROMPT is empty")
    return text


def _image(place: str) -> InputItem:
    if place.startswith(("http://", "https://", "data:")):
        return ImageInput(place)
    if not Path(place).is_file():
        raise InvalidArgumentError(f"--image is {place}, but there is no such file")
    return LocalImageInput(os.path.abspath(place))


def _folder(place: str) -> str:
    if not Path(place).is_dir():
        raise InvalidArgumentError(f"--cwd is {place}, but there is no such folder")
    return os.path.abspath(place)
