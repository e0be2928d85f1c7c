"""A planner over a loaded pool, which reuses pool, estimates and prices from plan to plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, inf, nextafter

from optimizer.domain.constraints import Constraint
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row
from optimizer.loading.load import changed_scenario
from optimizer.planning.optimize import DEFAULT_GAP, DEFAULT_TIME_LIMIT_S, Planned, Terms, planned
from optimizer.planning.point import pointed
from optimizer.planning.searched import begun_from
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.results.sweep import SweepPoint
from optimizer.solving import lagrangian_bound
from optimizer.solving.backends import HIGHS
from optimizer.solving.engine import Beginning
from optimizer.solving.search import Progress

Bound = float | Fraction
QUICK = 1e-3  # the gap of an answer in a conversation


class Planner:
    """Plans a scenario again and again with other values.

    The pool is read once. Estimates are reused if only goal, budget and rules change, and the search starts from the
    prices and the plan of the last one. Each plan is proved and checked like any other; the starting point may decide
    which of several plans within the gap is found. What more budget would bring is not searched for.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`.
    gap, time_limit_s, rounds, solver
        As for `try_optimize`; they hold for each plan.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> planner = Planner(load_scenario(campaign, creators=pool))
    >>> planner.plan().objective.value, planner.plan({"budget": 100}).objective.value
    (600.0, 150.0)
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        gap: float = DEFAULT_GAP,
        time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
        rounds: int | None = None,
        solver: str = HIGHS,
    ) -> None:
        check_loaded(scenario, "Planner")
        self.scenario = scenario
        self._terms = Terms(gap, time_limit_s, solver, rounds=rounds, more_budget=False)
        self._last: Planned | None = None
        self._known: Estimates | None = None
        self._begin: Beginning | None = None  # over the bookings that are known

    def ask(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        gap: float = QUICK,
        cancel: Callable[[], bool] | None = None,
    ) -> SweepPoint:
        """The best plan under some changes as numbers, in a fraction of the time of `plan`.

        It is searched for to a gap of 0.1 % and checked as exactly as any plan; what takes time beside the search is
        left out: ranges, how rules stand, runners-up. `plan` with the same changes then begins where this ended, and
        proves the rest.

        Parameters
        ----------
        changes
            As for `plan`.
        gap, cancel
            As for `try_optimize`.

        Raises
        ------
        ScenarioError
            As for `plan`.
        """
        scenario = changed_scenario(self.scenario, changes) if changes else self.scenario
        terms = replace(self._terms, gap=gap, cancel=cancel)
        asked = pointed(scenario, terms, self._known, self._begin)
        self._begin_from(asked.estimates, asked.beginning)
        return asked.point

    def plan(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Plan | NoPlan:
        """Plan the scenario with some changes.

        Parameters
        ----------
        changes
            Paths with new values, as `load_scenario` takes them: `{"budget": 41_000}`.
        on_progress, cancel
            As for `try_optimize`.

        Raises
        ------
        ScenarioError
            If the changed scenario has faults, or a figure that is needed is given nowhere.
        """
        scenario = changed_scenario(self.scenario, changes) if changes else self.scenario
        terms = replace(self._terms, on_progress=on_progress, cancel=cancel)
        self._last = planned(scenario, terms, self._known, self._begin)
        self._begin_from(*begun_from(self._last.estimates, self._last.solution, self._known))
        return self._last.result

    def _begin_from(self, known: Estimates, begin: Beginning | None) -> None:
        """Let the next search begin where the last one ended; if that was nowhere, where it began itself."""
        nowhere = begin is None or (begin.near is None and begin.plan is None)
        if nowhere and self._known is not None and known.columns is self._known.columns:
            begin = self._begin
        self._known, self._begin = known, begin

    def bound(self, bounds: Mapping[str, Bound | Mapping[str, Bound]]) -> float:
        """A bound on the value of every plan under other bounds of rules, from the prices of the last plan.

        There is no new search. For rules over amounts it takes no time, because the proof is linear in the bounds; a
        share or a ratio takes one pass over all bookings. The nearer the bounds are to those of the last plan, the
        tighter it is.

        Parameters
        ----------
        bounds
            The new bound of each rule, by its name in the plan, in its own unit (a share as a fraction):
            `{"budget": 41_000}`. For a rule with two bounds: `{"nano": {"at_least": 30, "at_most": 60}}`.

        Returns
        -------
        float
            In the unit of the objective, rounded to the safe side.

        Raises
        ------
        ValueError
            If there is no plan yet, or no such rule with such a bound; if the budget is changed and a rule is a share
            of it.
        """
        if self._last is None or self._last.solution.plan is None:
            raise ValueError("there is no plan yet whose prices could prove a bound: call plan() first")
        solution = self._last.solution
        program, prices = solution.program, solution.prices
        of_budget = [rule.name for rule in program.rules if isinstance(getattr(rule.constraint, "of", None), Fraction)]
        if of_budget and "budget" in bounds:
            raise ValueError(f"{of_budget[0]} is a share of the budget, and would change with it: plan it anew")
        rows, passes = list(program.rows), False
        for at, rule in _asked(program.rules, bounds):
            mine = [place for place, row in enumerate(program.rows) if row.rule == at]
            renewed, linear = _renewed(program, rule, at, [program.rows[place] for place in mine])
            for place, row in zip(mine, renewed, strict=True):
                rows[place] = row
            passes = passes or not linear
        if passes or solution.sum_of_prices is None:
            program = program.relaxed(rows)
            value = lagrangian_bound.upper_bound(program, lagrangian_bound.project(program, prices))
        else:
            before, after = (lagrangian_bound.limits_worth(many, prices) for many in (program.rows, rows))
            value = solution.sum_of_prices + after - before
        sign = program.objective.sign
        return nextafter(float(sign * value / program.denominator), sign * inf)


def _asked(rules: tuple[Rule, ...], bounds: Mapping[str, Bound | Mapping[str, Bound]]) -> list[tuple[int, AmountRule]]:
    """The named rules with their new bounds."""
    found = []
    for name, said in bounds.items():
        mine = [
            (at, rule)
            for at, rule in enumerate(one.bounded() for one in rules)
            if rule is not None and name in (rule.name, rule.constraint.name)
        ]
        if not mine:
            raise ValueError(f"no rule over amounts or shares is named {name!r}")
        found += [(at, replace(rule, constraint=_with_bounds(rule.constraint, said))) for at, rule in mine]
    return found


def _with_bounds(constraint: Constraint, said: Bound | Mapping[str, Bound]) -> Constraint:
    has = [key for key in ("at_least", "at_most") if getattr(constraint, key) is not None]
    if not isinstance(said, Mapping):
        if len(has) != 1:
            raise ValueError(f"{constraint.name} holds on both sides: say which, as in {{'at_most': {said}}}")
        said = {has[0]: said}
    for key in said:
        if key not in has:
            raise ValueError(f"{constraint.name} has no bound {key!r}; it has {' and '.join(has)}")
    low, high = (
        Fraction(str(said[key])) if key in said else getattr(constraint, key) for key in ("at_least", "at_most")
    )
    return replace(constraint, at_least=low, at_most=high)


def _renewed(program: Program, rule: AmountRule, at: int, rows: list[Row]) -> tuple[list[Row], bool]:
    """The rows of a rule under its new bounds, and whether only their limits differ."""
    constraint, base = rule.constraint, rule.base
    if not isinstance(base, Fraction):
        made = list(rule.rows_over(at, program.whole))
        if len(made) != len(rows):
            raise ValueError(f"{constraint.name} would have other rows under these bounds: plan it anew")
        return made, False
    found, linear = [], True
    for row in rows:
        scale = row.terms[0].multiplier if row.terms else 1
        low, high = (
            None if bound is None else bound * base / rule.lead * scale
            for bound in (constraint.at_least, constraint.at_most)
        )
        lower = None if row.lower is None or low is None else ceil(low)
        upper = None if row.upper is None or high is None else floor(high)
        # bookings that a lower bound excluded may be possible under a higher one
        alone = None if upper is None or row.upper is None or upper <= row.upper else row.forbids(program.whole)
        linear = linear and (alone is None or not len(alone))
        found.append(replace(row, lower=lower, upper=upper))
    return found, linear
