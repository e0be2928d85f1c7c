"""The exact check: no plan is shown that does not pass it."""

from __future__ import annotations

from fractions import Fraction

from optimizer.domain.exact import Ints
from optimizer.errors import CheckError
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.program import Program, Rule


def check(program: Program, traced: Estimates, columns: Ints, counts: Ints, bound: int | None) -> None:
    """Recompute a plan in integers and hold it against every rule, every unit and the proven bound.

    Parameters
    ----------
    traced
        The chosen bookings, estimated anew.
    bound
        What no plan passes, in the program's units.

    Raises
    ------
    CheckError
        With every failure. This is a fault of ours, never of the planner's.
    """
    failures = [*_estimates(program, traced, columns), *_rules(program, columns, counts)]
    if not program.keeps_units(columns, counts):
        failures.append("a creator is booked more often than possible, or not at all though included")
    value = program.value(columns, counts)
    if bound is not None and value > bound:
        failures.append(f"the plan's value {value} is above the proven bound {bound}")
    if failures:
        raise CheckError(failures)


def _estimates(program: Program, traced: Estimates, columns: Ints) -> list[str]:
    """The values that the program was built on against those estimated anew for the chosen bookings alone."""
    terms = [*program.costs, *(term for row in program.rows for term in row.terms)]
    wrong = {
        str(term.measure) for term in terms if (term.values[columns] != traced.values.get(term.measure, None)).any()
    }
    return [f"{name} of the chosen bookings differs from what was planned with" for name in sorted(wrong)]


def _rules(program: Program, columns: Ints, counts: Ints) -> list[str]:
    failures = []
    for rule in program.rules:
        measured, base = rule.measured.total(columns, counts), rule.base_total(columns, counts)
        low, high = rule.constraint.at_least, rule.constraint.at_most
        if low is not None and rule.lead * measured < low * base:
            failures.append(f"{rule.name}: {_shown(rule, measured, base)} is below {float(low):g}")
        if high is not None and rule.lead * measured > high * base:
            failures.append(f"{rule.name}: {_shown(rule, measured, base)} is above {float(high):g}")
    return failures


def _shown(rule: Rule, measured: int, base: Fraction) -> str:
    return f"{float(rule.lead * measured / base):.6g}" if base else f"{float(rule.lead * measured):.6g} of nothing"
