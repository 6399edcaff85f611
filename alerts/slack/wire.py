"""Slack's web API over our own outbound request: one attempt, no redirects, nothing logged."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from alerts.outbound import AddressRefused, NoAnswer, NotReached, post
from alerts.slack.errors import Verdict, delivery_error
from monitor.domain.errors import (
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)

Json = dict[str, Any]


class SlackError(Exception):
    """Slack did not do it. `error` is what to raise, `verdict` what it means."""

    def __init__(self, verdict: Verdict, error: DeliveryError) -> None:
        self.verdict = verdict
        self.error = error
        super().__init__(error.code)


class _Client(WebClient):
    """slack-sdk's client with its transport replaced.

    The transport of the library follows redirects with the token, takes proxies from the
    environment and has no deadline for the whole answer.
    """

    allow: Collection[str] = ()
    deadline_s: float = 10.0

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> Json:
        body = req.data if isinstance(req.data, bytes) else b""
        answer = post(url, body, _headers(req), timeout_s=self.deadline_s, allow=self.allow)
        if not _is_object(answer.text):
            raise SlackError(*delivery_error(answer.status, None, answer.headers))
        return {"status": answer.status, "headers": answer.headers, "body": answer.text}


class Wire:
    """Calls methods of Slack and turns every failure into a SlackError."""

    def __init__(
        self, token: str, base_url: str, *, timeout_s: float, allow: Collection[str]
    ) -> None:
        self._client = _Client(
            token=token,
            base_url=base_url,
            retry_handlers=[],  # the library would post twice when an answer is lost
            logger=_silent(),
        )
        self._client.allow = allow
        self._client.deadline_s = timeout_s

    def call(self, method: str, body: Mapping[str, object]) -> Json:
        """Call a method with a JSON body and return its answer. Raises SlackError."""
        return self._answer(lambda: self._client.api_call(method, json=dict(body)))

    def read(self, method: str, params: Mapping[str, object]) -> Json:
        """Call a reading method, which takes a form. Raises SlackError."""
        return self._answer(lambda: self._client.api_call(method, params=dict(params)))

    def _answer(self, request: Callable[[], SlackResponse]) -> Json:
        try:
            answer = request()
        except SlackApiError as error:
            raise _refusal(error) from None
        except AddressRefused as error:
            raise SlackError(Verdict.DEFINITE, DeliveryRefused(error.code)) from None
        except NotReached as error:
            raise SlackError(Verdict.RETRY, DeliveryDelayed(error.code)) from None
        except NoAnswer as error:
            raise SlackError(Verdict.AMBIGUOUS, DeliveryUncertain(error.code)) from None
        data = answer.data
        return data if isinstance(data, dict) else {}


def _refusal(error: SlackApiError) -> SlackError:
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    code = data.get("error")
    named = code if isinstance(code, str) else None
    return SlackError(*delivery_error(response.status_code, named, response.headers))


def _headers(req: Request) -> dict[str, str]:
    return {name: str(value) for name, value in req.header_items()}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _silent() -> logging.Logger:
    """Return a logger that says nothing: the library logs requests and answers, texts included."""
    logger = logging.Logger("earshot.alerts.slack")  # noqa: LOG001 - deliberately outside the tree
    logger.disabled = True
    return logger
