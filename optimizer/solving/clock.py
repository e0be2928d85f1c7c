"""When a search ends: by the clock, on the caller's word, or after so many rounds of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf


def _never() -> bool:
    return False


@dataclass
class Clock:
    """Says when to stop: after a deadline, once the caller has cancelled, or after so many rounds.

    A round is the work between two questions whether it is `over`: some steps of a solver, a leaf, an exchange. So
    rounds are the same on any machine, and a search that a deadline has ended is repeated, to the byte, by as many
    rounds as were `counted`. Once over, it stays so.

    Parameters
    ----------
    deadline
        In seconds of `now`.
    cancelled
        The caller's word, asked at each round.
    rounds
        After how many it is over; None: as many as there is time for.
    now
        The time in seconds; another one in tests.
    whole
        The clock that this one is a part of, which counts its rounds too; see `part`.
    """

    deadline: float = inf
    cancelled: Callable[[], bool] = _never
    rounds: int | None = None
    now: Callable[[], float] = time.monotonic
    whole: Clock | None = None
    counted: int = field(default=0, init=False)
    stopped: bool = field(default=False, init=False)

    @property
    def over(self) -> bool:
        """Whether to stop. To ask ends a round."""
        if not self.stopped:
            self.counted += 1
            ended = self.whole.over if self.whole is not None else self.late
            self.stopped = ended or (self.rounds is not None and self.counted >= self.rounds)
        return self.stopped

    @property
    def late(self) -> bool:
        """Whether the deadline has passed or the caller has cancelled. For whoever waits: no round ends."""
        return self.left <= 0 or self.cancelled()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - self.now()

    def stop(self) -> None:
        """End it in this round: what it waits for comes too late."""
        if not self.stopped:
            self.counted += 1
            self.stopped = True
            if self.whole is not None:
                self.whole.stop()

    def part(self, rounds: int) -> Clock:
        """A clock for a part of the work, which ends after so many rounds of its own, or with the whole."""
        return Clock(self.deadline, self.cancelled, rounds, self.now, self)
