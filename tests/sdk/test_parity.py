"""The async half and the sync half of the facade say the same; and everything is documented."""

from __future__ import annotations

import ast
import inspect
import pydoc
import re
import textwrap
from dataclasses import dataclass
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Generic, get_origin

import openai_codex
import pytest

if TYPE_CHECKING:
    pass

TWINS = {
    "AsyncChatgptLoginHandle": "ChatgptLoginHandle",
    "AsyncCodex": "Codex",
    "AsyncDeviceCodeLoginHandle": "DeviceCodeLoginHandle",
    "AsyncThread": "Thread",
    "AsyncTurnEvents": "TurnEvents",
    "AsyncTurnHandle": "TurnHandle",
    "AsyncTurnText": "TurnText",
    "async_retry_on_overload": "retry_on_overload",
}
"""Every public name of the async half, and its twin."""

CLASSES = {name: twin for name, twin in TWINS.items() if name.startswith("Async")}

PLAIN = {"__init__", "__repr__", "__del__", "stats", "supports"}
"""What neither waits nor iterates, in either half."""

PLAIN_TEXT: pydoc.TextDoc = vars(pydoc)["plaintext"]  # which the stubs do not know
"""Renders without overprinting."""

EXPECTED = {
    "AsyncCodex": {"close", "config", "metadata", "models", "stats", "thread_start", "threads"},
    "AsyncThread": {"id", "run", "turn", "compact", "review", "read", "turns", "items", "goal"},
    "AsyncTurnHandle": {"id", "thread_id", "stream", "text_stream", "run", "steer", "interrupt"},
    "AsyncTurnEvents": {"close", "__aiter__", "__anext__", "__aenter__", "__aexit__"},
    "AsyncTurnText": {"close", "__aiter__", "__anext__", "__aenter__", "__aexit__"},
    "AsyncChatgptLoginHandle": {"login_id", "auth_url", "wait", "cancel"},
    "AsyncDeviceCodeLoginHandle": {"login_id", "verification_url", "user_code", "wait", "cancel"},
}
"""Some members of each class, so that a reader that finds none is noticed."""


@dataclass(frozen=True)
class Shape:
    """What callers and readers see of a member.

    Attributes:
        sort: Whether it is a function, a property or an attribute.
        parameters: Name, kind, default and annotation of each.
        type: The annotation of what it returns or is.
        text: Its documentation.
    """

    sort: str
    parameters: tuple[tuple[str, str, str, str], ...]
    type: str
    text: str


def twin_name(name: str) -> str:
    """Give the name of a member's twin."""
    return re.sub(r"^__a(enter|exit|iter|next)__$", r"__\1__", name)


def in_sync(text: str) -> str:
    """Say a text of the async half in the words of the sync half."""
    text = re.sub(r"\b(Stop)?Async(?=[A-Z])|\basync_(?=[a-z])", r"\1", text)
    return re.sub(r"\bAwaitable\[(\w+)\]", r"\1", text)


def attributes_of(kind: type) -> dict[str, str]:
    """Find the public attributes that a class's `__init__` sets, with their annotations."""
    found: dict[str, str] = {}
    for base in inspect.getmro(kind):
        if base in (object, Generic):
            continue  # which may have no source
        tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        for node in ast.walk(tree):
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            annotation = ""
            if isinstance(node, ast.AnnAssign):
                target, annotation = node.target, ast.unparse(node.annotation)
            if (
                isinstance(target, ast.Attribute)
                and ast.unparse(target.value) == "self"
                and not target.attr.startswith("_")
            ):
                found.setdefault(target.attr, annotation)
    return found


def shape_of_function(function: FunctionType, sort: str = "function") -> Shape:
    signature = inspect.signature(function)
    return Shape(
        sort,
        tuple(
            (name, parameter.kind.description, repr(parameter.default), str(parameter.annotation))
            for name, parameter in signature.parameters.items()
        ),
        str(signature.return_annotation),
        inspect.getdoc(function) or "",
    )


