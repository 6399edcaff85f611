import pytest

from monitor import registry


def test_help_lists_every_command(earshot):
    answer = earshot("--help")
    assert answer.code == 0
    for name in registry.names("commands"):
        assert f"\n  {name.rstrip('_')} " in answer.out


def test_without_a_command_the_help_is_shown(earshot):
    answer = earshot()
    assert answer.code == 2
    assert "Commands:" in answer.out + answer.err


def test_an_unknown_command_is_wrong_use_and_names_the_nearest(earshot):
    answer = earshot("statsu")
    assert answer.code == 2
    assert "status" in answer.err


@pytest.mark.parametrize(
    "arguments", [("status", "--jsn"), ("task",), ("task", "x"), ("crawl", "-z")]
)
def test_wrong_use_has_exit_code_2(earshot, arguments):
    assert earshot(*arguments).code == 2


def test_tells_its_version(earshot):
    assert earshot("--version").out.startswith("earshot ")


def test_a_failure_is_one_sentence_without_a_traceback(earshot):
    answer = earshot("task", 7)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "There is no task 7.\n"


def test_debug_shows_where(earshot):
    answer = earshot("task", 7, EARSHOT_DEBUG="1")
    assert "Traceback" in answer.err
    assert answer.err.endswith("There is no task 7.\n")


def test_a_database_that_does_not_answer_is_a_sentence_without_the_password(earshot):
    url = "postgresql://me:hunter2@127.0.0.1:1/none"
    answer = earshot("status", EARSHOT_DATABASE_URL=url, EARSHOT_DEBUG="1")
    assert answer.code == 1
    assert "database" in answer.err
    assert "hunter2" not in answer.err


def test_options_before_the_command_choose_file_and_folder(earshot, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text('[[brands]]\nname = "Zeta"\n', encoding="utf-8")
    home = tmp_path / "elsewhere"
    assert earshot("--config", other, "--home", home, "migrate").code == 0
    assert (home / "earshot.db").is_file()
    assert not (tmp_path / "earshot-data").exists()


def test_a_file_that_is_not_there_is_named(earshot):
    answer = earshot("--config", "nowhere.toml", "status")
    assert answer.code == 1
    assert "nowhere.toml" in answer.err


def test_migrates_forth_and_back(earshot):
    assert earshot("migrate", "--json").json["before"] is None
    again = earshot("migrate", "--json").json
    assert again["before"] == again["after"]
    assert earshot("migrate", "--down", "--to", "base", "--json").json["after"] is None


def test_status_is_a_table_or_a_document(earshot):
    assert "Open tasks" in earshot("status").out
    state = earshot("status", "--json").json
    assert state["queues"]["mentions"] == 0
    assert state["sources"] == []


def test_the_schema_describes_every_table(earshot):
    schema = earshot("schema").json
    assert {"brands", "sources", "channels", "network"} <= schema["properties"].keys()
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Source"]["properties"]["every"]["default"] == "15m"
