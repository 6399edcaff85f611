"""A receiver of webhooks: checks signatures as the documentation tells, keeps a ledger."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

SECRET = "sixteen characters or more"


class WebhookReceiver:
    """The server and its ledger. Use as a context manager."""

    def __init__(self, *, ledger: Path | None = None, secret: str = SECRET) -> None:
        self.secret = secret
        self.posts: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: deque[tuple[int, dict[str, str]] | str] = deque()
        """Answers to the next posts; "reset" takes the post and breaks the connection."""
        self._ledger = ledger
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/hooks/earshot?team=care"

    def is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        signed = f"{headers['Earshot-Timestamp']}.".encode() + body
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(headers["Earshot-Signature"], f"v1={digest}")

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]] | str:
        self.headers.append(headers)
        if not self.is_signed(headers, body):
            return 401, {}
        answer = self.answers.popleft() if self.answers else (204, {})
        if answer == "reset" or (isinstance(answer, tuple) and answer[0] < 300):
            self.posts.append(json.loads(body))
            self._record(headers)
        return answer

    def _record(self, headers: dict[str, str]) -> None:
        if self._ledger is not None:
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"id": headers["Earshot-Delivery"]}) + "\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: WebhookReceiver

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.receiver.take(dict(self.headers.items()), body)
        if isinstance(answer, str):
            self.connection.close()
            self.close_connection = True
            return
        status, headers = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""