def members_of(kind: type) -> dict[str, object]:
    """Find a class's public methods and properties, and the special methods that it has itself."""
    found: dict[str, object] = {}
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        special = name.startswith("__") and isinstance(member, FunctionType)
        if special or not name.startswith("_"):
            found[name] = member
    return found


def shapes_of(kind: type) -> dict[str, Shape]:
    """Describe a class's members."""
    shapes: dict[str, Shape] = {
        name: Shape("attribute", (), annotation, "")
        for name, annotation in attributes_of(kind).items()
    }
    for name, member in members_of(kind).items():
        if isinstance(member, property):
            assert isinstance(member.fget, FunctionType)
            shapes[name] = shape_of_function(member.fget, "property")
        else:
            assert isinstance(member, FunctionType), f"{name} is something new"
            shapes[name] = shape_of_function(member)
    return shapes


def public(name: str) -> type:
    value: object = getattr(openai_codex, name)
    assert isinstance(value, type)
    return value


SHAPES = {name: shapes_of(public(name)) for pair in CLASSES.items() for name in pair}
MEMBERS = [(owner, name) for owner in CLASSES for name in SHAPES[owner]]
each_member = pytest.mark.parametrize(
    ("owner", "name"), MEMBERS, ids=[".".join(member) for member in MEMBERS]
)


def test_every_public_async_name_is_compared_with_its_twin() -> None:
    assert set(TWINS) == {name for name in openai_codex.__all__ if name.lower().startswith("async")}
    assert {in_sync(name) for name in TWINS} == set(TWINS.values()) <= set(openai_codex.__all__)


@pytest.mark.parametrize("owner", CLASSES)
def test_both_halves_of_a_class_have_the_same_members_and_text(owner: str) -> None:
    twin = CLASSES[owner]

    assert EXPECTED[owner] <= set(SHAPES[owner])
    assert sorted(map(twin_name, SHAPES[owner])) == sorted(SHAPES[twin])
    assert in_sync(public(owner).__doc__ or "") == public(twin).__doc__
    assert [in_sync(base.__name__) for base in inspect.getmro(public(owner))] == [
        base.__name__ for base in inspect.getmro(public(twin))
    ]


@each_member
def test_a_member_has_the_same_parameters_types_and_text_in_both_halves(
    owner: str, name: str
) -> None:
    shape = SHAPES[owner][name]

    assert SHAPES[CLASSES[owner]][twin_name(name)] == Shape(
        shape.sort,
        tuple(
            (parameter, kind, default, in_sync(annotation))
            for parameter, kind, default, annotation in shape.parameters
        ),
        in_sync(shape.type),
        in_sync(shape.text),
    )


def test_the_retry_functions_have_the_same_parameters_types_and_text() -> None:
    assert inspect.iscoroutinefunction(openai_codex.async_retry_on_overload)
    assert not inspect.iscoroutinefunction(openai_codex.retry_on_overload)
    waiting, blocking = (
        shape_of_function(function)
        for function in (openai_codex.async_retry_on_overload, openai_codex.retry_on_overload)
        if isinstance(function, FunctionType)
    )

    assert [parameter[:3] for parameter in waiting.parameters] == [
        parameter[:3] for parameter in blocking.parameters
    ]
    assert [in_sync(parameter[3]) for parameter in waiting.parameters] == [
        parameter[3] for parameter in blocking.parameters
    ]
    assert (waiting.type, waiting.text) == (blocking.type, blocking.text)


def iterates(annotation: str, special: str) -> bool:
    """Tell whether a return type is an iterator, by the name of its special method."""
    name = annotation.partition("[")[0]
    if name in ("AsyncIterator", "Iterator"):
        return special == ("__anext__" if name == "AsyncIterator" else "__next__")
    return name in SHAPES and special in SHAPES[name]


METHODS = [
    (owner, name)
    for owner, name in MEMBERS
    if SHAPES[owner][name].sort == "function" and name not in PLAIN
]


