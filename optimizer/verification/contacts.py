"""How many people of each cell of the audience a booking reaches by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from optimizer.domain.audience import Audience
from optimizer.verification.curves import exposure, limited
from optimizer.verification.terms import WrongProof


class Contact(NamedTuple):
    """What a booking reaches of one cell: people (millionths), and its exposure (billionths)."""

    people: int
    exposure: int


@dataclass(frozen=True)
class Contacts:
    """What bookings reach of an audience."""

    audience: Audience

    @cached_property
    def _parts(self) -> tuple[list[int], list[int], list[float]]:
        """Where each creator's parts begin, the cells of all parts, and the share of the audience in each."""
        return self.audience.starts.tolist(), self.audience.cell.tolist(), self.audience.share.tolist()

    def of(self, creator: int, gross: int) -> dict[int, Contact]:
        """What a booking of a creator that reaches so many people in all (millionths) reaches of each cell.

        Raises
        ------
        WrongProof
            If a cell has fewer people.
        """
        starts, cells, shares = self._parts
        found = {}
        for part in range(starts[creator], starts[creator + 1]):
            curve, people = self.audience.curves[cells[part]], round(float(gross) * shares[part])
            if curve.all_of_it:
                people = curve.people
            elif people > curve.people:
                raise WrongProof(f"a booking reaches more people of {self.audience.names[cells[part]]} than there are")
            if people > 0:
                exposed = exposure(curve, people)
                found[cells[part]] = Contact(limited(curve, people, exposed), exposed)
        return found
