from pathlib import Path

from tests.cli.conftest import CONFIG


def add(text):
    Path("earshot.toml").write_text(CONFIG + text, encoding="utf-8")


SOURCE = '\n[[sources]]\nname = "s"\nkind = "feed"\nbrand = "Acme"\nurl = "https://a.example/f"\n'


def test_a_good_file_is_good(earshot):
    add(SOURCE)
    answer = earshot("check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "The configuration is good.\n"


def test_every_fault_has_its_line_on_standard_error(earshot):
    add(SOURCE.replace("brand =", "brnd ="))
    answer = earshot("check")
    assert answer.code == 1
    assert answer.err.startswith("earshot.toml:")
    assert "brand" in answer.err


def test_a_kind_that_is_not_there_names_the_nearest(earshot):
    add(SOURCE.replace('"feed"', '"fed"'))
    assert 'did you mean "feed"?' in earshot("check").err


def test_a_key_of_a_kind_names_the_nearest(earshot):
    add(SOURCE + 'contnt = "review"\n')
    assert 'sources[1].contnt: unknown key; did you mean "content"?' in earshot("check").err


def test_an_engine_that_is_not_there(earshot):
    Path("earshot.toml").write_text('[model]\nengine = "none"\n', encoding="utf-8")
    assert 'no engine "none"' in earshot("check").err


def test_a_missing_secret_is_named_not_shown(earshot):
    add('\n[[channels]]\nname = "c"\nkind = "slack"\nbot_token = "env:EARSHOT_NONE"\n')
    answer = earshot("check")
    assert answer.code == 1
    assert "the variable EARSHOT_NONE (or EARSHOT_NONE_FILE) is not set" in answer.err


def test_a_channel_without_its_secret_names_the_variable(earshot):
    add('\n[[channels]]\nname = "c"\nkind = "slack"\nchannel = "#c"\n')
    answer = earshot("check")
    assert answer.code == 1
    assert "EARSHOT_SLACK_BOT_TOKEN" in answer.err
    assert earshot("check", EARSHOT_SLACK_BOT_TOKEN="xoxb-1-2").code == 0


def test_a_variable_that_means_nothing_is_a_hint(earshot):
    answer = earshot("check", EARSHOT_SLAK_BOT_TOKEN="xoxb-1-2")
    assert answer.code == 0
    assert 'did you mean "EARSHOT_SLACK_BOT_TOKEN"?' in answer.err
    assert "xoxb" not in answer.err


def test_sources_without_a_contact_are_a_hint(earshot):
    Path("earshot.toml").write_text(
        CONFIG.replace("https://acme.example/bot", "") + SOURCE, "utf-8"
    )
    answer = earshot("check")
    assert answer.code == 0
    assert "network.contact: is empty" in answer.err


def test_the_result_as_json(earshot):
    add("\n[web]\nprt = 1\n")
    result = earshot("check", "--json").json
    assert result["ok"] is False
    assert len(result["faults"]) == 1


def test_the_doctor_finds_a_sound_installation(earshot):
    answer = earshot("doctor", "--json")
    states = {finding["part"]: finding["state"] for finding in answer.json}
    assert answer.code == 0
    assert set(states.values()) == {"ok"}
    assert {"packages", "database", "model", "channels", "clock"} <= states.keys()


def test_the_doctor_says_what_to_do(earshot):
    Path("earshot.toml").write_text('[model]\nengine = "none"\n', encoding="utf-8")
    answer = earshot("doctor", "--json", EARSHOT_DATABASE_URL="postgresql://127.0.0.1:1/none")
    failed = {one["part"]: one["advice"] for one in answer.json if one["state"] == "fail"}
    assert answer.code == 1
    assert failed.keys() == {"database", "model"}
    assert all(failed.values())


def test_the_doctor_reports_a_broken_file(earshot):
    add("\n[web]\nprt = 1\n")
    answer = earshot("doctor", "--json")
    assert answer.code == 1
    assert answer.json[0]["part"] == "configuration"


def test_the_doctor_never_prints_a_secret(earshot):
    add('\n[[channels]]\nname = "c"\nkind = "slack"\nchannel = "#c"\n')
    planted = {
        "EARSHOT_SLACK_BOT_TOKEN": "xoxb-1-abcdEFGH",
        "EARSHOT_SMTP_URL": "smtp://a:abcdEFGH@h",
    }
    answer = earshot("doctor", **planted)
    assert "abcdEFGH" not in answer.out + answer.err
