"""The one entry to everything a developer does here; `nox -l` lists it.

Plain `nox` checks and tests and changes nothing. What writes into the tree, downloads much or
takes long has `default=False` and is called by name. Nothing needs to be installed beforehand but
nox itself, and `python3 scripts/dev.py SESSION` brings even that.

Environments are made by virtualenv and filled by pip, so that whatever index a machine's pip is
configured for is the one that is used: see `docs/decisions/0001-one-way-in.md`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import socket
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
PINS = ("--disable-pip-version-check", "--constraint", "requirements-dev.txt")
"""Arguments of every `pip install`. Sessions run in the folder of this file."""

MANIFEST = ROOT / "schema" / "manifest.json"

PACKAGES = ("./packages/types", "./packages/rpc", "./packages/sdk")
"""Folders of the distributions that sessions build and install, lowest layer first."""

IMPORTS = ("codex_app_server_types", "codex_app_server_rpc", "openai_codex")
"""Import names of the same, in the same order."""

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYTHONS = [*SUPPORTED, *({RUNNING} - {*SUPPORTED})]
"""What the tests run on: a newer Python that runs nox is used too, rather than none at all."""

TEST_LIBRARIES = (
    *("pytest", "pytest-asyncio", "anyio", "hypothesis", "hypothesis-jsonschema", "jsonschema"),
    *("build", "griffe", "tomli", "trustme", "websockets", "rich", "opentelemetry-sdk"),
    *("markdown", "markdown-it-py", "pymdown-extensions", "jupyter-client", "nbclient", "nbformat"),
)
"""What tests import: whoever runs them and whoever checks their types needs it."""

PYRIGHT = {"PYRIGHT_PYTHON_GLOBAL_NODE": "off", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
"""Has pyright take the pinned one of two installations of node, and not tell of newer pyrights."""

USERS_NEED = ("pydantic", "typing-extensions", "tenacity", "docstring-parser", "pytest")
"""What users' programs and the packages import, where the packages themselves are not installed."""

ONCE = ("bench", "docs", "generator", "release")
"""Tests that only the oldest Python runs: of what maintainers do on one, of programs to read."""

TWICE = ("rpc/models", "soak", "types")
"""Tests that only the oldest and the newest run: thousands of drawn cases of what has no thread,
loop, stream or process, which are what Pythons differ in, and long looks at what is left behind."""

nox.needs_version = ">=2026.10.20"
nox.options.sessions = ["lint", "typecheck", "drift", "tests"]
nox.options.default_venv_backend = "virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = True


def _find_pyenv_interpreters() -> None:
    """Put pyenv's interpreters on `PATH`, where its shims answer only for the selected version."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [str(path.parent) for path in sorted(root.glob("versions/3.1?.*/bin/python3"))]
    os.environ["PATH"] = os.pathsep.join([*found, os.environ.get("PATH", os.defpath)])


_find_pyenv_interpreters()


def _install(session: nox.Session, *tools: str) -> None:
    """Install tools from the index, at their pinned versions."""
    session.install(*PINS, *tools)


def _install_project(session: nox.Session, *tools: str, generator: bool = False) -> None:
    """Install the packages as wheels, as users get them, and tools beside them.

    Not editable: a module or a `py.typed` that a package forgets to ship must be missed here. The
    generator is the exception: it is never published, and finds the tree it works on from its
    own place in it.
    """
    _install(session, "hatchling", *(["editables"] if generator else []), *tools)
    editable = ["--editable", "./generator[release]"] if generator else []
    _install(session, "--no-build-isolation", *PACKAGES, *editable)


def _runtime_version() -> str:
    """Return the pinned runtime's version, which ours is as well, but for a `.postN`."""
    version: str = json.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
    return version.partition(".post")[0]


def _install_runtime(session: nox.Session, python: str = "python") -> None:
    """Put the pinned runtime on the path of the session's Python, or of another.

    The wheel is the same for every Python and 370 MB when unpacked, so it is unpacked once, and
    each environment points to it by a `.pth` file. It is the one on the index, or one that was
    fetched from elsewhere (`fetch`, `bump`), or, to try a release before it goes out, the one that
    `CODEX_RUNTIME_WHEEL` names, which may be unpacked already.
    """
    version = _runtime_version()
    requirement, folder = f"openai-codex-cli-bin=={version}", f"runtime-{version}"
    if wheel := os.environ.get("CODEX_RUNTIME_WHEEL"):
        if Path(wheel).is_dir():
            _point_python(session, python, Path(wheel).resolve())
            return
        digest = hashlib.sha256(Path(wheel).read_bytes()).hexdigest()
        requirement, folder = str(Path(wheel).resolve()), f"runtime-{digest[:16]}"
    _point_to_runtime(session, python, requirement, session.cache_dir.resolve() / folder)