@pytest.mark.parametrize(("owner", "name"), METHODS, ids=[".".join(method) for method in METHODS])
def test_an_async_method_is_awaited_or_iterated_over_and_its_twin_is_not(
    owner: str, name: str
) -> None:
    twin = CLASSES[owner]
    method = members_of(public(owner))[name]
    blocking = members_of(public(twin))[twin_name(name)]

    assert isinstance(blocking, FunctionType)
    assert not inspect.iscoroutinefunction(inspect.unwrap(blocking))
    assert not inspect.isasyncgenfunction(inspect.unwrap(blocking))
    if not inspect.iscoroutinefunction(method):
        assert iterates(SHAPES[owner][name].type, "__anext__")
        assert iterates(SHAPES[twin][twin_name(name)].type, "__next__")


# --- documentation ------------------------------------------------------------------------------


def is_own_text(value: object) -> bool:
    """Tell whether something has a docstring that somebody wrote for it."""
    text = (getattr(value, "__doc__", None) or "").strip()
    name: str = getattr(value, "__name__", "")
    return bool(text) and text != "An enumeration." and not text.startswith(f"{name}(")


def section(text: str, title: str) -> list[str]:
    """List the names that a section of a docstring explains."""
    block = re.search(rf"^{title}:\n((?:(?:[ ].*)?\n?)*)", text, re.MULTILINE)
    return [] if block is None else re.findall(r"^ {4}(\w+):", block[1], re.MULTILINE)


DOCUMENTED = [
    name
    for name in openai_codex.__all__
    if isinstance(value := getattr(openai_codex, name), (type, FunctionType))
    and get_origin(value) is None  # an alias, which Python 3.10 takes for a class
]
CALLABLES: dict[str, FunctionType] = {
    name: value
    for name in DOCUMENTED
    if isinstance(value := getattr(openai_codex, name), FunctionType)
}
for class_name in DOCUMENTED:
    if class_name in CALLABLES:
        continue
    for base in inspect.getmro(public(class_name)):
        if base.__module__.partition(".")[0] in ("openai_codex", "codex_app_server_rpc"):
            for member_name, member in list(vars(base).items()):
                plain = getattr(member, "__func__", member)
                if isinstance(plain, FunctionType) and not member_name.startswith("_"):
                    CALLABLES.setdefault(f"{class_name}.{member_name}", plain)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_public_class_and_function_has_a_docstring(name: str) -> None:
    assert is_own_text(getattr(openai_codex, name))


@pytest.mark.parametrize("name", CALLABLES)
def test_every_public_method_has_a_docstring_that_explains_each_parameter(name: str) -> None:
    function = CALLABLES[name]
    parameters = [*inspect.signature(function).parameters]

    assert is_own_text(function)
    assert section(inspect.getdoc(function) or "", "Args") == [
        parameter for parameter in parameters if parameter not in ("self", "cls")
    ]


@pytest.mark.parametrize("owner", SHAPES)
def test_every_public_attribute_and_property_is_documented(owner: str) -> None:
    explained = section(inspect.getdoc(public(owner)) or "", "Attributes")

    for name, shape in SHAPES[owner].items():
        if shape.sort == "attribute":
            assert name in explained
            assert shape.type, f"{owner}.{name} has no annotation"
        elif shape.sort == "property":
            assert shape.text
    assert set(explained) <= set(SHAPES[owner])


def test_help_of_the_package_renders_with_its_main_names() -> None:
    text = pydoc.render_doc(openai_codex, renderer=PLAIN_TEXT)

    assert "Python SDK of the Codex app-server" in text
    for name in DOCUMENTED:
        value = getattr(openai_codex, name)
        if isinstance(value, type) and not issubclass(value, Enum):
            assert re.search(rf"^    class {name}\(", text, re.MULTILINE), name
    for name in ("thread_start", "thread_resume", "text_stream", "run", "interrupt"):
        assert re.search(rf"^     \|  (?:async )?{name}\(", text, re.MULTILINE), name
