import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.locate import lines_of

DOCUMENT = '''\
# a comment with [brackets] and = signs
top = 1
"quoted key" = 'literal # no comment'
a.b.c = 2

[[sources]]          # first
name = "x # y ] }"
text = """
[not.a.table]
key = "no key"
"""
urls = [
  "one",   # , ]
  [ "two", { inner = 3, deep.er = 4 } ],
  3,
]

[[sources]]
name = \'\'\'
[[sources]]\'\'\'\'\'
when = 2026-01-01 07:30:00
[sources.options]
depth = { a = 1, "b.c" = [1, 2] }
[[sources.pages]]
n = 1
[[sources.pages]]
n = 2
[ spaced . "table name" ]
last = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("a",), 4),
        (("a", "b", "c"), 4),
        (("sources", 0), 6),
        (("sources", 0, "name"), 7),
        (("sources", 0, "text"), 8),
        (("sources", 0, "urls"), 12),
        (("sources", 0, "urls", 0), 13),
        (("sources", 0, "urls", 1, 1, "inner"), 14),
        (("sources", 0, "urls", 1, 1, "deep", "er"), 14),
        (("sources", 0, "urls", 2), 15),
        (("sources", 1), 18),
        (("sources", 1, "when"), 21),
        (("sources", 1, "options"), 22),
        (("sources", 1, "options", "depth", "b.c", 1), 23),
        (("sources", 1, "pages", 1, "n"), 27),
        (("spaced", "table name", "last"), 29),
    ],
)
def test_finds_the_line_of(path, line):
    assert lines_of(DOCUMENT)[path] == line


def test_knows_exactly_the_keys_that_tomllib_reads():
    assert set(lines_of(DOCUMENT)) == set(_paths(tomllib.loads(DOCUMENT), ()))


KEYS = st.text("abcdefghij_-", min_size=1, max_size=5)
TEXTS = st.sampled_from(
    ['"x"', "'[y]'", '"""a\n[b]\n"""', "'''c = 1\n'''", '"\\"#"', "1", "2026-01-01"]
)


@given(tables=st.dictionaries(KEYS, st.dictionaries(KEYS, TEXTS, max_size=4), max_size=4))
def test_agrees_with_tomllib_on_any_table(tables):
    document = "".join(
        f"[{name}]  # {name} = [\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for name, keys in tables.items()
    )
    lines = lines_of(document)
    assert set(lines) == set(_paths(tomllib.loads(document), ()))
    for path, line in lines.items():
        assert str(path[-1]) in document.splitlines()[line - 1]


def _paths(value, path):
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, number))
