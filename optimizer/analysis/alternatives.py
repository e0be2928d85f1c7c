"""Alternatives: other plans near the best one, who is in all of them, and who steps in for whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf
from typing import Literal

import numpy as np

from optimizer.analysis.indistinct import Drawn, drawn, lead, share_within_forecast
from optimizer.analysis.marks import Marks, marks
from optimizer.analysis.most_different import Different, NoOther, most_different
from optimizer.analysis.near_best import NearBest, without_indicators
from optimizer.analysis.reserves import reserves
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.estimation.estimate import trace
from optimizer.estimation.reached import reached
from optimizer.formulation.terms import Booked
from optimizer.planning.near import Near
from optimizer.planning.optimize import DEFAULT_GAP, DEFAULT_TIME_LIMIT_S, Terms, planned
from optimizer.planning.outcome import allocations, totals
from optimizer.results.alternatives import Alternative, Alternatives, Behind, Mark, MarkedCreator, Reserve, StandIn
from optimizer.results.errors import InfeasibleError, NoPlanFoundError
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.solving.clock import Clock
from optimizer.solving.search import Progress

FORECAST = "forecast"
DEFAULT_WITHIN, DEFAULT_COUNT = 0.02, 3
_ROUNDS = 400  # of work for one question
_LISTED_MOST = 1_000  # creators that are listed of a larger pool, beside those who are core or booked
_CLOSER = 4  # times that a plan outside the forecast is looked for again nearer to the best one


def alternatives(
    scenario: Scenario,
    *,
    within: float | Literal["forecast"] = DEFAULT_WITHIN,
    count: int = DEFAULT_COUNT,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = None,
    rounds: int | None = None,
    everybody: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Alternatives:
    """Plan a scenario, and say what there is near the best plan.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`.
    within
        The share of the best plan's value that another plan may give up, from 0 up to, not including, 1; or
        `"forecast"`: as much as the forecast cannot tell from the best plan, so that the lowest tenth of the draws of
        the best plan's lead over the most different plan is 0. Each plan that is shown has such a lead of 0 or less.
    count
        How many other plans are looked for, each of which shares as few names as possible with those before it.
    gap
        As for `try_optimize`, also for the value of each plan among those that share as few names.
    time_limit_s
        Seconds for the plan, and again for all else; by default 60 for the plan, and work counted in rounds for the
        rest, so that the answer is the same on any machine.
    rounds
        Rounds of work for the plan, and for each question about plans near it.
    everybody
        Whether each creator of a large pool is listed with a mark.
    on_progress
        Called with a `Progress` at each improvement of the best plan or its bound.
    cancel
        Once it returns True, the search ends with what is there.

    Raises
    ------
    InfeasibleError, NoPlanFoundError
        If there is no plan.
    ScenarioError, CheckError
        As for `try_optimize`.
    ValueError
        If a number is outside its range, or the forecast is asked for where figures are taken as measured.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 200, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea", "@cleo"], "average_engagements": [600, 150, 149], "fee": [100, 100, 100]}
    >>> found = alternatives(load_scenario(campaign, creators=pool), within=0.02)
    >>> [(one.creator, one.mark) for one in found.creators]
    [('@ana', 'core'), ('@bea', 'swappable'), ('@cleo', 'swappable')]
    >>> found.plans[0].value, found.plans[0].comes_in, found.plans[0].leaves
    (749.0, ('@cleo',), ('@bea',))
    """
    check_loaded(scenario, "alternatives")
    if not isinstance(within, str) and not 0 <= within < 1:
        raise ValueError(f"within must be at least 0 and below 1, or {FORECAST!r}, not {within}")
    if isinstance(within, str) and within != FORECAST:
        raise ValueError(f"within must be a share or {FORECAST!r}, not {within!r}")
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    if within == FORECAST and scenario.forecast.rates == "measured":
        raise ValueError("figures are taken as measured, so there is no forecast: say which share may be given up")
    limit = DEFAULT_TIME_LIMIT_S if time_limit_s is None else time_limit_s
    terms = Terms(gap, limit, on_progress=on_progress, cancel=cancel, rounds=rounds, more_budget=False)
    found = planned(scenario, terms)
    if isinstance(found.result, NoPlan):
        raise (InfeasibleError if found.result.outcome == "infeasible" else NoPlanFoundError)(found.result)
    deadline = inf if time_limit_s is None else time.monotonic() + time_limit_s
    clock = Clock(deadline, cancel or (lambda: False))
    near_best = NearBest(Near(found.estimates, found.solution, clock), Fraction(0), rounds or _ROUNDS)
    return _Asked(near_best, found.result, count, gap, everybody).answer(within)


@dataclass(frozen=True)
class _Asked:
    """What is asked about the plans near one."""

    near_best: NearBest
    best: Plan
    count: int
    gap: float
    everybody: bool

    def answer(self, within: float | str) -> Alternatives:
        """Everything, in turn."""
        near = self.near_best.near
        plan = without_indicators(near, near.plan)
        best = drawn(self.near_best, plan)
        near_best = self.near_best.giving_up(self._share(within, plan, best))
        plans, shown, none = self._plans(near_best, plan, best, by_forecast=within == FORECAST)
        marked = marks(near_best, plans)
        kept = tuple(self._reserves(near_best, plan))
        creators, counts = self._creators(near_best, plan, marked)
        stopped = near.clock.stopped
        return Alternatives(
            best=self.best,
            within=float(near_best.share),
            by="forecast" if within == FORECAST else "share",
            least=self._value(near_best.least),
            plans=tuple(shown),
            no_other=None if none is None else "proved" if none.proved else "open",
            creators=creators,
            counts=counts,
            reserves=kept,
            warnings=(*self.best.warnings, *_warnings(self.best, counts, kept, stopped=stopped)),
            stopped=stopped,
        )

    def _share(self, within: float | str, plan: Booked, best: Drawn | None) -> Fraction:
        if within != FORECAST:
            return Fraction(str(within))
        if best is None:
            raise ValueError("nothing of the goal varies, so there is no forecast: say which share may be given up")
        return share_within_forecast(self.near_best, [plan], best, self.gap)

    def _value(self, value: Fraction) -> float:
        """A value of the program in the objective's own unit and sense."""
        program = self.near_best.near.program
        return float(Fraction(program.objective.sign * value, program.denominator))

    def _loss(self, value: Fraction) -> float | None:
        best = self.near_best.near.value
        return float((best - value) / abs(best)) if best else None

    # --- plans ---

    def _plans(
        self, near_best: NearBest, plan: Booked, best: Drawn | None, *, by_forecast: bool
    ) -> tuple[list[Booked], list[Alternative], NoOther | None]:
        """The best plan and the others, the others as they are shown, and why there are no more."""
        plans, shown, dropped, apart = [plan], list[Alternative](), 1, True
        while len(shown) < self.count:
            found, one = most_different(near_best, plans, self.gap, dropped, apart=apart), None
            for _ in range(_CLOSER):
                if isinstance(found, NoOther):
                    return plans, shown, found
                one = self._alternative(near_best, plan, found, best)
                if not by_forecast or one.behind is None or one.behind.p10 <= 0:
                    break
                near_best, one = near_best.giving_up(near_best.share / 2), None
                found = most_different(near_best, plans, self.gap, dropped, apart=apart)
            if one is None or isinstance(found, NoOther):
                return plans, shown, NoOther(proved=False)
            plans.append(found.plan)
            apart = not found.shared
            shown.append(one)
            if len(shown) == 1:  # those that follow drop at least half as many of each plan
                size = sum(near_best.booked(plan).values(), Fraction(0))
                dropped = ceil((size - found.shared) / 2)
            dropped = min(dropped, max(found.dropped, 1)) if len(shown) > 1 else dropped
        return plans, shown, None

    def _alternative(self, near_best: NearBest, plan: Booked, found: Different, best: Drawn | None) -> Alternative:
        near, scenario = near_best.near, near_best.near.estimates.scenario
        other = near_best.checked(found.plan)
        traced = trace(scenario, near.estimates.columns.take(other.columns))
        mine, names, people = drawn(near_best, other), scenario.pool.ids, reached(traced, other.counts.tolist())
        was, now = near_best.booked(plan), near_best.booked(other)
        value = near.program.worth(other)
        return Alternative(
            value=self._value(value),
            loss=self._loss(value),
            differs=_number(_more(now, was)),
            shared=_number(found.shared),
            drops=found.dropped,
            proved=found.proved,
            comes_in=tuple(names[creator] for creator in now if creator not in was),
            leaves=tuple(names[creator] for creator in was if creator not in now),
            range=None if mine is None else mine.range,
            behind=None if mine is None or best is None else Behind(*lead(best, mine)),
            totals=totals(traced, other, people),
            allocations=allocations(traced, other, [{}] * len(other), people),
        )

    # --- creators ---

    def _creators(
        self, near_best: NearBest, plan: Booked, marked: Marks
    ) -> tuple[tuple[MarkedCreator, ...], dict[str, int]]:
        """The marks that are listed, and how many there are of each."""
        ids, size = near_best.near.program.ids, len(near_best.near.program.ids)
        inside = np.zeros(size, dtype=np.bool_)
        inside[[*near_best.booked(plan)]] = True
        counts = {
            "core": int(marked.core.sum()),
            "swappable": int(marked.swappable.sum()),
            "never": int(size - marked.core.sum() - marked.swappable.sum()),
            "open": int(marked.open.sum()),
        }
        listed = inside | marked.core
        if self.everybody or size <= _LISTED_MOST:
            listed[:] = True
        else:
            listed[self._nearest(near_best, marked.swappable & ~inside)] = True

        def mark(at: int) -> Mark:
            return "core" if marked.core[at] else "swappable" if marked.swappable[at] else "never"

        rows = (
            MarkedCreator(ids[at], mark(at), bool(inside[at]), not marked.open[at])
            for at in np.flatnonzero(listed).tolist()
        )
        return tuple(rows), counts

    @staticmethod
    def _nearest(near_best: NearBest, among: np.ndarray) -> np.ndarray:
        """The creators among some whose bookings cost the least value, by the prices of the rules."""
        regret = np.full(len(among), np.inf)
        bookings = near_best.near.program.bookings
        np.minimum.at(regret, near_best.who, near_best.near.booking_regret[:bookings])
        some = np.flatnonzero(among)
        found: np.ndarray = some[np.argsort(regret[some], kind="stable")][:_LISTED_MOST]
        return found

    def _reserves(self, near_best: NearBest, plan: Booked) -> Sequence[Reserve]:
        estimates, program = near_best.near.estimates, near_best.near.program
        scenario = estimates.scenario

        def named(column: int) -> tuple[str, str]:
            creator, offer = int(estimates.columns.creator[column]), int(estimates.columns.offer[column])
            return scenario.pool.ids[creator], scenario.offers[offer].name

        return [
            Reserve(
                *named(one.column),
                breaks=tuple(dict.fromkeys(program.rules[at].name for at in one.breaks)),
                stand_ins=tuple(
                    StandIn(*named(column), self._value(value), self._loss(value)) for column, value in one.steps_in
                ),
                together=one.together,
                keeps=one.keeps,
                proved=one.proved,
            )
            for one in reserves(near_best, plan)
        ]


def _more(now: Mapping[int, Fraction], was: Mapping[int, Fraction]) -> Fraction:
    """How many bookings a plan has more than another one, of each creator."""
    return sum((max(count - was.get(creator, Fraction(0)), Fraction(0)) for creator, count in now.items()), Fraction(0))


def _number(count: Fraction) -> float:
    return int(count) if count.denominator == 1 else float(count)


def _warnings(best: Plan, counts: Mapping[str, int], kept: Sequence[Reserve], *, stopped: bool) -> list[str]:
    """What limits what is said."""
    said = []
    if stopped:
        said.append("the search was stopped before all was decided: what is not marked as proved is open")
    elif counts["open"]:
        said.append(f"{counts['open']:,} marks are not proved within the rounds of work; --rounds allows more")
    if best.claim != "optimal":
        said.append("the plan is not proved optimal: alternatives are near the plan that was found")
    if not kept and best.allocations:
        said.append("bookings in parts have no stand-ins: their amounts are not names")
    return said
