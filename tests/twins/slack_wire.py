"""The wire of the fake Slack: requests in, answers or broken connections out."""

from __future__ import annotations

import json
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qsl

from tests.twins.slack_rules import Json, Script


class Slack(Protocol):
    calls: list[tuple[str, Json]]
    headers: list[dict[str, str]]

    def handle(self, method: str, params: Json, token: str) -> tuple[Script, Json]:
        """Do one call; return how to answer and the normal answer."""


class SlackServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, slack: Slack, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.slack = slack

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: SlackServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        method = self.path.split("?")[0].removeprefix("/api/")
        params = _params(self.headers.get("Content-Type", ""), body)
        slack = self.server.slack
        slack.headers.append(dict(self.headers.items()))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        script, answer = slack.handle(method, params, token)
        if script.slow_s:
            time.sleep(script.slow_s)
        if script.reset:
            self._reset()
        else:
            self._answer(script, answer)

    def do_GET(self) -> None:
        self.server.slack.calls.append((f"GET {self.path}", {}))
        self.send_error(405)

    def _answer(self, script: Script, answer: Json) -> None:
        body = (json.dumps(answer) if script.body is None else script.body).encode()
        kind = "text/html" if body.startswith(b"<") else "application/json; charset=utf-8"
        self.send_response(script.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in script.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


def _params(content_type: str, body: bytes) -> Json:
    if content_type.startswith("application/json"):
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))
