"""The tables of earshot.toml: who is watched, where, who is told, and under which limits.

Every class is one table, every attribute one key; the text below an attribute is its description
in the JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from monitor.settings.values import Duration, Language, TimeZoneName, thaw

Priority = Literal["P1", "P2", "P3", "P4"]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Share = Annotated[float, Field(ge=0, le=1)]


def _host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 - highest port
        raise ValueError('an address is opened as "host:port", for example "127.0.0.1:8081"')
    return value


HostPort = Annotated[str, AfterValidator(_host_and_port)]


def _safe_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('a time of day is written "07:30"')
    if value < "04:00":
        raise ValueError("clocks change between 00:00 and 04:00; choose a later time")
    return value


SafeTime = Annotated[str, AfterValidator(_safe_time)]


class Section(BaseModel):
    """A table that knows all its keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


class OpenSection(Section):
    """A table whose further keys belong to its kind (a source or a channel)."""

    model_config = ConfigDict(extra="allow")

    @property
    def options(self) -> dict[str, Any]:
        """The keys of the kind, as written; secrets are still references."""
        own: dict[str, Any] = thaw(self.model_extra or {})
        return own


class Brand(Section):
    """Something people talk about: ours, or a competitor's."""

    name: Name
    """Shown everywhere."""
    query: str = "*"
    """Brand query language; "*" takes everything that its sources give."""
    aliases: tuple[str, ...] = ()
    """Other spellings of the name."""
    languages: tuple[Language, ...] = ()
    """Languages to keep; empty keeps all."""
    competitor: bool = False
    """Watched and counted, but never answered."""


class Source(OpenSection):
    """One feed, page or platform endpoint to read. Further keys belong to its kind."""

    name: Name
    """Unique; what is stored stays under this name."""
    kind: Name
    """File name in spiders/sources/."""
    brand: Name
    """Name of the brand that its items are about."""
    url: str = ""
    """Where to start reading."""
    every: Duration = timedelta(minutes=15)
    """How often to look."""
    enabled: bool = True
    """False keeps what is stored and stops reading."""
    alert_old: bool = False
    """True: what the first run finds opens tasks too. False: it is a silent baseline."""


class Team(Section):
    """People who answer."""

    name: Name
    """Unique."""
    members: tuple[str, ...] = ()
    """Names as they sign in or appear in the channel."""
    languages: tuple[Language, ...] = ()
    """Languages that the team can answer in; empty means all."""
    calendar: str = ""
    """Name of the calendar of its working hours; empty: open around the clock."""
    channel: str = ""
    """Name of the channel where the team is alerted."""


class Channel(OpenSection):
    """Where alerts go. Further keys belong to its kind."""

    name: Name
    """Unique."""
    kind: Name
    """File name in alerts/channels/."""
    brands: tuple[str, ...] = ()
    """Only tasks about these brands; empty means all."""
    languages: tuple[Language, ...] = ()
    """Only tasks in these languages; empty means all."""
    min_priority: Priority = "P4"
    """The least urgent class that this channel hears about."""


class Digest(Section):
    """The weekly report."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    """Day of sending."""
    time: SafeTime = "07:30"
    """Local time of sending; not between 00:00 and 04:00, where clocks change."""
    time_zone: TimeZoneName = "UTC"
    """Whose local time."""
    channels: tuple[str, ...] = ()
    """Names of the channels that get it."""


class Retention(Section):
    """When stored text is forgotten."""

    mentions: Duration = timedelta(days=730)
    """Texts older than this are deleted; counts stay."""
    authors: Duration = timedelta(days=365)
    """Authors older than this are replaced by a keyed hash."""
    runs: Duration = timedelta(days=90)
    """How long the diary of crawls and deliveries is kept."""


class Model(Section):
    """The sentiment model."""

    engine: Name = "embedded"
    """File name in models/engines/."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """Keys of the engine."""
    threshold: Share = 0.5
    """Below this probability a text is shown as `unsure`."""


class Network(Section):
    """Limits of every outbound request."""

    contact: str = ""
    """Page or address of the operator, sent in the User-Agent. Needed to crawl the open web."""
    allow: tuple[HostPort, ...] = ()
    """Private addresses opened one by one, as "host:port"."""
    max_bytes: Annotated[int, Field(ge=1024)] = 5 * 1024 * 1024
    """Largest answer after decompression."""
    timeout: Duration = timedelta(seconds=15)
    """For one answer."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Each target is checked like the first address."""
    max_pages: Annotated[int, Field(ge=1)] = 200
    """Per source and run."""
    delay: Duration = timedelta(seconds=1)
    """Between two requests to one host."""


class Delivery(Section):
    """How alerts leave."""

    request_timeout: Duration = timedelta(seconds=10)
    """For one request to a channel."""
    look_up_after: Duration = timedelta(seconds=60)
    """Wait before a channel's history is read for a message that may have been accepted.

    Longer than the channel may still accept a request that was given up.
    """
    min_interval: Duration = timedelta(seconds=1)
    """Between two messages to one channel, on average."""
    burst: Annotated[int, Field(ge=1, le=100)] = 5
    """So many messages may go at once before the interval counts."""
    soft_per_hour: Annotated[int, Field(ge=0)] = 12
    """P3 and P4 alerts per channel and hour; more of them wait. 0: no limit."""

    @model_validator(mode="after")
    def _looks_late_enough(self) -> Self:
        if self.look_up_after <= self.request_timeout:
            raise ValueError("look_up_after must be longer than request_timeout, or alerts repeat")
        return self


class Web(Section):
    """The pages and the API."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to listen on; 0 takes a free one."""
    public_url: str = ""
    """Address that people use, for links in alerts; empty: http://host:port."""
    session_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """How long a sign-in lasts."""


class Demo(Section):
    """The built-in sample site, used by `earshot up --demo` and when there is no earshot.toml."""

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the sample site on loopback; 0 takes a free one."""
