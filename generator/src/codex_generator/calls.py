"""Calls: protocol methods and server requests as Python functions.

Takes the matched requests of `methods` and the declarations of their types, and settles
everything that the templates of the raw client write down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.documentation import describe, wrap
from codex_generator.domains import domain_of
from codex_generator.ir import (
    Alias,
    Declaration,
    Field,
    Method,
    MethodModule,
    Model,
    Parameter,
    ServerRequest,
)
from codex_generator.methods import Request
from codex_generator.names import adapter_name, argument_name, pascal_case, snake_case

_DOC_WIDTH: Final = 86
"""Characters: 100 less two levels of indentation and room for quotes."""

_NEEDS_OPT_IN: Final = "Experimental: needs `experimental_api=True`."
_TIMEOUT: Final = "Seconds to wait for the response; the client's default when not given."
_RAISES: Final = (
    "CodexError: The server reports an error, the connection is lost, the deadline passes, or",
    "    the arguments or the response do not validate.",
)


def build_methods(
    requests: Iterable[Request],
    declarations: Mapping[str, Declaration],
    stable: frozenset[str],
    diagnostics: Diagnostics,
) -> tuple[MethodModule, ...]:
    """Return the functions of every client request, by domain.

    Args:
        requests: matched client requests.
        declarations: of every type.
        stable: wire names of the stable methods.
        diagnostics: takes names that collide.
    """
    modules: dict[str, list[Method]] = {}
    taken: dict[str, str] = {}
    for request in requests:
        method = _method(request, declarations, experimental=request.wire not in stable)
        if method.name in taken:
            reason = f"{taken[method.name]!r} is also named {method.name!r}"
            diagnostics.add(Kind.NAME_COLLISION, request.wire, reason)
        taken[method.name] = request.wire
        modules.setdefault(domain_of(request.wire), []).append(method)
    return tuple(_method_module(name, tuple(methods)) for name, methods in sorted(modules.items()))


def build_server_requests(
    requests: Iterable[Request], declarations: Mapping[str, Declaration], stable: frozenset[str]
) -> tuple[ServerRequest, ...]:
    """Return the server requests with the names of their handlers.

    Args:
        requests: matched server requests.
        declarations: of every type.
        stable: wire names of the stable ones.
    """
    return tuple(
        ServerRequest(
            wire=request.wire,
            handler=snake_case(request.wire),
            params=request.params or "",
            decoder=_decoder_name(request.params or "", declarations),
            response=request.response,
            doc=_handler_doc(request, experimental=request.wire not in stable),
            description=request.description,
            experimental=request.wire not in stable,
        )
        for request in requests
    )


def _method_module(name: str, methods: tuple[Method, ...]) -> MethodModule:
    annotations = " ".join(
        parameter.annotation for method in methods for parameter in method.parameters
    )
    functions = {method.params_function for method in methods} - {""}
    return MethodModule(
        name,
        pascal_case(name) + "Methods",
        methods,
        tuple(abc for abc in ("Mapping", "Sequence") if f"{abc}[" in annotations),
        tuple(sorted(functions)),
    )


def _method(
    request: Request, declarations: Mapping[str, Declaration], *, experimental: bool
) -> Method:
    params = declarations.get(request.params or "")
    parameters = _parameters(params)
    return Method(
        wire=request.wire,
        name=snake_case(request.wire),
        parameters=parameters,
        params_model=request.params or "",
        params_function=_params_function(request, params),
        response=request.response,
        decoder=_decoder(request.response, declarations),
        doc=_method_doc(request, parameters, experimental=experimental),
        description=request.description,
        experimental=experimental,
    )


def _params_function(request: Request, params: Declaration | None) -> str:
    if not isinstance(params, Model):
        return ""
    optional = not request.params_required and not any(field.required for field in params.fields)
    return "optional_params_of" if optional else "params_of"


def _parameters(params: Declaration | None) -> tuple[Parameter, ...]:
    if params is None:
        return ()
    if not isinstance(params, Model):
        doc = wrap(f"One of the variants of `{params.name}`.")
        return (Parameter("params", "params", f"t.{params.name}", True, doc),)
    return tuple(_parameter(field) for field in params.fields)


def _parameter(field: Field) -> Parameter:
    doc = field.doc or (f"`{field.wire}` of the params.",)
    name = argument_name(field.name)
    return Parameter(name, field.name, field.argument, field.required, doc)


def _decoder(response: str, declarations: Mapping[str, Declaration]) -> str:
    if isinstance(declarations.get(response), Alias):
        return f"t.{adapter_name(response)}.validate_python"
    return f"t.{response}.model_validate"


def _decoder_name(name: str, declarations: Mapping[str, Declaration]) -> str:
    return adapter_name(name) if isinstance(declarations.get(name), Alias) else name


def _method_doc(
    request: Request, parameters: tuple[Parameter, ...], *, experimental: bool
) -> tuple[str, ...]:
    lines = [*describe(request.description, f"Call `{request.wire}`.", _DOC_WIDTH), ""]
    if request.description:
        lines += [f"Protocol method `{request.wire}`.", ""]
    if experimental:
        lines += [_NEEDS_OPT_IN, ""]
    lines.append("Args:")
    for parameter in parameters:
        lines += _argument_doc(parameter.name, " ".join(parameter.doc))
    lines += _argument_doc("timeout", _TIMEOUT)
    lines += ["", "Returns:", f"    The server's `{request.response}`.", "", "Raises:"]
    lines += [f"    {line}" for line in _RAISES]
    return tuple(lines)


def _argument_doc(name: str, text: str) -> list[str]:
    first, *rest = wrap(f"{name}: {' '.join(text.split())}", _DOC_WIDTH - 8)
    return [f"    {first}", *(f"        {line}" for line in rest)]


def _handler_doc(request: Request, *, experimental: bool) -> tuple[str, ...]:
    lines = list(wrap(request.description or f"Answers `{request.wire}`."))
    if request.description:
        lines += ["", f"Answers `{request.wire}`."]
    if experimental:
        lines += ["", _NEEDS_OPT_IN]
    return tuple(lines)
