"""Who logs people in, in place of OpenAI: both ways of logging in with ChatGPT, to their end.

The runtime is told where to log in by an environment variable of its own, which it has for its
tests, and where ChatGPT is by its configuration.
"""

from __future__ import annotations

import base64
import json
import shlex
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.end_to_end.login_port import login_port

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from openai_codex.testing import IsolatedHome, ModelServer

USER_CODE = "ABCD-1234"
ACCOUNT = "an-account"

BROWSER = """
import sys, urllib.parse, urllib.request
query = urllib.parse.parse_qs(urllib.parse.urlsplit(sys.argv[2]).query)
answer = {"code": "a-code"} if sys.argv[1] == "agree" else {"error": "access_denied"}
answer["state"] = query["state"][0]
target = query["redirect_uri"][0] + "?" + urllib.parse.urlencode(answer)
try:
    urllib.request.urlopen(target).close()
except urllib.error.HTTPError as refusal:
    refusal.close()
"""
"""A browser whose user agrees to what is asked, or not."""


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _token() -> str:
    claims = {"chatgpt_plan_type": "plus", "chatgpt_account_id": ACCOUNT}
    head, body = {"alg": "none"}, {"exp": 4102444800, "https://api.openai.com/auth": claims}
    return f"{_part(head)}.{_part(body)}.c2lnbmVk"


ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "/api/accounts/deviceauth/usercode": {
        "device_auth_id": "a-device",
        "user_code": USER_CODE,
        "interval": "1",
    },
    "/api/accounts/deviceauth/token": {
        "authorization_code": "a-code",
        "code_challenge": "a-challenge",
        "code_verifier": "a-verifier",
    },
    "/oauth/token": {"id_token": _token(), "access_token": _token(), "refresh_token": "another"},
    "/backend-api/wham/accounts/check": {
        "accounts": [
            {
                "id": ACCOUNT,
                "plan_type": "plus",
                "workspace_backend_origin": "https://chatgpt.invalid",
                "account_routing_override": "NO_CONSTRAINT",
            }
        ],
        "default_account_id": ACCOUNT,
        "account_ordering": [ACCOUNT],
    },
}


class _Handler(BaseHTTPRequestHandler):
    """Answers what is known, and knows nothing else."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = ANSWERS.get(self.path)
        data = json.dumps(answer or {}).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _logins(
    model: ModelServer, home: IsolatedHome, *, browser: str
) -> Generator[Mapping[str, str]]:
    with login_port(), ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        url = f"http://127.0.0.1:{server.server_port}"
        home.configure([f'chatgpt_base_url="{url}/backend-api"'])
        program = home.path / "browser.py"
        program.write_text(BROWSER if browser else "", encoding="utf-8")
        command = [sys.executable, str(program), browser or "ignore"]
        try:
            yield {
                "CODEX_APP_SERVER_LOGIN_ISSUER": url,
                "OPENAI_API_KEY": "sk-of-nobody",
                "BROWSER": f"{shlex.join(command)} %s",
            }
        finally:
            server.shutdown()
            serving.join()


agreed = partial(_logins, browser="agree")
"""Surroundings in which whoever is sent to a browser logs in."""

refused = partial(_logins, browser="refuse")
"""Surroundings in which whoever is sent to a browser refuses to log in."""

ignored = partial(_logins, browser="")
"""Surroundings in which nobody looks at the browser."""
