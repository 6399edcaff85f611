"""What a person wants to watch."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from monitor.domain.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to all questions; empty means "none"."""

    brands: tuple[str, ...]
    languages: tuple[str, ...] = ()
    site: str = ""
    contact: str = ""
    slack_channel: str = ""
    allow: tuple[str, ...] = ()

    def complete(self) -> Answers:
        """Return the answers in their full form. Raises ConfigError for what cannot be."""
        if not self.brands:
            raise ConfigError(["Which brand? Say it with --brand."])
        wrong = [code for code in self.languages if not re.fullmatch(r"[a-z]{2,3}", code)]
        if wrong:
            raise ConfigError([f'"{wrong[0]}" is no language code; write for example en,hu.'])
        site = self.site if "://" in self.site or not self.site else f"https://{self.site}"
        if site and (urlsplit(site).scheme not in ("http", "https") or not urlsplit(site).hostname):
            raise ConfigError([f'"{self.site}" is no address of a web site.'])
        channel = self.slack_channel
        if channel and not channel.startswith(("#", "C", "G")):
            channel = f"#{channel}"
        return replace(self, site=site.rstrip("/"), slack_channel=channel)
