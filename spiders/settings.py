"""Scrapy's settings for a process that reads addresses which strangers chose.

Scrapy's defaults are made for reach: certificates unchecked, a gigabyte per page, two listening
ports, robots.txt ignored. Everything that differs here is a protection or a courtesy.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from monitor.domain.crawl import NetworkPolicy
from spiders.network.guard import is_own
from spiders.network.robots import RobotsMemory

# The base lists are replaced, not only switched off: Scrapy imports whatever is named in them, and
# the parts we do not use (cookies, remote control) bring half of the start-up time.
_MIDDLEWARES = {
    "spiders.network.guard.GuardMiddleware": 10,
    "spiders.network.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
}
_EXTENSIONS = {"scrapy.extensions.throttle.AutoThrottle": 0}


def user_agent(contact: str) -> str:
    """Return "Earshot/<version> (+contact)"."""
    try:
        number = version("earshot")
    except PackageNotFoundError:
        number = "0"
    return f"Earshot/{number} (+{contact})" if contact else f"Earshot/{number}"


def scrapy_settings(policy: NetworkPolicy) -> dict[str, Any]:
    """Return the settings of every crawl in this process."""
    return _closed() | _limits(policy) | _manners(policy) | _guards(policy)


def _closed() -> dict[str, Any]:
    """Nothing listens, nothing local is read, nothing is remembered or told."""
    return {
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
        "HTTPPROXY_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REFERER_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "LOG_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        "MEMUSAGE_ENABLED": False,
        "EXTENSIONS_BASE": _EXTENSIONS,
        "SPIDER_MIDDLEWARES_BASE": {},
    }


def _limits(policy: NetworkPolicy) -> dict[str, Any]:
    return {
        "DOWNLOAD_TIMEOUT": policy.timeout_s,
        "DNS_TIMEOUT": policy.timeout_s,
        "DOWNLOAD_MAXSIZE": policy.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": policy.max_redirects,
        "RETRY_TIMES": 1,
        "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],
        "URLLENGTH_LIMIT": 4096,
        "REACTOR_THREADPOOL_MAXSIZE": 32,
    }


def _manners(policy: NetworkPolicy) -> dict[str, Any]:
    opened = {urlsplit(f"//{entry}").hostname or "" for entry in policy.allow} | {"localhost"}
    slot = {"concurrency": 1, "delay": 0, "jitter": 0}
    return {
        "USER_AGENT": user_agent(policy.contact),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": policy.delay_s,
        "AUTOTHROTTLE_ENABLED": policy.delay_s > 0,
        "AUTOTHROTTLE_START_DELAY": policy.delay_s,
        "AUTOTHROTTLE_MAX_DELAY": 60.0,
        "DOWNLOAD_SLOTS": {host: dict(slot) for host in opened if is_own(host)},
    }


def _guards(policy: NetworkPolicy) -> dict[str, Any]:
    return {
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TWISTED_DNS_RESOLVER": "spiders.network.resolver.GuardedResolver",
        "EARSHOT_ALLOW": list(policy.allow),
        "EARSHOT_CONTACT": policy.contact,
        "EARSHOT_ROBOTS": RobotsMemory(),
        "EARSHOT_POLICY": policy,
        "ROBOTSTXT_OBEY": False,  # replaced by our own reading of RFC 9309
        "DOWNLOADER_MIDDLEWARES_BASE": _MIDDLEWARES,
    }
