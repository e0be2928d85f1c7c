"""Planning again once creators have answered: what is signed stays, and few other names change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from optimizer.analysis.answers import Answers, Reading
from optimizer.analysis.changes_told import Telling
from optimizer.analysis.committing import committed_scenario
from optimizer.analysis.fewest_changes import Changing, Fewest
from optimizer.analysis.given_plan import Given, GivenPlan, given_plan
from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.estimate import bookable, trace
from optimizer.loading.load import changed_scenario
from optimizer.loading.results_file import read_results
from optimizer.planning.goals import largest_gap
from optimizer.planning.optimize import DEFAULT_GAP, DEFAULT_TIME_LIMIT_S, Planned, Terms, planned
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.results.replanned import AgreedBooking, Committed, Replanned
from optimizer.solving.search import Progress

DEFAULT_KEEP = 0.99
_MOST_GAP = 0.999_999


def replan(
    plan: Given,
    results: object,
    *,
    scenario: Scenario,
    changes: Mapping[str, object] | None = None,
    keep: float = DEFAULT_KEEP,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    rounds: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan | NoPlan:
    """Plan again once creators have answered: keep what is signed, and change as few other names as possible.

    First the best plan is found that books what is agreed, on its terms, and nobody who declined. Among the plans that
    are worth at least the share `keep` of it, the one is chosen that changes the fewest open names (who leaves, and who
    is new), then the fewest offers, and of those the best.

    Parameters
    ----------
    plan
        The plan before: a `Plan`, or one of `replan`; its JSON, as an object or as text; or the path of a file with it.
    results
        The path of a file, or a data frame: one row per booking with `plan_id` (the plan's digest), `creator`, `offer`,
        `status` (`signed`, `declined`, `posted`, `paid`, or blank) and `fee`, that of the whole booking; blank: as
        planned.
    scenario
        The scenario of the plan, from `load_scenario`, with the same variant. Changes of the plan are made to it.
    changes
        Changes that this plan is made with beside those of the plan before, as `changes` of `load_scenario` takes them:
        a higher budget where the rules cannot be kept any more.
    keep
        The share of the best value that is kept, from 0 to 1. Of several goals in order, it is that of the last one;
        of those before it, what the scenario asks is kept.
    gap, time_limit_s, rounds, on_progress, cancel
        As for `try_optimize`. The search for the best plan (for each goal) and the one for few changes get equal parts
        of the time, or so many rounds each.

    Returns
    -------
    Plan or NoPlan
        A plan with `committed`, `changes` and `replan`; its scenario has the answers as changes of `include` and
        `exclude`, so that `verify` takes it like any other. A `NoPlan` if the rules cannot be kept any more.

    Raises
    ------
    ScenarioError
        If a row does not fit the plan or the scenario, or contradicts another one. `problems` holds all of them.
    DocumentError
        If the plan cannot be read.
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> from optimizer import load_scenario, optimize
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea", "@cem"], "average_engagements": [150, 600, 140], "fee": [100, 150, 100]}
    >>> scenario = load_scenario(campaign, creators=pool)
    >>> before = optimize(scenario)
    >>> answers = {"plan_id": [before.to_dict()["digest"]], "creator": ["@ana"], "status": ["declined"]}
    >>> after = replan(before, answers, scenario=scenario)
    >>> [(change.creator, change.what) for change in after.changes]
    [('@ana', 'dropped'), ('@cem', 'added'), ('@bea', 'kept')]
    """
    check_loaded(scenario, "replan")
    if not 0 <= keep <= 1:
        raise ValueError(f"keep must be from 0 to 1, not {keep}")
    started = time.monotonic()
    terms = Terms(
        gap, time_limit_s, on_progress=on_progress, cancel=cancel, rounds=rounds, more_budget=False, further=True
    )
    given = given_plan(plan)
    asked = _scenario_of(given, scenario)
    asked = changed_scenario(asked, changes) if changes else asked
    file = read_results(results, asked.currency)
    reading = Reading(given.plan, given.plan_id, asked, file)
    answers = reading.answers()
    before = given.plan.committed.declined if given.plan.committed else ()
    committing = committed_scenario(asked, answers, before)
    committed = _committed(committing, answers)
    warnings = [*_told_of_files(given.plan, asked), *(f"{file.name}: {note}" for note in (*file.notes, *answers.notes))]
    found = planned(committing, terms)
    if isinstance(found.result, NoPlan):
        return replace(found.result, committed=committed, warnings=(*found.result.warnings, *warnings))
    clock = terms.clocks(started, len(committing.objectives) + 1)[-1]
    settled = frozenset([*answers.agreed, *answers.declined])
    changing = Changing(found, given.plan.allocations, committed.bookings, settled)
    share = Fraction(str(keep))
    fewest = changing.fewest(share, clock, gap)
    best = found.result.objective if not found.result.goals else found.result.goals[-1]
    stated = _stated(found, changing, fewest, share)
    replan_ = Replanned(
        of=given.plan_id,
        keep=float(keep),
        best=best.value,
        bound=best.bound,
        names=fewest.names,
        fewest=fewest.proved,
        earlier=() if given.plan.replan is None else (given.plan.replan.of, *given.plan.replan.earlier),
    )
    return replace(
        stated,
        changes=Telling(given.plan, stated, answers, changing, fewest).changes(),
        committed=committed,
        replan=replan_,
        warnings=(*stated.warnings, *warnings),
    )


def _scenario_of(given: GivenPlan, scenario: Scenario) -> Scenario:
    """The scenario with the changes of the plan; refused where it is of another variant."""
    asked = given.plan.scenario
    if asked.variant != scenario.variant:
        names = [f"variant {name}" if name else "no variant" for name in (asked.variant, scenario.variant)]
        cause = f"the plan is of {names[0]}, and the scenario was loaded with {names[1]}"
        raise ScenarioError([Problem("another-variant", cause, "load the scenario with the variant of the plan")])
    changes = {path: text for path, text in asked.changes.items() if scenario.changes.get(path) != text}
    return changed_scenario(scenario, changes) if changes else scenario


def _told_of_files(plan: Plan, scenario: Scenario) -> Iterator[str]:
    """Which files are not as they were when the plan was made, as `verify` tells it."""
    stated = [(file.path, file.sha256) for file in plan.inputs]
    changed = [file.path for file in scenario.inputs if (file.path, file.sha256) not in stated]
    if changed or len(stated) != len(scenario.inputs):
        yield f"these files have changed since the plan was made: {', '.join(changed) or 'some are missing'}"


def _committed(scenario: Scenario, answers: Answers) -> Committed:
    """What is agreed, with what it costs, to the smallest coin."""
    pool = scenario.pool
    agreed = sorted(answers.agreed.values(), key=lambda one: pool.positions(one.creator))
    spends = _spends(scenario, [(pool.positions(one.creator)[0], one.offer) for one in agreed])
    scale = scenario.currency.scale
    bookings = tuple(
        AgreedBooking(
            creator=one.creator,
            offer=one.offer,
            status=one.status,
            fee=None if one.fee is None else one.fee / scale,
            spend=None if spends is None else int(spends[at]) / scale,
        )
        for at, one in enumerate(agreed)
    )
    total = None if spends is None else sum(spends.tolist()) / scale
    return Committed(total, len(bookings), bookings, tuple(sorted(answers.declined)))


def _spends(scenario: Scenario, agreed: list[tuple[int, str]]) -> Ints | None:
    """What some bookings, in the order of the pool, cost in minor units; None where that is not known."""
    columns, names = bookable(scenario), [offer.name for offer in scenario.offers]
    places = []
    for who, offer in agreed:
        begin, end = np.searchsorted(columns.creator, (who, who + 1)).tolist()
        places.append(begin + columns.offer[begin:end].tolist().index(names.index(offer)))
    traced = trace(scenario, columns.take(np.array(places, dtype=np.int64)))
    return traced.values.get(Measure("spend"))


def _stated(found: Planned, changing: Changing, fewest: Fewest, keep: Fraction) -> Plan:
    """The chosen plan, checked: the best one as it was planned, or another one with the proof of the best."""
    best, chosen = changing.best, fewest.plan
    if isinstance(found.result, Plan) and (
        np.array_equal(best.columns, chosen.columns) and (best.counts == chosen.counts).all()
    ):
        return found.result
    apart = (1 + largest_gap(found.steps)) / float(keep) - 1 if keep else _MOST_GAP
    return found.stated(chosen, min(apart, _MOST_GAP))
