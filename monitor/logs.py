"""Logging: every line is one event with key=value facts, to standard error.

`EARSHOT_LOG=json` writes JSON lines instead; `EARSHOT_LOG_LEVEL` sets the level. Control characters
are escaped, so that crawled text can never forge a line or drive a terminal, and secrets are
replaced before anything is written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from structlog.typing import Processor

HIDDEN = "[hidden]"
_SECRETS = tuple(  # what the first group matches stays, so that a line tells which kind it was
    re.compile(pattern)
    for pattern in (
        r"()\b(?:xox[a-z]|xapp)[-.][A-Za-z0-9.-]+",
        r"(hooks\.slack\.com/)[^\s\"'<>]+",
        r"((?i:bearer) )[A-Za-z0-9._~+/=-]{8,}",
        r"(://)[^/\s:@]*:[^/\s@]+(?=@)",
        r"([?&](?i:token|secret|api_?key|password|access_token|signature)=)[^&\s\"']+",
    )
)
_SECRET_NAME = re.compile(
    r"(?i)(^|_)(token|secret|password|api_?key|authorization|cookie|webhook_url|dsn)$"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_QUIET = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,  # it warns whenever a tick finds the last one still at work
    "asyncio": logging.WARNING,
    "filelock": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx2": logging.WARNING,
    "scrapy": logging.WARNING,
    "twisted": logging.WARNING,
    "uvicorn": logging.WARNING,
}


class UnknownLevel(ValueError):
    """EARSHOT_LOG_LEVEL or EARSHOT_LOG has a value that means nothing."""


def set_up(environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Send structlog events and standard library records to `stream` (standard error).

    May be called again; the last call wins. Raises UnknownLevel.
    """
    import structlog  # noqa: PLC0415 - brings Twisted, which commands without a log need not pay for

    level = _level(environ.get("EARSHOT_LOG_LEVEL") or "info")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=())],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _renderer(environ.get("EARSHOT_LOG") or "console"),
            ],
        )
    )
    _take_over(handler, level)


def _take_over(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(max(level, least))
    logging.captureWarnings(capture=True)


def _level(name: str) -> int:
    levels = logging.getLevelNamesMapping()
    if name.upper() not in levels:
        raise UnknownLevel(
            f'EARSHOT_LOG_LEVEL: "{name}" is no level; use debug, info, warning, error'
        )
    return levels[name.upper()]


def _renderer(form: str) -> Processor:
    if form == "json":
        return _json
    if form == "console":
        return _line
    raise UnknownLevel(f'EARSHOT_LOG: "{form}" is no form; use console or json')


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace secrets and escape control characters in every value, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), inner) for k, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    return escape(hide_secrets(str(value)))


def hide_secrets(text: str) -> str:
    """Replace tokens, webhook paths, passwords in addresses and secret query values."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


def escape(text: str) -> str:
    r"""Write control and direction characters as \n, \x1b or \u202e."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    head = " ".join(str(event.pop(key, "-")) for key in ("timestamp", "level", "logger", "event"))
    facts = " ".join(f"{key}={_quoted(value)}" for key, value in sorted(event.items()))
    return f"{head} {facts}".rstrip()


def _quoted(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if " " in text or not text else text