def _point_to_runtime(session: nox.Session, python: str, requirement: str, folder: Path) -> None:
    """Unpack a runtime's wheel into a folder, once, and have a Python find it there."""
    if not folder.exists():
        session.log(f"Unpacking {requirement}: some 140 MB, once.")
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        pip = ["python", "-m", "pip", "install", *PINS, "--no-deps", "--only-binary", ":all:"]
        try:
            session.run(*pip, "--target", str(unfinished), requirement)
            unfinished.rename(folder)
        except CommandFailed:
            if os.environ.get("CODEX_RUNTIME_WHEEL"):
                raise
            session.log("pip could not install it: fetching it, from npm if the index has none.")
            shutil.rmtree(unfinished, ignore_errors=True)
            here = ("--envdir", str(session.cache_dir.parent), "--session", "fetch")
            fetching = (sys.executable, "-m", "nox", *here, "--", _runtime_version())
            session.run(*fetching, external=True)
    _point_python(session, python, folder)


def _point_python(session: nox.Session, python: str, folder: Path) -> None:
    """Have a Python find the unpacked wheel of a runtime."""
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = session.run(python, "-c", script, silent=True, log=False, external=True)
    Path(str(site).strip(), "codex-runtime.pth").write_text(f"{folder}\n", encoding="utf-8")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on every supported Python that is here; arguments go to pytest."""
    named = any(argument.startswith("tests") for argument in session.posargs)
    left_out = () if named else _left_out(str(session.python))
    _install_project(
        session,
        *TEST_LIBRARIES,
        *("pytest-timeout", "pytest-xdist", "ipykernel"),
        *(["uvloop"] if os.name == "posix" else []),
        *([] if "generator" in left_out else ["pyright[nodejs]"]),
        generator=True,
    )
    _install_runtime(session)
    session.env.update(PYRIGHT)
    # More workers than processors: many of the tests wait, for ends and deadlines. A file's tests
    # stay together, for they share what is slow to make; those of the types, the slowest, are last.
    workers = str(2 * (os.cpu_count() or 1))
    spread = ["--numprocesses", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    spread += [f"--ignore=tests/{folder}" for folder in left_out]
    session.run("python", "-m", "pytest", *spread, *session.posargs)


def _left_out(python: str) -> tuple[str, ...]:
    """Return the folders of tests that a Python leaves to others: CI has to end some time."""
    if python == SUPPORTED[0]:
        return ()
    return ONCE if python == SUPPORTED[-1] else ONCE + TWICE


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """Look for leaks and flakes, for half an hour; `soak --soak-minutes=1 --repeat=5` for less."""
    _install_project(
        session,
        *("pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "hypothesis"),
    )
    _install_runtime(session)
    session.run("python", "-m", "tests.soak", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff, of rendered files as well."""
    _install(session, "ruff")
    session.run("ruff", "check", *(session.posargs or ["."]))
    session.run("ruff", "format", "--check", *(session.posargs or ["."]))


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check types, of the documents' programs too, strictly, and that every public name has one."""
    _install_project(
        session,
        *TEST_LIBRARIES,
        *("pyright[nodejs]", "mypy", "types-jsonschema", "types-markdown", "nox", "mkdocs"),
        generator=True,
    )
    session.env.update(PYRIGHT)
    session.run("pyright")
    session.run("mypy")
    session.run("python", "-m", "tests.docs.typecheck")
    # Away from the tree, so that the installed packages are judged and not their sources.
    session.chdir(session.create_tmp())
    for name in IMPORTS:
        session.run("pyright", "--verifytypes", name, "--ignoreexternal")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/, check its links; `--serve`, `--external`: see its source.

    `docs -- --serve` shows the site while its pages are written, `--dev-addr HOST:PORT` where;
    `docs -- --external` asks other hosts for what links to them lead to, too.
    """
    rest = [argument for argument in session.posargs if argument != "--serve"]
    if "--serve" in session.posargs:
        _require_free_address(session, rest)
    _install(
        session,
        *("mkdocs", "mkdocs-material", "mkdocs-literate-nav", "pymdown-extensions"),
        *("mkdocstrings", "mkdocstrings-python", "griffe", "black"),
    )
    # Material's note on MkDocs 2.0: what is used here is pinned.
    session.env["NO_MKDOCS_2_WARNING"] = "1"
    if "--serve" in session.posargs:
        session.run("python", "-m", "mkdocs", "serve", "--no-strict", *rest)
        return
    session.run("python", "-m", "mkdocs", "build", "--strict")
    session.run("python", "-m", "tests.docs.links", "site", *session.posargs)


def _require_free_address(session: nox.Session, arguments: list[str]) -> None:
    """End in a sentence if somebody listens already where mkdocs shall: it ends in a traceback."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-a", "--dev-addr", default="127.0.0.1:8000")
    address: str = parser.parse_known_args(arguments)[0].dev_addr
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except OSError:
        other = "docs --serve --dev-addr 127.0.0.1:8001"
        session.error(f"cannot listen at {address}, is it in use? Another address: {other}")
    except (ValueError, OverflowError):
        session.error(f"--dev-addr is HOST:PORT, not {address!r}")


