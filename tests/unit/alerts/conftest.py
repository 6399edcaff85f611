from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.twins.clock import START
from tests.twins.fake_slack import FakeSlack


@pytest.fixture(scope="module")
def running_slack() -> Iterator[FakeSlack]:
    with FakeSlack(clock=START.timestamp) as server:
        yield server


@pytest.fixture
def slack(running_slack: FakeSlack) -> FakeSlack:
    """One server for all tests of a file; each starts with an empty memory."""
    running_slack.forget()
    return running_slack
