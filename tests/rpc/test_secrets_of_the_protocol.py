"""Redaction against the schema: what may hold a secret is replaced, and messages stay valid.

When a new runtime brings a member whose name sounds like a secret, the first test turns red: either
redaction knows the name, or the member is put on the list of those that are none, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from codex_app_server_rpc import MINIMUM_RUNTIME, TranscriptMessage
from codex_app_server_rpc.redaction import REDACTED, Redactor
from codex_app_server_rpc.server_version import is_older
from codex_app_server_rpc.transcripts import encode_record
from codex_app_server_types.origin import RUNTIME_VERSION

from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, Arm, Json, allows, is_object, resolve

MARKER: Final = "correct-horse-battery-staple"
SOUNDS_SECRET: Final = re.compile(
    r"token|secret|passw|passphrase|auth|credential|key|cookie|bearer|proof|signature|challenge|"
    r"code$|cert|nonce|stdin|otp|^env$|header|jwt|assertion|verification.*ur[li]|login.*ur[li]",
    re.IGNORECASE,
)
NO_SECRETS: Final = {  # of all runtimes from the minimum on, whichever the schema is of
    "text for people": {
        "PluginSummary.keywords",
        "ResponseItem.author",
        "ToolRequestUserInputQuestion.header",
    },
    "what may be known": {
        "BedrockDiscoverResponse.environmentCredentials",  # which there are, and their region
        "OtelTlsConfig.ca-certificate",  # the path of a file
        "OtelTlsConfig.client-certificate",
        "PluginInstallResponse.appsNeedingAuth",
        "UserVerificationEnrollResponse.publicKey",
    },
    "the name of something": {
        "GatewayAuth.envKey",
        "OtelRequirements.headers_helper",  # a program
        "ProviderSettings.auth",  # names a variable too
        "ProviderSettingsPatch.envKey",
        "FuzzyFileSearchParams.cancellationToken",
        "HookMetadata.key",
        "ConfigLayerSource.key",
        "PluginHookSummary.key",
        "ScheduledTaskSummary.key",
        "ConfigEdit.keyPath",
        "ConfigValueWriteParams.keyPath",
        "ThreadAttachment.identityKey",
        "ThreadAttachmentAddParams.identityKey",
        "ThreadAttachmentOwnerListParams.identityKey",
        "ThreadAttachmentRemoveParams.identityKey",
        "ThreadAttachmentUpdatedNotification.identityKey",
        "ConsumeAccountRateLimitResetCreditParams.idempotencyKey",
        "ProjectCreateParams.idempotencyKey",
        "ProjectImportParams.idempotencyKey",
    },
}

SINCE: Final = {
    "ThreadAttachment.identityKey": "0.155.0",
    "ThreadAttachmentAddParams.identityKey": "0.155.0",
    "ThreadAttachmentOwnerListParams.identityKey": "0.163.0",
    "ThreadAttachmentRemoveParams.identityKey": "0.155.0",
    "ThreadAttachmentUpdatedNotification.identityKey": "0.155.0",
    "UserVerificationEnrollResponse.publicKey": "0.158.0",
    "OtelTlsConfig.ca-certificate": "0.166.0",
    "OtelTlsConfig.client-certificate": "0.166.0",
    "GatewayAuth.envKey": "0.168.0",
    "ProviderSettings.auth": "0.168.0",
    "ProviderSettingsPatch.envKey": "0.168.0",
    "OtelRequirements.headers_helper": "0.171.0",
}
"""The runtime from which on those of them are there for sure that the minimum lacks."""


def holders() -> Iterator[tuple[Arm, str]]:
    """Find the members that sound like secrets and can hold text."""
    for arm in ALTERNATIVES:
        for name, schema in arm.fields.items():
            if SOUNDS_SECRET.search(name) and holding(schema) is not None:
                yield arm, name


def holding(schema: Json, depth: int = 3) -> Json:
    """Make a value of a schema that holds the marker; ``None`` if there is no room for it."""
    if schema is True or schema == {}:
        return {"any": [MARKER]}
    schema = resolve(schema)
    if "enum" in schema or not depth:
        return None
    for arms in (schema.get("anyOf"), schema.get("oneOf")):
        for arm in arms or ():
            if (value := holding(arm, depth - 1)) is not None:
                return value
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "string" in kinds:
        return f"https://host/path?a={MARKER}" if schema.get("format") == "uri" else MARKER
    if "array" in kinds:
        inner = holding(schema["items"], depth - 1)
        return None if inner is None else [inner]
    if "object" in kinds:
        return holding_object(schema, depth)
    return None


def holding_object(schema: Json, depth: int) -> Json:
    found = {
        name: value
        for name, inner in schema.get("properties", {}).items()
        if (value := holding(inner, depth - 1)) is not None and name != "name"
    }
    if schema.get("additionalProperties"):
        value = holding(schema["additionalProperties"], depth - 1)
        return found if value is None else {**found, "A": value}
    return found or None


def written(value: Json) -> bytes:
    """Give what is written of a message that has a value in it."""
    message: dict[str, Any] = {"method": "any", "params": {"inner": value}}
    redacted = Redactor().redact("server", message)
    return encode_record(TranscriptMessage(0, "c", "server", redacted))


def label(holder: tuple[Arm, str]) -> str:
    return f"{holder[0]}.{holder[1]}"


@pytest.mark.parametrize("holder", list(holders()), ids=label)
def test_what_sounds_like_a_secret_is_never_written(holder: tuple[Arm, str]) -> None:
    arm, name = holder
    value = holding(arm.fields[name])
    if re.search("ur[li]$", name, re.IGNORECASE):
        value = f"https://host/path?a={MARKER}"
    if f"{arm.definition}.{name}" in set().union(*NO_SECRETS.values()):
        assert MARKER.encode() in written({name: value})  # else it need not be on the list
    else:
        assert MARKER.encode() not in written({name: value})


def test_the_list_of_those_that_are_no_secrets_names_only_what_there_is() -> None:
    listed = set[str]().union(*NO_SECRETS.values())
    assert listed >= SINCE.keys()
    assert {
        name for name in listed if not is_older(RUNTIME_VERSION, SINCE.get(name, MINIMUM_RUNTIME))
    } <= {f"{arm.definition}.{name}" for arm, name in holders()}


@pytest.mark.parametrize("arm", dict.fromkeys(arm for arm, _ in holders()), ids=str)
def test_a_message_without_its_secrets_is_still_valid(arm: Arm) -> None:
    value: Any = sample(arm)
    redacted = Redactor().redact("client", {"method": "any", "params": {"inner": value}})
    params = redacted["params"]
    assert is_object(params)

    assert allows(arm.schema, params["inner"])


def choices(schema: Json, depth: int = 3) -> Iterator[str]:
    """Give the words that a schema allows, of those that are long enough to be remembered."""
    schema = resolve(schema) if is_object(schema) else {}
    for word in (*schema.get("enum", ()), schema.get("const")):
        if isinstance(word, str) and len(word) >= 8:
            yield word
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")]
    for one in inner if depth else ():
        yield from choices(one, depth - 1)


def test_a_word_of_the_protocol_stays_although_it_was_a_secret_before() -> None:
    words = {
        (name, word)
        for arm in ALTERNATIVES
        for name, schema in arm.fields.items()
        for word in choices(schema)
        if not SOUNDS_SECRET.search(name) or name in ("type", "status", "method")
    }
    assert len(words) > 300
    for name, word in sorted(words):
        redactor = Redactor()
        redactor.redact("client", {"method": "x", "params": {"token": word}})
        inner = [{name: word}, {name: [word]}]
        message: dict[str, Any] = {"method": "y", "params": {"inner": inner}}

        assert redactor.redact("server", message) == message


def test_a_login_leaves_nothing_of_its_secret_behind() -> None:
    (arm,) = [one for one in ALTERNATIVES if str(one).startswith("LoginAccountParams-apiKey")]

    line = written({**sample(arm), "apiKey": MARKER})

    assert MARKER.encode() not in line
    assert REDACTED.encode() in line
