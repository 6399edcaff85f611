from __future__ import annotations

import json
import logging
import socket
from datetime import timedelta
from uuid import UUID

import pytest

from alerts.channels.slack import build
from alerts.slack.errors import VERDICTS, Verdict, delivery_error, retry_after
from monitor.domain.errors import (
    ConfigError,
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)
from monitor.domain.types import Receipt, TaskState
from tests.twins.clock import START
from tests.twins.fake_slack import (
    ACCEPT_THEN_RESET,
    RESET,
    FakeSlack,
    Script,
    limited,
    raw,
    refuse,
)
from tests.unit.alerts.samples import alert, mention, task

TOKEN = "xoxb-123-a-secret"

MEANING = {
    Verdict.DEFINITE: DeliveryRefused,
    Verdict.PLAIN: DeliveryRefused,
    Verdict.RETRY: DeliveryDelayed,
    Verdict.AMBIGUOUS: DeliveryUncertain,
}

ANSWERS = [
    ("429 with 0", limited("0"), DeliveryDelayed, 0),
    ("429 with 1", limited("1"), DeliveryDelayed, 1),
    ("429 with 30", limited("30"), DeliveryDelayed, 30),
    ("429 with 3600", limited("3600"), DeliveryDelayed, 3600),
    ("429 without", limited(None), DeliveryDelayed, 30),
    ("429 with words", limited("soon"), DeliveryDelayed, 30),
    ("429 negative", limited("-5"), DeliveryDelayed, 30),
    ("429 no JSON", raw(429, "slow down", **{"Retry-After": "7"}), DeliveryDelayed, 7),
    ("500", raw(500, "oops"), DeliveryUncertain, None),
    ("502", raw(502, "<html>Bad gateway</html>"), DeliveryUncertain, None),
    ("503", raw(503, ""), DeliveryUncertain, None),
    ("504", raw(504, ""), DeliveryUncertain, None),
    ("500 with a code", refuse("internal_error", 500), DeliveryUncertain, None),
    ("503 with a code", refuse("service_unavailable", 503), DeliveryUncertain, None),
    ("HTML 200", raw(200, "<html>Sign in</html>"), DeliveryUncertain, None),
    ("empty 200", raw(200, ""), DeliveryUncertain, None),
    ("list 200", raw(200, "[1]"), DeliveryUncertain, None),
    ("number 200", raw(200, "1"), DeliveryUncertain, None),
    ("half JSON 200", raw(200, '{"ok": tr'), DeliveryUncertain, None),
    ("ok without ts", raw(200, '{"ok": true}'), DeliveryUncertain, None),
    ("not ok, no error", raw(200, '{"ok": false}'), DeliveryUncertain, None),
    ("error is no text", raw(200, '{"ok": false, "error": 7}'), DeliveryUncertain, None),
    ("unknown code", refuse("brand_new_error"), DeliveryUncertain, None),
    ("301", raw(301, "", Location="http://127.0.0.1:1/x"), DeliveryUncertain, None),
    ("302", raw(302, "", Location="http://127.0.0.1:1/x"), DeliveryUncertain, None),
    ("307", raw(307, "", Location="http://127.0.0.1:1/x"), DeliveryUncertain, None),
    ("403 page", raw(403, "<html>proxy</html>"), DeliveryDelayed, None),
    ("404 page", raw(404, "<html></html>"), DeliveryDelayed, None),
    ("reset", RESET, DeliveryUncertain, None),
    ("accepted, reset", ACCEPT_THEN_RESET, DeliveryUncertain, None),
    ("too slow", Script(slow_s=1.4), DeliveryUncertain, None),
]


@pytest.fixture
def channel(slack: FakeSlack):
    return _channel(slack)


def _channel(slack: FakeSlack, **options: object):
    known = {
        "channel": "#care",
        "bot_token": TOKEN,
        "base_url": slack.base_url,
        "allow": [slack.address],
        "timeout_s": 1,
    }
    return build({**known, **options})


@pytest.mark.parametrize("code", sorted(VERDICTS))
def test_every_documented_error_is_raised_as_the_table_says(slack, channel, code):
    slack.script("chat.postMessage", refuse(code), refuse(code))

    with pytest.raises(DeliveryError) as raised:
        channel.send(alert())

    assert type(raised.value) is MEANING[VERDICTS[code]]
    assert raised.value.code == code
    tries = 2 if VERDICTS[code] is Verdict.PLAIN else 1
    assert len(slack.calls) == tries


