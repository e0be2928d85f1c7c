"""From a solution to the plan that is shown, or to the reason why there is none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.pool import Labels
from optimizer.domain.quantities import NAMED, QUANTITIES, RATIOS
from optimizer.domain.scenario import Scenario
from optimizer.estimation.bookings import OWN
from optimizer.estimation.estimate import Estimates, trace
from optimizer.formulation.program import Program, Row, Rule, Term
from optimizer.planning.check import check
from optimizer.planning.plan import (
    Allocation,
    Certificate,
    Claim,
    ClashingRule,
    ConstraintResult,
    NoPlan,
    ObjectiveResult,
    Plan,
    ScenarioName,
    SolverRun,
)
from optimizer.solving.engine import Solution

_LABELS = ("tier", "platform", "niche", "country")


def plan(estimates: Estimates, program: Program, solution: Solution, gap: float, started: float) -> Plan:
    """Check a solution exactly and state it as a plan; raises CheckError where it does not hold."""
    scenario, columns, counts = estimates.scenario, solution.columns, solution.counts
    if columns is None or counts is None or solution.bound is None:
        raise ValueError("there is no plan to state")
    traced = trace(scenario, estimates.creator[columns], estimates.offer[columns])
    check(program, traced, columns, counts, solution.bound)
    objective = _objective(program, program.value(columns, counts), solution.bound)
    warnings = list(scenario.warnings)
    if solution.stopped:
        warnings.append("stopped before the search ended: another run may give another plan")
    elif objective.gap > gap:
        warnings.append(
            f"a proof within {gap:.2%} was asked for and is not reached: few, whole bookings often leave more"
        )
    return Plan(
        scenario=_name(scenario),
        inputs=scenario.inputs,
        claim=_claim(objective, gap),
        solver_claim=solution.solver_claim,
        currency=scenario.currency.code,
        decimals=scenario.currency.decimals,
        objective=objective,
        totals=_totals(traced, counts),
        constraints=tuple(_standing(scenario, program, solution, at) for at in range(len(program.rules))),
        allocations=tuple(_allocation(traced, at, int(counts[at])) for at in range(len(columns))),
        certificate=Certificate(
            rows=dict(zip(row_names(program), solution.prices, strict=True)),
            cells={},
            bound=objective.bound,
            gap=objective.gap,
        ),
        warnings=tuple(warnings),
        solver=_run(program, started, solution),
    )


def no_plan(estimates: Estimates, program: Program, solution: Solution, started: float) -> NoPlan:
    """State why there is no plan."""
    names = tuple(program.rules[at].name for at in solution.clash)
    if solution.must:
        names = (*names, "include")
    if solution.infeasible:
        proved = "proved" if solution.proof == "prices" else "the solver reports it; not proved"
        rules = "this rule" if len(names) == 1 else "these rules at once"
        reason = f"no plan can keep {rules} ({proved}): {', '.join(names) or 'all of them'}"
    elif solution.stopped:
        reason = "no plan was found within the limit; there may be one: allow more time, or ask for less"
    else:
        reason = "no plan was found: the solver gave no answer that keeps the rules; there may be one"
    return NoPlan(
        scenario=_name(estimates.scenario),
        inputs=estimates.scenario.inputs,
        outcome="infeasible" if solution.infeasible else "no_plan",
        reason=reason,
        proof="prices" if solution.proof == "prices" else "none",
        conflict=names,
        currency=estimates.scenario.currency.code,
        decimals=estimates.scenario.currency.decimals,
        rules=tuple(_clashing(program.rules[at]) for at in solution.clash),
        warnings=estimates.scenario.warnings,
        solver=_run(program, started, solution),
    )


def _clashing(rule: Rule) -> ClashingRule:
    said = rule.constraint
    return ClashingRule(
        name=said.name,
        per_value=rule.label,
        quantity=said.measure.quantity,
        kind=said.kind,
        of=_of_json(said.of),
        at_least=_float(said.at_least),
        at_most=_float(said.at_most),
    )


def row_names(program: Program) -> list[str]:
    """The names of all rows in the certificate, in order; where two would be alike, the later one is numbered."""
    names: list[str] = []
    for row in program.rows:
        name, number = _row_name(program, row), 2
        while name in names:
            name, number = f"{_row_name(program, row)} #{number}", number + 1
        names.append(name)
    return names


def _row_name(program: Program, row: Row) -> str:
    """A row's name: its rule's, with the bound that it holds."""
    name = program.rules[row.rule].name
    if row.lower is None:
        return f"{name}: at_most"
    if row.upper is None:
        return f"{name}: at_least"
    return f"{name}: exactly" if row.lower == row.upper else f"{name}: between"


def _name(scenario: Scenario) -> ScenarioName:
    return ScenarioName(scenario.name, scenario.variant, dict(scenario.changes))


def _run(program: Program, started: float, solution: Solution) -> SolverRun:
    seconds = round(time.monotonic() - started, 3)
    return SolverRun("highs", len(program), len(program.rows), seconds, solution.stopped)


def _objective(program: Program, value: int, bound: int) -> ObjectiveResult:
    """Value and bound in the objective's own sense; the gap is over the value, or one unit of it where that is less."""
    unit, sign = program.denominator, program.objective.sign
    return ObjectiveResult(
        sense=program.objective.sense,
        of={name: float(weight) for name, weight in program.objective.weights},
        value=float(Fraction(sign * value, unit)),
        bound=float(Fraction(sign * bound, unit)),
        gap=float(Fraction(bound - value, max(abs(value), unit))),
        gap_absolute=float(Fraction(bound - value, unit)),
    )


