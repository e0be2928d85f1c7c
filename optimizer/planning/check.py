"""The exact check: no plan is shown that does not pass it."""

from __future__ import annotations

from fractions import Fraction

from optimizer.errors import CheckError
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked


def check(program: Program, traced: Estimates, plan: Booked, bound: Fraction | None) -> None:
    """Recompute a plan in exact numbers and check it against every rule, every unit and the proven bound.

    Parameters
    ----------
    traced
        The chosen bookings, estimated anew.
    bound
        The proven bound, in the program's units.

    Raises
    ------
    CheckError
        If the plan fails. This is a fault of creatormix, never of the planner.
    """
    failures = _estimates(program, traced, plan)
    failures += filter(None, (rule.failure(plan) for rule in program.rules))
    failures += (f"{row.label or row.bound} is broken" for row, _ in program.failures(plan))
    if not program.keeps_units(plan):
        failures.append("a creator is booked more often than possible, or not at all though included")
    value = program.value(plan)
    if bound is not None and value > bound:
        failures.append(f"the plan's value {float(value)} is above the proven bound {float(bound)}")
    if failures:
        raise CheckError(failures)


def _estimates(program: Program, traced: Estimates, plan: Booked) -> list[str]:
    """Compare the values that the program was built on with new estimates of the chosen bookings."""
    columns = plan.columns[plan.columns < program.bookings]
    terms = [*program.costs, *(term for row in program.rows for term in row.terms)]
    wrong = {
        str(term.measure)
        for term in terms
        if term.measure in traced.values and (term.values[columns] != traced.values[term.measure]).any()
    }
    return [f"{name} of the chosen bookings differs from what was planned with" for name in sorted(wrong)]
