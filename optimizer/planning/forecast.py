"""What a plan states of its forecast: the fits that figures rest on, ranges of totals, and chances of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import MICRO, Flags, Floats, Ints
from optimizer.domain.forecast import Fitted, Outlook
from optimizer.domain.quantities import GROSS_REACH, MONEY, RATIOS, REACH
from optimizer.domain.scenario import Scenario
from optimizer.estimation.bookings import OWN, POOL
from optimizer.estimation.estimate import Estimates, trace
from optimizer.estimation.outlook import outlook, parted
from optimizer.estimation.reached import Reached, reached
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.terms import Booked, Term
from optimizer.ranges.drawing import Ranges, drawn
from optimizer.ranges.outlook import QUANTITIES, THOUSANDTHS, Common, Group
from optimizer.ranges.outlook import Outlook as Drawn
from optimizer.results.common import ForecastResult, Range, RuleChance
from optimizer.results.plan import BookingForecast

OBJECTIVE = "objective"  # the name of the goal's range
_DRAWN = {*QUANTITIES, REACH}
_ENDS = (0.1, 0.5, 0.9)
_BY_ENGAGEMENTS = ("engagements",)
_FAR, _BELOW, _MAINLY = 1.25, 0.8, 0.5


def settings(scenario: Scenario) -> ForecastResult | None:
    """The settings of the forecast and the fits, without ranges; None where figures are taken as measured."""
    said = scenario.forecast
    if said.rates == "measured":
        return None
    found = scenario.expecting.fitted if scenario.expecting else Fitted()
    return ForecastResult(
        said.rates,
        said.unmeasured,
        {column: {name: asdict(fit) for name, fit in fits.items()} for column, fits in found.fits.items()},
        {column: asdict(fit) for column, fit in found.counts.items()},
        seed=said.seed,
        common=asdict(said.common),
    )


@dataclass(frozen=True)
class Forecasting:
    """The bookings of a plan, of which the ranges are drawn."""

    traced: Estimates
    booked: Booked
    rules: Sequence[Rule]

    def result(self) -> tuple[ForecastResult | None, list[dict[str, BookingForecast]]]:
        """What the plan states of its forecast, and the ranges of each booking."""
        scenario = self.traced.scenario
        stated = settings(scenario)
        if stated is None or not len(self.booked):
            return stated, [{} for _ in range(len(self.booked))]
        with_fixed, of = self._rows()
        groups, asked = self._groups(of)
        names = [name for name in self._quantities() if with_fixed.knows(name)]
        common = Common(**asdict(scenario.forecast.common))
        said = scenario.forecast
        ranges = drawn(with_fixed, common, groups, said.draws, said.seed, names, each=_SHOWN, each_alone=False)
        chances = tuple(self._chance(rule, ranges.groups, at) for rule, at in zip(self.rules, asked, strict=True))
        stated = replace(stated, draws=ranges.draws, rules=chances, ranges=self._totals(ranges))
        return stated, self._bookings(ranges, of, with_fixed)

    def goal(self) -> tuple[Floats, Range] | None:
        """The goal in each draw, in its unit, and its range; None where figures are taken as measured, or where its
        quantities are not drawn.

        Draw d of a booking is the same in each plan that makes it, so that draws of two plans may be subtracted.
        """
        scenario, said = self.traced.scenario, self.traced.scenario.forecast
        names = [name for name, _ in scenario.objective.weights]
        if said.rates == "measured" or not len(self.booked) or not {*names} <= {*self._quantities()}:
            return None
        rows, _ = self._rows()
        ranges = drawn(rows, Common(**asdict(said.common)), (), said.draws, said.seed, names, each=())
        every = _weighted(scenario, {name: draws / self._unit(name) for name, draws in ranges.totals.items()})
        return every, self._totals(ranges)[OBJECTIVE]

    # --- what is drawn ---

    def _rows(self) -> tuple[Drawn, Ints]:
        """What is drawn from, and the booking of each row."""
        rows, of, each, number = outlook(self.traced.scenario, self.traced.columns, self.booked.counts.tolist())
        return replace(rows, fixed=self._fixed(of, each, number)), of

    def _quantities(self) -> list[str]:
        """The quantities that are known of all bookings, those included that ratios and rules are made of."""
        found = [measure.quantity for measure in self.traced.values if not measure.people]
        if self._people is not None:
            found.insert(found.index(GROSS_REACH) + 1 if GROSS_REACH in found else len(found), REACH)
        return found

    @cached_property
    def _people(self) -> Reached | None:
        """The people whom the bookings are expected to reach; None where that is not known."""
        return reached(self.traced, self.booked.counts.tolist())

    def _fixed(self, of: Ints, each: Floats, number: Ints) -> dict[str, Floats]:
        """The quantities that are not drawn, for each row."""
        scenario, found = self.traced.scenario, {}
        for measure, values in self.traced.values.items():
            if measure.people or measure.quantity in QUANTITIES:
                continue
            scale = 1 if scenario.quantities[measure.quantity].unit == MONEY else MICRO
            whole = values[of].astype(np.float64) / scale * THOUSANDTHS
            found[measure.quantity] = parted(whole, each, number) / THOUSANDTHS
        return found

    def _groups(self, of: Ints) -> tuple[list[Group], list[tuple[int, int | None] | None]]:
        """The groups of bookings that rules count, and of each rule those of its value and of its base."""
        groups: list[Group] = []
        asked: list[tuple[int, int | None] | None] = []
        known = set(self._quantities())
        for rule in self.rules:
            amount = rule.bounded()
            found = [] if amount is None else [amount.measured, *amount.drawn_base]
            if not found or any(_of_some(one.measure) or one.measure.quantity not in known for one in found):
                asked.append(None)
                continue
            first = len(groups)
            groups += [
                Group(term.inside(self.booked.columns)[of], (term.measure.quantity,), self._cells(term.measure))
                for term in found
            ]
            asked.append((first, first + 1 if len(found) > 1 else None))
        return groups, asked

    def _cells(self, measure: Measure) -> Flags | None:
        """The cells of the audience that hold the people of a measure; None: all."""
        audience = self.traced.scenario.audience
        return None if audience is None or not measure.people else audience.cells_of(measure.people)

    # --- what comes out ---

    def _chance(
        self, told: Rule, groups: Sequence[Mapping[str, Ints]], at: tuple[int, int | None] | None
    ) -> RuleChance:
        rule = told.bounded()
        if at is None or rule is None:
            return RuleChance(told.constraint.name, told.label, None)
        said = rule.constraint
        used = bool(rule.measured.total(self.booked))
        if not used and said.skips_zero:
            return RuleChance(said.name, rule.label, 1.0)
        measured = float(rule.lead) * self._counted(rule.measured, groups[at[0]])
        if isinstance(rule.base, Term) and at[1] is not None:
            base = self._counted(rule.base, groups[at[1]])
        else:
            base = np.full(len(measured), float(rule.base) if isinstance(rule.base, Fraction) else float(used))
        kept = np.ones(len(measured), dtype=np.bool_)
        for bound, sign in ((said.at_least, 1.0), (said.at_most, -1.0)):
            if bound is not None:
                room = sign * (measured - float(bound) * base)
                kept &= room >= -1e-9 * np.maximum(np.abs(measured), 1.0)
        return RuleChance(said.name, rule.label, float(kept.mean()))

    def _counted(self, term: Term, totals: Mapping[str, Ints]) -> Floats:
        """Drawn totals in the units of rows: minor units of money, millionths of all else."""
        quantity = term.measure.quantity
        is_money = self.traced.scenario.quantities[quantity].unit == MONEY
        values: Floats = totals[quantity].astype(np.float64) * term.multiplier
        if quantity in _DRAWN:
            return values if is_money else values * (MICRO // THOUSANDTHS)
        return values / THOUSANDTHS if is_money else values * (MICRO // THOUSANDTHS)

    def _unit(self, quantity: str) -> float:
        """By what a drawn number is divided to be in the quantity's unit."""
        scenario = self.traced.scenario
        if scenario.quantities[quantity].unit != MONEY:
            return float(THOUSANDTHS)
        return float(scenario.currency.scale * (1 if quantity in _DRAWN else THOUSANDTHS))

    def _totals(self, ranges: Ranges) -> dict[str, Range]:
        scenario, counts = self.traced.scenario, self.booked.counts.tolist()
        named = [name for name in self._quantities() if name in ranges.totals]
        every = {name: ranges.totals[name] / self._unit(name) for name in named}
        alone = {name: draws / self._unit(name) for name, draws in ranges.alone.items()}
        expected = {name: float(self._exactly(name, counts) / scenario.scale(name)) for name in every}
        found = {
            name: _range(expected[name], every[name], alone[name])
            for name in every
            if not scenario.quantities[name].helper and name in _DRAWN
        }
        for ratio in RATIOS.values():
            above, below = ratio.numerator, ratio.denominator
            if above in every and below in every and expected[below] > 0 and {above, below} & _DRAWN:
                found[ratio.name] = _range(
                    ratio.factor * expected[above] / expected[below],
                    *(_over(ratio.factor * draws[above], draws[below]) for draws in (every, alone)),
                )
        weights = scenario.objective.weights
        if all(name in every for name, _ in weights):
            value = sum(float(weight) * expected[name] for name, weight in weights)
            found[OBJECTIVE] = _range(value, _weighted(scenario, every), _weighted(scenario, alone))
        return found

    def _exactly(self, quantity: str, counts: Sequence[Fraction | int]) -> Fraction:
        """What is expected of a total, in the units of rows."""
        if quantity == REACH and self._people is not None:
            return Fraction(self._people.exact)
        return sum(map(Fraction, _times(self.traced.values[Measure(quantity)], counts)), Fraction(0))

    def _bookings(self, ranges: Ranges, of: Ints, rows: Drawn) -> list[dict[str, BookingForecast]]:
        """The ranges of each booking; of one that is made often, the sums of those of its rows are no ranges, so that
        only single bookings have them."""
        scenario, size = self.traced.scenario, len(self.booked)
        single = np.bincount(of, minlength=size) == 1
        first = np.searchsorted(of, np.arange(size))
        measured, grounds = self._measured(), self._grounds()
        found: list[dict[str, BookingForecast]] = [{} for _ in range(size)]
        for name, ends in ranges.bookings.items():
            if name not in _SHOWN or scenario.quantities[name].helper:
                continue
            unit, scale = self._unit(name), scenario.scale(name)
            for at in np.flatnonzero(single).tolist():
                expecting = float(self.traced.values[Measure(name)][at]) / scale
                by = (
                    "engagements"
                    if name in _BY_ENGAGEMENTS or (rows.by_engagements[first[at]] and name in _SALES)
                    else "views"
                )
                posts, pooled, assumed = grounds[by]
                own = measured.get(name)
                was = None if own is None or assumed[at] or np.isnan(own[at]) else float(own[at]) / scale
                p10, p50, p90 = (float(end) / unit for end in ends[first[at]].tolist())
                found[at][name] = BookingForecast(
                    measured=was,
                    posts=float(posts[at]) if posts[at] > 0 else None,
                    expected=expecting,
                    p10=p10,
                    p50=p50,
                    p90=p90,
                    why="assumed" if assumed[at] else _why(was, expecting, float(posts[at]), float(pooled[at])),
                )
        return found

    def _measured(self) -> dict[str, Floats]:
        """What the figures of the file would bring, NaN where they say nothing."""
        scenario, columns = self.traced.scenario, self.traced.columns
        rows = np.flatnonzero(~self._filled())
        fitted = scenario.expecting.fitted if scenario.expecting else Fitted()
        if not (fitted.fits or fitted.counts):  # nothing differs
            rows, own = np.arange(len(columns)), self.traced
        else:
            own = trace(replace(scenario, expecting=None), columns.take(rows))
        found = {}
        for measure, values in own.values.items():
            if not measure.people:
                found[measure.quantity] = np.full(len(columns), np.nan)
                found[measure.quantity][rows] = values
        return found

    def _filled(self) -> Flags:
        """The bookings of creators with a figure that only the pool gives."""
        filled = np.zeros(len(self.traced.columns), dtype=np.bool_)
        for source in self.traced.sources.values():
            filled |= source == POOL
        return filled

    def _grounds(self) -> dict[str, tuple[Floats, Floats, Flags]]:
        """Over how many posts the figures of each booking were measured, how far they rest on the pool, and whether
        the creator has none, so that they are assumed or from a pack."""
        scenario, columns = self.traced.scenario, self.traced.columns
        kinds = dict.fromkeys(kind for offer in scenario.offers for kind, _ in offer.deliver)
        families = {
            "views": (*(f"average_views_{kind}" for kind in kinds), "average_views"),
            "engagements": ("average_engagements", "engagement_rate"),
        }
        found = {}
        for name, family in families.items():
            posts, pooled = np.zeros(len(columns)), np.zeros(len(columns))
            for column in reversed(family):
                one: Outlook | None = None
                if scenario.expecting is not None:
                    one = scenario.expecting.outlook(column, columns.creator)
                if one is not None:
                    rests = one.post > 0
                    posts, pooled = np.where(rests, one.posts, posts), np.where(rests, one.pooled, pooled)
            found[name] = posts, pooled, self._assumed(family)
        return found

    def _assumed(self, family: Sequence[str]) -> Flags:
        """The bookings of creators without any figure of a family, nor what the pool expects."""
        assumed = np.zeros(len(self.traced.columns), dtype=np.bool_)
        for name, source in self.traced.sources.items():
            if name in family or (family[-1] == "average_views" and name.startswith(("average_views_", "view_rate"))):
                assumed |= (source != "") & (source != OWN) & (source != POOL)
        return assumed


