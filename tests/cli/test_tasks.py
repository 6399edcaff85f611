from pathlib import Path

import pytest


@pytest.fixture
def with_task(earshot):
    """A store with one open task."""
    Path("r.csv").write_text(
        "id,text,author\n1,Bad [item 2] =1+1,\u202eevil\x1b[2J\n2,Great [item 1],Kim\n",
        encoding="utf-8",
    )
    earshot("import", "r.csv", "--alert")
    earshot("score")
    return earshot


def test_lists_tasks_with_reasons(with_task):
    (task,) = with_task("tasks", "--json").json
    keys = {
        "id",
        "state",
        "priority",
        "points",
        "reasons",
        "due_at",
        "owner",
        "brand",
        "lang",
        "mention",
    }
    assert keys <= task.keys()
    assert task["state"] == "new"
    assert task["reasons"]
    assert task["mention"]["external_id"] == "1"


def test_filters(with_task):
    assert with_task("tasks", "--json", "--brand", "Zeta").json == []
    assert with_task("tasks", "--json", "--state", "claimed").json == []
    assert len(with_task("tasks", "--json", "--search", "bad").json) == 1
    assert with_task("tasks", "--json", "--offset", 1).json == []


def test_texts_cannot_drive_the_terminal(with_task):
    for answer in (with_task("tasks"), with_task("task", 1)):
        assert "\x1b[2J" not in answer.out
        assert "\u202e" not in answer.out


def test_a_task_goes_through_its_life(with_task):
    assert with_task("task", 1, "claim", "--as", "Kim", "--json").json["owner"] == "Kim"
    held = with_task("task", 1, "hold", "--reason", "supplier", "--until", "2d", "--json").json
    assert (held["state"], held["hold_reason"]) == ("on_hold", "supplier")
    assert with_task("task", 1, "wake", "--json").json["state"] == "claimed"
    assert with_task("task", 1, "reply", "--url", "https://a.example/1").code == 0
    closed = with_task("task", 1, "close", "--reason", "solved", "--json").json
    assert closed["history"][0]["action"] == "open"
    assert closed["state"] == "closed"
    assert with_task("tasks", "--json").json == []
    assert len(with_task("tasks", "--all", "--json").json) == 1
    assert with_task("task", 1, "reopen", "--json").json["state"] == "new"
    assert with_task("task", 1, "dismiss", "--json").json["state"] == "no_action"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hold", "--until", "2d"], "needs a reason"),
        (["hold", "--reason", "x"], "needs its end"),
        (["hold", "--reason", "x", "--until", "yesterday"], "needs its end"),
        (["close"], "needs a reason"),
        (["wake"], ""),
    ],
)
def test_what_is_not_allowed_is_explained(with_task, arguments, sentence):
    answer = with_task("task", 1, *arguments)
    assert answer.code == 1
    assert sentence in answer.err


def test_a_stale_version_says_who_was_first(with_task):
    with_task("task", 1, "claim", "--as", "Kim")
    answer = with_task("task", 1, "close", "--reason", "solved", "--version", 1)
    assert answer.code == 1
    assert "claim by Kim" in answer.err


def test_delivers_what_is_due(with_task):
    assert with_task("deliver", "--json").json["delivered"] == 1
    assert with_task("deliver", "--json").json["delivered"] == 0


def test_exports_are_safe_for_spreadsheets(with_task):
    Path("f.csv").write_text('id,text\n9,"=HYPERLINK(""x"")"\n10,＋1\n11, @a\n', encoding="utf-8")
    with_task("import", "f.csv")
    with_task("export", "--format", "csv", "--out", "out.csv")
    out = Path("out.csv").read_text("utf-8")
    assert "'=HYPERLINK" in out
    assert "'＋1" in out
    assert "'@a" in out


def test_exports_tasks_with_their_mention(with_task):
    (task,) = with_task("export", "tasks").lines
    assert task["mention"]["text"].startswith("Bad")
    assert with_task("export", "tasks", "--format", "csv").out.count("\r\n") == 2


def test_exports_only_what_is_asked_for(with_task):
    assert len(with_task("export", "--brand", "Acme").lines) == 2
    assert with_task("export", "--source", "none").out == ""


def test_a_backup_comes_back(with_task):
    assert with_task("backup", "copy.db").code == 0
    with_task("task", 1, "dismiss")
    assert with_task("restore", "copy.db", "--yes", "--json").json["kept"]
    assert with_task("task", 1, "--json").json["state"] == "new"


def test_a_backup_never_overwrites(with_task):
    Path("copy.db").touch()
    assert "exists already" in with_task("backup", "copy.db").err


@pytest.mark.parametrize("data", [b"", b"nothing", b"SQLite format 3\0" + b"x" * 200])
def test_only_a_whole_database_of_ours_comes_back(with_task, data):
    Path("copy.db").write_bytes(data)
    assert with_task("restore", "copy.db", "--yes").code == 1
    assert len(with_task("tasks", "--json").json) == 1


def test_a_backup_of_postgresql_names_its_own_tool(earshot):
    answer = earshot("backup", "copy.db", EARSHOT_DATABASE_URL="postgresql://127.0.0.1/x")
    assert "pg_dump" in answer.err


def test_chooses_an_engine_and_keeps_the_rest_of_the_file(earshot):
    before = Path("earshot.toml").read_text("utf-8")
    Path("earshot.toml").write_text(before + "# a remark\n", encoding="utf-8")
    assert earshot("model", "use", "embedded").code == 0
    after = Path("earshot.toml").read_text("utf-8")
    assert after == before.replace('"twin"', '"embedded"') + "# a remark\n"
    assert 'did you mean "embedded"?' in earshot("model", "use", "embeded").err


def test_lists_engines_and_the_model_in_use(earshot):
    listed = earshot("model", "list", "--json").json
    assert listed["model"] == "twin-1"
    assert [one["engine"] for one in listed["engines"] if one["in_use"]] == ["twin"]


def test_measures_the_engine_in_use(earshot):
    Path("gold.jsonl").write_text(
        '{"text": "Bad [item 2]", "label": "neg", "lang": "en"}\n'
        '{"text": "Labi [item 1]", "label": "pos", "lang": "lv"}\n',
        encoding="utf-8",
    )
    answer = earshot("model", "evaluate", "gold.jsonl", "--json")
    assert answer.json["groups"]["all"]["macro_f1"] == 1
    assert "lv" in earshot("model", "evaluate", "gold.jsonl").out


def test_calibration_alone_is_explained(earshot):
    answer = earshot("model", "calibrate")
    assert answer.code == 1
    assert "earshot model train" in answer.err
