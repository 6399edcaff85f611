"""Slack, by a bot token: Block Kit messages, changed in place, found again in the history."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field, SecretStr

from alerts.compose import compose
from alerts.options import ChannelOptions, needed, read_options, sound_url
from alerts.slack.blocks import Message, layout
from alerts.slack.errors import Verdict
from alerts.slack.wire import Json, SlackError, Wire
from monitor.domain.errors import (
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)
from monitor.domain.types import Alert, Receipt

EVENT_TYPE = "earshot_alert"
_PAGES_A_CALL = 5
_ID = re.compile("[CGD][A-Z0-9]{5,}")


class Options(ChannelOptions):
    """Keys of the kind `slack`."""

    channel: Annotated[str, Field(min_length=2, max_length=120)]
    """Id of the Slack channel ("C0123ABCD", best) or its name with "#"."""
    notification: Literal["short", "full"] = "short"
    """What notifications and screen readers get: no personal data, or everything."""
    bot_token: SecretStr | None = None
    """From EARSHOT_SLACK_BOT_TOKEN."""
    base_url: str = "https://slack.com/api/"
    """Slack's web API; another one only for tests and gateways."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 10.0
    """For one request, from connecting to the last byte."""
    allow: tuple[str, ...] = ()
    """Private addresses that `base_url` may have, as "host:port"."""


def build(options: Mapping[str, object]) -> SlackChannel:
    """Build the channel; nothing is sent yet. Raises ConfigError."""
    read = read_options(Options, "slack", options)
    sound_url(read.base_url, "slack", "base_url")
    variable = "EARSHOT_SLACK_BOT_TOKEN"
    return SlackChannel(read, needed(read.bot_token, "slack", "bot_token", variable=variable))


class SlackChannel:
    """One Slack channel. Used by one thread at a time."""

    def __init__(self, options: Options, token: str) -> None:
        self._options = options
        self._style = options.style
        self._wire = Wire(token, options.base_url, timeout_s=options.timeout_s, allow=options.allow)
        self._id = options.channel if _ID.fullmatch(options.channel) else ""
        self._left_off: dict[str, str] = {}

    @property
    def can_update(self) -> bool:
        """Messages are changed in place."""
        return True

    @property
    def can_find(self) -> bool:
        """The history is readable with the scope channels:history."""
        return True

    def send(self, alert: Alert) -> Receipt:
        """Post a message. A layout that Slack refuses is posted again as plain text."""
        message = self._message(alert)
        known = {
            "channel": self._id or self._options.channel,
            "client_msg_id": str(uuid5(NAMESPACE_URL, f"earshot:{alert.key}")),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": alert.key}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return self._receipt(self._say("chat.postMessage", known, message))

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        """Show the present state in the message."""
        channel, _, ts = receipt.ref.partition(":")
        self._say("chat.update", {"channel": channel, "ts": ts}, self._message(alert))
        return receipt

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Read the history since then for a message with this key.

        When Slack's rate limit stops the reading, the next call goes on at the same place.
        """
        try:
            channel = self._channel_id()
            for message in self._history(channel, key, since):
                if _key_of(message) == key:
                    self._left_off.pop(key, None)
                    return Receipt(f"{channel}:{message['ts']}")
        except SlackError as failure:
            raise self._unreadable(key, failure) from None
        self._left_off.pop(key, None)
        return None

    def close(self) -> None:
        """Nothing is kept open between requests."""

    def _message(self, alert: Alert) -> Message:
        return layout(compose(alert, self._style), self._options.notification)

    def _say(self, method: str, known: Mapping[str, object], message: Message) -> Json:
        quiet = {**known, "parse": "none", "link_names": False}
        try:
            return self._wire.call(
                method, {**quiet, "text": message.text, "blocks": message.blocks}
            )
        except SlackError as failure:
            if failure.verdict is not Verdict.PLAIN:
                raise failure.error from None
        try:
            return self._wire.call(method, {**quiet, "text": message.plain, "blocks": []})
        except SlackError as failure:
            raise failure.error from None

    def _receipt(self, answer: Json) -> Receipt:
        channel, ts = answer.get("channel"), answer.get("ts")
        if not isinstance(channel, str) or not isinstance(ts, str):
            raise DeliveryUncertain("answer without ts")
        self._id = channel
        return Receipt(f"{channel}:{ts}")

    def _history(self, channel: str, key: str, since: datetime) -> Iterator[Json]:
        asked = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "inclusive": True,
            "include_all_metadata": True,
            "limit": 200,
        }
        for _ in range(_PAGES_A_CALL):
            page = self._wire.read(
                "conversations.history", {**asked, "cursor": self._left_off.get(key, "")}
            )
            yield from _objects(page.get("messages"))
            self._left_off[key] = _next_cursor(page)
            if not self._left_off[key]:
                return
        raise SlackError(Verdict.RETRY, DeliveryDelayed("more to read", retry_after=1))

    def _unreadable(self, key: str, failure: SlackError) -> DeliveryError:
        code = f"history: {failure.error.code}"
        if failure.verdict in {Verdict.RETRY, Verdict.AMBIGUOUS}:
            return DeliveryDelayed(code, retry_after=failure.error.retry_after)
        expired = bool(self._left_off.pop(key, "")) and failure.error.code == "invalid_cursor"
        return DeliveryDelayed(code) if expired else DeliveryUncertain(code)

    def _channel_id(self) -> str:
        """Return the id of the channel; a name is looked up once (scope channels:read)."""
        cursor = ""
        while not self._id:
            page = self._wire.read(
                "conversations.list",
                {
                    "types": "public_channel,private_channel",
                    "exclude_archived": True,
                    "limit": 200,
                    "cursor": cursor,
                },
            )
            name = self._options.channel.removeprefix("#")
            ids = [entry["id"] for entry in _objects(page.get("channels")) if entry["name"] == name]
            self._id = ids[0] if ids else ""
            cursor = _next_cursor(page)
            if not cursor and not self._id:
                raise SlackError(Verdict.DEFINITE, DeliveryRefused("channel_not_found"))
        return self._id


def _objects(items: object) -> list[Json]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _next_cursor(page: Json) -> str:
    more = page.get("response_metadata")
    return str(more.get("next_cursor") or "") if isinstance(more, dict) else ""


def _key_of(message: Json) -> object:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return payload.get("key") if isinstance(payload, dict) else None