@pytest.mark.parametrize(
    ("script", "expected", "wait"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_every_other_answer_is_classed(slack, channel, script, expected, wait):
    slack.script("chat.postMessage", script)

    with pytest.raises(DeliveryError) as raised:
        channel.send(alert())

    assert type(raised.value) is expected
    assert raised.value.retry_after == wait
    assert len(slack.calls) == 1, "one attempt, no hidden retries"
    assert "<" not in raised.value.code


def test_the_table_names_no_code_twice():
    assert len(VERDICTS) >= 70
    assert VERDICTS["ratelimited"] is Verdict.RETRY
    assert VERDICTS["internal_error"] is Verdict.AMBIGUOUS


def test_nobody_listening_is_certainly_not_accepted(slack):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    channel = _channel(slack, base_url=f"http://{address}/api/", allow=[address])

    with pytest.raises(DeliveryDelayed, match="no connection"):
        channel.send(alert())


def test_a_name_that_does_not_exist_is_certainly_not_accepted(slack):
    channel = _channel(slack, base_url="https://no-such-host.invalid/api/")

    with pytest.raises(DeliveryDelayed, match="name not found"):
        channel.send(alert())


def test_a_server_without_tls_is_certainly_not_accepted(slack):
    channel = _channel(slack, base_url=slack.base_url.replace("http:", "https:"))

    with pytest.raises(DeliveryDelayed, match="tls"):
        channel.send(alert())
    assert slack.posts == []


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:{port}/api/",
        "http://localhost:{port}/api/",
        "http://2130706433:{port}/api/",
        "http://0x7f.1:{port}/api/",
        "http://0:{port}/api/",
        "http://[::ffff:127.0.0.1]:{port}/api/",
    ],
)
def test_private_addresses_are_refused_unless_opened(slack, base_url):
    channel = _channel(slack, base_url=base_url.format(port=slack.port), allow=[])

    with pytest.raises(DeliveryError) as raised:
        channel.send(alert())

    assert raised.value.code in {"private_address", "name not found"}
    assert slack.calls == []


@pytest.mark.parametrize("base_url", ["file:///etc/hostname", "ftp://x/", "http://u:p@h/", "//x"])
def test_other_addresses_are_refused(slack, base_url):
    with pytest.raises(ConfigError, match="base_url"):
        _channel(slack, base_url=base_url)


def test_proxies_of_the_environment_are_not_used(slack, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9/")

    _channel(slack).send(alert())

    assert len(slack.posts) == 1


def test_a_redirect_takes_the_token_nowhere(slack, channel):
    slack.script("chat.postMessage", raw(302, "", Location=f"{slack.base_url}elsewhere"))

    with pytest.raises(DeliveryUncertain):
        channel.send(alert())

    assert [method for method, _ in slack.calls] == ["chat.postMessage"]


def test_the_deadline_holds_against_a_trickle(slack):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        channel = _channel(slack, base_url=f"http://{address}/api/", allow=[address])

        with pytest.raises(DeliveryUncertain, match="timeout"):
            channel.send(alert())


def test_the_message_carries_its_key_and_switches_everything_off(slack, channel):
    receipt = channel.send(alert(key="task:1:created:care"))

    _, call = slack.calls[0]
    assert call["metadata"] == {
        "event_type": "earshot_alert",
        "event_payload": {"key": "task:1:created:care"},
    }
    assert UUID(call["client_msg_id"]).version == 5
    for quiet in ("link_names", "unfurl_links", "unfurl_media"):
        assert call[quiet] is False
    assert call["parse"] == "none"
    assert receipt.ref == f"{slack.posts[0]['channel']}:{slack.posts[0]['ts']}"


def test_the_same_key_gives_the_same_client_msg_id(slack, channel):
    for key in ("a", "a", "b"):
        channel.send(alert(key=key))

    ids = [call["client_msg_id"] for _, call in slack.calls]
    assert ids[0] == ids[1] != ids[2]


def test_a_refused_layout_is_sent_as_plain_text(slack, channel):
    slack.script("chat.postMessage", refuse("invalid_blocks"))

    channel.send(alert())

    (post,) = slack.posts
    assert post["blocks"] == []
    assert "money back" in post["text"]


def test_updates_change_the_message_in_place(slack, channel):
    receipt = channel.send(alert())

    again = channel.update(alert(task(state=TaskState.CLOSED, close_reason="solved")), receipt)

    assert again == receipt
    (message,) = slack.messages
    assert message["blocks"][0]["text"]["text"] == "✅ P2 · closed"
    assert "kettle" not in json.dumps(message["blocks"])


def test_a_removed_mention_is_no_longer_shown(slack, channel):
    receipt = channel.send(alert())

    channel.update(alert(task(mention(deleted=True, title="Broken kettle"))), receipt)

    shown = json.dumps(slack.messages[0], ensure_ascii=False)
    assert "Removed at the source" in shown
    for gone in ("kettle", "Kovács", "shop.example"):
        assert gone not in shown


def test_the_notification_holds_nothing_personal(slack, channel):
    channel.send(alert())

    text = slack.posts[0]["text"]
    assert text == "P2 review · shop-reviews · Aurora · new · reply due 10:50 (1 h 50 min left)"


def test_the_notification_can_hold_everything_for_screen_readers(slack):
    _channel(slack, notification="full").send(alert())

    text = slack.posts[0]["text"]
    for part in ("P2 · new", "Kovács Éva", "money back", "negative +23.2", "/tasks/12"):
        assert part in text


@pytest.mark.parametrize("language", ["en", "de", "hu", "lv", "zh"])
def test_speaks_the_language_of_the_channel(slack, language):
    _channel(slack, language=language, time_zone="Europe/Budapest").send(alert(similar=4))

    assert "11:50" in slack.posts[0]["blocks"][0]["text"]["text"]


def test_finds_a_message_by_its_key(slack, channel):
    for number in range(5):
        channel.send(alert(key=f"k{number}"))

    found = channel.find("k2", START - timedelta(seconds=60))

    assert found == Receipt(f"{slack.posts[2]['channel']}:{slack.posts[2]['ts']}")
    assert channel.find("k9", START - timedelta(seconds=60)) is None


def test_finds_by_the_name_of_the_channel_after_a_restart(slack, channel):
    channel.send(alert(key="k"))

    assert _channel(slack).find("k", START - timedelta(seconds=60)) is not None


def test_does_not_look_further_back_than_asked(slack, channel):
    channel.send(alert(key="k"))

    assert channel.find("k", START + timedelta(seconds=60)) is None


def test_reads_all_pages(slack, channel):
    for number in range(40):
        channel.send(alert(key=f"k{number}"))
    slack.history_limit = 9

    assert channel.find("k1", START - timedelta(seconds=60)) is not None


def test_goes_on_where_the_rate_limit_stopped_it(slack, channel):
    for number in range(40):
        channel.send(alert(key=f"k{number}"))
    slack.history_limit = 15
    slack.script("conversations.history", Script(), limited("60"))

    with pytest.raises(DeliveryDelayed) as raised:
        channel.find("k3", START - timedelta(seconds=60))
    assert raised.value.retry_after == 60
    slack.calls.clear()
    assert channel.find("k3", START - timedelta(seconds=60)) is not None
    assert len(slack.calls) == 2, "the first page is not read twice"


def test_a_long_history_is_read_in_portions(slack, channel):
    for number in range(30):
        channel.send(alert(key=f"k{number}"))
    slack.history_limit = 2

    for _ in range(2):
        with pytest.raises(DeliveryDelayed, match="more to read"):
            channel.find("missing", START - timedelta(seconds=60))
    assert channel.find("missing", START - timedelta(seconds=60)) is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (refuse("missing_scope"), DeliveryUncertain),
        (refuse("not_in_channel"), DeliveryUncertain),
        (refuse("internal_error"), DeliveryDelayed),
        (raw(200, "<html>"), DeliveryDelayed),
        (RESET, DeliveryDelayed),
        (limited("9"), DeliveryDelayed),
    ],
)
def test_a_history_that_cannot_be_read_is_never_taken_for_empty(slack, channel, script, expected):
    channel.send(alert())
    slack.script("conversations.history", script)

    with pytest.raises(expected, match="history"):
        channel.find("k", START)


