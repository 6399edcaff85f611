"""What each answer of Slack means for a message: refused, not accepted now, or perhaps accepted.

Slack documents for `internal_error` and `fatal_error` that part of the operation may have
succeeded; the same holds for every answer that did not come from the method itself (5xx, a page
instead of JSON, nothing). Only such answers need a look into the history before a repeat. A code
that is not listed counts as "perhaps accepted": that costs time, never a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType

from monitor.domain.errors import (
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)

DEFAULT_RETRY_AFTER_S = 30.0
LONGEST_RETRY_AFTER_S = 86_400.0
_WORD = re.compile(r"[a-z][a-z0-9_]{1,60}")


class Verdict(StrEnum):
    """What a sender may conclude."""

    DEFINITE = "definite"
    """Refused, and it will be refused again."""
    PLAIN = "plain"
    """Refused because of its layout: the same as plain text may pass."""
    RETRY = "retry"
    """Certainly not accepted now."""
    AMBIGUOUS = "ambiguous"
    """It may have been accepted."""


_CODES: dict[Verdict, str] = {
    Verdict.DEFINITE: """
        access_denied account_inactive as_user_not_supported cannot_reply_to_message
        cant_broadcast_message cant_update_message channel_not_found edit_window_closed
        ekm_access_denied enterprise_is_restricted invalid_arg_name invalid_arguments
        invalid_array_arg invalid_auth invalid_charset invalid_cursor invalid_form_data
        invalid_metadata_format invalid_metadata_schema invalid_post_type is_archived
        is_inactive message_not_found messages_tab_disabled metadata_must_be_sent_from_app
        metadata_too_large method_deprecated missing_post_type missing_scope
        no_dual_broadcast_content_update no_permission no_text not_allowed_token_type
        not_authed not_in_channel org_login_required restricted_action
        restricted_action_non_threadable_channel restricted_action_read_only_channel
        restricted_action_thread_locked restricted_action_thread_only_channel
        restricted_dm_channel slack_connect_canvas_sharing_blocked
        slack_connect_file_link_sharing_blocked team_access_not_granted team_not_found
        thread_not_found token_expired token_revoked too_many_contact_cards
        two_factor_setup_required
    """,
    Verdict.PLAIN: """
        attachment_payload_limit_exceeded block_mismatch blocks_not_allowed invalid_blocks
        invalid_blocks_format markdown_text_conflict msg_blocks_too_long msg_too_long
        too_many_attachments
    """,
    Verdict.RETRY: """
        accesslimited message_limit_exceeded rate_limited ratelimited team_added_to_org
        team_quota_exceeded
    """,
    Verdict.AMBIGUOUS: """
        duplicate_channel_not_found duplicate_message_not_found external_channel_migrating
        fatal_error internal_error request_timeout service_unavailable update_failed
    """,
}

VERDICTS: Mapping[str, Verdict] = MappingProxyType(
    {code: verdict for verdict, codes in _CODES.items() for code in codes.split()}
)
"""Slack's error word -> what it means."""


def delivery_error(
    status: int, code: str | None, headers: Mapping[str, str]
) -> tuple[Verdict, DeliveryError]:
    """Return what an answer means and the error to raise for it.

    `code` is the `error` of a JSON answer, None when the answer was no JSON object.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after(headers)
        return Verdict.RETRY, DeliveryDelayed(code or "ratelimited", retry_after=wait)
    if code is None or not _WORD.fullmatch(code):
        return _without_code(status)
    verdict = VERDICTS.get(code, Verdict.AMBIGUOUS)
    if verdict is Verdict.RETRY:
        return verdict, DeliveryDelayed(code, retry_after=retry_after(headers))
    if verdict is Verdict.AMBIGUOUS:
        return verdict, DeliveryUncertain(code)
    return verdict, DeliveryRefused(code)


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of a Retry-After header; a missing or broken one counts as 30."""
    lower = {name.lower(): value for name, value in headers.items()}
    value = lower.get("retry-after", "").strip()
    if not value.isascii() or not value.isdigit():
        return DEFAULT_RETRY_AFTER_S
    return min(float(value[:9]), LONGEST_RETRY_AFTER_S)


def _without_code(status: int) -> tuple[Verdict, DeliveryError]:
    named = f"http_{status}"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Verdict.RETRY, DeliveryDelayed(named)
    named = "unreadable_answer" if status == HTTPStatus.OK else named
    return Verdict.AMBIGUOUS, DeliveryUncertain(named)
