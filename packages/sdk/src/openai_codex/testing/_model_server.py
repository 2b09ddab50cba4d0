"""A local server of the Responses API that answers from a script."""

from __future__ import annotations

import json
from functools import partial
from types import TracebackType

from openai_codex.testing._connection import Connection
from openai_codex.testing._listener import Listener
from openai_codex.testing._model_request import ModelRequest
from openai_codex.testing._replies import Reply
from openai_codex.testing._script import Player, Script, ScriptError


class ModelServer:
    """Stand in for the model: answer the runtime's requests from a script.

    Used as a context manager, or with `start()` and `close()`. It listens on a free port of the
    loopback, on threads of its own, so it serves sync and async tests alike. Leaving the context
    raises the first `ScriptError`, unless another exception is on its way.

    Args:
        script: Replies in the order of the requests, or a function that replies to each request.
    """

    def __init__(self, script: Script = ()) -> None:
        self._player = Player(script)
        self._listener: Listener | None = None
        self._closed = False

    def __enter__(self) -> ModelServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            self._raise_first_error()

    def start(self) -> None:
        """Start to listen; nothing happens if it does already.

        Raises:
            RuntimeError: The server was closed before.
        """
        if self._closed:
            raise RuntimeError("a model server that was closed does not start again")
        if self._listener is None:
            self._listener = Listener(partial(Connection, player=self._player), self._crashed)

    def close(self) -> None:
        """Cut every connection and stop; nothing happens if it has stopped already.

        Replies that wait at a gate are given up: their gates are released. No thread and no
        socket is left.
        """
        self._closed = True
        self._player.stop()
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    @property
    def url(self) -> str:
        """The base URL of the API, for the runtime's configuration.

        Raises:
            RuntimeError: The server is not running.
        """
        if self._listener is None:
            raise RuntimeError("the model server is not running: enter it, or call start()")
        return f"http://127.0.0.1:{self._listener.server_port}/v1"

    def config_overrides(
        self,
        *,
        model: str = "gpt-5.5",
        request_max_retries: int = 0,
        stream_max_retries: int = 0,
    ) -> tuple[str, ...]:
        """Tell the runtime to ask this server, and nothing else.

        Args:
            model: The model's name. The runtime chooses tools and prompt by it, and warns of
                a name that it does not know.
            request_max_retries: How often the runtime repeats a request that failed.
            stream_max_retries: How often it reconnects after a stream that broke.

        Returns:
            `key=value` pairs in TOML, each for one `--config` of the runtime.
        """
        provider = {
            "name": '"scripted"',
            "base_url": json.dumps(self.url),
            "wire_api": '"responses"',
            "request_max_retries": str(request_max_retries),
            "stream_max_retries": str(stream_max_retries),
        }
        table = ", ".join(f"{key} = {value}" for key, value in provider.items())
        return (
            f"model={json.dumps(model)}",
            'model_provider="scripted"',
            f"model_providers.scripted={{{table}}}",
            # Otherwise a server that is gone keeps the turn "waiting for network", for ever.
            "features.unbounded_connection_retries=false",
            # Otherwise the runtime looks for plugins on the internet as it starts.
            "features.plugins=false",
        )

    @property
    def requests(self) -> tuple[ModelRequest, ...]:
        """The requests to the model, in the order of arrival."""
        return self._player.requests

    @property
    def unknown_requests(self) -> tuple[ModelRequest, ...]:
        """The requests to any other path, which were answered with 404."""
        return self._player.unknown_requests

    @property
    def errors(self) -> tuple[ScriptError, ...]:
        """What did not fit: requests beyond the script's end, and a script that failed."""
        return self._player.errors

    def add(self, *replies: Reply | str) -> None:
        """Append replies to the script.

        Raises:
            TypeError: The script is a function, or something is no reply.
        """
        self._player.add(replies)

    def play(self, script: Script) -> None:
        """Go on with another script, in place of what is left of this one.

        Args:
            script: Replies in the order of the requests, or a function that replies to each
                request.
        """
        self._player.play(script)

    def wait_for_requests(self, count: int, timeout: float = 10.0) -> tuple[ModelRequest, ...]:
        """Block until the model got so many requests since the start, and return all of them.

        Args:
            count: The number of requests.
            timeout: The longest wait, in seconds.

        Raises:
            TimeoutError: Fewer came in that time.
        """
        return self._player.wait_for_requests(count, timeout)

    def assert_exhausted(self) -> None:
        """Check that every reply was asked for and that nothing went wrong.

        Raises:
            ScriptError: It is not so.
        """
        self._raise_first_error()
        if remaining := self._player.remaining:
            raise ScriptError(f"nobody asked for {len(remaining)} of the replies: {remaining!r}")

    def _raise_first_error(self) -> None:
        for error in self.errors:
            raise error

    def _crashed(self, error: BaseException) -> None:
        self._player.fail(f"the model server failed: {error!r}", error)
