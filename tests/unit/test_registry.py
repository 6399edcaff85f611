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


def test_finds_commands_by_file_name_without_importing_them():
    found = registry.names("commands")
    assert "check" in found
    assert all(not name.startswith("_") for name in found)
    assert "monitor.cli.check" not in sys.modules or registry.load("commands", "check")


def test_loads_the_module_of_a_name():
    assert registry.load("commands", "schema").__name__ == "monitor.cli.schema"


def test_names_the_nearest_part():
    with pytest.raises(
        registry.RegistryError, match='there is no command "chek"; did you mean "check"'
    ):
        registry.load("commands", "chek")


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
