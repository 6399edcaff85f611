"""The house rules that a machine can check. See docs/adr and CONTRIBUTING.md."""

import ast
import itertools
import re
import subprocess
import sys
import tokenize
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("monitor", "spiders", "models", "alerts")
LONGEST_FUNCTION = 60
USUAL_FUNCTION = 30
DEEPEST = 3
LONGEST_FILE = 400
LOOP_EDGES = {
    # the places where one failing thing must not take the others with it
    "monitor/cli/__init__.py": "the last resort of the command line",
    "monitor/jobs/deliver.py": "one broken message leaves the others alone",
    "spiders/network/robots.py": "whatever keeps a robots.txt from being read means: do not crawl",
    "spiders/process.py": "one source failing leaves the others alone",
}
HEAVY = ("torch", "transformers", "onnxruntime", "scrapy", "twisted", "sqlalchemy", "fastapi")


def product_files():
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [path for path in files if "migrations/versions" not in path.as_posix()]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def trees():
    return {name_of(path): ast.parse(path.read_text("utf-8")) for path in product_files()}


def functions(trees):
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def length(function):
    return function.end_lineno - function.lineno + 1


def depth(node, level=0):
    nested = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        deeper = level + (isinstance(child, nested) and not is_elif)
        deepest = max(deepest, depth(child, deeper))
    return deepest


def test_the_rooms_know_only_whom_they_may():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_no_function_is_long(trees):
    long = [
        f"{n}: {f.name} {length(f)}" for n, f in functions(trees) if length(f) > LONGEST_FUNCTION
    ]
    assert not long


def test_nine_of_ten_functions_are_short(trees):
    lengths = [length(function) for _, function in functions(trees)]
    assert sum(lines <= USUAL_FUNCTION for lines in lengths) >= 0.9 * len(lengths)


def test_nothing_is_nested_deeply(trees):
    deep = [f"{n}: {f.name}" for n, f in functions(trees) if depth(f) > DEEPEST]
    assert not deep


def test_no_file_is_long():
    long = [
        f"{name_of(path)} {lines}"
        for path in product_files()
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    ]
    assert not long


def test_files_are_named_for_what_they_do():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
    assert not [name_of(path) for path in product_files() if path.stem.strip("_") in vague]


def test_nothing_prints(trees):
    prints = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not prints


def test_the_product_does_not_know_that_it_is_tested():
    wrong = re.compile(
        r"\bpytest\b|PYTEST|under_test|is_test|\bunittest\b|\bfrom tests\b|import tests\b"
    )
    aware = [name_of(path) for path in product_files() if wrong.search(path.read_text("utf-8"))]
    assert not aware


def test_broad_excepts_stand_only_at_the_edges_of_loops(trees):
    broad = {
        name
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    }
    assert broad <= LOOP_EDGES.keys()


def _is_broad(handler):
    names = (
        [n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)] if handler.type else [""]
    )
    swallows = not any(isinstance(node, ast.Raise) and node.exc is None for node in handler.body)
    reraised = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    return bool({"", "Exception", "BaseException"} & set(names)) and swallows and not reraised


def test_every_suppression_of_a_rule_has_its_reason():
    reasoned = re.compile(
        r"noqa: [A-Z0-9, ]+?(?: - | # |  )\s*\S|noqa: PLC0415"
    )  # late: house rule 7
    bare = [
        f"{name_of(path)}:{token.start[0]}"
        for path in product_files()
        for token in _comments(path)
        if "noqa" in token.string and not reasoned.search(token.string)
    ]
    assert not bare


def _comments(path):
    with path.open("rb") as source:
        tokens = list(tokenize.tokenize(source.readline))
    return [token for token in tokens if token.type == tokenize.COMMENT]


def test_logs_carry_no_words_of_people(trees):
    private = {"text", "author", "title", "token", "secret", "password", "cookie", "body", "url"}
    leaks = [
        f"{name}:{node.lineno} {keyword.arg}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if _is_log_call(node)
        for keyword in node.keywords
        if keyword.arg in private or _reads(keyword.value, {"text", "author", "title"})
    ]
    assert not leaks


def _is_log_call(node):
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in levels
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger", "_log"}
    )


def _reads(node, names):
    return any(isinstance(n, ast.Attribute) and n.attr in names for n in ast.walk(node))


def test_nothing_is_started_or_opened_by_an_import(trees):
    makers = {
        "create_engine",
        "open_database",
        "WebClient",
        "InferenceSession",
        "FastAPI",
        "Client",
    }
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) in makers
    ]
    assert not wrong


def test_nothing_is_pickled(trees):
    unsafe = {"pickle", "shelve", "marshal", "dill"}
    imports = ast.Import | ast.ImportFrom
    wrong = [
        name
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, imports)
        and unsafe & {getattr(node, "module", ""), *(alias.name for alias in node.names)}
    ]
    assert not wrong


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["schema", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys\nfrom monitor.cli import run\n"
        f"run({arguments!r}, {{}})\n"
        "sys.stderr.write(' '.join(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stderr.split())


@pytest.mark.parametrize(
    "module", ["monitor.bootstrap", "models.engines.embedded", "monitor.web.app"]
)
def test_torch_is_never_needed(module):
    code = f"import sys, {module}\nsys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in done.stderr.split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as found:
        tops = {name.split("/", 1)[0] for name in found.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)


def test_the_wheel_holds_all_that_the_product_reads(wheel):
    with zipfile.ZipFile(wheel) as found:
        packed = set(found.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert not [
        name for name in filter(None, tracked) if name not in packed and (ROOT / name).exists()
    ]


def test_tests_use_twins_not_mocks():
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    sources = [path.read_text("utf-8") for path in files if path != Path(__file__)]
    tests = sum(
        len(re.findall(r"^\s*(?:async )?def test_", source, re.MULTILINE)) for source in sources
    )
    mocks = list(
        itertools.chain(*(re.findall(r"MagicMock|Mock\(|mock\.patch|mocker\.", s) for s in sources))
    )
    assert len(mocks) <= 0.05 * tests
