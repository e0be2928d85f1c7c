"""Why a plan is as it is: what rules cost, at which fees creators are booked, which figures decide. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.domain.scenario import InputFile
from optimizer.results.common import ScenarioName
from optimizer.results.plan import Claim, Unspent
from optimizer.results.shown import Shown


@dataclass(frozen=True, slots=True)
class ExplainedPlan:
    """The plan that is explained: the value of its goal, and the proven bound."""

    sense: str
    goal: str
    value: float
    bound: float
    claim: Claim


@dataclass(frozen=True, slots=True)
class RuleWorth:
    """What a rule is worth: by its price, by a stated step, and by all of it. Changes are gains of the goal.

    `price` is the gain for each unit by which `price_of` is loosened, in the relaxation; it holds from `price_from` to
    `price_to` of the bound as written (None: no end was found, or it was not looked for). `step` is by how much the
    bound is loosened (a currency unit, a person, a fraction of a share), and `step_value_change` what the best plan
    then gains, found by planning again; `dropped_value_change` without the rule. Each is proved, or the least that is
    known.
    """

    name: str
    per_value: str | None
    binding: bool
    price: float
    price_of: Literal["at_most", "at_least", "exactly"] | None
    price_from: float | None
    price_to: float | None
    bound: float | None
    step: float | None
    step_value_change: float | None
    step_proved: bool
    dropped_value_change: float | None
    dropped_proved: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Insisting:
    """What it changes to book a creator in any case: the goal (a loss is negative), who comes in, and who leaves."""

    value_change: float
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    proved: bool


@dataclass(frozen=True, slots=True)
class CreatorWorth:
    """A creator in the plan, or out of it. Fees are the quantity `fee` of one booking of `offer`.

    Of one who is in: the highest fee at which a best plan still books them (`walk_away_fee`), and all such fees
    (`fee_intervals`; the last ends with None where no fee is too high); who replaces them, and what the goal loses
    without them. Of one who is out: why, the highest fee at which a best plan books them (`enters_at_fee`), and what it
    changes to insist. While `proved` is False, the highest fee is from `fee_low` to `fee_high`.
    """

    creator: str
    is_in: bool
    offer: str | None
    fee: float | None
    walk_away_fee: float | None = None
    enters_at_fee: float | None = None
    fee_low: float | None = None
    fee_high: float | None = None
    fee_intervals: tuple[tuple[float, float | None], ...] = ()
    proved: bool = True
    replaced_by: tuple[str, ...] = ()
    loss_without: float | None = None
    why: str = ""
    insisting: Insisting | None = None


@dataclass(frozen=True, slots=True)
class FigureWorth:
    """An assumed figure or one of a benchmark pack, and where another value would make another plan the best.

    `low` and `high` are the range that was looked at: of the source, or half to double of an own assumption. The plan
    stays a best one from `flips_below` to `flips_above` (None: to the end of the range). `proved`: at every value
    between, not only at those that were planned.
    """

    figure: str
    source: str
    speaks_of: str
    value: float
    low: float
    high: float
    flips_below: float | None
    flips_above: float | None
    proved: bool


@dataclass(frozen=True, slots=True)
class Explanation(Shown):
    """Why a plan is as it is; see each part. `left_out` says what was not looked at, and why."""

    scenario: ScenarioName
    inputs: tuple[InputFile, ...]
    currency: str
    decimals: int
    plan: ExplainedPlan
    unspent: Unspent | None
    rules: tuple[RuleWorth, ...]
    creators: tuple[CreatorWorth, ...]
    figures: tuple[FigureWorth, ...]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