@nox.session
def drift(session: nox.Session) -> None:
    """Check that the rendered files are exactly what the generator renders."""
    _run_generator(session, "drift")


@nox.session(default=False)
def generate(session: nox.Session) -> None:
    """Render the generated files anew from schema/ (writes into the tree)."""
    _run_generator(session, "generate")


@nox.session(default=False)
def dump(session: nox.Session) -> None:
    """Let the runtime print its schema into schema/ (writes into the tree)."""
    if not any(argument.startswith("--codex") for argument in session.posargs):
        _install_runtime(session)
    _run_generator(session, "dump")


@nox.session(default=False)
def generator(session: nox.Session) -> None:
    """Run any command of the generator: `generator -- diff 0.163.0 latest`, `generator -- -h`."""
    _install(session, *USERS_NEED, "pyright[nodejs]")
    _run_maintenance(session)


@nox.session(default=False)
def fetch(session: nox.Session) -> None:
    """Get a runtime for the other sessions, from the index or from npm: `fetch -- VERSION`."""
    _run_maintenance(session, "fetch")


@nox.session(default=False)
def bump(session: nox.Session) -> None:
    """Move the whole tree to another runtime, if all goes well: `bump -- VERSION [--dry-run]`."""
    oldest = next((version for version in SUPPORTED if shutil.which(f"python{version}")), RUNNING)
    # What users' programs of the last release need to be type-checked.
    _install(session, *USERS_NEED, "pyright[nodejs]")
    _run_maintenance(session, "bump", "--python", oldest)


def _run_maintenance(session: nox.Session, *command: str) -> None:
    """Run a command of the generator that gets runtimes, from where one is."""
    _install(session, "hatchling", "editables", "ruff", "nox", "griffe")
    _install(session, "--no-build-isolation", "--editable", "./generator[release]")
    store = session.cache_dir.resolve()
    with session.chdir(session.invoked_from):
        _run_to_its_end(session, "codex_generator", "--runtimes", str(store), *command)


def _run_to_its_end(session: nox.Session, module: str, *arguments: str) -> None:
    """Run a program that ends what it has started when it is interrupted, and needs time for it."""
    session.run(
        *("python", "-m", module, *arguments, *session.posargs),
        interrupt_timeout=None,
        terminate_timeout=None,
    )


def _run_generator(session: nox.Session, command: str) -> None:
    """Run one command of the generator."""
    _install(session, "hatchling", "editables", "ruff")
    _install(session, "--no-build-isolation", "--editable", "./generator")
    session.run("python", "-m", "codex_generator", command, *session.posargs)


@nox.session(default=False)
def compat(session: nox.Session) -> None:
    """Build for other runtimes and drive them, in copies: `compat -- 0.131.0 latest ./codex`."""
    _install_project(
        session,
        *TEST_LIBRARIES,
        *("pytest-timeout", "pytest-xdist", "pyright[nodejs]"),
        generator=True,
    )
    session.env.update(PYRIGHT)
    with session.chdir(session.invoked_from):
        _run_to_its_end(session, "codex_generator.compat")


@nox.session(default=False)
def artifacts(session: nox.Session) -> None:
    """Stage single packages, as `scripts/update_sdk_artifacts.py` does: it explains itself."""
    _run_release(session)


@nox.session(default=False)
def stage(session: nox.Session) -> None:
    """Build a release into dist/; `--platform linux-x64` for one platform, `host` for this one."""
    _run_release(session, "stage")


@nox.session(name="release-check", default=False)
def release_check(session: nox.Session) -> None:
    """Check the release in dist/, install and run it; write its hashes and bills of materials."""
    _run_release(session, "release-check")


def _run_release(session: nox.Session, *command: str) -> None:
    """Run a command of the generator's release, with the pinned builder, from where one is."""
    _install(session, "hatchling", "editables", "ruff")
    _install(session, "--no-build-isolation", "--editable", "./generator[release]")
    with session.chdir(session.invoked_from):
        _run_to_its_end(session, "codex_generator.release", *command)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Run a real turn on the real runtime, with a scripted model: no account, no network."""
    _install_project(session)
    _install_runtime(session)
    session.run("python", "scripts/demo.py", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure side by side with `openai-codex`; `nox -s bench -- import stream` for some cases."""
    _install_project(session)
    _install_runtime(session)
    peer = _install_peer(session)
    session.run("python", "-m", "tests.bench", f"--peer={peer}", *session.posargs)


def _install_peer(session: nox.Session) -> Path:
    """Install the package that people use today into an environment of its own, to be measured.

    It gets the same versions of the same dependencies, and the same unpacked runtime.

    Returns:
        The environment's Python.
    """
    version = _runtime_version()
    folder = session.cache_dir.resolve() / "bench-peer"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    session.run("python", "-m", "venv", "--clear", str(folder))
    pip = [str(python), "-m", "pip", "install", "--quiet", *PINS]
    session.run(*pip, "pydantic", "packaging", external=True)
    session.run(*pip, "--no-deps", f"openai-codex=={version}", external=True)
    _install_runtime(session, str(python))
    return python
