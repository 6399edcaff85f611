"""What went wrong on the way to a page, in plain words."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import exceptions as scrapy_errors

from monitor.domain.crawl import NetworkPolicy
from monitor.domain.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from spiders.network.resolver import refused_names

_PORTS = {"http": 80, "https": 443}


def explain(error: Exception, url: str, policy: NetworkPolicy) -> SourceError:
    """Return the error of our tree for whatever stopped a download."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, scrapy_errors.CannotResolveHostError):
        return _unresolved(url)
    if isinstance(error, scrapy_errors.IgnoreRequest):
        return _ignored(str(error), policy)
    if isinstance(error, scrapy_errors.DownloadFailedError | scrapy_errors.ResponseDataLossError):
        return _broken_off(error)
    return _plain(error, policy)


def _plain(error: Exception, policy: NetworkPolicy) -> SourceError:
    if isinstance(error, scrapy_errors.DownloadTimeoutError):
        return SourceUnavailable(f"no complete answer within {policy.timeout_s:g} seconds")
    if isinstance(error, scrapy_errors.DownloadConnectionRefusedError):
        return SourceUnavailable("the site does not accept connections")
    if isinstance(error, scrapy_errors.DownloadCancelledError):
        return SourceRefused(f"the answer is larger than {policy.max_bytes:,} bytes")
    if isinstance(error, ValueError):
        return SourceRefused("the site redirects to an address that is not read")
    return SourceChanged(f"the answer cannot be understood ({type(error).__name__})")


def _unresolved(url: str) -> SourceError:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if (host, port) in refused_names():
        return SourceRefused(
            f'{host} leads to a private address: put "{host}:{port}" into [network] allow'
        )
    return SourceUnavailable(f"the host name {host} is not known")


def _ignored(message: str, policy: NetworkPolicy) -> SourceError:
    if "redirect" in message:
        return SourceRefused(f"more than {policy.max_redirects} redirects")
    return SourceRefused(f"the answer unpacks to more than {policy.max_bytes:,} bytes")


def _broken_off(error: Exception) -> SourceError:
    causes = _causes(error)
    if any(type(cause).__module__.startswith("OpenSSL") for cause in causes):
        return SourceRefused("the certificate is not trusted, or TLS failed")
    if any("VerificationError" in type(cause).__name__ for cause in causes):
        return SourceRefused("the certificate does not belong to this host")
    return SourceUnavailable("the connection broke off before the answer was complete")


def _causes(error: BaseException | None) -> list[BaseException]:
    """Follow the chain of causes, and the reasons that Twisted keeps in failures."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        found += [failure.value for failure in getattr(error, "reasons", None) or ()]
        error = error.__cause__
    return found
