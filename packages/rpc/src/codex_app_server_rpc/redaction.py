"""Taking secrets out of what is written down: transcripts, and command lines in them.

What is replaced:

- by structure: whatever goes by the name of a secret (``apiKey``, ``accessToken``, ``password``,
  ``authorization``, …), the values of environments and headers, the query of addresses to log in
  at, answers to questions that the server calls secret, fields of forms with the format
  ``password``, what is typed into a command;
- by pattern, in any text: ``sk-…`` and its like, ``Bearer …``, passwords in addresses,
  ``NAME_TOKEN=…``, private keys; in base64 members too;
- by memory: a value that was found under a secret's name or given as a secret answer is replaced
  wherever it comes again in the same connection, if it has 8 to 65536 characters. A shorter one is
  replaced where it was found, and stays wherever else it comes: it may be part of any word. The
  last 256 are known.

Only strings are replaced, by strings, so that a message that was redacted still decodes: what is
known from before stays in ids, in types, and where a single word may be one of a few that the
protocol knows, and the names of fields in a JSON Schema are not those of secrets. What is no secret
by any of these rules stays: **prompts, answers, file contents and the output of commands are
written down as they are**.

Public names: `REDACTED`, `Redactor`, `redact_command`, `redact_text`.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final, Literal, cast

from codex_app_server_rpc._command_lines import redact_command
from codex_app_server_rpc._secret_texts import without_query, without_secrets
from codex_app_server_rpc._secrets import REDACTED, Kind, kind_of, kind_of_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

    Message: TypeAlias = dict[str, JsonValue]

__all__ = ["REDACTED", "Redactor", "redact_command", "redact_text"]

_SHORTEST_REMEMBERED: Final = 8
"""The length of a secret that is looked for in texts; a shorter one may be part of any word."""

_LONGEST_REMEMBERED: Final = 65536
_MOST_REMEMBERED: Final = 256
_MOST_ASKED: Final = 256
_TYPED: Final = frozenset({"command/exec/write", "process/writeStdin"})
_QUESTIONS: Final = "item/tool/requestUserInput"
_FORM: Final = "mcpServer/elicitation/request"
_UNNAMED: Final = frozenset({"effectiveValue", "stdin"})
"""Values of a place in the configuration that is not named beside it; what is typed."""

_SCHEMAS: Final = frozenset({"inputSchema", "outputSchema", "requestedSchema"})
_EXAMPLES: Final = frozenset({"default", "examples"})
"""What a schema has of values."""

_FIXED: Final = re.compile(r"type|status|method|protocol|id|.*(?:Ids?|Type|Status|_id)")
"""Members that a message cannot be read without."""

_FREE: Final = frozenset(
    {"aggregatedOutput", "content", "delta", "error", "input", "message", "output", "prompt"}
    | {"result", "stderr", "stdout", "text", "value"}
)
"""Members that may hold any text; of others, a single word may be one of a few."""

_ONE_WORD: Final = re.compile(r"[A-Za-z]+(?:[-_/.][A-Za-z]+)*")
_DATA: Final = re.compile(r"data:[\w/+.-]+(?:;[\w.=-]+)*;base64,[\w+/=-]*")
_RANDOM: Final = re.compile(r"(?=\S{12})(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])\S+")
"""What is a secret in all likelihood, wherever it is in a value of a secret's name."""


def redact_text(text: str) -> str:
    """Replace what looks like a secret in a text."""
    return without_secrets(text)


