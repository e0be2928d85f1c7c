"""From a solution to the plan that is shown, or to the reason why there is none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import MICRO, plain
from optimizer.domain.figures import FIGURES
from optimizer.domain.pay import PAY
from optimizer.domain.pool import Labels
from optimizer.domain.quantities import HELD_BACK, RATIOS, REACH
from optimizer.domain.scenario import Assumption, Scenario, Segment
from optimizer.doubts.plans import Booking
from optimizer.doubts.registry import doubts_of_plan
from optimizer.estimation.bookings import OWN, UNKNOWN
from optimizer.estimation.distinct import different
from optimizer.estimation.estimate import Estimates
from optimizer.estimation.nobody import none_available
from optimizer.estimation.reached import Reached, held_back, reached
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.certificate import certificate, refutation
from optimizer.planning.conflicts import clashes
from optimizer.planning.empty import emptied
from optimizer.planning.forecast import Forecasting, settings
from optimizer.planning.goals import Steps, goal_results, largest_gap
from optimizer.planning.more import with_more_budget
from optimizer.planning.people import people_of
from optimizer.planning.runners_up import runners_up
from optimizer.planning.searched import checked
from optimizer.planning.standing import standings
from optimizer.planning.stated import claim_of, objective_result
from optimizer.planning.told import tell
from optimizer.planning.unspent import unspent
from optimizer.results.common import Excluded, ScenarioName, SolverRun
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Allocation, BookingForecast, Plan, UsedBenchmark
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution

_EMPTY = "nobody can be booked under {rules} ({proved}): {names}"
_NO_PLAN = "no plan can keep {rules} ({proved}): {names}"
_LABELS = ("tier", "platform", "niche", "country")


@dataclass(frozen=True)
class Asked:
    """The settings of the search, when it began (`time.monotonic`), and whether to search what more budget brings.

    `further`: another search follows. `chosen`: the plan was chosen although better ones may be known.
    """

    solver: str
    gap: float
    started: float
    more_budget: bool = False
    further: bool = False
    chosen: bool = False


def plan(estimates: Estimates, steps: Steps, asked: Asked, clock: Clock) -> Plan:
    """Check a solution exactly and state it as a plan; raises CheckError if it fails."""
    solution = steps.first
    scenario, program, found = estimates.scenario, solution.program, solution.plan
    if found is None or solution.bound is None:
        raise ValueError("there is no plan to state")
    traced, bookings = checked(estimates, steps)
    root = solution.bound if solution.root_bound is None else solution.root_bound
    objective = objective_result(program, program.value(found), solution.bound)
    root_bound = objective_result(program, program.value(found), root).bound
    gap = largest_gap(steps)
    told = tell(scenario, *emptied(solution, clock), clock, _EMPTY)
    standing_rules = standings(scenario, solution, clock)
    several = len(steps.solutions) > 1 or asked.further
    more_budget = with_more_budget(solution, asked.gap, clock) if asked.more_budget and not several else None
    warnings = [*scenario.warnings, *none_available(scenario, estimates.columns)]
    if solution.stopped and several:
        warnings.append("the search was stopped before it ended; --rounds makes the work for each goal repeatable")
    elif clock.stopped:
        warnings.append(f"the search was stopped before it ended: --rounds {clock.counted} gives this plan again")
    elif gap > asked.gap and not asked.chosen:
        warnings.append(
            f"a proof within {asked.gap:.2%} was asked for and not reached; with few bookings, more often remains open"
        )
    forecast, ranges = Forecasting(traced, bookings, program.rules).result()
    found_people = reached(traced, bookings.counts.tolist())
    bookings_shown = allocations(traced, bookings, ranges, found_people)
    return Plan(
        scenario=_name(scenario),
        inputs=scenario.inputs,
        claim=claim_of(gap, asked.gap),
        solver_claim=solution.solver_claim,
        currency=scenario.currency.code,
        decimals=scenario.currency.decimals,
        objective=objective,
        totals=totals(traced, bookings, found_people),
        people=people_of(traced, bookings.counts.tolist(), found_people),
        constraints=standing_rules,
        allocations=bookings_shown,
        certificate=certificate(scenario, estimates.columns, solution, objective, root_bound),
        warnings=tuple(warnings),
        solver=_run(program, asked, solution, clock, several=several),
        benchmarks=tuple(_benchmark(line, traced) for line in (*traced.used, *traced.passed_over)),
        definitions=scenario.definitions,
        units=units_of(scenario),
        conflict=told.conflict,
        conflicts=told.conflicts,
        repairs=told.repairs,
        more_budget=more_budget,
        doubts=doubts_of_plan(scenario, _asked_of(traced, bookings_shown)),
        considered=len(scenario.pool),
        excluded=_excluded(scenario),
        runners_up=runners_up(solution),
        unspent=unspent(estimates, steps.last, chosen=asked.chosen),
        goals=goal_results(estimates, steps),
        forecast=forecast,
    )


def no_plan(estimates: Estimates, solution: Solution, asked: Asked, clock: Clock) -> NoPlan:
    """State why there is no plan, with repairs."""
    program = solution.program
    found = clashes(solution, clock) if solution.infeasible else []
    told = tell(estimates.scenario, program, found, clock, _NO_PLAN)
    if solution.infeasible:
        reason = told.reason
    elif solution.stopped:
        reason = "no plan was found within the limit; there may be one: allow more time, or ask for less"
    else:
        reason = "no plan was found: the solver gave no answer that keeps the rules; there may be one"
    return NoPlan(
        scenario=_name(estimates.scenario),
        inputs=estimates.scenario.inputs,
        outcome="infeasible" if solution.infeasible else "no_plan",
        reason=reason,
        proof=solution.proof,
        conflict=told.conflict,
        currency=estimates.scenario.currency.code,
        decimals=estimates.scenario.currency.decimals,
        rules=told.rules,
        conflicts=told.conflicts,
        repairs=told.repairs,
        certificate=refutation(estimates.scenario, estimates.columns, solution),
        warnings=(*estimates.scenario.warnings, *none_available(estimates.scenario, estimates.columns)),
        solver=_run(program, asked, solution, clock),
        units=units_of(estimates.scenario),
        doubts=estimates.scenario.doubts,
        considered=len(estimates.scenario.pool),
        excluded=_excluded(estimates.scenario),
        forecast=settings(estimates.scenario),
    )


def _excluded(scenario: Scenario) -> tuple[Excluded, ...]:
    return tuple(Excluded(by, count) for by, count in scenario.excluded)


def _asked_of(traced: Estimates, allocations: Iterable[Allocation]) -> list[Booking]:
    """The bookings as doubts are asked of them."""
    segments = {segment.position for segment in traced.scenario.segments}
    guessed = traced.sources.get("authenticity")
    return [
        Booking(
            position=int(traced.columns.creator[at]),
            values=booking.values,
            guessed=frozenset({"authenticity"} if guessed is not None and guessed[at] == UNKNOWN else ()),
            named=int(traced.columns.creator[at]) not in segments,
        )
        for at, booking in enumerate(allocations)
    ]


def units_of(scenario: Scenario) -> Mapping[str, str]:
    """The unit of each quantity and ratio; of people reached only where it is known who could be."""
    units = {name: quantity.unit for name, quantity in scenario.quantities.items()}
    units |= {ratio.name: ratio.unit for ratio in RATIOS.values()}
    unknown = (REACH, *(ratio.name for ratio in RATIOS.values() if ratio.denominator == REACH))
    return units if scenario.audience is not None else {name: units[name] for name in units if name not in unknown}


def _benchmark(line: Assumption, traced: Estimates) -> UsedBenchmark:
    said = line.benchmark
    if said is None:
        raise TypeError("the line is from no pack")

    def written(value: Decimal) -> str:
        if FIGURES[said.figure].unit in ("rate", "factor"):
            return f"{plain(value * 100)} %"
        text = f"{plain(value)} {said.currency}" if said.currency else plain(value)
        return f"{text} per 1,000 followers" if said.per_thousand_followers else text

    ranged = said.low != said.high
    return UsedBenchmark(
        pack=said.pack,
        figure=said.figure,
        speaks_of=said.whom,
        level=line.level,
        value=written(said.at(line.level)),
        low=written(said.low) if ranged else None,
        high=written(said.high) if ranged else None,
        source=said.source,
        date=said.date,
        passed_over=line in traced.passed_over,
    )


def _name(scenario: Scenario) -> ScenarioName:
    return ScenarioName(scenario.name, scenario.variant, dict(scenario.changes))


def _run(program: Program, asked: Asked, solution: Solution, clock: Clock, *, several: bool = False) -> SolverRun:
    seconds = round(time.monotonic() - asked.started, 3)
    proof = solution.branches
    return SolverRun(
        engine=asked.solver,
        gap=asked.gap,
        columns=program.bookings,
        rows=len(program.rows),
        seconds=seconds,
        stopped=clock.stopped or (several and solution.stopped),
        ties=solution.ties,
        way="prices" if proof is None else "cases",
        open=0 if proof is None else program.bookings if proof.settled is None else len(proof.settled.free),
        rounds=clock.counted if clock.stopped and not several else None,
    )


def number(scenario: Scenario, quantity: str, total: Fraction | int) -> float:
    """An exact total in the quantity's unit; an integer where the quantity is integer."""
    exact = Fraction(total) / scenario.scale(quantity)
    return int(exact) if scenario.quantities[quantity].whole and exact.denominator == 1 else float(exact)


