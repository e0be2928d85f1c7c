"""The certificate: what proves a bound or a clash, in names that a reader can find again without us."""

from __future__ import annotations

from fractions import Fraction

from optimizer.domain.scenario import Scenario
from optimizer.estimation.columns import Columns
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row
from optimizer.planning.plan import Certificate, ObjectiveResult, ProofCase, Refutation, SplitAt
from optimizer.solving.branch import Case
from optimizer.solving.engine import Solution


def certificate(
    scenario: Scenario, columns: Columns, solution: Solution, objective: ObjectiveResult, root_bound: float
) -> Certificate:
    """What proves the bound of a plan."""
    above = None if solution.branches is None else solution.branches.above
    return Certificate(
        rows=dict(zip(row_names(solution.program), solution.prices, strict=True)),
        cells={},
        bound=objective.bound,
        gap=objective.gap,
        root_bound=root_bound,
        above=None if above is None else _whole(above),
        cases=_cases(scenario, columns, solution),
    )


def refutation(scenario: Scenario, columns: Columns, solution: Solution) -> Refutation | None:
    """What proves a clash; None where it is not proved."""
    if solution.against is None or solution.proof == "none":
        return None
    names = dict(zip(map(id, solution.program.rows), row_names(solution.program), strict=True))
    rows = [names[id(row)] for row in solution.against.rows]
    return Refutation(dict(zip(rows, solution.prices, strict=True)), {}, _cases(scenario, columns, solution))


def _whole(number: Fraction) -> int:
    if number.denominator != 1:
        raise ValueError("of whole bookings, the value is whole too")
    return number.numerator


def _cases(scenario: Scenario, columns: Columns, solution: Solution) -> tuple[ProofCase, ...]:
    stepped = {segment.position for segment in scenario.segments if segment.steps}
    cases = () if solution.branches is None else solution.branches.cases
    return tuple(_case(scenario, columns, stepped, case) for case in cases)


def _case(scenario: Scenario, columns: Columns, stepped: set[int], case: Case) -> ProofCase:
    if case.column is None:
        priced = [(at, price) for at, price in enumerate(case.prices) if price]
        rows, prices = tuple(at for at, _ in priced), tuple(price for _, price in priced)
        return ProofCase(rows=rows, prices=prices, impossible=case.impossible)
    if case.column >= len(columns):
        return ProofCase(split=SplitAt(switch=case.column - len(columns) + 1, at_most=case.at))
    creator = int(columns.creator[case.column])
    split = SplitAt(
        creator=scenario.pool.ids[creator],
        offer=scenario.offers[int(columns.offer[case.column])].name,
        step=int(columns.step[case.column]) + 1 if creator in stepped else None,
        at_most=case.at,
    )
    return ProofCase(split=split)


def row_names(program: Program) -> list[str]:
    """The names of all rows in the certificate, in order; where two would be alike, the later one is numbered."""
    taken: set[str] = set()
    times: dict[str, int] = {}
    names: list[str] = []
    for row in program.rows:
        name = own = _row_name(program, row)
        while name in taken:  # where a planner's own name ends in a number, more than once
            times[own] = times.get(own, 1) + 1
            name = f"{own} #{times[own]}"
        taken.add(name)
        names.append(name)
    return names


def _row_name(program: Program, row: Row) -> str:
    """A row's name: its rule's, with the bound that it holds; of a row for one creator or for structure, its label."""
    if row.rule == STRUCTURE:
        return row.label
    name = program.rules[row.rule].name
    if row.label:
        return f"{name}: {row.label}"
    if row.lower is None:
        return f"{name}: at_most"
    if row.upper is None:
        return f"{name}: at_least"
    return f"{name}: exactly" if row.lower == row.upper else f"{name}: between"
