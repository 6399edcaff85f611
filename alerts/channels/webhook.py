"""A signed JSON post to an address of your own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, SecretStr

from alerts.compose import compose
from alerts.options import ChannelOptions, needed, read_options, sound_url
from alerts.outbound import AddressRefused, Answer, NoAnswer, NotReached, post
from alerts.payload import payload
from alerts.plain_text import storable
from monitor.domain.errors import (
    DeliveryDelayed,
    DeliveryRefused,
)
from monitor.domain.types import Alert, Receipt

_LATER = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_LONGEST_WAIT_S = 86_400.0


class Options(ChannelOptions):
    """Keys of the kind `webhook`."""

    url_secret: SecretStr | None = None
    """Where to post; a reference to a variable or a file, since such addresses often hold a key."""
    signing_secret: SecretStr | None = None
    """Signs every post, so that the receiver can tell ours from others; 16 characters or more."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 10.0
    """For one request, from connecting to the last byte."""
    allow: tuple[str, ...] = ()
    """Private addresses that the URL may have, as "host:port"."""


def build(options: Mapping[str, object]) -> WebhookChannel:
    """Build the channel; nothing is sent yet. Raises ConfigError."""
    read = read_options(Options, "webhook", options)
    url = needed(read.url_secret, "webhook", "url_secret")
    secret = needed(read.signing_secret, "webhook", "signing_secret", least=16)
    url = sound_url(url, "webhook", "url_secret")
    return WebhookChannel(read, SecretStr(url), SecretStr(secret))


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return "v1=" and the hex HMAC-SHA256 of "timestamp.body"."""
    digest = hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


class WebhookChannel:
    """One receiver. It must treat the delivery id as known once accepted: repeats happen."""

    def __init__(self, options: Options, url: SecretStr, secret: SecretStr) -> None:
        self._options = options
        self._url = url
        self._secret = secret

    @property
    def can_update(self) -> bool:
        """Every change is posted, as an event of its own."""
        return True

    @property
    def can_find(self) -> bool:
        """Repeating is safe by agreement, so "not there" is always a good answer."""
        return True

    def send(self, alert: Alert) -> Receipt:
        """Post "task.alert"."""
        self._post("task.alert", alert)
        return Receipt(alert.key)

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        """Post "task.update"."""
        self._post("task.update", alert)
        return receipt

    def find(self, key: str, since: datetime) -> Receipt | None:  # noqa: ARG002 - the port's names
        """Return None: sending again is safe, the receiver drops a delivery id that it knows."""
        return None

    def close(self) -> None:
        """Nothing is kept open between requests."""

    def _post(self, event: str, alert: Alert) -> None:
        card = compose(alert, self._options.style)
        body = storable(json.dumps(payload(event, alert, card), ensure_ascii=False)).encode()
        secret = self._secret.get_secret_value().encode()
        timestamp = str(int(alert.now.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Earshot",
            "Earshot-Delivery": quote(alert.key, safe=":-._"),
            "Earshot-Timestamp": timestamp,
            "Earshot-Signature": signature(secret, timestamp, body),
        }
        _judge(self._exchange(body, headers))

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        options = self._options
        try:
            return post(
                self._url.get_secret_value(),
                body,
                headers,
                timeout_s=options.timeout_s,
                allow=options.allow,
            )
        except AddressRefused as error:
            raise DeliveryRefused(error.code) from None
        except (NotReached, NoAnswer) as error:
            raise DeliveryDelayed(error.code) from None


def _judge(answer: Answer) -> None:
    """Raise unless the receiver accepted: 2xx."""
    status, code = answer.status, f"http_{answer.status}"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        raise DeliveryDelayed(code, retry_after=_retry_after(answer))
    raise DeliveryRefused(code)


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    known = value.isascii() and value.isdigit()
    return min(float(value[:9]), _LONGEST_WAIT_S) if known else None
