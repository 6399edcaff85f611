"""The life of a task as a pure state machine: which action leads where.

           claim            hold
  new ───────────► claimed ──────► on_hold
   │                  │  ▲            │ wake / claim
   │ no_action        │  └────────────┘
   ▼                  │ reply ─► replied ─► solved ─► closed
no_action             └ close ─────────────────────►  │
   └──────────────── reopen ◄─────────────────────────┘
"""

from __future__ import annotations

from enum import StrEnum

from monitor.domain.errors import NotAllowed
from monitor.domain.types import TaskState

S = TaskState

OPEN_STATES = frozenset({S.NEW, S.CLAIMED, S.ON_HOLD, S.REPLIED})
DONE_STATES = frozenset({S.SOLVED, S.CLOSED, S.NO_ACTION})


class Action(StrEnum):
    """What a person or a rule may do with a task."""

    CLAIM = "claim"
    RELEASE = "release"
    HOLD = "hold"
    WAKE = "wake"
    REPLY = "reply"
    SOLVE = "solve"
    CLOSE = "close"
    NO_ACTION = "no_action"
    REOPEN = "reopen"


_MOVES: dict[Action, tuple[frozenset[TaskState], TaskState]] = {
    Action.CLAIM: (OPEN_STATES, S.CLAIMED),
    Action.RELEASE: (frozenset({S.CLAIMED}), S.NEW),
    Action.HOLD: (frozenset({S.NEW, S.CLAIMED, S.REPLIED}), S.ON_HOLD),
    Action.WAKE: (frozenset({S.ON_HOLD}), S.CLAIMED),
    Action.REPLY: (frozenset({S.NEW, S.CLAIMED, S.ON_HOLD, S.REPLIED}), S.REPLIED),
    Action.SOLVE: (OPEN_STATES, S.SOLVED),
    Action.CLOSE: (OPEN_STATES | {S.SOLVED}, S.CLOSED),
    Action.NO_ACTION: (frozenset({S.NEW, S.CLAIMED, S.ON_HOLD}), S.NO_ACTION),
    Action.REOPEN: (DONE_STATES, S.NEW),
}


def next_state(state: TaskState, action: Action) -> TaskState:
    """Return the state after `action`. Raises NotAllowed with a sentence for a person."""
    allowed, target = _MOVES[action]
    if state not in allowed:
        raise NotAllowed(f"A task that is {state.replace('_', ' ')} cannot {_verb(action)}.")
    return target


def allowed_actions(state: TaskState) -> tuple[Action, ...]:
    """Return the actions that a task in this state accepts, in a stable order."""
    return tuple(action for action, (states, _) in _MOVES.items() if state in states)


def _verb(action: Action) -> str:
    words = {
        Action.CLAIM: "be claimed",
        Action.RELEASE: "be released",
        Action.HOLD: "be put on hold",
        Action.WAKE: "be woken",
        Action.REPLY: "be answered",
        Action.SOLVE: "be solved",
        Action.CLOSE: "be closed",
        Action.NO_ACTION: "be dismissed",
        Action.REOPEN: "be reopened",
    }
    return words[action]
