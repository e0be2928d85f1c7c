"""Solves programs in integers by CP-SAT, in a process of its own: JSON in on stdin, JSON out on stdout.

`effort` is counted in work, so that the answers are the same on every machine.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_ANY = 2**62


def solved(said: dict[str, Any], effort: float) -> tuple[str, list[int] | None]:
    """A status, and the columns' values where there are any."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    columns = [model.new_int_var(0, most, f"x{at}") for at, most in enumerate(said["most"])]
    weighted = cp_model.LinearExpr.weighted_sum
    for coefficients, low, high in said["rows"]:
        model.add_linear_constraint(
            weighted(columns, coefficients), -_ANY if low is None else low, _ANY if high is None else high
        )
    for mine, least, most in said["units"]:
        model.add_linear_constraint(cp_model.LinearExpr.sum([columns[at] for at in mine]), least, most)
    model.maximize(weighted(columns, said["goal"]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    status = solver.status_name(solver.solve(model))
    found = status in ("OPTIMAL", "FEASIBLE")
    return status, [solver.value(column) for column in columns] if found else None


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps([solved(model, asked["effort"]) for model in asked["models"]]))
