"""A Slack of our own: a real HTTP server with a ledger of everything it accepted.

Speaks chat.postMessage, chat.update, chat.delete, conversations.history, conversations.list,
auth.test and users.info as far as Earshot uses them, checks Slack's limits, and misbehaves on
request: scripted answers, lost replies, late acceptance. The ledger file is appended to and
flushed before any reply leaves, and read again at start: it survives a kill of either side.

`python -m tests.twins.fake_slack --port 9001 --ledger FILE --lost-replies 0.01 --late 0.15`
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import random
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.twins.slack_rules import (
    ACCEPT_THEN_RESET,
    RESET,
    Json,
    Refused,
    Script,
    check_message,
    limited,
    raw,
    refuse,
)
from tests.twins.slack_wire import SlackServer

__all__ = ["ACCEPT_THEN_RESET", "RESET", "FakeSlack", "Script", "limited", "raw", "refuse"]

CHANNELS = ("general", "care", "alerts", "reviews")


def channel_id(name: str) -> str:
    return "C" + hashlib.sha256(name.encode()).hexdigest()[:9].upper()


class FakeSlack:
    """The server and its memory. Use as a context manager."""

    def __init__(
        self,
        *,
        port: int = 0,
        ledger: Path | None = None,
        channels: tuple[str, ...] = CHANNELS,
        token: str | None = None,
        clock: Callable[[], float] = time.time,
        lost_replies: float = 0.0,
        late: float = 0.0,
        late_s: float = 0.2,
        seed: int = 0,
    ) -> None:
        self.channels = {channel_id(name): name for name in channels}
        self.token = token
        self.calls: list[tuple[str, Json]] = []
        self.headers: list[dict[str, str]] = []
        self.history_limit = 999
        self._clock = clock
        self._ledger = ledger
        self._messages: list[Json] = []
        self._accepted: list[Json] = []
        self._scripts: dict[str, deque[Script]] = defaultdict(deque)
        self._chance = random.Random(seed)
        self._lost, self._late, self._late_s = lost_replies, late, late_s
        self._lock = threading.RLock()
        self._timers: list[threading.Timer] = []
        self._load()
        self._server = SlackServer(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for timer in self._timers:
            timer.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def accepted(self) -> list[Json]:
        """Every accepted post, update and deletion, in order."""
        with self._lock:
            return list(self._accepted)

    @property
    def posts(self) -> list[Json]:
        """Every accepted chat.postMessage."""
        return [entry for entry in self.accepted if entry["method"] == "chat.postMessage"]

    @property
    def messages(self) -> list[Json]:
        """The messages as they stand now."""
        with self._lock:
            return [dict(message) for message in self._messages]

    def posts_by_key(self) -> Counter[str]:
        return Counter(str(entry["key"]) for entry in self.posts)

    def forget(self) -> None:
        """Start again with nothing posted and nothing scripted."""
        with self._lock:
            for memory in (self._messages, self._accepted, self.calls, self.headers):
                memory.clear()
            self._scripts.clear()
            self.history_limit = 999

    def script(self, method: str, *scripts: Script) -> None:
        """Let the next calls of a method go as told, one after the other."""
        self._scripts[method].extend(scripts)

    def handle(self, method: str, params: Json, token: str) -> tuple[Script, Json]:
        """Do one call; return how to answer and the normal answer."""
        with self._lock:
            self.calls.append((method, params))
            script = self._scripts[method].popleft() if self._scripts[method] else None
            script = script or self._fate(method)
            if script.error:
                return script, {"ok": False, "error": script.error}
            if script.late_s:
                self._later(script.late_s, method, params)
                return script, {}
            return script, self._do(method, params, token) if script.accept else {}

    def _fate(self, method: str) -> Script:
        if method != "chat.postMessage":
            return Script()
        chance = self._chance.random()
        if chance < self._lost:
            return ACCEPT_THEN_RESET
        if chance < self._lost + self._late:
            return Script(reset=True, late_s=self._late_s)
        return Script()

    def _later(self, seconds: float, method: str, params: Json) -> None:
        def act() -> None:
            with self._lock:
                self._do(method, params, self.token or "xoxb-late")

        timer = threading.Timer(seconds, act)
        self._timers.append(timer)
        timer.start()

    def _do(self, method: str, params: Json, token: str) -> Json:
        try:
            self._check_token(token)
            return {"ok": True, **_METHODS[method](self, params)}
        except Refused as refusal:
            return {"ok": False, "error": refusal.error}
        except KeyError:
            return {"ok": False, "error": "unknown_method"}

    def _check_token(self, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if not token.startswith("xoxb-") or (self.token and token != self.token):
            raise Refused("invalid_auth")

    def post(self, params: Json) -> Json:
        channel = self._channel(params, names=True)
        check_message(params)
        now = self._clock()
        last = float(self._messages[-1]["ts"]) if self._messages else 0.0
        ts = f"{max(now, last + 0.000001):.6f}"
        metadata = params.get("metadata") or {}
        message = {
            "type": "message",
            "channel": channel,
            "ts": ts,
            "text": params.get("text", ""),
            "blocks": params.get("blocks") or [],
            "metadata": metadata,
            "client_msg_id": params.get("client_msg_id"),
        }
        self._messages.append(message)
        self._record("chat.postMessage", message, now)
        return {"channel": channel, "ts": ts, "message": message}

    def update(self, params: Json) -> Json:
        message = self._message(params)
        check_message(params)
        message["text"] = params.get("text", message["text"])
        message["blocks"] = params.get("blocks", message["blocks"])
        self._record("chat.update", message, self._clock())
        return {"channel": message["channel"], "ts": message["ts"], "text": message["text"]}

    def delete(self, params: Json) -> Json:
        message = self._message(params)
        self._messages.remove(message)
        self._record("chat.delete", message, self._clock())
        return {"channel": message["channel"], "ts": message["ts"]}

    def history(self, params: Json) -> Json:
        channel = self._channel(params, names=False)
        oldest = float(params.get("oldest") or 0)
        latest = float(params.get("latest") or 1e12)
        if cursor := params.get("cursor"):
            latest = min(latest, _decode(cursor))
        found = [m for m in self._messages if m["channel"] == channel]
        found = [m for m in found if oldest <= float(m["ts"]) < latest]
        found.sort(key=lambda m: float(m["ts"]), reverse=True)
        limit = min(int(params.get("limit") or 100), self.history_limit)
        page, more = found[:limit], len(found) > limit
        if not _flag(params.get("include_all_metadata")):
            page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
        following = _encode(page[-1]["ts"]) if more else ""
        return {
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": following},
        }

    def list(self, params: Json) -> Json:
        known = [{"id": cid, "name": name} for cid, name in sorted(self.channels.items())]
        start = int(params.get("cursor") or 0)
        limit = int(params.get("limit") or 100)
        following = str(start + limit) if start + limit < len(known) else ""
        return {
            "channels": known[start : start + limit],
            "response_metadata": {"next_cursor": following},
        }

    def auth_test(self, _params: Json) -> Json:
        return {"team": "Testers", "user": "earshot", "team_id": "T1", "user_id": "U1"}

    def user(self, params: Json) -> Json:
        return {"user": {"id": params.get("user"), "name": "somebody", "tz": "Europe/Riga"}}

    def _channel(self, params: Json, *, names: bool) -> str:
        wanted = str(params.get("channel", ""))
        by_name = {name: cid for cid, name in self.channels.items()}
        found = wanted if wanted in self.channels else None
        if names and found is None:
            found = by_name.get(wanted.removeprefix("#"))
        if found is None:
            raise Refused("channel_not_found")
        return found

    def _message(self, params: Json) -> Json:
        channel = self._channel(params, names=False)
        for message in self._messages:
            if message["channel"] == channel and message["ts"] == params.get("ts"):
                return message
        raise Refused("message_not_found")

    def _record(self, method: str, message: Json, at: float) -> None:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        entry = {**message, "method": method, "at": at, "key": payload.get("key")}
        self._accepted.append(entry)
        if self._ledger is not None:
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=True) + "\n")

    def _load(self) -> None:
        if self._ledger is None or not self._ledger.exists():
            return
        self._accepted = read_ledger(self._ledger)
        by_ts: dict[str, Json] = {}
        for entry in self._accepted:
            if entry["method"] == "chat.delete":
                by_ts.pop(entry["ts"], None)
            else:
                by_ts[entry["ts"]] = {
                    k: v for k, v in entry.items() if k not in {"method", "at", "key"}
                }
        self._messages = list(by_ts.values())


_METHODS: dict[str, Callable[[FakeSlack, Json], Json]] = {
    "chat.postMessage": FakeSlack.post,
    "chat.update": FakeSlack.update,
    "chat.delete": FakeSlack.delete,
    "conversations.history": FakeSlack.history,
    "conversations.list": FakeSlack.list,
    "auth.test": FakeSlack.auth_test,
    "users.info": FakeSlack.user,
}


def read_ledger(path: Path) -> list[Json]:
    """Return the entries of a ledger; a last line cut by a kill is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def _flag(value: object) -> bool:
    return str(value).lower() in {"1", "true"}


def _encode(ts: str) -> str:
    return base64.b64encode(f"next_ts:{ts}".encode()).decode()


def _decode(cursor: str) -> float:
    try:
        return float(base64.b64decode(cursor).decode().removeprefix("next_ts:"))
    except ValueError:
        raise Refused("invalid_cursor") from None


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A Slack for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--lost-replies", type=float, default=0.0)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--late-s", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channel", action="append", default=list(CHANNELS))
    chosen = parser.parse_args(arguments)
    slack = FakeSlack(
        port=chosen.port,
        ledger=chosen.ledger,
        channels=tuple(chosen.channel),
        lost_replies=chosen.lost_replies,
        late=chosen.late,
        late_s=chosen.late_s,
        seed=chosen.seed,
    )
    with slack:
        sys.stdout.write(f"{slack.base_url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
