import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from monitor import registry


@pytest.fixture
def entry_point(monkeypatch):
    def install(name, value):
        entry = EntryPoint(name, value, "earshot.kpis")
        monkeypatch.setattr(
            registry, "entry_points", lambda group: [entry] if group == entry.group else []
        )

    return install


def test_finds_parts_by_file_name():
    assert {"check", "import_", "status"} <= set(registry.names("commands"))
    assert "feed" in registry.names("sources")
    assert all(not name.startswith("_") for name in registry.names("commands"))


def test_finding_parts_imports_none_of_them():
    code = (
        "import sys\nfrom monitor import registry\n"
        "found = [f'{registry._PACKAGES[part]}.{name}' for part in registry._PACKAGES"
        " for name in registry.names(part)]\n"
        "assert found and not set(found) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_loads_the_module_of_a_name():
    assert registry.load("commands", "schema").__name__ == "monitor.cli.schema"


def test_names_the_nearest_part():
    with pytest.raises(registry.RegistryError) as caught:
        registry.load("commands", "chek")
    assert str(caught.value) == 'there is no command "chek"; did you mean "check"?'


def test_lists_what_there_is_when_nothing_is_near():
    with pytest.raises(registry.RegistryError, match=r"there are: .*check"):
        registry.load("commands", "zzzzzz")


def test_third_parties_add_parts_by_entry_point(entry_point):
    entry_point("wait_time", "json.decoder")
    assert "wait_time" in registry.names("kpis")
    assert registry.load("kpis", "wait_time").__name__ == "json.decoder"


def test_an_entry_point_must_name_a_module(entry_point):
    entry_point("wait_time", "json:loads")
    with pytest.raises(registry.RegistryError, match="does not name a module"):
        registry.load("kpis", "wait_time")


def test_nobody_else_adds_commands(monkeypatch):
    entry = EntryPoint("evil", "json", "earshot.commands")
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    assert "evil" not in registry.names("commands")
