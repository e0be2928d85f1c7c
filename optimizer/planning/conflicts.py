"""All conflicts of rules: one is found, its rules are dropped, and the next one is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.formulation.program import Program
from optimizer.planning.loosening import asked, without
from optimizer.solving import highs
from optimizer.solving.engine import Solution

_MOST = 20
ROUNDS = 2_000  # of work, for the search for each further conflict


@dataclass(frozen=True)
class FoundConflict:
    """Rules that conflict, by position; `must`: only together with the creators who must be booked."""

    rules: tuple[int, ...]
    must: bool
    proved: bool


def clashes(solution: Solution, clock: highs.Clock) -> list[FoundConflict]:
    """Every conflict of an infeasible program: they share no rule, and without all of them a plan exists.

    The first is the one that the solution proves. Further ones are found in the same way, within the limit of the
    clock.
    """
    found = [FoundConflict(solution.clash, solution.must, solution.proof != "none")]
    while len(found) < _MOST and found[-1].rules and not clock.over:
        rest = asked(_rest(solution.program, found), (), clock.part(ROUNDS))
        if not rest.infeasible or not (rest.clash or rest.must):
            break
        found.append(FoundConflict(rest.clash, rest.must, rest.proof != "none"))
    return found


def _rest(program: Program, found: Sequence[FoundConflict]) -> Program:
    return without(program, rules_of(found), include=not any(one.must for one in found))


def rules_of(found: Sequence[FoundConflict]) -> tuple[int, ...]:
    """The rules of all conflicts, by position."""
    return tuple(sorted(at for one in found for at in one.rules))
