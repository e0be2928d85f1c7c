"""What a plan and a NoPlan have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optimizer.errors import Place


@dataclass(frozen=True, slots=True)
class ScenarioName:
    """The question: the scenario, its variant, and the changes of this run."""

    name: str
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClashingRule:
    """A rule of a conflict with its bounds and its place; a logic rule has its words in `says`.
    `or_none`: the quantity may also be 0."""

    name: str
    per_value: str | None
    quantity: str
    kind: str
    of: Any
    at_least: float | None
    at_most: float | None
    says: str = ""
    place: Place | None = None
    or_none: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that conflict, by name (`include` stands for the creators who must be booked). `says` is a sentence that
    also tells whether the conflict is proved."""

    names: tuple[str, ...]
    rules: tuple[ClashingRule, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that lets a plan keep all rules; changes with the same `option` belong together.

    `bound` is the bound to change, from `from_` to `to`, as written; None means to drop the rule, or not to include the
    creator. For a budget that other costs are deducted from, `leaves` is what it leaves for creators, before and after.
    `least`: it is proved that no smaller change suffices, given the other changes of the option.
    """

    constraint: str
    per_value: str | None
    bound: str | None
    from_: float | None
    to: float | None
    least: bool
    option: int
    rule: ClashingRule | None = None
    note: str = ""
    leaves: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """What is expected of a total, and the values that one draw in ten, in two, and nine in ten stay below; `alone`
    are these without the errors that bookings share.
    """

    expected: float
    p10: float
    p50: float
    p90: float
    alone: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class RuleChance:
    """In which share of the draws a rule is kept; None where its quantity is not drawn, as of one that
    is counted over some people only."""

    name: str
    per_value: str | None
    chance: float | None


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """What was expected of creators, and on what grounds.

    `fit` are the fits by column and platform, `counts` those of rates that are counts, as objects of plain values.
    `ranges` are those of the totals by quantity, and of the goal as `objective`; with `draws` draws from `seed`, under
    the `common` errors (log standard deviations) that bookings share. `rules` has the rules in their order. A NoPlan
    has no ranges.
    """

    rates: str
    unmeasured: str
    fit: Mapping[str, Mapping[str, Mapping[str, Any]]]
    counts: Mapping[str, Mapping[str, float]]
    draws: int = 0
    seed: int = 1
    common: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[RuleChance, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SolverRun:
    """How the answer was found; `gap` is the requested gap.

    `ties` says what decided among plans of equal value: `only` (there is no other), `spend` (this one spends the
    least), `names` (of those, it has the first names), or `open` (not all were compared, or it is not proved optimal).
    `way` says what proves the bound: the `prices` of all rows alone; or rounded rows and `cases` over the `open`
    bookings that prices leave open. If it was `stopped`, by a limit or on request, the same number of `rounds` gives
    the same plan on any machine.
    """

    engine: str
    gap: float
    columns: int
    rows: int
    seconds: float
    stopped: bool = False
    ties: Literal["only", "spend", "names", "open"] = "open"
    way: Literal["prices", "cases"] = "prices"
    open: int = 0
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many creators are left out `by` something: `where`, an entry of `exclude` as written, `no tier`, ..."""

    by: str
    count: int
