"""E-mail over SMTP: one message for all recipients, as text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from alerts.compose import compose
from alerts.mail.message import address_fault, write
from alerts.mail.transport import Server, post, server_from
from alerts.no_history import NoHistory
from alerts.options import ChannelOptions, needed, read_options
from monitor.domain.errors import ConfigError
from monitor.domain.types import Alert, Receipt


def _address(value: str) -> str:
    fault = address_fault(value)
    if fault:
        raise ValueError(fault)
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}" if local.isascii() else value


Address = Annotated[str, AfterValidator(_address)]


class Options(ChannelOptions):
    """Keys of the kind `email`."""

    to: Annotated[tuple[Address, ...], Field(min_length=1, max_length=50)]
    """Recipients."""
    sender: Address
    """Address in From."""
    smtp_url: SecretStr | None = None
    """From EARSHOT_SMTP_URL: smtp://user:password@host:port?starttls, or smtps://…"""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 10.0
    """For one step of the conversation; three times as long for the final answer."""


def build(options: Mapping[str, object]) -> EmailChannel:
    """Build the channel; no connection is made yet. Raises ConfigError."""
    read = read_options(Options, "email", options)
    url = needed(read.smtp_url, "email", "smtp_url", variable="EARSHOT_SMTP_URL")
    try:
        server = server_from(url, read.timeout_s)
    except ValueError as error:
        raise ConfigError([f"channel kind email: smtp_url: {error}"]) from None
    return EmailChannel(read, server)


class EmailChannel(NoHistory):
    """A group of recipients. What was mailed cannot be changed: changes are not mailed."""

    def __init__(self, options: Options, server: Server) -> None:
        self._options = options
        self._server = server
        self._reached: dict[str, frozenset[str]] = {}

    @property
    def can_update(self) -> bool:
        """A sent mail stays as it is."""
        return False

    def send(self, alert: Alert) -> Receipt:
        """Mail to every recipient that has not got this alert yet.

        One recipient that is refused for good does not stop the others. When some are refused
        for now, DeliveryDelayed is raised and the next call mails only to those.
        """
        options = self._options
        message = write(alert, compose(alert, options.style), options.sender, options.to)
        reached = self._reached.get(alert.key, frozenset())
        waiting = [address for address in options.to if address not in reached]
        outcome = post(self._server, message, options.sender, waiting)
        if outcome.later:
            self._reached[alert.key] = reached | outcome.done
            raise outcome.delay(len(waiting))
        self._reached.pop(alert.key, None)
        if not outcome.accepted and not reached:
            raise outcome.refusal()
        return Receipt(str(message["Message-ID"]))

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        """Do nothing: the mail is out."""
        del alert
        return receipt

    def close(self) -> None:
        """Nothing is kept open between mails."""
