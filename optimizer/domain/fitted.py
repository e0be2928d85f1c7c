"""How audiences overlap, as it was learned from measurements and written to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

METHODS: Final = ("curve", "pairs", "sample")
Method = Literal["curve", "pairs", "sample"]


@dataclass(frozen=True, slots=True)
class FittedCurve:
    """The curve of one cell of people, by the column values that say who they are; of everybody where `cell` is empty.

    `k` says how unevenly they follow creators; None is chance overlap. `people` is how many there are, with which k was
    fitted; None where that is not known.
    """

    k: float | None
    cell: Mapping[str, str] = field(default_factory=dict)
    people: float | None = None


@dataclass(frozen=True, slots=True)
class FitError:
    """How far off one way of predicting is, over so many measured sets that were held back.

    `of` says what was predicted for which sets, `way` how. `median` and `p90` are of the size of
    `predicted / measured - 1`, `bias` is its median with its sign: above 0, predictions are too high.
    """

    of: str
    way: str
    sets: int
    median: float
    p90: float
    bias: float


@dataclass(frozen=True, slots=True)
class FittedAudience:
    """How audiences overlap.

    Of `curve`: the `curves`. Of `pairs` and `sample`: `cells` has how many people each cell has, and `creators` how
    many people of each creator's audience are in each cell, by the cell's number. In cells of pairs audiences overlap
    by chance; what the cells leave of a creator's audience overlaps with nobody. Everybody in a cell of a sample
    follows the same creators.

    `errors` were measured on what was held back, `made_from` counts what was read; `seed` is of the random draws.
    """

    method: Method
    curves: tuple[FittedCurve, ...] = ()
    cells: tuple[float, ...] = ()
    creators: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    errors: tuple[FitError, ...] = ()
    made_from: Mapping[str, int | str | float] = field(default_factory=dict)
    seed: int = 0