def totals(traced: Estimates, bookings: Booked, people: Reached | None) -> dict[str, float]:
    """Every quantity and ratio that follows from the booked creators' figures."""
    scenario, exact = traced.scenario, dict[str, Fraction | int]()
    counts = bookings.counts.tolist()
    for measure, values in traced.values.items():
        if not measure.people:
            exact[measure.quantity] = sum(a * b for a, b in zip(values.tolist(), counts, strict=True))
    for name, quantity in scenario.quantities.items():
        if quantity.distinct is not None:
            exact[name] = MICRO * different(traced, counts, quantity.distinct)
    if people is not None:
        exact[REACH] = people.exact
    judged = held_back(traced, counts)
    found: dict[str, float] = {name: number(scenario, name, exact[name]) for name in _named(scenario) if name in exact}
    for ratio in RATIOS.values():
        above, below = exact.get(ratio.numerator), exact.get(ratio.denominator)
        if above is not None and below:
            scales = Fraction(scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
            found[ratio.name] = float(ratio.factor * Fraction(above) / Fraction(below) * scales)
    return found if judged is None else found | {HELD_BACK: judged.exact / MICRO}


def _named(scenario: Scenario) -> list[str]:
    """The quantities that a plan shows: those in use, and all others except redundant ones."""
    kinds = len([name for name in scenario.quantities if name.startswith("deliverables.")])
    asked = {measure.quantity for measure in scenario.measures}
    return [
        name
        for name, quantity in scenario.quantities.items()
        if not quantity.helper
        and (name in asked or not (name == "cash_cost" or (name.startswith("deliverables.") and kinds == 1)))
    ]


def allocations(
    traced: Estimates, bookings: Booked, ranges: Sequence[Mapping[str, BookingForecast]], people: Reached | None
) -> tuple[Allocation, ...]:
    """The bookings of a plan as they are stated, with the ranges of each."""
    stepped = {segment.position: segment for segment in traced.scenario.segments if segment.steps}
    named = _named(traced.scenario)
    added = [None] * len(ranges) if people is None else [round(one, 6) for one in people.added.tolist()]
    return tuple(
        replace(_allocation(traced, at, count, stepped, named), forecast=mine, adds_people=added[at])
        for at, (count, mine) in enumerate(zip(bookings.counts.tolist(), ranges, strict=True))
    )


def _allocation(
    traced: Estimates, at: int, count: Fraction | int, stepped: Mapping[int, Segment], named: list[str]
) -> Allocation:
    scenario, columns = traced.scenario, traced.scenario.pool.columns
    creator, offer = int(traced.columns.creator[at]), scenario.offers[int(traced.columns.offer[at])]
    labels: dict[str, str | None] = {} if PAY in scenario.quantities else {PAY: offer.pay.model}
    for name in _LABELS:
        column = columns.get(name)
        if isinstance(column, Labels):
            code = int(column.codes[creator])
            labels[name] = column.vocabulary[code] if code >= 0 else None
    values = {
        name: number(scenario, name, int(traced.values[Measure(name)][at]) * count)
        for name in named
        if Measure(name) in traced.values
    }
    estimated = {name: str(source[at]) for name, source in traced.sources.items() if source[at] not in ("", OWN)}
    whole, step = Fraction(count).denominator == 1, int(traced.columns.step[at])
    return Allocation(
        creator=scenario.pool.ids[creator],
        offer=offer.name,
        count=int(count) if whole else float(count),
        labels=labels,
        values=values,
        estimated=dict(sorted(estimated.items())),
        step=step + 1 if creator in stepped else None,
        keeps=stepped[creator].steps[step].keep if creator in stepped else None,
        exact_count=None if whole else str(Fraction(count)),
    )
