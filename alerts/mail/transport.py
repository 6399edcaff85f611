"""SMTP, step by step, because each step means something else when it fails.

Nothing is accepted before the answer to the final dot. A connection that breaks after the final
dot left leaves it open whether the mail was accepted; before that it certainly was not.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from urllib.parse import unquote, urlsplit

from monitor.domain.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain

_PORTS = {"smtp": 25, "smtps": 465}
_LAST_WAIT = 3
"""The final answer may take so many times longer than the others: servers scan mail first."""
_OK, _SEND_DATA, _PERMANENT = 250, 354, 500
_TAKEN = {250, 251, 252}
_SERVICE_CLOSES = 421
_NO_SUCH_ADDRESS = 553
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to hand mail over."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    """TLS from the first byte."""
    starttls: bool
    """TLS after the greeting; without it no mail is sent."""
    timeout_s: float

    def __repr__(self) -> str:
        """Show no credentials."""
        return f"Server({self.host}:{self.port})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each recipient."""

    accepted: frozenset[str]
    refused: frozenset[str]
    later: frozenset[str]
    code: str
    """The last refusal, for example "smtp_550"."""

    @property
    def done(self) -> frozenset[str]:
        """Recipients that need no further attempt."""
        return self.accepted | self.refused

    def delay(self, asked: int) -> DeliveryDelayed:
        """Return the error for recipients that are to be tried again."""
        return DeliveryDelayed(f"{self.code} for {len(self.later)} of {asked}")

    def refusal(self) -> DeliveryRefused:
        """Return the error for a mail that nobody took."""
        return DeliveryRefused(self.code)


def server_from(url: str, timeout_s: float) -> Server:
    """Read smtp://user:password@host:port?starttls. Raises ValueError, without quoting the URL."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("should look like smtp://user:password@host:port?starttls")
    if parts.query not in {"", "starttls"}:
        raise ValueError('knows only the addition "?starttls"')
    covered = parts.scheme == "smtps" or parts.query == "starttls" or parts.hostname in _LOOPBACK
    if parts.username and not covered:
        raise ValueError('would send the password in clear; add "?starttls" or use smtps://')
    return Server(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.query == "starttls",
        timeout_s=timeout_s,
    )


def post(server: Server, message: EmailMessage, sender: str, to: Sequence[str]) -> Outcome:
    """Hand a mail over once.

    Raises DeliveryRefused, DeliveryDelayed or DeliveryUncertain when it concerns all recipients.
    """
    with ExitStack() as stack:
        try:
            smtp = _connected(server, sender.rsplit("@", 1)[-1])
            stack.callback(_leave, smtp)
            outcome = _envelope(smtp, sender, to)
            if outcome.accepted:
                _hand_over(smtp, message)
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryRefused("smtp: login or starttls is not offered") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryDelayed(f"smtp: {type(error).__name__}") from None
        _await_answer(smtp, outcome, server.timeout_s * _LAST_WAIT)
        return outcome


def _connected(server: Server, name: str) -> smtplib.SMTP:
    context = ssl.create_default_context() if server.tls or server.starttls else None
    ours = name.encode("idna").decode()
    smtp: smtplib.SMTP
    if server.tls:
        smtp = smtplib.SMTP_SSL(
            server.host, server.port, ours, timeout=server.timeout_s, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, ours, timeout=server.timeout_s)
    try:
        if server.starttls:
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _envelope(smtp: smtplib.SMTP, sender: str, to: Sequence[str]) -> Outcome:
    """Name the sender and every recipient; return who was taken."""
    wide = ["SMTPUTF8"] if smtp.has_extn("smtputf8") else []
    code, _ = smtp.mail(sender, wide)
    if code != _OK:
        raise _failure(code)
    answers = {address: _recipient(smtp, address, narrow=not wide) for address in to}
    refused = {address: code for address, code in answers.items() if code not in _TAKEN}
    refusals = list(refused.values())
    if _SERVICE_CLOSES in refusals:
        raise _failure(_SERVICE_CLOSES)
    return Outcome(
        accepted=frozenset(answers.keys() - refused.keys()),
        refused=frozenset(to for to, code in refused.items() if code >= _PERMANENT),
        later=frozenset(to for to, code in refused.items() if code < _PERMANENT),
        code=f"smtp_{refusals[-1]}" if refusals else "",
    )


def _recipient(smtp: smtplib.SMTP, address: str, *, narrow: bool) -> int:
    if narrow and not address.isascii():
        return _NO_SUCH_ADDRESS
    code, _ = smtp.rcpt(address)
    return code


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    """Send the mail with the final dot. After an error here that dot did not leave."""
    code, _ = smtp.docmd("DATA")
    if code != _SEND_DATA:
        raise _failure(code)
    policy = SMTPUTF8 if smtp.has_extn("smtputf8") else SMTP
    body = message.as_bytes(policy=policy)
    body = re.sub(rb"(?m)^\.", b"..", body)
    smtp.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")


def _await_answer(smtp: smtplib.SMTP, outcome: Outcome, timeout_s: float) -> None:
    """Read the answer to the final dot."""
    if not outcome.accepted:
        return
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(timeout_s)
        code, _ = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryUncertain(f"smtp after the final dot: {type(error).__name__}") from None
    if code != _OK:
        raise _failure(code)


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; whatever the server answers, the outcome stands."""
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


def _failure(code: int) -> DeliveryRefused | DeliveryDelayed:
    named = f"smtp_{code}"
    return DeliveryRefused(named) if code >= _PERMANENT else DeliveryDelayed(named)
