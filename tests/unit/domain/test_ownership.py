from __future__ import annotations

import pytest

from monitor.domain.ownership import Owner, is_dead, parse

ME = Owner("desk", 100, "aaaa")


@pytest.mark.parametrize(
    ("owner", "dead"),
    [
        ("desk:200:bbbb:1234", True),
        ("desk:300:cccc", False),
        ("desk:100:zzzz", True),
        ("desk:100:aaaa:1234", False),
        ("elsewhere:200:bbbb", False),
        ("somebody", False),
        ("", False),
    ],
)
def test_only_what_is_certainly_gone_is_dead(owner: str, dead: bool) -> None:
    assert is_dead(owner, ME, lambda pid: pid == 300) is dead


def test_an_id_can_be_read_back() -> None:
    assert parse(f"{ME}:work") == ME
