"""What proposes whole bookings: HiGHS in its own arrays, or any other solver through PuLP. All have one contract."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from optimizer.domain.exact import Floats
from optimizer.solving import highs, pulp_backend

HIGHS = "highs"


class Backend(Protocol):
    """Solves a model within the clock; what it answers is a proposal. See `highs.solve`."""

    def __call__(
        self,
        model: highs.Model,
        clock: highs.Clock,
        *,
        relative_gap: float = 0.0,
        on_solution: Callable[[Floats], bool] | None = None,
    ) -> highs.Answer: ...


def names() -> tuple[str, ...]:
    """The solvers that can be chosen here."""
    return (HIGHS, *pulp_backend.available())


def backend(name: str) -> Backend:
    """A solver by name; raises SolverMissingError where it is not here."""
    if name == HIGHS:
        return highs.solve
    if name not in pulp_backend.available():
        raise pulp_backend.SolverMissingError(name)
    return partial(pulp_backend.solve, solver=name)
