"""Reading: from the sources of our packages to what is public of them.

griffe reads the sources; nothing is imported, so that it does not matter which versions of our
packages, or of what they need, are installed. A module's `__all__` says what is public, also where
names are loaded when they are first touched: `if TYPE_CHECKING:` says what they stand for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import griffe

from codex_generator.api.facts import (
    PACKAGES,
    PUBLIC_MODULES,
    Alias,
    Api,
    Attribute,
    Class,
    Export,
    Fact,
    Function,
    Member,
    Parameter,
)
from codex_generator.diagnostics import GeneratorError, InputError

__all__ = ["read_api"]

_SYNTAX: Final = frozenset(
    f"__{name}__"
    for name in (
        *("init", "call", "enter", "exit", "aenter", "aexit", "iter", "next", "aiter", "anext"),
        *("await", "len", "getitem", "contains"),
    )
)
"""Methods that programs call without naming them."""

_EXPERIMENTAL: Final = re.compile(r"Experimental: needs |\bExperimental\.\s*\Z")
"""How the docstrings of rendered code mark what is experimental."""

_QUALIFIER: Final = re.compile(r"\b[a-z_]+\.(?=[A-Z])")
"""What names a module before a type; which way a type was imported makes no difference."""

_POSITIONAL: Final = (
    griffe.ParameterKind.positional_only,
    griffe.ParameterKind.positional_or_keyword,
)


def read_api(sources: Sequence[Path]) -> Api:
    """Read what is public.

    Args:
        sources: folders that hold the packages.

    Raises:
        GeneratorError: A package is missing, or cannot be read.
    """
    loader = griffe.GriffeLoader(search_paths=sources, allow_inspection=False)
    for package in PACKAGES:
        try:
            loader.load(package, try_relative_path=False)
        except (ImportError, griffe.GriffeError) as error:
            raise GeneratorError(f"the package {package} cannot be read: {error}") from error
    loader.resolve_aliases(external=False)
    return _Reader(loader.modules_collection).read()


class _Reader:
    """Turns what griffe has read into facts."""

    def __init__(self, packages: griffe.ModulesCollection) -> None:
        self._modules = {
            name: module for name in PUBLIC_MODULES if (module := _module(packages, name))
        }
        self._public = {
            found.path for module in self._modules.values() for _, found in _exports(module)
        }
        self._exports: dict[str, Export] = {}
        self._version = _version(packages)

    def read(self) -> Api:
        """Return what is public."""
        modules = {
            path: {name: self._export(found) for name, found in _exports(module)}
            for path, module in self._modules.items()
        }
        return Api(self._version, modules)

    def _export(self, found: griffe.Object) -> Export:
        if found.path not in self._exports:
            self._exports[found.path] = Export(found.path, self._fact(found))
        return self._exports[found.path]

    def _fact(self, found: griffe.Object) -> Fact:
        if isinstance(found, griffe.Class):
            return self._class(found)
        if isinstance(found, griffe.Attribute) and str(found.annotation) == "TypeAlias":
            return Alias(_types(found.value), _is_experimental(found))
        return _member(found)

    def _class(self, found: griffe.Class) -> Class:
        bases = found.mro()
        members: dict[str, Member] = {}
        inherited: set[str] = set()
        for owner in reversed([found, *bases]):
            names = [name for name, member in owner.members.items() if _is_public(name, member)]
            if owner is not found and owner.path in self._public:
                inherited.update(names)
                continue
            members |= {name: _member(cast("griffe.Object", owner.members[name])) for name in names}
        parents = tuple(_spelled(base).partition("[")[0] for base in found.bases)
        ancestors = {*parents, *(_spelled(parent) for base in bases for parent in base.bases)}
        is_model = "BaseModel" in ancestors
        return Class(
            parents,
            {
                name: member
                for name, member in members.items()
                if not is_model or name != "__init__"
            },
            frozenset(inherited),
            is_enum="Enum" in ancestors,
            is_model=is_model,
            experimental=_is_experimental(found),
        )


def _module(packages: griffe.ModulesCollection, name: str) -> griffe.Module | None:
    try:
        return cast("griffe.Module", packages[name])
    except KeyError:
        return None  # it was not there yet, or is not any more


def _exports(module: griffe.Module) -> Iterator[tuple[str, griffe.Object]]:
    """Yield what a module says is public; of one that says nothing, its constants."""
    listed = module.exports
    names = [name for name in module.members if name.isupper()] if listed is None else listed
    for name in map(str, names):
        try:
            found = module.members[name]
            target = found.final_target if isinstance(found, griffe.Alias) else found
        except (KeyError, griffe.AliasResolutionError) as error:
            raise InputError(module.path, name, "is said to be public, and is not there") from error
        if not isinstance(target, griffe.Module):
            yield name, target


def _version(packages: griffe.ModulesCollection) -> str:
    found = packages["openai_codex"].members.get("__version__")
    if found is None:
        raise InputError("openai_codex", "__version__", "is not there")
    target = found.final_target if isinstance(found, griffe.Alias) else found
    return str(ast.literal_eval(str(cast("griffe.Attribute", target).value)))


def _is_public(name: str, member: griffe.Object | griffe.Alias) -> bool:
    if member.is_alias or member.is_module or member.is_class or name == "model_config":
        return False  # pydantic's settings are no attribute of a value
    return name in _SYNTAX or not name.startswith("_")


def _member(found: griffe.Object) -> Member:
    experimental = _is_experimental(found)
    if isinstance(found, griffe.Function):
        parameters = dict(_parameters(found))
        is_async = "async" in found.labels
        return Function(parameters, _types(found.returns), is_async, experimental)
    attribute = cast("griffe.Attribute", found)
    value = _default(attribute.value)
    return Attribute(_types(attribute.annotation), value, experimental)


def _default(value: griffe.Expr | str | None) -> str | None:
    """Return what an attribute is unless something else is given; `Field` may say it, or not."""
    if isinstance(value, griffe.ExprCall) and _spelled(value.function) in {"Field", "field"}:
        keywords = [each for each in value.arguments if isinstance(each, griffe.ExprKeyword)]
        given = [each.value for each in keywords if each.name in {"default", "default_factory"}]
        return _spelled(given[0]) if given else None
    return None if value is None else _spelled(value)


def _parameters(function: griffe.Function) -> Iterator[tuple[str, Parameter]]:
    found = list(function.parameters)
    if function.parent is not None and function.parent.is_class:
        found = found if "staticmethod" in function.labels else found[1:]
    for position, parameter in enumerate(found):
        if parameter.name.strip("*").startswith("_"):
            continue
        kind = cast("griffe.ParameterKind", parameter.kind)
        default = None if parameter.default is None else _spelled(parameter.default)
        yield (
            parameter.name,
            Parameter(
                _types(parameter.annotation),
                kind.value,
                position if kind in _POSITIONAL else None,
                default,
            ),
        )


def _types(annotation: griffe.Expr | str | None) -> frozenset[str]:
    """Split a type into its alternatives."""
    match annotation:
        case None:
            return frozenset()
        case griffe.ExprBinOp(left=left, operator="|", right=right):
            return _types(left) | _types(right)
        case griffe.ExprSubscript(left=outer, slice=inner):
            inner_parts = inner.elements if isinstance(inner, griffe.ExprTuple) else [inner]
            match _spelled(outer):
                case "Annotated" | "ClassVar" | "Final":
                    return _types(inner_parts[0])
                case "Literal":
                    return frozenset(map(_spelled, inner_parts))
                case _:
                    pass
        case _:
            pass
    spelled = _spelled(annotation)
    return frozenset() if spelled in {"ClassVar", "Final"} else frozenset([spelled])


def _spelled(expression: griffe.Expr | str) -> str:
    return _QUALIFIER.sub("", str(expression))


def _is_experimental(found: griffe.Object) -> bool:
    return found.docstring is not None and bool(_EXPERIMENTAL.search(found.docstring.value))
