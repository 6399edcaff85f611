"""The kill test: Earshot is killed at random moments and must lose and repeat nothing.

`python -m tests.e2e.kill --kills 200` runs the real product against the sample site and a fake
Slack that loses replies and accepts late; a second, shorter run without the look-up is the control:
it must show duplicates, or the test proves nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.checker import Verdict, check
from tests.e2e.stage import Play, Stage, earshot, kill, raised

REAL = ("monitor.cli", "up", "--no-web")
CONTROL = ("tests.e2e.without_look_up",)
SETTLE_S = 180.0
START_S = 40.0
AT_WORK = 0.9
"""Share of the kills that wait for the start to be over; the others hit it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended."""

    kills: int
    seconds: float
    verdict: Verdict


def run(
    folder: Path,
    *,
    kills: int,
    seed: int,
    play: Play,
    command: tuple[str, ...] = REAL,
    longest_life_s: float = 4.0,
) -> Result:
    """Kill `command` so many times, then let it finish in peace and check."""
    rng = random.Random(seed)
    started = time.monotonic()
    with raised(folder, play) as stage:
        for _ in range(kills):
            process = earshot(stage, *command)
            if rng.random() < AT_WORK:
                until_it_speaks(stage)
            time.sleep(rng.uniform(0.0, longest_life_s))
            kill(process, children=rng.random() < 0.5)
        process = earshot(stage, *command)
        try:
            verdict = settle(stage, SETTLE_S + play.items)  # one message a second is allowed
        finally:
            kill(process, children=True)
    return Result(kills=kills, seconds=time.monotonic() - started, verdict=verdict)


def until_it_speaks(stage: Stage) -> None:
    """Wait until the process has written a line: it is up then, however slow the machine."""
    log = stage.folder / "earshot.log"
    before = log.stat().st_size
    until = time.monotonic() + START_S
    while log.stat().st_size == before and time.monotonic() < until:
        time.sleep(0.05)


def settle(stage: Stage, seconds: float) -> Verdict:
    """Wait until nothing is missing any more, and a moment longer for what is too much."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not check(stage).settled:
        time.sleep(1)
    time.sleep(4)
    return check(stage)


def main(arguments: list[str]) -> int:
    """Run the test and its control; exit code 1 when a promise was broken or nothing proved."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--control-kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args(arguments)
    say(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        real = run(
            Path(folder) / "real",
            kills=options.kills,
            seed=options.seed,
            play=play_for(options.kills),
        )
        say(f"with look-up:    {real.kills} kills, {real.seconds:.0f} s, {real.verdict}")
        control = run(
            Path(folder) / "control",
            kills=options.control_kills,
            seed=options.seed,
            play=play_for(options.control_kills),
            command=CONTROL,
        )
        say(f"without look-up: {control.kills} kills, {control.seconds:.0f} s, {control.verdict}")
    bites = bool(control.verdict.duplicate_alerts)
    say("kept" if real.verdict.kept else "BROKEN")
    say("the control shows duplicates" if bites else "THE CONTROL SHOWS NO DUPLICATES")
    return 0 if real.verdict.kept and bites else 1


def play_for(kills: int) -> Play:
    """So many items that every kill finds work to do."""
    return Play(items=kills * 10, rate=2.5, lost_replies=0.02, late=0.15, late_s=0.4)


def say(line: str) -> None:
    """Write a line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
