"""What every channel may be told, and how its options are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError

from alerts.compose import Style
from alerts.outbound import AddressRefused, check_url
from monitor.domain.errors import ConfigError

Options = TypeVar("Options", bound=BaseModel)


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        raise ValueError(
            'is no time zone name; take one like "Europe/Riga", "Asia/Shanghai" or "UTC"'
        ) from None
    return value


class ChannelOptions(BaseModel):
    """Keys that all channels know."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    language: Literal["en", "de", "hu", "lv", "zh"] = "en"
    """Language of the words around the mention; the mention itself stays as it is."""
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """Whose clock the times are shown on, for example "Europe/Budapest"."""

    @property
    def style(self) -> Style:
        """How cards of this channel look."""
        return Style(language=self.language, zone=ZoneInfo(self.time_zone))


def read_options(model: type[Options], kind: str, options: Mapping[str, object]) -> Options:
    """Read the options of a channel. Raises ConfigError naming keys, never their values."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        faults = [
            f"channel kind {kind}: {'.'.join(str(key) for key in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigError(faults) from None


def needed(
    value: SecretStr | None, kind: str, key: str, *, variable: str = "", least: int = 1
) -> str:
    """Return a secret in clear. Raises ConfigError when it is missing, short or no plain word."""
    secret = value.get_secret_value().strip() if value else ""
    if not secret:
        hint = f"; set {variable}" if variable else ""
        raise ConfigError([f"channel kind {kind}: {key} is missing{hint}"])
    if len(secret) < least or not secret.isascii() or not secret.isprintable():
        fault = f"has fewer than {least} characters, or characters that no secret has"
        raise ConfigError([f"channel kind {kind}: {key}: {fault}"])
    return secret


def sound_url(url: str, kind: str, key: str) -> str:
    """Return an address that may be posted to. Raises ConfigError, without quoting the address."""
    try:
        check_url(url)
    except AddressRefused:
        raise ConfigError(
            [f"channel kind {kind}: {key}: is no http or https address without user and password"]
        ) from None
    return url
