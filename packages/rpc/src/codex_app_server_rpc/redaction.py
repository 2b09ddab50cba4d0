"""Taking secrets out of what is written down: transcripts, and command lines in them.

What is replaced:

- by structure: whatever goes by the name of a secret (``apiKey``, ``accessToken``, ``password``,
  ``authorization``, …), the values of environments and headers, the query of addresses to log in
  at, answers to questions that the server calls secret, fields of forms with the format
  ``password``, what is typed into a command;
- by pattern, in any text: ``sk-…`` and its like, ``Bearer …``, passwords in addresses,
  ``NAME_TOKEN=…``, private keys; in base64 members too;
- by memory: a value that was found under a secret's name or given as a secret answer is replaced
  wherever it comes again in the same connection.

Only strings are replaced, by strings, so that a message that was redacted still decodes. What is no
secret by any of these rules stays: **prompts, answers, file contents and the output of commands are
written down as they are**.

Public names: `REDACTED`, `Redactor`, `redact_command`, `redact_text`.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final, Literal, cast

from codex_app_server_rpc._secret_texts import without_query, without_secrets
from codex_app_server_rpc._secrets import REDACTED, Kind, kind_of, kind_of_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

    Message: TypeAlias = dict[str, JsonValue]

__all__ = ["REDACTED", "Redactor", "redact_command", "redact_text"]

_SHORTEST_REMEMBERED: Final = 8
"""The length of a secret that is looked for in texts; a shorter one may be part of any word."""

_MOST_REMEMBERED: Final = 256
_MOST_ASKED: Final = 256
_TYPED: Final = frozenset({"command/exec/write", "process/writeStdin"})
_QUESTIONS: Final = "item/tool/requestUserInput"
_FORM: Final = "mcpServer/elicitation/request"
_OPTION: Final = re.compile(r"--?[\w-]+")


def redact_text(text: str) -> str:
    """Replace what looks like a secret in a text."""
    return without_secrets(text)


def redact_command(argv: Sequence[str]) -> tuple[str, ...]:
    """Replace the secrets of a command line.

    Those are what follows an option with the name of a secret, values of ``--config PATH=VALUE``
    whose path names a secret or an environment, and what looks like one anywhere.
    """
    redacted: list[str] = []
    before = ""
    for argument in argv:
        redacted.append(_argument(argument, before))
        before = argument
    return tuple(redacted)


def _argument(argument: str, before: str) -> str:
    name, equals, value = argument.partition("=")
    if before in ("-c", "--config"):
        kind = kind_of_path(name)
    elif name == "--config" and equals:
        return f"{name}={_argument(value, '--config')}"
    elif _OPTION.fullmatch(before) and kind_of(before) is Kind.SECRET and argument[:1] != "-":
        return REDACTED
    else:
        kind = kind_of(name) if re.fullmatch(r"[\w.-]+", name) else Kind.PLAIN
    if equals and kind is Kind.SECRET:
        return f"{name}={REDACTED}"
    return without_secrets(argument)


class Redactor:
    """Takes the secrets out of the messages of one connection, which it has to see in order."""

    def __init__(self) -> None:
        """Start with a connection of which nothing is known."""
        self._remembered: dict[str, None] = {}
        self._again: re.Pattern[str] | None = None
        self._asked: dict[str | int, frozenset[str]] = {}

    def redact(
        self, sender: Literal["client", "server"], message: Mapping[str, JsonValue]
    ) -> Message:
        """Give a message without its secrets; the message itself is left as it is.

        Args:
            sender: Who has sent it.
            message: The message, decoded from JSON.
        """
        if sender == "server":
            self._take_note(message)
            secrets: frozenset[str] = frozenset()
        else:
            secrets = self._asked.pop(_id_of(message), frozenset()) if self._asked else frozenset()
        redacted = {
            name: value if name in ("id", "method") else self._member(name, value)
            for name, value in message.items()
        }
        if secrets:
            redacted["result"] = self._without_answers(redacted.get("result"), secrets)
        if message.get("method") in _TYPED:
            _retype(redacted)
        return redacted

    # --- by structure ------------------------------------------------------------------------

    def _value(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            if len(value) > 1 and all(isinstance(one, str) for one in value):
                command = redact_command(cast("list[str]", value))
                return [self._text(argument) for argument in command]
            return [self._value(one) for one in value]
        return value

    def _object(self, value: Message) -> Message:
        redacted = {name: self._member(name, one) for name, one in value.items()}
        path = value.get("keyPath")
        if isinstance(path, str) and "value" in value:
            redacted["value"] = self._at(path, value["value"])
        if value.get("mode") == "url" and isinstance(url := value.get("url"), str):
            redacted["url"] = self._text(without_query(url))
        return redacted

    def _at(self, path: str, value: JsonValue) -> JsonValue:
        """Redact what is written to a place in the configuration."""
        match kind_of_path(path):
            case Kind.SECRET:
                return self._secret(value, remember=True)
            case Kind.VALUES:
                return self._table(value)
            case _:
                return self._value(value)

    def _member(self, name: str, value: JsonValue) -> JsonValue:
        kind = kind_of_path(name) if "." in name else kind_of(name)  # as settings are given
        if kind is Kind.SECRET:
            return self._secret(value, remember=True)
        if kind is Kind.VALUES:
            return self._table(value)
        if name == "effectiveValue":  # of a place in the configuration that is not named beside it
            return self._secret(value, remember=False)
        if isinstance(value, str):
            if kind is Kind.LINK:
                return self._text(without_query(value))
            if name.endswith("Base64"):
                return self._encoded(value)
            return self._text(value)
        return self._value(value)

    def _secret(self, value: JsonValue, *, remember: bool) -> JsonValue:
        if isinstance(value, str):
            if remember:
                self._remember(value)
            return REDACTED if value else value
        if isinstance(value, list):
            return [self._secret(one, remember=remember) for one in value]
        if isinstance(value, dict):
            return {name: self._secret(one, remember=remember) for name, one in value.items()}
        return value

    def _table(self, value: JsonValue) -> JsonValue:
        """Redact names with values: a table, a list of ``NAME=VALUE`` or of objects with both."""
        if isinstance(value, dict):
            return self._secret(value, remember=False)
        if isinstance(value, list):
            return [self._pair(one) for one in value]
        return self._value(value)

    def _pair(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            name, equals, _ = value.partition("=")
            return f"{name}={REDACTED}" if equals else self._text(value)
        if isinstance(value, dict):
            return {
                name: one if name == "name" else self._secret(one, remember=False)
                for name, one in value.items()
            }
        return self._secret(value, remember=False)

    # --- by pattern and by memory ------------------------------------------------------------

    def _text(self, text: str) -> str:
        if text.startswith("data:"):
            return text
        if self._again is not None:
            text = self._again.sub(REDACTED, text)
        return without_secrets(text)

    def _encoded(self, text: str) -> str:
        try:
            plain = base64.b64decode(text, validate=True).decode()
        except UnicodeDecodeError:  # no text, but an image or alike
            return text
        except ValueError:  # not base64
            return self._text(text)
        redacted = self._text(plain)
        return text if redacted == plain else base64.b64encode(redacted.encode()).decode()

    def _remember(self, secret: str) -> None:
        if len(secret) < _SHORTEST_REMEMBERED or secret in self._remembered or secret == REDACTED:
            return
        self._remembered[secret] = None
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        longest_first = sorted(self._remembered, key=len, reverse=True)
        self._again = re.compile("|".join(map(re.escape, longest_first)))

    # --- what the server asks for ------------------------------------------------------------

    def _take_note(self, message: Mapping[str, JsonValue]) -> None:
        """Remember which parts of the answer to this request will be secret."""
        method, params = message.get("method"), message.get("params")
        if "id" not in message or not isinstance(params, dict):
            return
        if method == _QUESTIONS:
            secrets = frozenset(_secret_questions(params.get("questions")))
        elif method == _FORM:
            secrets = frozenset(_secret_fields(params.get("requestedSchema")))
        else:
            return
        if secrets:
            self._asked[_id_of(message)] = secrets
            if len(self._asked) > _MOST_ASKED:
                del self._asked[next(iter(self._asked))]

    def _without_answers(self, result: JsonValue, secrets: frozenset[str]) -> JsonValue:
        if not isinstance(result, dict):
            return result
        return {
            part: {
                name: self._secret(one, remember=True) if name in secrets else one
                for name, one in answers.items()
            }
            if isinstance(answers, dict) and part in ("answers", "content")
            else answers
            for part, answers in result.items()
        }


def _id_of(message: Mapping[str, JsonValue]) -> str | int:
    found = message.get("id")
    return found if isinstance(found, (str, int)) else ""


def _secret_questions(questions: JsonValue) -> Iterable[str]:
    for question in questions if isinstance(questions, list) else ():
        if isinstance(question, dict) and question.get("isSecret"):
            yield str(question.get("id"))


def _secret_fields(schema: JsonValue) -> Iterable[str]:
    fields = schema.get("properties") if isinstance(schema, dict) else None
    for name, field in fields.items() if isinstance(fields, dict) else ():
        if isinstance(field, dict) and (
            field.get("format") == "password" or field.get("writeOnly") is True
        ):
            yield name


def _retype(message: Message) -> None:
    """Replace what is typed into a command, which may be a password."""
    params = message.get("params")
    if isinstance(params, dict) and params.get("deltaBase64"):
        typed = base64.b64encode(REDACTED.encode()).decode()
        message["params"] = {**params, "deltaBase64": typed}
