"""A mail server of our own: takes mail into a ledger, and misbehaves on request."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

PASSWORD = b"right"


@dataclass
class Trouble:
    """What goes wrong with the next mail."""

    recipients: dict[str, str] = field(default_factory=dict)
    """Address -> answer to RCPT, for example "550 no such user"."""
    sender: str = ""
    """Answer to MAIL instead of 250."""
    data: str = ""
    """Answer to the final dot instead of 250."""
    drop: str = ""
    """Break the connection: "mail", "data" (at the final dot, not accepted) or "dot"
    (after accepting)."""
    slow_s: float = 0.0
    """Wait before the answer to the final dot; the mail is accepted."""


class FakeSmtp:
    """The server and its ledger. Use as a context manager."""

    def __init__(self, *, ledger: Path | None = None, require_auth: bool = False) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, tuple[str, ...]]] = []
        self.troubles: deque[Trouble] = deque()
        self.now = Trouble()
        self._ledger = ledger
        options: dict[str, Any] = {"enable_SMTPUTF8": True}
        if require_auth:
            options |= {
                "authenticator": _authenticate,
                "auth_required": True,
                "auth_require_tls": False,
            }
        self._controller = _Controller(self, hostname="127.0.0.1", port=0, **options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def take_sender(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        self.now = self.troubles.popleft() if self.troubles else Trouble()
        if self.now.drop == "mail":
            server.transport.abort()
        if self.now.sender:
            return self.now.sender
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def take_recipient(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        answer = self.now.recipients.get(address, "250 OK")
        if answer.startswith("25"):
            envelope.rcpt_tos.append(address)
        return answer

    async def take_mail(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.now.drop == "data":
            server.transport.abort()
            return "451 gone"
        if self.now.data:
            return self.now.data
        self._accept(envelope)
        if self.now.drop == "dot":
            server.transport.abort()
        if self.now.slow_s:
            await asyncio.sleep(self.now.slow_s)
        return "250 taken"

    # aiosmtpd finds its hooks by these names
    handle_MAIL = take_sender  # noqa: N815
    handle_RCPT = take_recipient  # noqa: N815
    handle_DATA = take_mail  # noqa: N815

    def _accept(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((str(envelope.mail_from), tuple(envelope.rcpt_tos)))
        if self._ledger is not None:
            entry = {"id": mail["Message-ID"], "to": envelope.rcpt_tos}
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Tell the self-test of the base which port was free."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth: Any
) -> AuthResult:
    return AuthResult(success=auth.password == PASSWORD, handled=False)
