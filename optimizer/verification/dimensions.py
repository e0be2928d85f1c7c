"""What bookings are of, creators and offers: which of them has a column, and which bookings meet a filter."""

from __future__ import annotations

from optimizer.domain.dimensions import Offers
from optimizer.domain.filters import Filter
from optimizer.domain.scenario import Scenario
from optimizer.verification.creators import Creators, Entries

Column = tuple[int, int, int]  # a creator's position, a step of returns from 0, an offer's position


class Dimensions:
    """The dimensions by their places in a `Column`; a column that several have is that of the first."""

    def __init__(self, scenario: Scenario) -> None:
        self.creators = Creators(scenario.pool)
        offers = Entries(Offers(scenario.offers).columns, len(scenario.offers))
        self._every: dict[int, Entries] = {2: offers, 0: self.creators}
        self._parted: dict[Filter, list[tuple[int, list[bool]]]] = {}

    def of(self, column: str) -> tuple[int, Entries]:
        """The dimension that has a column, after its place; of columns that there are not, the creators."""
        return next((one for one in self._every.items() if one[1].has(column)), (0, self.creators))

    def parted(self, where: Filter) -> list[tuple[int, list[bool]]]:
        """Places in a `Column`, each with who meets what a filter asks there."""
        if where not in self._parted:
            asked: dict[int, list[str]] = {}
            for column, _ in where:
                asked.setdefault(self.of(column)[0], []).append(column)
            self._parted[where] = [(at, self._every[at].matching(where.only(mine))) for at, mine in asked.items()]
        return self._parted[where]

    def meets(self, booking: Column, where: Filter) -> bool:
        """Whether a booking meets a filter."""
        return all(flags[booking[place]] for place, flags in self.parted(where))
