"""Import everything; run by the Python whose packages are looked at.

It takes the folder that everything has to come from and the packages' names, and ends with a line
for each module that cannot be imported, lacks a public name, or comes from elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages


def main(root: Path, packages: list[str]) -> None:
    """Import every module of some packages, and touch every name that is loaded when touched."""
    names = [name for package in packages for name in modules(package)]
    faults = [f"{name}: {fault}" for name in names for fault in faults_of(name, root.resolve())]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(names)} modules")


def modules(package: str) -> Iterator[str]:
    """Yield the names of a package and its modules, without those that are programs."""
    yield package
    try:
        path = import_module(package).__path__
    except ImportError:
        return  # its own fault tells why
    # Of a package below that cannot be imported, the fault is told likewise.
    for found in walk_packages(path, f"{package}.", onerror=lambda _: None):
        if not found.name.endswith(".__main__"):
            yield found.name


def faults_of(name: str, root: Path) -> Iterator[str]:
    """Yield what is wrong with a module."""
    try:
        module = import_module(name)
    except Exception as error:  # whatever a module raises is its fault
        yield f"{type(error).__name__}: {error}"
        return
    if module.__file__ is None or not Path(module.__file__).resolve().is_relative_to(root):
        yield f"comes from {module.__file__}"
    if hasattr(module, "__getattr__"):  # its names are looked up when they are touched
        for public in module.__all__:
            try:
                getattr(module, public)
            except Exception as error:  # likewise
                yield f"{public}: {type(error).__name__}: {error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
