from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from alerts.channels.webhook import build, signature
from monitor.domain.errors import ConfigError, DeliveryDelayed, DeliveryError, DeliveryRefused
from monitor.domain.types import TaskState
from tests.twins.clock import START
from tests.twins.webhook_receiver import SECRET, WebhookReceiver
from tests.unit.alerts.samples import alert, mention, task


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


def _channel(receiver: WebhookReceiver, **options: object):
    known = {
        "url_secret": receiver.url,
        "signing_secret": SECRET,
        "allow": [receiver.address],
        "timeout_s": 2,
    }
    return build({**known, **options})


def test_posts_the_task_signed_and_with_a_delivery_id(receiver):
    receipt = _channel(receiver).send(alert(key="task:12:created:hook"))

    (post,) = receiver.posts
    assert post["event"] == "task.alert"
    assert post["id"] == receipt.ref == "task:12:created:hook"
    assert receiver.headers[0]["Earshot-Delivery"] == "task:12:created:hook"
    assert post["task"]["priority"] == "P2"
    assert post["task"]["mention"]["text"].endswith("I want my money back!")
    assert post["task"]["reasons"][1] == {"code": "intent", "points": 12, "detail": "refund"}


def test_posts_changes_with_an_id_of_their_own(receiver):
    channel = _channel(receiver)
    first = channel.send(alert(key="a"))

    channel.update(alert(task(state=TaskState.CLAIMED, owner="Eva"), key="b"), first)

    assert [post["event"] for post in receiver.posts] == ["task.alert", "task.update"]
    assert [headers["Earshot-Delivery"] for headers in receiver.headers] == ["a", "b"]


def test_a_removed_mention_is_not_posted(receiver):
    _channel(receiver).send(alert(task(mention(deleted=True))))

    (post,) = receiver.posts
    assert post["task"]["mention"]["deleted"]
    for gone in ("text", "author", "title", "url"):
        assert gone not in post["task"]["mention"]


def test_the_signature_covers_time_and_body():
    known = signature(b"key", "1", b"body")

    assert known.startswith("v1=")
    assert len({known, signature(b"key", "2", b"body"), signature(b"key", "1", b"bodY")}) == 3


def test_a_wrong_secret_is_refused(receiver):
    with pytest.raises(DeliveryRefused, match="http_401"):
        _channel(receiver, signing_secret="another one of good length").send(alert())


@pytest.mark.parametrize(
    ("answer", "expected", "wait"),
    [
        ((301, {"Location": "http://127.0.0.1:1/"}), DeliveryRefused, None),
        ((307, {"Location": "http://127.0.0.1:1/"}), DeliveryRefused, None),
        ((400, {}), DeliveryRefused, None),
        ((404, {}), DeliveryRefused, None),
        ((410, {}), DeliveryRefused, None),
        ((408, {}), DeliveryDelayed, None),
        ((409, {}), DeliveryDelayed, None),
        ((425, {}), DeliveryDelayed, None),
        ((429, {"Retry-After": "7"}), DeliveryDelayed, 7),
        ((429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), DeliveryDelayed, None),
        ((500, {}), DeliveryDelayed, None),
        ((503, {"Retry-After": "99999999999"}), DeliveryDelayed, 86_400),
        ("reset", DeliveryDelayed, None),
    ],
)
def test_every_answer_is_classed(receiver, answer, expected, wait):
    receiver.answers.append(answer)

    with pytest.raises(DeliveryError) as raised:
        _channel(receiver).send(alert())

    assert type(raised.value) is expected
    assert raised.value.retry_after == wait
    assert len(receiver.headers) == 1


def test_a_repeat_has_the_same_delivery_id(receiver):
    channel = _channel(receiver)
    receiver.answers.append("reset")
    with pytest.raises(DeliveryDelayed):
        channel.send(alert())
    assert channel.find(alert().key, START) is None

    channel.send(alert())

    assert len({headers["Earshot-Delivery"] for headers in receiver.headers}) == 1


def test_nobody_listening():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = {"url_secret": f"http://{address}/", "signing_secret": SECRET, "allow": [address]}

    with pytest.raises(DeliveryDelayed, match="no connection"):
        build(options).send(alert())


def test_private_addresses_are_refused_unless_opened(receiver):
    with pytest.raises(DeliveryRefused, match="private_address"):
        _channel(receiver, allow=[]).send(alert())
    with pytest.raises(DeliveryRefused, match="private_address"):
        _channel(receiver, allow=["127.0.0.1:1"]).send(alert())
    assert receiver.headers == []


@pytest.mark.parametrize(
    "options",
    [
        {"url_secret": None},
        {"url_secret": "file:///etc/passwd"},
        {"url_secret": "https://user:hunter2@host/"},
        {"url_secret": "https://host/ü"},
        {"signing_secret": None},
        {"signing_secret": "short"},
        {"url": "https://host/"},
    ],
)
def test_wrong_options_are_named_without_secrets(receiver, options):
    with pytest.raises(ConfigError) as raised:
        _channel(receiver, **options)

    for secret in ("hunter2", SECRET, "short"):
        assert secret not in str(raised.value)