class Redactor:
    """Takes the secrets out of the messages of one connection, which it has to see in order."""

    def __init__(self) -> None:
        """Start with a connection of which nothing is known."""
        self._remembered: dict[str, None] = {}
        self._longest_first: list[str] = []
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
        redacted: Message = {
            name: value if name in ("id", "method") else self._member(name, value)
            for name, value in message.items()
        }
        if secrets:
            redacted["result"] = self._without_answers(redacted.get("result"), secrets)
        method = message.get("method")
        if isinstance(method, str) and method in _TYPED:
            _retype(redacted)
        return redacted

    # --- by structure ------------------------------------------------------------------------

    def _value(self, value: JsonValue, name: str = "") -> JsonValue:
        if isinstance(value, str):
            return self._text(value, name)
        if isinstance(value, dict):
            return self._schema(value) if _is_schema(value) else self._object(value)
        if isinstance(value, list):
            if len(value) > 1 and all(isinstance(one, str) for one in value):
                command = redact_command(cast("list[str]", value))
                return [self._text(argument, name) for argument in command]
            return [self._value(one, name) for one in value]
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
                return self._secret(value, remember="values")
            case Kind.VALUES:
                return self._table(value)
            case _:
                return self._value(value)

    def _member(self, name: str, value: JsonValue) -> JsonValue:
        if name in _SCHEMAS:
            return self._schema(value)
        kind = kind_of_path(name) if "." in name else kind_of(name)  # as settings are given
        if kind is Kind.SECRET:
            return self._secret(value, remember="values")
        if kind is Kind.VALUES:
            return self._table(value)
        if name in _UNNAMED:
            return self._secret(value, remember="nothing")
        if isinstance(value, str):
            if kind is Kind.LINK:
                return self._text(without_query(value))
            if name.endswith("Base64"):
                return self._encoded(value)
        return self._value(value, name)

    def _secret(
        self, value: JsonValue, *, remember: Literal["all", "values", "random", "nothing"]
    ) -> JsonValue:
        """Replace all strings of a value.

        Args:
            value: The value.
            remember: Which of them to look for from now on. With ``values``, the value itself, and
                of what is within it only what looks random: the rest may be any word.
        """
        if isinstance(value, str):
            if remember in ("all", "values") or (remember == "random" and _RANDOM.fullmatch(value)):
                self._remember(value)
            return REDACTED if value else value
        inner: Literal["all", "random", "nothing"] = "random" if remember == "values" else remember
        if isinstance(value, list):
            return [self._secret(one, remember=inner) for one in value]
        if isinstance(value, dict):
            return {name: self._secret(one, remember=inner) for name, one in value.items()}
        return value

    def _table(self, value: JsonValue) -> JsonValue:
        """Redact names with values: a table, a list of ``NAME=VALUE`` or of objects with both."""
        if isinstance(value, dict):
            return {name: self._of_table(name, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._pair(one) for one in value]
        return self._value(value)

    def _of_table(self, name: JsonValue, value: JsonValue) -> JsonValue:
        secret = isinstance(name, str) and kind_of(name) is Kind.SECRET
        return self._secret(value, remember="values" if secret else "nothing")

    def _pair(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            name, equals, one = value.partition("=")
            return f"{name}={self._of_table(name, one)}" if equals else self._text(value)
        if isinstance(value, dict):
            own = value.get("name")
            return {
                name: one if name == "name" else self._of_table(own, one)
                for name, one in value.items()
            }
        return self._secret(value, remember="nothing")

    def _schema(self, value: JsonValue, name: str = "") -> JsonValue:
        """Redact a JSON Schema, in which the name of a member is that of a field or a keyword."""
        if isinstance(value, str):
            return self._text(value, "type")
        if isinstance(value, list):
            return [self._schema(one, name) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            member: self._secret(one, remember="values")
            if member in _EXAMPLES and kind_of(name) is Kind.SECRET
            else self._schema(one, member)
            for member, one in value.items()
        }

    # --- by pattern and by memory ------------------------------------------------------------

    def _text(self, text: str, name: str = "text") -> str:
        if text.startswith("data:") and _DATA.fullmatch(text):
            return text
        if self._longest_first and not _is_fixed(name, text):
            for secret in self._longest_first:
                text = text.replace(secret, REDACTED)
        return without_secrets(text)

    def _encoded(self, text: str) -> str:
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:  # not base64
            return self._text(text)
        encoding = "utf-8"
        try:
            plain = data.decode()
        except UnicodeDecodeError:
            if b"\0" in data:  # an image or alike
                return text
            encoding = "latin-1"  # has a character for each byte, so that all others stay
            plain = data.decode(encoding)
        redacted = self._text(plain)
        return text if redacted == plain else base64.b64encode(redacted.encode(encoding)).decode()

    def _remember(self, secret: str) -> None:
        if not _SHORTEST_REMEMBERED <= len(secret) <= _LONGEST_REMEMBERED:
            return
        if secret in self._remembered or secret in REDACTED:
            return
        self._remembered[secret] = None
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        # Not a pattern of all: that would have to be compiled whenever there is one more.
        self._longest_first = sorted(self._remembered, key=len, reverse=True)

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
                name: self._secret(one, remember="all") if name in secrets else one
                for name, one in answers.items()
            }
            if isinstance(answers, dict) and part in ("answers", "content")
            else answers
            for part, answers in result.items()
        }


def _is_schema(value: Message) -> bool:
    """Tell whether an object that goes by another name is the schema of one."""
    fields = value.get("properties")
    return (
        value.get("type") == "object"
        and isinstance(fields, dict)
        and all(isinstance(one, (dict, bool)) for one in fields.values())
    )


def _is_fixed(name: str, text: str) -> bool:
    """Tell whether a text is not to be replaced because a part of it was a secret before."""
    if _FIXED.fullmatch(name):
        return True
    return name not in _FREE and _ONE_WORD.fullmatch(text) is not None


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
