"""A web site on loopback that behaves as badly as told, and remembers who asked for what."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    at: float


Send = Callable[[bytes], None]
Answer = Callable[[Asked, socket.socket], None]


def reply(
    body: bytes | str = b"",
    *,
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Return a well-behaved answer."""
    raw = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": content_type, "Content-Length": str(len(raw)), **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())

    def answer(_asked: Asked, connection: socket.socket) -> None:
        connection.sendall(head.encode("latin-1") + b"\r\n" + raw)

    return answer


def redirect(target: str, status: int = 302) -> Answer:
    return reply(status=status, headers={"Location": target})


def hang(_asked: Asked, connection: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    _drain(connection)


def half(body: bytes, *, promised: int) -> Answer:
    """Promise more than is sent, then fall silent."""

    def answer(_asked: Asked, connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 X\r\nContent-Length: {promised}\r\n\r\n"
        connection.sendall(head.encode() + body)
        _drain(connection)

    return answer


def cut(body: bytes, *, promised: int) -> Answer:
    """Promise more than is sent, then hang up."""

    def answer(_asked: Asked, connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 X\r\nContent-Length: {promised}\r\n\r\n"
        connection.sendall(head.encode() + body)
        connection.close()

    return answer


def drip(_asked: Asked, connection: socket.socket) -> None:
    """Send one byte at a time, for ever."""
    connection.sendall(b"HTTP/1.1 200 X\r\nContent-Type: text/xml\r\n\r\n")
    try:
        while True:
            connection.sendall(b" ")
            time.sleep(0.2)
    except OSError:
        pass


def raw(data: bytes) -> Answer:
    """Send exactly these bytes and hang up."""

    def answer(_asked: Asked, connection: socket.socket) -> None:
        connection.sendall(data)
        connection.close()

    return answer


def _drain(connection: socket.socket) -> None:
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass


@dataclass
class HostileSite:
    """Answers paths with what `pages` says; anything else is a 404, robots.txt included."""

    pages: dict[str, Answer] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.close()
        self._thread.join(timeout=5)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}{path}"

    def paths(self) -> list[str]:
        """What was asked for beside robots.txt, in order."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := _read(connection):
                self.asked.append(request)
                path = request.path.split("?")[0]
                found = self.pages.get(request.path) or self.pages.get(path)
                answer = found or self.pages.get("*") or reply(status=404)
                if request.path == "/robots.txt" and request.path not in self.pages:
                    answer = reply(status=404)
                answer(request, connection)
        except OSError:
            pass
        finally:
            connection.close()


def _read(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    lines = data.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return Asked(
        path=lines[0].split(" ")[1],
        headers={name.lower(): value for name, value in headers.items()},
        at=time.monotonic(),
    )
