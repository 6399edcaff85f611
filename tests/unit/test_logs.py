import io
import json
import logging

import pytest
import structlog

from monitor import logs

PLANTED = [
    "xoxb-1234-abcdEFGH",
    "https://hooks.slack.com/services/T000/B000/abcdEFGH",
    "Authorization: Bearer abcdEFGH.ijkl",
    "postgresql://earshot:abcdEFGH@db.example/earshot",
    "https://shop.example/feed?token=abcdEFGH&page=2",
]


@pytest.fixture
def written():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)


def test_an_event_is_one_line_of_key_and_value(written):
    logs.set_up({}, written)
    structlog.get_logger("earshot.jobs").info("source crawled", source="shop reviews", new=3)
    line = written.getvalue().strip()
    assert line.endswith('info earshot.jobs source crawled new=3 source="shop reviews"')


def test_json_lines_on_request(written):
    logs.set_up({"EARSHOT_LOG": "json"}, written)
    structlog.get_logger("earshot.jobs").warning("késik", źródło="bolts", n=[1, "xoxb-1-2"])
    event = json.loads(written.getvalue())
    assert event["event"] == "késik"
    assert event["n"] == [1, logs.HIDDEN]
    assert event["level"] == "warning"


@pytest.mark.parametrize("secret", PLANTED)
@pytest.mark.parametrize("form", ["console", "json"])
def test_no_secret_is_written(written, form, secret):
    logs.set_up({"EARSHOT_LOG": form}, written)
    structlog.get_logger("earshot.a").info(f"said {secret}", fact={"inner": [secret]})
    logging.getLogger("somewhere").error("said %s", secret)
    assert "abcdEFGH" not in written.getvalue()
    assert written.getvalue().count(logs.HIDDEN) >= 3


def test_keys_that_name_secrets_are_hidden(written):
    logs.set_up({}, written)
    structlog.get_logger("earshot.a").info("configured", bot_token="short", name="care")
    assert "short" not in written.getvalue()
    assert "name=care" in written.getvalue()


def test_an_exception_carries_no_secret_and_stays_on_one_line(written):
    logs.set_up({}, written)
    try:
        int("cannot reach smtp://me:abcdEFGH@mail.example")
    except ValueError:
        structlog.get_logger("earshot.a").exception("failed")
    assert "abcdEFGH" not in written.getvalue()
    assert written.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    "evil", ["a\nb level=error", "a\x1b[2Jb", "a\u202eb", "a\u2028b", "a\x00b"]
)
def test_control_characters_are_escaped(written, evil):
    logs.set_up({}, written)
    structlog.get_logger("earshot.a").info("seen", name=evil)
    assert written.getvalue().count("\n") == 1
    assert not logs._CONTROL.search(written.getvalue().rstrip("\n"))


def test_libraries_are_routed_through_and_kept_quiet(written):
    logs.set_up({}, written)
    logging.getLogger("apscheduler.executors").info("job executed")
    logging.getLogger("scrapy.core").warning("slow")
    assert "job executed" not in written.getvalue()
    assert "scrapy.core slow" in written.getvalue()


def test_setting_up_twice_writes_once(written):
    logs.set_up({}, written)
    logs.set_up({}, written)
    structlog.get_logger("earshot.a").info("once")
    assert written.getvalue().count("once") == 1


def test_the_level_is_respected(written):
    logs.set_up({"EARSHOT_LOG_LEVEL": "warning"}, written)
    structlog.get_logger("earshot.a").info("hidden away")
    assert not written.getvalue()


@pytest.mark.parametrize("environ", [{"EARSHOT_LOG_LEVEL": "loud"}, {"EARSHOT_LOG": "xml"}])
def test_a_wrong_wish_is_told(environ):
    with pytest.raises(logs.UnknownLevel, match="EARSHOT_LOG"):
        logs.set_up(environ)
