"""A registry on loopback, for the real npm client: it has the packages that it is given."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest
from codex_generator.release.npm import integrity

NAME = "@openai/codex"


@dataclass
class Registry:
    """What the registry has, and what it was asked for."""

    tarballs: Mapping[str, Path]
    """The tarball of each version."""
    integrities: dict[str, str] = field(default_factory=dict[str, str])
    """What it says of them, where that is not their true integrity."""
    sizes: bool = True
    """Whether it says how large packages are when they are unpacked, which not all do."""
    send: int | None = None
    """Bytes after which it ends every download."""
    latest: str | None = None
    """The version that it has tagged as the latest; the first when not given."""
    asked: list[str] = field(default_factory=list[str])
    """The paths of all requests."""

    def document(self, address: str) -> bytes:
        """Write what npm wants to know of a package."""
        versions = {
            version: {
                "name": NAME,
                "version": version,
                "dist": {
                    "tarball": f"{address}/files/{version}.tgz",
                    "integrity": self.integrities.get(version, integrity(file)),
                    **({"unpackedSize": 1000} if self.sizes else {}),
                },
            }
            for version, file in self.tarballs.items()
        }
        latest = self.latest or next(iter(versions), "")
        return json.dumps(
            {"name": NAME, "dist-tags": {"latest": latest}, "versions": versions}
        ).encode()

    def content(self, version: str) -> bytes:
        """Return a tarball, whole."""
        return self.tarballs[version].read_bytes()


@contextmanager
def serve(registry: Registry) -> Generator[str, None, None]:
    """Serve a registry on a free port, and give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = f"http://{self.headers['Host']}"
            path = unquote(self.path)
            registry.asked.append(path)
            if path == f"/{NAME}":
                self._send(200, registry.document(address), None)
            elif path.startswith("/files/"):
                version = path.removeprefix("/files/").removesuffix(".tgz")
                self._send(200, registry.content(version), registry.send)
            else:
                self._send(404, b"{}", None)

        def _send(self, status: int, body: bytes, limit: int | None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:limit])
            if limit is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def asked_by_npm(
    registry: Registry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[str, None, None]:
    """Serve a registry, have npm ask no other in this test, and give its address."""
    with serve(registry) as address:
        # A file of npm's settings, for these are what tells it where to look.
        settings = folder / "npmrc"
        lines = [f"registry={address}/", "fetch-retries=0", "fetch-timeout=20000"]
        settings.write_text("\n".join(lines), encoding="utf-8")
        monkeypatch.setenv("npm_config_userconfig", str(settings))
        monkeypatch.setenv("npm_config_cache", str(folder / "npm-cache"))
        proxies = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        for name in ("npm_config_registry", *proxies):
            monkeypatch.delenv(name, raising=False)
        yield address
