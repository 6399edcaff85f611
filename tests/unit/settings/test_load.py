# ruff: noqa: E501 - a fault and the line that causes it read best side by side
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from monitor.settings import SettingsError, load, option_faults, read, unknown_variables

SMALL = """\
[[brands]]
name = "Acme"
query = 'Acme AND NOT "acme corp"'
languages = ["en", "hu"]
competitor = false

[[sources]]
name = "shop-reviews"
kind = "feed"
brand = "Acme"
url = "https://shop.example/reviews.xml"
every = "15m"
depth = 3

[[channels]]
name = "care"
kind = "slack"
channel = "#care"

[network]
contact = "https://acme.example/bot"
allow = ["127.0.0.1:8081"]
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text):
        Path("earshot.toml").write_text(text, encoding="utf-8")

    return write


def faults_of(environ=None):
    with pytest.raises(SettingsError) as caught:
        load(environ or {})
    return list(caught.value.faults)


def test_reads_the_smallest_useful_file(write):
    write(SMALL)
    settings = load({})
    assert settings.brands[0].languages == ("en", "hu")
    assert settings.sources[0].every == timedelta(minutes=15)
    assert settings.sources[0].options == {"depth": 3}
    assert settings.channels[0].options == {"channel": "#care"}
    assert settings.network.allow == ("127.0.0.1:8081",)


def test_without_a_file_the_defaults_hold(write):
    settings = load({})
    assert settings.path is None
    assert settings.sources == ()
    assert settings.home == Path("earshot-data").absolute()
    assert settings.database_url.get_secret_value().endswith("earshot-data/earshot.db")
    assert settings.base_url == "http://127.0.0.1:8765"


def test_the_default_weights_add_up_to_100(write):
    weights = load({}).triage.weights
    grounds = [weights.negative, max(weights.stars.values()), max(weights.intents.values())]
    others = [weights.reach, weights.velocity, weights.author, weights.cluster]
    assert sum([*grounds, *others, weights.reply_wanted, weights.waiting]) == 100


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[network]\ncontct = "x"',
            'earshot.toml:2: network.contct: unknown key; did you mean "contact"?',
        ),
        (
            '[[brands]]\nname = "A"\nlanguags = []',
            'earshot.toml:3: brands[1].languags: unknown key; did you mean "languages"?',
        ),
        ("[webb]\nport = 1", 'earshot.toml:1: webb: unknown key; did you mean "web"?'),
        ('[web]\nport = "1"', "earshot.toml:2: web.port: should be a whole number"),
        ("[web]\nport = true", "earshot.toml:2: web.port: should be a whole number"),
        ("[web]\nhost = 1", "earshot.toml:2: web.host: should be text in quotes"),
        ("[[brands]]\nquery = '*'", "earshot.toml:1: brands[1].name: is missing"),
        ("[brands]\nname = 'A'", "earshot.toml:1: brands: write [[brands]], with two brackets"),
        ("[[web]]\nport = 1", "earshot.toml:1: web: write [web], with one bracket"),
        (
            "[digest]\nday = 'mun'",
            'earshot.toml:2: digest.day: should be one of mon, tue, wed, thu, fri, sat, sun; did you mean "sun"?',
        ),
        (
            "[digest]\ntime = '02:30'",
            "earshot.toml:2: digest.time: clocks change between 00:00 and 04:00; choose a later time",
        ),
        (
            "[digest]\ntime_zone = 'Riga'",
            'earshot.toml:2: digest.time_zone: no such time zone; names look like "Europe/Riga"',
        ),
        (
            "[sla.P2]\nfirst_respons = '4h'",
            'earshot.toml:2: sla.P2.first_respons: unknown key; did you mean "first_response"?',
        ),
        (
            "[network]\nallow = ['127.0.0.1']",
            'earshot.toml:2: network.allow[1]: an address is opened as "host:port", for example "127.0.0.1:8081"',
        ),
        (
            "[[calendars]]\nname = 'c'\nmon = '09:00-17:00'\nholidays = 'XX'",
            'earshot.toml:4: calendars[1].holidays: a country is its two-letter code in capitals, for example "HU"',
        ),
        (
            "[[calendars]]\nname = 'c'",
            'earshot.toml:1: calendars[1]: no open hours; write at least one day, for example mon = "09:00-17:00"',
        ),
        (
            "[triage.classes]\nP1 = 10",
            "earshot.toml:1: triage.classes: the limits must fall: P1 above P2 above P3",
        ),
        ("web = 3", "earshot.toml:1: web: should be a table"),
    ],
)
def test_names_file_line_key_fault_and_nearest_key(write, text, fault):
    write(text)
    assert fault in faults_of()


def test_lists_every_fault_at_once(write):
    write(SMALL.replace("every", "evry_").replace("contact", "contct") + '\n[web]\nport = "x"\n')
    assert (
        len(faults_of()) == 2
    )  # a stray key of a source belongs to its kind and is told by `check`


def test_faults_of_all_sorts_are_told_together(write):
    write(
        SMALL.replace('brand = "Acme"', 'brand = "Acmee"').replace("depth = 3", 'token = "x"')
        + "[web]\nprt = 1"
    )
    assert [fault.split(": ")[1] for fault in faults_of()] == [
        "sources[1].token",
        "sources[1].brand",
        "web.prt",
    ]


def test_tables_of_the_wrong_shape_do_not_hide_other_faults(write):
    write(
        "sources = 3\nbrands = [1]\n[teams]\nname = 1\n[sla]\ncalendar = 'x'\n[digest]\nchannels = [2]"
    )
    assert len(faults_of()) >= 5


def test_names_used_twice_and_names_that_do_not_exist(write):
    write(
        "[[brands]]\nname = 'Acme'\n[[brands]]\nname = 'Acme'\n"
        "[[sources]]\nname = 's'\nkind = 'feed'\nbrand = 'Acmee'\n"
        "[[teams]]\nname = 't'\nchannel = 'slack'\n[digest]\nchannels = ['x']\n"
    )
    assert faults_of() == [
        'earshot.toml:4: brands[2].name: the name "Acme" is used twice',
        'earshot.toml:8: sources[1].brand: there is no brand "Acmee"; did you mean "Acme"?',
        'earshot.toml:11: teams[1].channel: there is no channel "slack"',
        'earshot.toml:13: digest.channels[1]: there is no channel "x"',
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"a = [", "earshot.toml:1: is not valid TOML"),
        (b"\xff\xfe", "earshot.toml: is not UTF-8 text"),
        (b"a = 1\na = 2", "earshot.toml:2: is not valid TOML"),
    ],
)
def test_says_where_the_file_cannot_be_read(write, text, place):
    Path("earshot.toml").write_bytes(text)
    assert faults_of()[0].startswith(place)


def test_a_named_file_must_exist(write, tmp_path):
    with pytest.raises(SettingsError, match="there is no such file"):
        load({"EARSHOT_CONFIG": str(tmp_path / "other.toml")})


def test_reads_a_file_with_byte_order_mark_and_dos_line_ends(write):
    Path("earshot.toml").write_bytes(b"\xef\xbb\xbf[web]\r\nport = 1\r\nprt = 2\r\n")
    assert faults_of() == ['earshot.toml:3: web.prt: unknown key; did you mean "port"?']


def test_the_environment_overrides_single_tables(write):
    write(SMALL)
    settings = load(
        {
            "EARSHOT_WEB_PORT": "0",
            "EARSHOT_NETWORK_ALLOW": "127.0.0.1:1, 127.0.0.1:2",
            "EARSHOT_SLA_WARN": "0.25",
            "EARSHOT_NETWORK_TIMEOUT": "3s",
            "EARSHOT_DIGEST_TIME": "08:00",
        }
    )
    assert settings.web.port == 0
    assert settings.network.allow == ("127.0.0.1:1", "127.0.0.1:2")
    assert settings.network.contact == "https://acme.example/bot"
    assert settings.sla.warn == (0.25,)
    assert settings.network.timeout == timedelta(seconds=3)
    assert settings.digest.time == "08:00"


def test_one_service_target_can_be_changed_alone(write):
    write("[sla.P2]\nfirst_response = '2 business hours'")
    settings = load({"EARSHOT_SLA_P1_FIRST_RESPONSE": "10m"})
    assert settings.sla.P1.first_response.amount == timedelta(minutes=10)
    assert settings.sla.P1.update_on_hold.amount == timedelta(hours=4)
    assert settings.sla.P2.first_response.amount == timedelta(hours=2)
    assert settings.sla.P3.first_response.unit == "business_days"


def test_a_fault_in_the_environment_names_the_variable(write):
    write(SMALL)
    assert faults_of({"EARSHOT_WEB_PORT": "many"}) == [
        "EARSHOT_WEB_PORT: web.port: should be a whole number"
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d", "postgresql+psycopg://h/d"),
        ("sqlite:////var/e.db", "sqlite:////var/e.db"),
    ],
)
def test_takes_the_usual_spellings_of_a_database(write, url, expected):
    assert load({"EARSHOT_DATABASE_URL": url}).database_url.get_secret_value() == expected


def test_refuses_a_database_it_does_not_know(write):
    assert "postgresql+psycopg://" in faults_of({"EARSHOT_DATABASE_URL": "mysql://h/d"})[0]


def test_printing_settings_shows_no_secret(write, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("xoxb-from-a-file", encoding="utf-8")
    settings = load(
        {
            "EARSHOT_SLACK_BOT_TOKEN_FILE": str(secret),
            "EARSHOT_SMTP_URL": "smtp://me:hunter2@mail.example",
            "EARSHOT_DATABASE_URL": "postgresql://me:hunter2@db.example/e",
        }
    )
    assert settings.credentials.slack_bot_token.get_secret_value() == "xoxb-from-a-file"
    for form in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in form
        assert "xoxb" not in form


@pytest.mark.parametrize(
    "line",
    [
        'token = "abc"',
        'api_key = "abc"',
        'webhook = "https://hooks.slack.com/services/T0/B0/x"',
        'header = "Bearer abcdefgh"',
        'address = "https://me:hunter2@shop.example/feed"',
        'nested = { password = "abc" }',
        'several = ["xoxb-1-2"]',
    ],
)
def test_refuses_a_secret_in_clear_and_names_the_variable(write, line):
    write(SMALL.replace("depth = 3", line))
    (fault,) = faults_of()
    assert fault.startswith("earshot.toml:13: sources[1].")
    assert "EARSHOT_SHOP_REVIEWS_" in fault
    assert "hunter2" not in fault
    assert "abc" not in fault


def test_a_reference_to_a_secret_is_fine(write):
    write(SMALL.replace("depth = 3", 'token = "env:EARSHOT_SHOP_TOKEN"'))
    assert load({}).sources[0].options == {"token": "env:EARSHOT_SHOP_TOKEN"}


class FeedOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: int = 1
    token: str = ""


def options_of(table, kind):
    if kind == "feeed":
        raise LookupError('there is no source "feeed"; did you mean "feed"?')
    return FeedOptions if kind == "feed" else None


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "depth = 3",
            "dpth = 3",
            'earshot.toml:13: sources[1].dpth: unknown key; did you mean "depth"?',
        ),
        (
            "every =",
            "evry =",
            'earshot.toml:12: sources[1].evry: unknown key; did you mean "every"?',
        ),
        (
            "depth = 3",
            "depth = 'x'",
            "earshot.toml:13: sources[1].depth: should be a valid integer, unable to parse string as an integer",
        ),
        (
            "depth = 3",
            "token = 'env:NONE'",
            "earshot.toml:13: sources[1].token: the variable NONE (or NONE_FILE) is not set",
        ),
        (
            'kind = "feed"',
            'kind = "feeed"',
            'earshot.toml:9: sources[1].kind: there is no source "feeed"; did you mean "feed"?',
        ),
    ],
)
def test_checks_the_keys_of_a_kind(write, old, new, fault):
    write(SMALL.replace(old, new).replace('channel = "#care"\n', ""))
    assert option_faults(read({}), options_of, {}) == [fault]


def test_a_kind_without_keys_of_its_own_takes_none(write):
    write(SMALL)
    (fault,) = option_faults(read({}), options_of, {})
    assert fault == "earshot.toml:18: channels[1].channel: unknown key"


def test_tells_variables_that_mean_nothing():
    known = ["EARSHOT_WEB_PORT", "EARSHOT_SLACK_BOT_TOKEN_FILE", "EARSHOT_SHOP_TOKEN", "PATH"]
    assert unknown_variables(known, ["EARSHOT_SHOP_TOKEN"]) == []
    assert unknown_variables(["EARSHOT_SLAK_BOT_TOKEN"], []) == [
        'EARSHOT_SLAK_BOT_TOKEN: unknown variable; did you mean "EARSHOT_SLACK_BOT_TOKEN"?'
    ]


def test_a_calendar_knows_public_holidays_and_extra_days(write):
    write(
        "[[calendars]]\nname = 'riga'\ntime_zone = 'Europe/Riga'\nmon = '09:00-17:00'\n"
        "holidays = 'LV'\nclosed = [2026-12-28]\n"
    )
    calendar = load({}).calendar("")
    days = calendar.closed_days(2026, 2026)
    assert date(2026, 11, 18) in days
    assert date(2026, 12, 28) in days
    assert set(calendar.hours) == {0}
