"""The earshot.toml that `earshot init` writes: commented, small, valid."""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitor.cli._init.answers import Answers
from monitor.cli._init.look import Proposal

_HEAD = """\
# Earshot's configuration. `earshot check` names every fault with its line; every key is described
# in docs/operate/configuration.md. Secrets do not belong in here: they come from EARSHOT_...
# variables or files.
"""
_NO_SOURCE = """\
# No source was found by itself. Add one for each place to listen to, for example:
#
# [[sources]]
# name = "shop-reviews"
# kind = "feed"
# brand = {brand}
# url = "https://shop.example/reviews.xml"
# every = "15m"
"""
_NO_CHANNEL = """\
# Alerts are shown on the console. For Slack set EARSHOT_SLACK_BOT_TOKEN and write:
#
# [[channels]]
# name = "care"
# kind = "slack"
# channel = "#care"
"""


def compose(answers: Answers, proposals: Sequence[Proposal]) -> str:
    """Return the document."""
    sources = [_source(answers.brands[0], proposal) for proposal in proposals]
    blocks = [
        _HEAD,
        *(_brand(name, answers.languages) for name in answers.brands),
        *(sources or [_NO_SOURCE.format(brand=quoted(answers.brands[0]))]),
        _channel(answers.slack_channel) if answers.slack_channel else _NO_CHANNEL,
        _network(answers),
    ]
    return "\n".join(blocks)


def quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are all valid in TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _brand(name: str, languages: Sequence[str]) -> str:
    codes = ", ".join(quoted(code) for code in languages)
    return (
        f"[[brands]]\nname = {quoted(name)}\n"
        'query = "*"                # everything that its sources give\n'
        f"languages = [{codes}]\n"
        "competitor = false         # true: watched, never answered\n"
    )


def _source(brand: str, proposal: Proposal) -> str:
    return (
        f"[[sources]]               # {proposal.found} items found\n"
        f"name = {quoted(proposal.name)}\nkind = {quoted(proposal.kind)}\n"
        f"brand = {quoted(brand)}\nurl = {quoted(proposal.url)}\n"
        'every = "15m"\n'
    )


def _channel(channel: str) -> str:
    return (
        '[[channels]]\nname = "care"\nkind = "slack"          # needs EARSHOT_SLACK_BOT_TOKEN\n'
        f"channel = {quoted(channel)}\n"
    )


def _network(answers: Answers) -> str:
    allowed = ", ".join(quoted(address) for address in answers.allow)
    return (
        "[network]\n# Goes into the User-Agent; the open web is not crawled without it.\n"
        f"contact = {quoted(answers.contact)}\n"
        f"allow = [{allowed}]                # private addresses, opened one by one\n"
    )
