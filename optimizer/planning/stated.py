"""What is stated of a goal: its value, its bound, and what may be claimed of them."""

from __future__ import annotations

from fractions import Fraction

from optimizer.formulation.program import Program
from optimizer.results.plan import Claim, ObjectiveResult


def objective_result(program: Program, value: Fraction, bound: Fraction) -> ObjectiveResult:
    """Value and bound in the objective's own sense; the gap is relative to the value, or to 1 if the value is less."""
    unit, sign = program.denominator, program.objective.sign
    return ObjectiveResult(
        sense=program.objective.sense,
        of={name: float(weight) for name, weight in program.objective.weights},
        value=float(Fraction(sign * value, unit)),
        bound=float(Fraction(sign * bound, unit)),
        gap=float(Fraction(bound - value, max(abs(value), Fraction(unit)))),
        gap_absolute=float(Fraction(bound - value, unit)),
    )


def claim_of(gap: float, asked: float) -> Claim:
    """What may be claimed of a plan with this gap."""
    if gap == 0:
        return "optimal"
    return "within_gap" if gap <= asked else "feasible"