_SALES = ("conversions", "revenue", "commission", "profit")
_SHOWN = ("impressions", "gross_reach", "engagements", "clicks", "conversions", "revenue", "profit")


def _of_some(measure: Measure) -> bool:
    """Whether it is about some people only, in a way that is not drawn: all but people reached."""
    return bool(measure.people) and measure.quantity != REACH


def _times(values: Ints, counts: Sequence[Fraction | int]) -> list[Fraction]:
    return [Fraction(value) * Fraction(count) for value, count in zip(values.tolist(), counts, strict=True)]


def _weighted(scenario: Scenario, draws: Mapping[str, Floats]) -> Floats:
    """The goal in each draw."""
    first, *others = (float(weight) * draws[name] for name, weight in scenario.objective.weights)
    return sum(others, start=first)


def _range(expected: float, draws: Floats, alone: Floats) -> Range:
    return Range(expected, *_ends(draws), alone=_ends(alone))


def _ends(draws: Floats) -> tuple[float, float, float]:
    ordered = np.sort(draws)
    low, middle, high = (float(ordered[int(end * len(ordered))]) for end in _ENDS)
    return low, middle, high


def _over(above: Floats, below: Floats) -> Floats:
    """A ratio in each draw; what has nothing below it counts as the largest."""
    found = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    most = np.nanmax(found) if not np.isnan(found).all() else 0.0
    return np.where(np.isnan(found), most, found)


def _why(measured: float | None, expected: float, posts: float, pooled: float) -> str:
    """Why what is expected differs from what was measured."""
    if measured is None:
        return "not measured: what is usual for its kind"
    if posts <= 0:
        return ""
    said = f"{posts:,.0f} post{'' if posts == 1 else 's'}" if posts == int(posts) else f"{posts:,.1f} posts"
    if expected > 0 and measured > _FAR * expected:
        said += ", far above its kind"
    elif measured < _BELOW * expected:
        said += ", far below its kind"
    return f"{said}; rests mainly on the pool" if pooled >= _MAINLY else said
