"""What every channel promises (monitor/domain/ports.py), for every file in alerts/channels/."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import BaseModel

from monitor import registry
from monitor.domain.errors import (
    ConfigError,
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)
from monitor.domain.types import Receipt, TaskState
from tests.contracts.channel_rigs import RIGS, Rig
from tests.twins.clock import START
from tests.unit.alerts.samples import alert, mention, task

DOCS = Path(__file__).parents[2] / "docs" / "use" / "channels.md"


@pytest.fixture(params=registry.names("channels"))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def rig(kind: str) -> Iterator[Rig]:
    assert kind in RIGS, f"write a rig for the channel {kind} in tests/contracts/channel_rigs.py"
    with RIGS[kind]() as made:
        yield made


@pytest.fixture
def channel(kind: str, rig: Rig):
    built = registry.load("channels", kind).build(_plain(kind, rig))
    yield built
    built.close()


def _plain(kind: str, rig: Rig) -> dict[str, object]:
    """E-mail: the twin offers no login, so the password stays out of the conversation."""
    if kind != "email":
        return rig.options
    return {
        **rig.options,
        "smtp_url": str(rig.options["smtp_url"]).replace("robot:very-secret@", ""),
    }


def test_options_are_a_strict_model_whose_keys_are_described(kind):
    options = registry.load("channels", kind).Options

    assert issubclass(options, BaseModel)
    assert options.model_config["extra"] == "forbid"
    assert [name for name, field in options.model_fields.items() if not field.description] == []


def test_has_a_section_in_the_manual_that_names_every_option(kind):
    section = DOCS.read_text(encoding="utf-8").split(f"\n## {kind}\n")[1].split("\n## ")[0]

    for name in registry.load("channels", kind).Options.model_fields:
        assert f"`{name}`" in section


def test_send_gives_a_receipt_that_fits_the_table(channel, rig):
    receipt = channel.send(alert())

    assert 0 < len(receipt.ref) <= 400
    assert len(rig.delivered()) == 1


def test_the_same_key_is_the_same_delivery(channel, rig):
    refs = [channel.send(alert(key=key)).ref for key in ("a", "a", "b")]

    if rig.secrets:  # a console has no identities
        delivered = rig.delivered()
        assert delivered[0] == delivered[1] != delivered[2]
    assert len(refs) == 3


def test_a_refusal_is_permanent(channel, rig, kind):
    rig.refuse()

    with pytest.raises(DeliveryError) as raised:
        channel.send(alert())

    expected = DeliveryDelayed if kind == "console" else DeliveryRefused
    assert type(raised.value) is expected
    assert raised.value.permanent is (kind != "console")
    assert 0 < len(raised.value.code) <= 200


def test_a_delay_says_how_long_and_passes(channel, rig):
    rig.delay()

    with pytest.raises(DeliveryDelayed) as raised:
        channel.send(alert())

    assert not raised.value.permanent
    assert raised.value.retry_after == rig.wait_s
    channel.send(alert())


def test_update_shows_the_present_state_or_does_nothing(channel):
    receipt = channel.send(alert())

    again = channel.update(alert(task(state=TaskState.CLOSED), key="later"), receipt)

    assert isinstance(again, Receipt)


def test_find_tells_the_truth_or_says_that_it_cannot(channel):
    receipt = channel.send(alert(key="there"))
    since = START - timedelta(days=3650)

    if channel.can_find:
        assert channel.find("there", since) in {receipt, None}
        assert channel.find("not there", since) is None
    else:
        with pytest.raises(DeliveryUncertain):
            channel.find("there", since)


def test_a_removed_mention_is_not_shown(channel, rig, capsys):
    channel.send(alert(task(mention(deleted=True, title="secret title"))))

    assert "money back" not in str(rig.delivered())
    assert "secret title" not in str(rig.delivered())


def test_secrets_never_show(kind, channel, rig, caplog):
    caplog.set_level(logging.DEBUG)
    said = [repr(channel), repr(vars(channel))]
    with structlog.testing.capture_logs() as logs:
        for prepare in (rig.delay, rig.refuse, lambda: None):
            prepare()
            try:
                channel.send(alert())
            except DeliveryError:
                said.append(traceback.format_exc())
    with pytest.raises(ConfigError) as raised:
        registry.load("channels", kind).build({**rig.options, "unknown_key": rig.secrets or "x"})
    said += [str(raised.value), caplog.text, str(logs)]

    assert "unknown_key" in str(raised.value)
    for secret in rig.secrets:
        assert secret not in "".join(said)


def test_close_may_be_called_twice(channel):
    channel.close()
    channel.close()
