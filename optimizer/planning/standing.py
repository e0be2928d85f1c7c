"""How each rule stands in a plan, with the price of its bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.domain.scenario import Scenario
from optimizer.formulation.terms import Term
from optimizer.planning.kinds import result
from optimizer.planning.sides import SidedPrices
from optimizer.results.plan import ConstraintResult
from optimizer.solving.engine import Solution
from optimizer.solving.highs import Clock


def standings(scenario: Scenario, solution: Solution, clock: Clock) -> tuple[ConstraintResult, ...]:
    """How all rules stand in the plan, with the sides on which their prices hold."""
    plan = solution.plan
    if plan is None:
        raise ValueError("there is no plan to measure")
    rules = solution.program.rules
    found = [result(scenario, rule, plan, shadow_price(solution, at)) for at, rule in enumerate(rules)]
    if solution.stopped or not any(rule.shadow_price for rule in found):
        return tuple(found)
    sided = SidedPrices(solution, clock, shadow_price)
    for at, rule in enumerate(found):
        sides = sided.of(at, rule.shadow_price)
        if sides is not None:
            found[at] = replace(rule, price_of=sides.of, price_up=sides.up, price_down=sides.down)
    return tuple(found)


def shadow_price(solution: Solution, at: int) -> float:
    """d objective / d bound as written: the row's price, times the total that a share or a ratio refers to."""
    program, price, percent = solution.program, 0.0, False
    rule = program.rules[at]
    for row, dual in zip(program.rows, solution.prices, strict=True):
        if row.rule != at or not dual:
            continue
        slope = rule.slope(row)
        if slope is None:
            continue  # there is no bound that could be loosened by one
        base = _relaxed_total(slope.base, solution) if isinstance(slope.base, Term) else float(slope.base)
        multiplier = row.terms[0].multiplier if row.terms else 0
        gain = dual if row.lower is not None and row.lower == row.upper else abs(dual)
        price += gain * multiplier * base / float(slope.lead) / program.denominator
        percent = slope.percent
    return price / 100 if percent else price


def _relaxed_total(term: Term, solution: Solution) -> float:
    columns = np.flatnonzero(solution.relaxed)
    return float(term.at(columns) @ solution.relaxed[columns])
