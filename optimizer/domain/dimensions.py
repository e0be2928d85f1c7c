"""The dimensions of bookings, and which of them answers a column that a filter, a rule or a count asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.domain.filters import Filter
from optimizer.domain.offers import Offer
from optimizer.domain.pool import CREATOR, Column, Dimension, Labels, Pool

OFFER, STEP = "offer", "step"


class Offers(Dimension):
    """The offers, as a dimension: what each is called, and how it is paid."""

    COLUMNS: ClassVar[Mapping[str, Callable[[Offer], tuple[str, ...]]]] = {
        OFFER: lambda offer: offer.names,
        "pay": lambda offer: (offer.pay.name,),
        "model": lambda offer: (offer.pay.model,),
    }

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__({column: _labels(tuple(map(names, offers))) for column, names in self.COLUMNS.items()})


def _labels(called: tuple[tuple[str, ...], ...]) -> Labels:
    """A column of names, each a single value: in counts and their rows, `|` would part several."""
    return Labels(np.arange(len(called)), tuple(names[0].replace("|", "¦") for names in called), called)


@dataclass(frozen=True, eq=False)
class Dimensions:
    """Dimensions by what messages call an entry. A column that several have is that of the first."""

    every: dict[str, Dimension]

    def of(self, column: str) -> str:
        """The dimension that answers a column; of columns that there are not, the creators."""
        return next((name for name in self.every if self.every[name].answers(column)), CREATOR)

    def column(self, column: str) -> Column | None:
        """The entries of a column; None if there is none, or if creators are asked for by name."""
        return self.every[self.of(column)].columns.get(column)

    @property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return list(dict.fromkeys(column for one in self.every.values() for column in one.columns))

    @property
    def texts(self) -> dict[str, Labels]:
        """The columns of texts."""
        return {column: found for column in self.columns if isinstance(found := self.column(column), Labels)}

    def parted(self, where: Filter) -> Iterator[tuple[str, Filter]]:
        """What a filter asks of each dimension."""
        for name in dict.fromkeys(self.of(column) for column, _ in where):
            yield name, where.only([column for column, _ in where if self.of(column) == name])


def dimensions_of(pool: Pool, offers: Sequence[Offer]) -> Dimensions:
    """The dimensions of all bookings."""
    return Dimensions({OFFER: Offers(offers), CREATOR: pool})
