"""From a scenario and its estimates to the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import lcm

import numpy as np

from optimizer.domain.constraints import Measure, Objective
from optimizer.domain.exact import Ints
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.counting import Counting
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.kinds.registry import KINDS
from optimizer.formulation.program import Aim, Program
from optimizer.formulation.supply import supply_of
from optimizer.formulation.terms import COUNTED, Row, Term


def build(estimates: Estimates) -> Program:
    """Build the program of a scenario.

    Raises
    ------
    ScenarioError
        If a rule makes too many rows, or needs whole bookings where there are parts.
    """
    scenario, supply = estimates.scenario, supply_of(estimates)
    indicators = Indicators(supply)
    counting = Counting(estimates, supply, indicators)
    aim, *later = (aim_of(objective, counting) for objective in scenario.objectives)
    rules = tuple(rule for said in scenario.constraints for rule in KINDS[said.rule_kind].rules(said, counting))
    rows = indicators.tied()
    for at, rule in enumerate(rules):
        made = list(rule.rows(at, indicators))
        rows += [*indicators.tied(), *made]
    program = Program(
        unit=supply.unit,
        most=np.zeros(0, dtype=np.int64),
        whole=supply.whole,
        available=supply.available,
        required=supply.required,
        objective=aim.objective,
        costs=aim.costs,
        denominator=aim.denominator,
        later=tuple(later),
        rules=rules,
        rows=(),
        creator=supply.creator,
        ids=scenario.pool.ids,
        parts=supply.parts,
    )
    return _joined(program, indicators, [*rows, *indicators.orders()])


def aim_of(objective: Objective, counting: Counting) -> Aim:
    """A goal's terms over one common denominator."""
    scenario = counting.estimates.scenario
    weights = [(name, weight / scenario.scale(name)) for name, weight in objective.weights]
    denominator = lcm(*(weight.denominator for _, weight in weights))
    terms = (counting.term(Measure(name), None).times(int(weight * denominator)) for name, weight in weights)
    return Aim(objective, tuple(terms), denominator)


def _joined(program: Program, indicators: Indicators, rows: Sequence[Row]) -> Program:
    """The program with its rows, and the columns that follow from bookings; whose measures are 0 for these."""
    known: dict[int, Ints] = {}
    more = indicators.more
    length = indicators.bookings + more

    def longer(term: Term) -> Term:
        if term.own or len(term.values) == length:
            return term
        if id(term.values) not in known:
            filler = np.full(length - len(term.values), 1 if term.measure == COUNTED else 0, dtype=np.int64)
            known[id(term.values)] = np.concatenate([term.values, filler])
        return replace(term, values=known[id(term.values)])

    every = [replace(row, terms=tuple(map(longer, row.terms))) for row in rows]
    if more:
        available = np.full(more, program.parts, dtype=np.int64)
        for block in indicators.overlaps:
            first = block.first - indicators.bookings
            available[first : first + len(block)] *= block.most(indicators.supply)
        program = replace(
            program,
            unit=np.concatenate([program.unit, np.arange(more) + len(program.available)]),
            whole=np.concatenate([program.whole, np.ones(more, np.bool_)]),
            available=np.concatenate([program.available, available]),
            required=np.concatenate([program.required, np.zeros(more, dtype=np.int64)]),
        )
    return replace(
        program,
        costs=tuple(map(longer, program.costs)),
        later=tuple(replace(aim, costs=tuple(map(longer, aim.costs))) for aim in program.later),
        rules=tuple(rule.longer(longer) for rule in program.rules),
        indicators=tuple(replace(one, term=longer(one.term)) for one in indicators.found),
        overlaps=tuple(indicators.overlaps),
    ).relaxed(every)
