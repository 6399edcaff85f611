from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from monitor.cli._import.columns import choose
from monitor.cli._import.encoding import detect
from monitor.cli._import.items import read_date, read_rating
from monitor.domain.errors import ConfigError

ENGLISH = "Comment,Stars,Date,Author\nNever again — “awful”,1,2026-11-03,Kim\n"
GERMAN = "Kommentar;Sterne;Datum;Name\nNie wieder, größter Ärger überhaupt;1;03.11.2026;Jürgen\n"
HUNGARIAN = (
    "Vélemény;Értékelés;Dátum;Szerző\nSoha többet, őrült rossz, tűrhetetlen;1;2026. 11. 03.;Ödön\n"
)
LATVIAN = "Atsauksme\tVērtējums\tDatums\tAutors\nNekad vairs, šausmīga apkalpošana, ļoti žēl\t1\t03.11.2026\tĒriks\n"  # noqa: E501 - one file
CHINESE = "评论内容,评分,日期,作者\n质量太差，再也不买了，客服态度也不好,1,2026年11月3日,小雨\n"


@pytest.mark.parametrize(
    ("document", "encoding", "author"),
    [
        (ENGLISH, "utf-8", "Kim"),
        (GERMAN, "cp1252", "Jürgen"),
        (GERMAN, "utf-8-sig", "Jürgen"),
        (HUNGARIAN, "cp1250", "Ödön"),
        (HUNGARIAN, "utf-16", "Ödön"),
        (LATVIAN, "cp1257", "Ēriks"),
        (LATVIAN, "utf-16-le", "Ēriks"),
        (CHINESE, "gb18030", "小雨"),
        (CHINESE, "utf-8", "小雨"),
    ],
)
def test_reads_files_of_five_languages_as_they_come(earshot, document, encoding, author):
    Path("export.csv").write_bytes(document.encode(encoding))
    result = earshot("import", "export.csv", "--json")
    assert result.code == 0, result.err
    assert result.json["new"] == 1
    (mention,) = earshot("export").lines
    assert mention["author"] == author
    assert (
        mention["text"]
        == document.replace("\t", ";")
        .splitlines()[1]
        .split("," if document in (ENGLISH, CHINESE) else ";")[0]
    )
    assert mention["rating"] == 1
    assert mention["rating_scale"] == 5
    assert mention["published_at"] == "2026-11-03T00:00:00+00:00"


def test_importing_again_changes_nothing(earshot):
    Path("r.csv").write_text("text\nfirst\nsame\nsame\n", encoding="utf-8")
    assert earshot("import", "r.csv", "--json").json["new"] == 3
    again = earshot("import", "r.csv", "--json").json
    assert (again["new"], again["known"]) == (0, 3)


def test_an_edited_row_with_an_id_is_an_edit(earshot):
    Path("r.csv").write_text("id,text\n7,first\n", encoding="utf-8")
    earshot("import", "r.csv")
    Path("r.csv").write_text("id,text\n7,second\n", encoding="utf-8")
    assert earshot("import", "r.csv", "--json").json["edited"] == 1


def test_bad_rows_go_to_a_file_with_the_reason(earshot):
    Path("r.csv").write_text(
        'text,stars\n"good, really",5\n,1\nbroken,1,2,3\n=cmd(),x\n', encoding="utf-8"
    )
    answer = earshot("import", "r.csv", "--json")
    assert answer.code == 1
    assert (answer.json["new"], answer.json["rejected"], answer.json["ratings_unread"]) == (2, 2, 1)
    rejects = Path("r.csv.rejects.csv").read_text("utf-8-sig").splitlines()
    assert rejects[0] == "line,reason,text,stars"
    assert rejects[1] == "3,has no text,,1"
    assert rejects[2] == '4,"has 4 cells, but there are 2 columns",broken,1'


def test_bytes_that_do_not_fit_reject_their_row_only(earshot):
    Path("r.csv").write_bytes("text\nőrült\n".encode() + b"\xff\xfe broken\n" + "ļoti\n".encode())
    answer = earshot("import", "r.csv", "--json", "--encoding", "utf-8")
    assert (answer.json["new"], answer.json["rejected"]) == (2, 1)


