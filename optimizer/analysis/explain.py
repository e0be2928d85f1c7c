"""Why a plan is as it is: what rules cost, at which fees creators are booked, which figures decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from optimizer.analysis.bookable import why_not
from optimizer.analysis.creator_worth import CreatorQuestions
from optimizer.analysis.figure_worth import FigureQuestions
from optimizer.analysis.rule_worth import RuleQuestions
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.planning.near import Near
from optimizer.planning.optimize import DEFAULT_GAP, DEFAULT_TIME_LIMIT_S, Terms, planned
from optimizer.results.errors import InfeasibleError, NoPlanFoundError
from optimizer.results.explanation import CreatorWorth, ExplainedPlan, Explanation, FigureWorth, RuleWorth
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.results.words import goal
from optimizer.solving.clock import Clock
from optimizer.solving.search import Progress

_CREATORS_MOST = 600  # bookings up to which all booked creators are looked at, unless some are named
_CREATORS_FEW = 5
_EXACT_MOST = 5_000  # bookings up to which what is asked is searched to its end
_FIGURES_MOST = 5_000  # bookings up to which figures are looked at


def explain(
    scenario: Scenario,
    *,
    creators: Sequence[str] | None = None,
    rules: bool = True,
    figures: bool = True,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    rounds: int | None = None,
    on_progress: Callable[[str, Progress | None], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Explanation:
    """Plan a scenario, and explain the plan by planning again with single things changed.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`. Of several goals in order, the first is explained.
    creators
        Names of creators to look at, booked or not. By default all who are booked, in a large pool the five who are
        paid most. An empty list leaves them out.
    rules, figures
        Whether to look at each rule, and at each assumed figure.
    gap, time_limit_s, rounds
        For the plan, as for `try_optimize`. What is asked about it afterwards is limited by work, not by time.
    on_progress
        Called with the name of what is looked at next, and None, and with a `Progress` while the plan is searched for.
    cancel
        Once it returns True, what was found so far is returned; `left_out` names the rest.

    Raises
    ------
    InfeasibleError, NoPlanFoundError
        If there is no plan to explain.
    ValueError
        If a creator is not in the pool, or a number is outside its range.
    ScenarioError, CheckError, TypeError
        As for `try_optimize`.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> found = explain(load_scenario(campaign, creators=pool), figures=False)
    >>> [(one.creator, one.walk_away_fee, one.replaced_by) for one in found.creators]
    [('@bea', 250.0, ('@ana',))]
    """
    check_loaded(scenario, "explain")
    asked = None if creators is None else [_position(scenario, name) for name in creators]
    left_out = ["goals after the first: only the first goal is explained"] if scenario.goals else []
    scenario = replace(scenario, goals=())
    told = on_progress or (lambda _what, _progress: None)
    terms = Terms(gap, time_limit_s, cancel=cancel, rounds=rounds, more_budget=False)
    first = planned(scenario, replace(terms, on_progress=lambda progress: told("the plan", progress)))
    plan = first.result
    if isinstance(plan, NoPlan):
        raise InfeasibleError(plan) if plan.outcome == "infeasible" else NoPlanFoundError(plan)
    near = Near(first.estimates, first.solution, Clock(cancelled=cancel or (lambda: False)))
    stopped = cancel or (lambda: False)
    bookings = near.program.bookings
    fine = 0.0 if bookings <= _EXACT_MOST else gap
    of_rules = tuple(_rules(RuleQuestions(near, plan.constraints, fine), told, stopped)) if rules else ()
    chosen = _chosen(near, plan) if asked is None else asked
    if asked is None and bookings > _CREATORS_MOST:
        left_out.append(f"creators who are booked, but the {len(chosen)} who are paid most: name others")
    of_creators = tuple(_creators(CreatorQuestions(near, fine), chosen, told, stopped))
    of_figures: tuple[FigureWorth, ...] = ()
    if figures and bookings > _FIGURES_MOST:
        left_out.append(f"figures: with {bookings:,} bookings, planning again for each takes too long")
    elif figures and not stopped():
        told("the figures", None)
        of_figures = FigureQuestions(near).every()
    if stopped():
        left_out.append("what was not looked at before it was stopped")
    return Explanation(
        scenario=plan.scenario,
        inputs=plan.inputs,
        currency=plan.currency,
        decimals=plan.decimals,
        plan=ExplainedPlan(plan.objective.sense, goal(plan), plan.objective.value, plan.objective.bound, plan.claim),
        unspent=plan.unspent,
        rules=of_rules,
        creators=of_creators,
        figures=of_figures,
        left_out=tuple(left_out),
        warnings=plan.warnings,
    )


def _rules(
    questions: RuleQuestions, told: Callable[[str, Progress | None], None], stopped: Callable[[], bool]
) -> Iterator[RuleWorth]:
    for at, rule in enumerate(questions.near.program.rules):
        if stopped():
            return
        told(rule.name, None)
        yield questions.worth(at)


def _creators(
    questions: CreatorQuestions,
    chosen: Iterable[int],
    told: Callable[[str, Progress | None], None],
    stopped: Callable[[], bool],
) -> Iterator[CreatorWorth]:
    for creator in chosen:
        if stopped():
            return
        told(questions.near.estimates.scenario.pool.ids[creator], None)
        yield questions.worth(creator)


def _chosen(near: Near, plan: Plan) -> list[int]:
    """Who is looked at where nobody is named: all who are booked, or those who are paid most."""
    creators = dict.fromkeys(booking.creator for booking in plan.allocations)
    if near.program.bookings > _CREATORS_MOST:
        paid = {booking.creator: booking.values.get("spend", 0) for booking in plan.allocations}
        creators = dict.fromkeys(sorted(creators, key=lambda name: -paid[name])[:_CREATORS_FEW])
    segments = {segment.position for segment in near.estimates.scenario.segments}
    positions = {name: at for at, name in enumerate(near.estimates.scenario.pool.ids) if name in creators}
    return [positions[name] for name in creators if positions[name] not in segments]


def _position(scenario: Scenario, name: str) -> int:
    """Where a creator is in the pool."""
    found = scenario.pool.positions(name)
    if len(found) == 1:
        return found[0]
    if found:
        accounts = ", ".join(scenario.pool.ids[at] for at in found)
        raise ValueError(f"{name} may be any of {accounts}: name one of them")
    _, why, mend = why_not(scenario, name)
    raise ValueError(f"{name} cannot be booked: {why}; {mend}")
