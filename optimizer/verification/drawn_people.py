"""People reached in each draw a second time, in plain Python: by the product of what bookings miss, or its powers.

These are floats, unlike all else that is drawn, so they are held against those of the plan with a tolerance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from optimizer.domain.audience import Audience
from optimizer.domain.curves import Curve

_NEARLY_ALL, _MOST = 1 - 1e-6, 1e6  # the greatest share that one booking reaches of a cell, and the greatest exposure
_THOUSAND = 1000


class Asked(NamedTuple):
    """The rows whose people are counted, and the cells that hold these people."""

    rows: Collection[int]
    cells: Collection[int]


class _Way(NamedTuple):
    """How a row reaches a cell: the share of it that one thousandth of its gross reach is."""

    row: int
    share: float


@dataclass
class DrawnPeople:
    """The people of an audience whom rows reach; of each row its creator, and how many bookings it stands for."""

    audience: Audience
    rows: Sequence[tuple[int, float]]
    _gross: list[tuple[Sequence[int], Sequence[int]]] = field(default_factory=list)
    _posts: list[Sequence[int]] = field(default_factory=list)

    def see(self, with_errors: Mapping[str, Sequence[int]], without: Mapping[str, Sequence[int]]) -> None:
        """Keep what the next row reaches by itself in each draw."""
        self._gross.append((with_errors["gross_reach"], without["gross_reach"]))
        self._posts.append(without["posts"])

    def everybody(self) -> Asked:
        """All cells, by all rows."""
        return Asked(range(len(self.rows)), range(len(self.audience)))

    def reached(self, asked: Asked, *, alone: bool = False) -> list[int]:
        """The people (thousandths) in each draw, with the errors that bookings share or without."""
        draws = len(self._posts[0]) if self._posts else 0
        totals = [0.0] * draws
        for (curve, ways), people in self._crowds(asked).items():
            found = self._missed(curve, ways, 1 if alone else 0)
            for draw, missed in enumerate(found):
                totals[draw] += round(people * (1.0 - missed))
        return [round(total / _THOUSAND) for total in totals]

    def _crowds(self, asked: Asked) -> dict[tuple[Curve, tuple[_Way, ...]], int]:
        """The people of cells that the same rows reach alike, together: of a sample these are most."""
        starts, curves, cells = self.audience.starts.tolist(), self.audience.curves, set(asked.cells)
        places, shares = self.audience.cell.tolist(), self.audience.share.tolist()
        by_cell: dict[int, list[_Way]] = {}
        for row in sorted(asked.rows):
            creator, often = self.rows[row]
            for part in range(starts[creator], starts[creator + 1]):
                cell = places[part]
                if cell in cells:
                    share = 0.0 if curves[cell].all_of_it else _THOUSAND * shares[part] / curves[cell].people / often
                    by_cell.setdefault(cell, []).append(_Way(row, float(f"{share:.13e}")))
        found: dict[tuple[Curve, tuple[_Way, ...]], int] = {}
        for cell, ways in by_cell.items():
            key = Curve(1, curves[cell].k, curves[cell].all_of_it), tuple(ways)
            found[key] = found.get(key, 0) + curves[cell].people
        return found

    def _missed(self, curve: Curve, ways: Sequence[_Way], version: int) -> list[float]:
        """The share of some cells that is missed in each draw."""
        if curve.all_of_it:
            every = zip(*(self._posts[way.row] for way in ways), strict=True)
            return [0.0 if any(posts) else 1.0 for posts in every]
        if curve.k is None:
            missed = [1.0] * len(self._posts[0])
            for gross, share, often in self._within(ways, version, _NEARLY_ALL):
                if often == 1:
                    missed = [one * (1.0 - other * share) for one, other in zip(missed, gross, strict=True)]
                else:
                    missed = [one * (1.0 - other * share) ** often for one, other in zip(missed, gross, strict=True)]
            return missed
        k = float(curve.k)
        power, grown = -1 / k, [1.0] * len(self._posts[0])
        for gross, share, often in self._within(ways, version, min(_NEARLY_ALL, 1 - (1 + _MOST / k) ** -k)):
            grown = [
                one + often * ((1.0 - other * share) ** power - 1.0) for one, other in zip(grown, gross, strict=True)
            ]
        return [one**-k for one in grown]

    def _within(
        self, ways: Sequence[_Way], version: int, most: float
    ) -> Iterator[tuple[Sequence[float], float, float]]:
        """Of each way the gross reach in each draw, no more than what reaches `most` of the cell; which share of the
        cell a thousandth of it is, and for how many bookings it counts.
        """
        for row, share in ways:
            gross: Sequence[float] = self._gross[row][version]
            if max(gross) * share > most:
                gross = [min(one, most / share) for one in gross]
            yield gross, share, self.rows[row][1]
