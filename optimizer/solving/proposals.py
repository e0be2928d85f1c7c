"""What a solver is asked, and what it answers: models and answers in plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scipy import sparse

from optimizer.domain.exact import Flags, Floats

OPTIMAL, INFEASIBLE, STOPPED, FAILED = "optimal", "infeasible", "stopped", "failed"

OnSolution = Callable[[Floats], bool]


@dataclass(frozen=True)
class Model:
    """maximize cost x  subject to  row_lower <= A x <= row_upper,  lower <= x <= upper,  x whole where `whole` (n,)."""

    cost: Floats
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    whole: Flags | None = None

    @property
    def is_whole(self) -> bool:
        """Whether any column is whole."""
        return self.whole is not None and bool(self.whole.any())


@dataclass(frozen=True)
class Basis:
    """Of columns or rows: which are basic, and which are at their upper bound."""

    basic: Flags
    upper: Flags


@dataclass(frozen=True)
class Answer:
    """What the solver says: its status, the values of the columns, the duals of the rows (d objective / d bound).

    Of a linear model also which columns and rows are basic, and which of the others stand at their upper bound; of one
    without a solution, multipliers of its rows (`ray`) that say so.
    """

    status: str
    x: Floats | None = None
    duals: Floats | None = None
    basis: tuple[Basis, Basis] | None = None
    objective: float = 0.0
    ray: Floats | None = None