def test_columns_can_be_said(earshot):
    Path("r.csv").write_text("a,b,text\nwanted,4,other\n", encoding="utf-8")
    earshot("import", "r.csv", "--map", "text=a", "--map", "rating=b")
    (mention,) = earshot("export").lines
    assert (mention["text"], mention["rating"]) == ("wanted", 4)


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        (["text=Comment"], 'no column "Comment"; did you mean "Comments"?'),
        (["words=a"], 'no field "words"'),
        ([], "say which with --map text=COLUMN"),
    ],
)
def test_a_wrong_mapping_is_explained(wishes, sentence):
    with pytest.raises(ConfigError, match=None) as caught:
        choose(["a", "Comments"], wishes)
    assert sentence in str(caught.value)


def test_reads_json_lines(earshot):
    lines = (
        '{"review": "slow", "rating": "2/10"}\nnot json\n{"review": {"a": 1}}\n{"review": "ok"}\n'
    )
    Path("r.jsonl").write_text(lines, encoding="utf-8")
    answer = earshot("import", "r.jsonl", "--json")
    assert (answer.json["new"], answer.json["rejected"]) == (2, 2)
    assert earshot("export").lines[0]["rating_scale"] == 10


def test_reads_a_workbook(earshot):
    book = Workbook()
    book.active.append(["Text", "Stars", "Date", "ID"])
    book.active.append(
        ["nach dem Update kaputt", 2, datetime.fromisoformat("2026-11-03T10:00"), 17]
    )
    book.save("r.xlsx")
    answer = earshot("import", "r.xlsx", "--json", "--zone", "Europe/Berlin")
    assert answer.json["new"] == 1, answer.err
    (mention,) = earshot("export").lines
    assert mention["external_id"] == "17"
    assert mention["published_at"] == "2026-11-03T09:00:00+00:00"


def test_what_is_no_workbook_is_told(earshot):
    Path("r.xlsx").write_bytes(b"no zip")
    assert "is not an XLSX workbook" in earshot("import", "r.xlsx").err


def test_a_file_that_is_not_there_is_named(earshot):
    assert "nowhere.csv" in earshot("import", "nowhere.csv").err


def test_imports_are_silent_unless_asked(earshot):
    Path("r.csv").write_text("text\nBad [item 2]\n", encoding="utf-8")
    earshot("import", "r.csv", "--source", "quiet")
    earshot("import", "r.csv", "--source", "loud", "--alert")
    earshot("score")
    assert [task["mention"]["source"] for task in earshot("tasks", "--json").json] == ["loud"]


def test_several_brands_need_a_choice(earshot):
    with Path("earshot.toml").open("a", encoding="utf-8") as config:
        config.write('\n[[brands]]\nname = "Zeta"\n')
    Path("r.csv").write_text("text\nhello\n", encoding="utf-8")
    assert "--brand; there are: Acme, Zeta" in earshot("import", "r.csv").err
    assert earshot("import", "r.csv", "--brand", "Zeta").code == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4", (4, 5)), ("4,5", (4.5, 5)), ("4/10", (4, 10)), ("3 von 5", (3, 5)),
        ("4 out of 5 stars", (4, 5)), ("★★★☆☆", (3, 5)), ("⭐⭐", (2, 5)), ("9", (None, None)),
        ("good", (None, None)),
    ],
)  # fmt: skip
def test_reads_ratings_and_invents_none(text, expected):
    assert read_rating(text, 5) == expected


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-11-03", "dmy", (2026, 11, 3, 0, 0)),
        ("2026-11-03T10:30:00", "dmy", (2026, 11, 3, 10, 30)),
        ("03.11.2026", "dmy", (2026, 11, 3, 0, 0)),
        ("3.11.2026 10:30", "dmy", (2026, 11, 3, 10, 30)),
        ("2026. 11. 03. 10:30", "dmy", (2026, 11, 3, 10, 30)),
        ("2026年11月3日", "dmy", (2026, 11, 3, 0, 0)),
        ("03/04/2026", "dmy", (2026, 4, 3, 0, 0)),
        ("03/04/2026", "mdy", (2026, 3, 4, 0, 0)),
        ("11/23/2026 1:05 PM", "dmy", (2026, 11, 23, 13, 5)),
    ],
)
def test_reads_dates_as_they_are_written(text, order, expected):
    found = read_date(text, order)
    assert found is not None
    assert found.timetuple()[:5] == expected


def test_reads_epoch_seconds_and_milliseconds():
    assert (
        read_date("1762166400")
        == read_date("1762166400000")
        == datetime(2025, 11, 3, 10, 40, tzinfo=UTC)
    )


@given(st.text())
def test_no_text_breaks_the_readers(text):
    read_date(text)
    read_rating(text, 5)


@given(st.binary())
def test_an_encoding_is_always_found(data):
    data.decode(detect(data), errors="replace")