def test_a_cursor_that_expired_is_dropped(slack, channel):
    for number in range(20):
        channel.send(alert(key=f"k{number}"))
    slack.history_limit = 8
    slack.script("conversations.history", Script(), limited("1"), refuse("invalid_cursor"))

    for _ in range(2):
        with pytest.raises(DeliveryDelayed):
            channel.find("k0", START - timedelta(seconds=60))
    assert channel.find("k0", START - timedelta(seconds=60)) is not None


def test_a_channel_that_slack_does_not_list_cannot_be_searched(slack):
    with pytest.raises(DeliveryUncertain, match="channel_not_found"):
        _channel(slack, channel="#nowhere").find("k", START)


def test_an_update_of_a_deleted_message_is_refused(slack, channel):
    with pytest.raises(DeliveryRefused, match="message_not_found"):
        channel.update(alert(), Receipt(f"{next(iter(slack.channels))}:1.000000"))


def test_the_token_and_the_text_never_reach_a_log(slack, channel, caplog):
    caplog.set_level(logging.DEBUG)
    slack.script("chat.postMessage", raw(200, "<html>kettle</html>"), RESET)

    for _ in range(2):
        with pytest.raises(DeliveryError) as raised:
            channel.send(alert())
        assert TOKEN not in str(raised.value)
    channel.send(alert())

    assert TOKEN not in caplog.text
    assert "kettle" not in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"channel": "#care"},
        {"channel": "#care", "bot_token": TOKEN, "chanel": "x"},
        {"channel": "#care", "bot_token": TOKEN, "language": "fr"},
        {"channel": "#care", "bot_token": TOKEN, "time_zone": "Mars/Olympus"},
        {"channel": "#care", "bot_token": TOKEN, "time_zone": "../../etc/passwd"},
        {"channel": "#care", "bot_token": "xoxb-é"},
        {"channel": "#care", "bot_token": "xoxb-1\r\nX: y"},
    ],
)
def test_wrong_options_are_named_without_their_values(options):
    with pytest.raises(ConfigError) as raised:
        build(options)

    assert "slack" in str(raised.value)
    assert "xoxb" not in str(raised.value)


def test_retry_after_is_never_longer_than_a_day():
    assert retry_after({"Retry-After": "9" * 400}) == 86_400
    assert delivery_error(200, "x" * 500, {})[0] is Verdict.AMBIGUOUS
