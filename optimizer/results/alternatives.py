"""Plans near the best one: other plans, marks of creators, and who steps in for whom. Frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optimizer.results.common import Range
from optimizer.results.plan import Allocation, Plan
from optimizer.results.shown import Shown

Mark = Literal["core", "swappable", "never"]


@dataclass(frozen=True, slots=True)
class Behind:
    """By how much an alternative is behind the best plan in the same draws, in the unit of the goal; below 0: ahead."""

    p10: float
    mean: float
    p90: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan near the best one.

    `loss` is the share of the best plan's value that it gives up, None if that is 0. `differs` counts its bookings of
    names that the best plan does not have; `comes_in` and `leaves` are these names, and those of the best plan that it
    does not have. `shared` counts its bookings of names of the plans before it, summed over these (the best one is the
    first), and `proved` says whether it is proved that no plan near the best one shares fewer with all of them, if it
    drops at least `drops` names of each. `range` is that of its goal,
    `behind` the difference to the best plan; both are None where figures are taken as measured.
    """

    value: float
    loss: float | None
    differs: float
    shared: float
    drops: int
    proved: bool
    comes_in: tuple[str, ...]
    leaves: tuple[str, ...]
    range: Range | None
    behind: Behind | None
    totals: Mapping[str, float]
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True)
class MarkedCreator:
    """A creator or segment, and whether they are in all plans near the best one (`core`), in some (`swappable`) or in
    none (`never`). `booked`: in the best one. What is not `proved` is how it stands where the search ended.
    """

    creator: str
    mark: Mark
    booked: bool
    proved: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """A creator who steps in, on an offer; `value` is that of the plan then, `loss` the share of the best plan's value
    that is given up, None if that is 0.
    """

    creator: str
    offer: str
    value: float
    loss: float | None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Who steps in for a booked creator who falls out, while all others stay; the best ones first.

    `breaks` names the rules that are broken where nobody steps in. Each of the `stand_ins` suffices alone, or they step
    in `together`. `keeps`: every rule is kept then; otherwise some lower bounds are missed, and nobody was found with
    whom none is. `proved`: nobody else does better, or, where rules are missed, nobody keeps them.
    """

    creator: str
    offer: str
    breaks: tuple[str, ...]
    stand_ins: tuple[StandIn, ...]
    together: bool
    keeps: bool
    proved: bool


@dataclass(frozen=True, slots=True)
class Alternatives(Shown):
    """The best plan, and what there is near it.

    Plans that are worth `least` or more are near it: `within` is the share of its value that may be given up. `by` says
    whether that was asked for as a `share`, or follows from the `forecast`. `plans` differ as much as possible from it
    and from those before them; if there are fewer than were asked for, `no_other` says whether it is proved that there
    is no other.

    `counts` are how many creators have each mark, and how many marks are `open`. Of many creators, `creators` has those
    who are core or booked, and the nearest of the others.
    """

    best: Plan
    within: float
    by: Literal["share", "forecast"]
    least: float
    plans: tuple[Alternative, ...]
    no_other: Literal["proved", "open"] | None
    creators: tuple[MarkedCreator, ...]
    counts: Mapping[str, int]
    reserves: tuple[Reserve, ...]
    warnings: tuple[str, ...] = ()
    stopped: bool = False

    def marked(self, mark: Mark) -> tuple[MarkedCreator, ...]:
        """The creators with a mark.

        Parameters
        ----------
        mark
            `core`, `swappable` or `never`.
        """
        return tuple(one for one in self.creators if one.mark == mark)
