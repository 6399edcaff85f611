"""Documentation cannot drift: what has a name has its section, and links lead somewhere."""

import inspect
import re
import shlex
from pathlib import Path
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel

from monitor import registry
from monitor.cli import run
from monitor.cli._commands import _load, _names
from monitor.domain import errors
from monitor.settings import FIXED, Document
from monitor.settings.faults import plain_type

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PRIORITIES = ("P1", "P2", "P3", "P4")


def sections(path):
    """Return heading -> text below it, down to the next heading of any level."""
    found = {}
    for part in re.split(r"^#+ ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        found[heading.replace("`", "").strip()] = text
    return found


def section_naming(path, name):
    """Return the text of the section whose heading has this word."""
    texts = [
        text for heading, text in sections(path).items() if name in re.findall(r"[\w-]+", heading)
    ]
    assert texts, f"{path.relative_to(ROOT)} has no section for {name}"
    return "\n".join(texts)


def rows(text):
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def tables(model, prefix=""):
    for name, info in model.model_fields.items():
        many = get_origin(info.annotation) is tuple
        kind = plain_type(get_args(info.annotation)[0] if many else info.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            path = f"{prefix}{name}"
            yield (f"[[{path}]]" if many else f"[{path}]"), kind
            yield from tables(kind, f"{path}.")


def plain_keys(model):
    for name, info in model.model_fields.items():
        kind = plain_type(info.annotation)
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            yield name


CONFIGURATION = sections(DOCS / "operate" / "configuration.md")
COMMANDS = sections(DOCS / "operate" / "commands.md")


@pytest.mark.parametrize(("heading", "model"), list(tables(Document)))
def test_every_setting_has_its_row(heading, model):
    text = next((text for name, text in CONFIGURATION.items() if heading in name.split(", ")), None)
    assert text is not None, f"no section {heading}"
    assert rows(text) >= set(plain_keys(model))


@pytest.mark.parametrize(("heading", "model"), list(tables(Document)))
def test_no_setting_is_described_that_is_not_there(heading, model):
    text = next(text for name, text in CONFIGURATION.items() if heading in name.split(", "))
    assert rows(text) <= set(plain_keys(model))


@pytest.mark.parametrize("variable", sorted(FIXED))
def test_every_variable_has_its_row(variable):
    assert variable in rows(CONFIGURATION["Environment"])


def commands():
    for name in _names():
        command = _load(name)
        yield f"earshot {name}", command
        for part, inner in getattr(command, "commands", {}).items():
            yield f"earshot {name} {part}", inner


@pytest.mark.parametrize(("heading", "command"), list(commands()))
def test_every_command_has_its_section_and_every_option_its_row(heading, command):
    text = COMMANDS[heading]
    options = {option for one in command.params for option in one.opts if option.startswith("--")}
    assert options - {"--help"} <= set(re.findall(r"`(--[a-z-]+)`", text))


def test_no_command_is_described_that_is_not_there():
    described = {heading for heading in COMMANDS if heading.startswith("earshot ")}
    assert described == {heading for heading, _ in commands()}


def error_classes():
    return [
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.EarshotError)
    ]


@pytest.mark.parametrize("name", error_classes())
def test_every_error_has_its_section(name):
    assert name in sections(DOCS / "operate" / "errors.md")


@pytest.mark.parametrize(
    ("part", "name"),
    [(part, name) for part in ("sources", "channels") for name in registry.names(part)],
)
def test_every_source_and_channel_has_its_section_and_its_keys(part, name):
    text = section_naming(DOCS / "use" / f"{part}.md", name)
    model = getattr(registry.load(part, name), "Options", None)
    missing = [key for key in (model.model_fields if model else ()) if f"`{key}`" not in text]
    assert not missing


@pytest.mark.parametrize("name", registry.names("engines"))
def test_every_engine_has_its_section(name):
    section_naming(DOCS / "develop" / "model.md", name)


def documents():
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def shell_lines(path):
    blocks = re.findall(
        r"^```(?:sh|bash|console)\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"^\$ ", "", line.strip())
            if command.startswith("earshot "):
                yield command


@pytest.mark.parametrize(
    "command", sorted({line for path in documents() for line in shell_lines(path)})
)
def test_every_command_shown_exists_with_its_options(command):
    words = [word for word in shlex.split(command, comments=True)[1:] if word not in {"|", ">"}]
    known = dict(commands())
    name = next((w for w in words if f"earshot {w}" in known), None)
    if name is None:
        assert words[0] in {"--help", "--version"}
        return
    pair = " ".join(words[words.index(name) : words.index(name) + 2])
    chosen = known.get(f"earshot {pair}", known[f"earshot {name}"])
    options = {option for one in chosen.params for option in [*one.opts, *one.secondary_opts]}
    asked = {word.split("=")[0] for word in words[words.index(name) :] if word.startswith("--")}
    assert asked <= options | {"--help"}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    dead = [
        link
        for link in links
        if link.split("#")[0]
        and not link.startswith("mailto:")
        and not (path.parent / link.split("#")[0]).exists()
    ]
    assert not dead


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_examples_of_configuration_are_valid_toml(path):
    import tomllib

    for block in re.findall(
        r"^```toml\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        tomllib.loads(block)


HANDED_ON = {"earshot model train"}
"""Commands whose --help belongs to the training."""


@pytest.mark.parametrize("heading", sorted({heading for heading, _ in commands()} - HANDED_ON))
def test_every_command_explains_itself(heading, capsys):
    assert run([*heading.split()[1:], "--help"], {}) == 0
    assert capsys.readouterr().out.startswith(f"Usage: {heading}")
