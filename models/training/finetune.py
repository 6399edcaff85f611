"""The training loop: multi-task, resumable, with an averaged copy of the weights."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.training.batches import Drawn
from models.training.losses import Batch, loss
from models.training.network import Ear
from models.training.plan import Plan

TABLE_EVERY = 16


@dataclass(frozen=True, slots=True)
class Lessons:
    """The training rows as arrays: wanted outputs, two-class mark, number of the source."""

    wanted: Tensor
    binary: Tensor
    source: Tensor


class Learner:
    """Everything that changes while training, and how it is saved."""

    def __init__(self, ear: Ear, sources: int, plan: Plan) -> None:
        self.ear, self.plan = ear, plan
        self.bias = nn.Embedding(sources, 3)
        nn.init.zeros_(self.bias.weight)
        self.average = copy.deepcopy(ear)
        own = {"params": [ear.pieces.own.weight], "peak": plan.piece_rate, "lr": 0.0}
        self.optimizer = torch.optim.AdamW(_groups(ear, self.bias, plan), fused=True)
        self.table_optimizer = torch.optim.SparseAdam([own])
        self.step, self.seconds = 0, 0.0
        self._learnt = [*ear.parameters(), *self.bias.parameters()]
        self._dense = [p for p in self._learnt if p is not ear.pieces.own.weight]
        self._pool = ThreadPoolExecutor(thread_name_prefix="shard")

    def learn(self, shards: Sequence[Drawn], lessons: Lessons) -> float:
        """Do one step on the shards together and return their mean loss.

        Each shard is worked on by a thread of its own: on a few cores that beats threads inside
        every operation, the more so when the cores are shared.
        """
        started = time.monotonic()
        self._set_rates()
        found = list(self._pool.map(lambda shard: self._gradients(shard, lessons), shards))
        for parameter, *parts in zip(self._learnt, *(grads for _, grads in found), strict=True):
            parameter.grad = sum(parts[1:], parts[0]) / len(parts)
        nn.utils.clip_grad_norm_(self._dense, 1.0)
        self.optimizer.step()
        self.table_optimizer.step()
        self._follow()
        self.step += 1
        self.seconds += time.monotonic() - started
        return sum(value for value, _ in found) / len(found)

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return max(self.step / self.plan.steps, self.seconds / (60 * self.plan.minutes))

    def save(self, path: Path) -> None:
        """Write the whole state, so that an interrupted run goes on where it was."""
        state = {
            "ear": self.ear.state_dict(), "average": self.average.state_dict(),
            "bias": self.bias.state_dict(), "optimizer": self.optimizer.state_dict(),
            "table_optimizer": self.table_optimizer.state_dict(),
            "step": self.step, "seconds": self.seconds,
        }  # fmt: skip
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def restore(self, path: Path) -> None:
        """Read what `save` wrote."""
        state = torch.load(path, weights_only=True)
        for name in ("ear", "average", "bias", "optimizer", "table_optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.seconds = state["step"], state["seconds"]

    def _gradients(self, drawn: Drawn, lessons: Lessons) -> tuple[float, tuple[Tensor, ...]]:
        rows = torch.from_numpy(drawn.rows)
        batch = Batch(
            lessons.wanted[rows], lessons.binary[rows], self.bias(lessons.source[rows]),
            self.plan.smoothing,
        )  # fmt: skip
        value = loss(self.ear(torch.from_numpy(drawn.ids)), batch)
        return float(value.detach()), torch.autograd.grad(value, self._learnt)

    def _set_rates(self) -> None:
        warm = min(1.0, (self.step + 1) / self.plan.warmup)
        factor = warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress))))
        for group in [*self.optimizer.param_groups, *self.table_optimizer.param_groups]:
            group["lr"] = group["peak"] * factor

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _follow(self) -> None:
        """Move the average a little towards the present weights, faster while it is young.

        The large piece table follows in every sixteenth step only.
        """
        keep = min(self.plan.average, (1 + self.step) / (10 + self.step))
        table = self.average.pieces.own.weight, self.ear.pieces.own.weight
        if self.step % TABLE_EVERY == 0:
            table[0].lerp_(table[1], 1 - keep**TABLE_EVERY)
        old = [p for p in self.average.parameters() if p is not table[0]]
        new = [p for p in self.ear.parameters() if p is not table[1]]
        torch._foreach_lerp_(old, new, 1 - keep)


@dataclass(frozen=True, slots=True)
class Diary:
    """Where a run is written down: the folder, dev figures by `check`, and who is told."""

    folder: Path
    check: Callable[[Ear], dict[str, float]]
    tell: Callable[[dict[str, Any]], None]


def run(learner: Learner, batches: Iterator[Drawn], lessons: Lessons, diary: Diary) -> None:
    """Train until the plan is fulfilled; save and check now and then. Writes run.jsonl."""
    losses: list[float] = []
    learner.ear.train()
    while learner.progress < 1.0:
        shards = [next(batches) for _ in range(learner.plan.shards)]
        losses.append(learner.learn(shards, lessons))
        if learner.step % learner.plan.save_every == 0:
            _checkpoint(learner, losses, diary)
            losses = []
    _checkpoint(learner, losses, diary)


def _checkpoint(learner: Learner, losses: Sequence[float], diary: Diary) -> None:
    learner.save(diary.folder / "state.pt")
    entry = {
        "step": learner.step,
        "minutes": round(learner.seconds / 60, 1),
        "loss": round(sum(losses) / max(1, len(losses)), 4),
        **diary.check(learner.average.eval()),
    }
    with (diary.folder / "run.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")
    diary.tell(entry)


def _groups(ear: Ear, bias: nn.Module, plan: Plan) -> list[dict[str, Any]]:
    """Pieces, body and heads learn at their own rates; norms and offsets are not decayed."""
    rates = {"pieces": plan.piece_rate, "head": plan.head_rate}
    groups: list[dict[str, Any]] = [_group(bias.weight, plan.head_rate, 0.0)]
    for name, parameter in ear.named_parameters():
        if name != "pieces.own.weight":
            peak = rates.get(name.split(".")[0], plan.body_rate)
            decay = plan.decay if parameter.ndim > 1 else 0.0
            groups.append(_group(parameter, peak, decay))
    return groups


def _group(parameter: Tensor, peak: float, decay: float) -> dict[str, Any]:
    return {"params": [parameter], "peak": peak, "lr": 0.0, "weight_decay": decay}
