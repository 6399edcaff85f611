from __future__ import annotations

import pytest

from monitor.domain.errors import NotAllowed
from monitor.domain.lifecycle import DONE_STATES, OPEN_STATES, Action, allowed_actions, next_state
from monitor.domain.types import TaskState


def test_every_state_is_open_or_done() -> None:
    assert frozenset(TaskState) == OPEN_STATES | DONE_STATES
    assert not OPEN_STATES & DONE_STATES


@pytest.mark.parametrize("state", TaskState)
def test_every_state_has_a_way_on(state: TaskState) -> None:
    assert allowed_actions(state)


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("action", Action)
def test_an_action_moves_or_is_refused_in_words(state: TaskState, action: Action) -> None:
    if action in allowed_actions(state):
        assert isinstance(next_state(state, action), TaskState)
    else:
        with pytest.raises(NotAllowed, match="cannot be"):
            next_state(state, action)


def test_a_finished_task_can_only_be_reopened_or_closed() -> None:
    for state in DONE_STATES - {TaskState.SOLVED}:
        assert allowed_actions(state) == (Action.REOPEN,)