def _claim(objective: ObjectiveResult, gap: float) -> Claim:
    if objective.gap == 0:
        return "optimal"
    return "within_gap" if objective.gap <= gap else "feasible"


def number(quantity: str, total: int, scale: int) -> float:
    """An integer total in the quantity's unit: whole where only wholes make sense."""
    exact = Fraction(total, scale)
    return int(exact) if QUANTITIES[quantity].whole and exact.denominator == 1 else float(exact)


def _totals(traced: Estimates, counts: Ints) -> dict[str, float]:
    """Every quantity and ratio that the booked creators' figures give."""
    scenario, exact = traced.scenario, {}
    for measure, values in traced.values.items():
        if not measure.people:
            exact[measure.quantity] = sum(a * b for a, b in zip(values.tolist(), counts.tolist(), strict=True))
    totals: dict[str, float] = {
        name: number(name, exact[name], scenario.scale(name)) for name in NAMED if name in exact
    }
    for ratio in RATIOS.values():
        above, below = exact.get(ratio.numerator), exact.get(ratio.denominator)
        if above is not None and below:
            scales = Fraction(scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
            totals[ratio.name] = float(Fraction(ratio.factor * above, below) * scales)
    return totals


def _allocation(traced: Estimates, at: int, count: int) -> Allocation:
    scenario = traced.scenario
    creator, offer = int(traced.creator[at]), scenario.offers[int(traced.offer[at])]
    columns = scenario.pool.columns
    labels: dict[str, str | None] = {}
    for name in _LABELS:
        column = columns.get(name)
        if isinstance(column, Labels):
            code = int(column.codes[creator])
            labels[name] = column.vocabulary[code] if code >= 0 else None
    values = {
        name: number(name, int(traced.values[Measure(name)][at]) * count, scenario.scale(name))
        for name in NAMED
        if Measure(name) in traced.values
    }
    estimated = {name: str(source[at]) for name, source in traced.sources.items() if source[at] not in ("", OWN)}
    return Allocation(scenario.pool.ids[creator], offer.name, count, labels, values, dict(sorted(estimated.items())))


def _standing(scenario: Scenario, program: Program, solution: Solution, at: int) -> ConstraintResult:
    """How one rule stands in the plan."""
    rule, columns, counts = program.rules[at], solution.columns, solution.counts
    if columns is None or counts is None:
        raise ValueError("there is no plan to measure")
    constraint, quantity = rule.constraint, rule.constraint.measure.quantity
    measured, base = rule.measured.total(columns, counts), rule.base_total(columns, counts)
    value = rule.lead * measured / base if base else None
    unit = scenario.scale(rule.measured.measure.quantity)
    rooms = []
    if constraint.at_least is not None:
        rooms.append(measured - constraint.at_least * base / rule.lead)
    if constraint.at_most is not None:
        rooms.append(constraint.at_most * base / rule.lead - measured)
    room = min(rooms) / unit
    price = _shadow_price(program, solution, at)
    group = {**filter_json(constraint.group)}
    if constraint.per is not None:
        group[constraint.per] = rule.label
    return ConstraintResult(
        name=constraint.name,
        quantity=quantity,
        group=group,
        people=filter_json(constraint.measure.people),
        kind=constraint.kind,
        of=_of_json(constraint.of),
        at_least=_float(constraint.at_least),
        at_most=_float(constraint.at_most),
        value=_shown(quantity, constraint.kind, value),
        room=float(room),
        binding=room == 0,
        shadow_price=price,
        per_value=rule.label,
    )


def _shown(quantity: str, kind: str, value: Fraction | None) -> float | None:
    """A rule's value: whole where only wholes make sense."""
    if value is None:
        return None
    return int(value) if kind == "absolute" and QUANTITIES[quantity].whole and value.denominator == 1 else float(value)


def _shadow_price(program: Program, solution: Solution, at: int) -> float:
    """d objective / d bound as written: the row's price, times the total that a share or a ratio refers to."""
    rule, price = program.rules[at], 0.0
    base = _relaxed_total(rule.base, solution) if isinstance(rule.base, Term) else float(rule.base)
    for row, dual in zip(program.rows, solution.prices, strict=True):
        if row.rule != at or not dual:
            continue
        multiplier = row.terms[0].multiplier if row.terms else 0
        gain = dual if row.lower is not None and row.lower == row.upper else abs(dual)
        price += gain * multiplier * base / float(rule.lead) / program.denominator
    return price / 100 if rule.constraint.kind == "share" else price


def _relaxed_total(term: Term, solution: Solution) -> float:
    dense = np.zeros(len(solution.relaxed))
    term.add_to(dense, 1.0)
    return float(dense @ solution.relaxed)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _of_json(of: Filter | Fraction | None) -> Any:
    if isinstance(of, Filter):
        return filter_json(of) if of else "plan"
    return None if of is None else "budget"


def filter_json(where: Filter) -> Mapping[str, Any]:
    """A filter as the scenario file writes it."""
    shown: dict[str, Any] = {}
    for column, condition in where:
        if isinstance(condition, AnyOf):
            shown[column] = condition.values[0] if len(condition.values) == 1 else list(condition.values)
        else:
            words = {
                "from": condition.at_least,
                "to": condition.at_most,
                "above": condition.above,
                "below": condition.below,
            }
            shown[column] = {word: float(bound.value) for word, bound in words.items() if bound is not None}
    return shown
