"""The audience: the people whom creators reach, in cells, and how much of each creator's audience lies in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.curves import Curve
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.filters import AnyOf, Filter, fold


@dataclass(frozen=True, eq=False)
class Audience:
    """People in cells. People of one cell are alike in all but whom they follow.

    Parameters
    ----------
    names
        Of the cells, as a planner reads them.
    curves
        Of the cells: how many people each has, and how unevenly these follow creators.
    values
        Of the cells: the value of each dimension (folded), by the dimension's name. Learned cells have none.
    starts
        (creators + 1,) Where each creator's part begins in `cell` and `share`.
    cell, share
        Cells (ascending within a creator), and the share of the creator's audience that lies in each.
    estimated
        Whether the numbers of people were drawn from the pool.
    learned
        Which creators' shares were measured or learned; the others' follow from the pool's columns.
    held_back
        Of a sample, the people who are not planned with, and judge a plan.
    """

    names: tuple[str, ...]
    curves: tuple[Curve, ...]
    values: tuple[Mapping[str, str], ...]
    starts: Ints
    cell: Ints
    share: Floats
    estimated: bool = False
    learned: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    held_back: Audience | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def seen_by_all(self) -> bool:
        """Whether a booking reaches all people of its cells, however many views it has."""
        return all(curve.all_of_it for curve in self.curves)

    def cells_of(self, people: Filter) -> Flags:
        """(cells,) Which cells hold people whom a filter asks for."""
        found = np.ones(len(self), dtype=np.bool_)
        for column, condition in people:
            wanted = {fold(value) for value in condition.values} if isinstance(condition, AnyOf) else set()
            found &= np.array([values.get(fold(column)) in wanted for values in self.values], dtype=np.bool_)
        return found

    def share_in(self, cells: Flags) -> Floats:
        """(creators,) The share of each creator's audience that lies in some cells, added up in their order."""
        creator = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        weights = np.where(cells[self.cell], self.share, 0.0)
        return np.bincount(creator, weights, len(self.starts) - 1).astype(np.float64)

    def entries(self, creators: Ints) -> tuple[Ints, Ints]:
        """For bookings of some creators (n,): of each entry its booking, and its place in `cell` and `share`."""
        counts = self.starts[creators + 1] - self.starts[creators]
        booking = np.repeat(np.arange(len(creators)), counts)
        first = np.cumsum(counts) - counts
        return booking, np.arange(len(booking)) - first[booking] + self.starts[creators][booking]


def audience_of(
    names: Sequence[str],
    curves: Sequence[Curve],
    values: Sequence[Mapping[str, str]],
    entries: tuple[Ints, Ints, Floats],
    creators: int,
    *,
    estimated: bool = False,
    learned: Flags | None = None,
) -> Audience:
    """An audience from entries (creator, cell, share) in any order; those without a share are left out."""
    creator, cell, share = (np.asarray(one)[np.asarray(entries[2]) > 0] for one in entries)
    order = np.lexsort((cell, creator))
    starts = np.concatenate([[0], np.cumsum(np.bincount(creator, minlength=creators))]).astype(np.int64)
    known = np.zeros(creators, dtype=np.bool_) if learned is None else learned
    ordered = cell[order].astype(np.int64), share[order].astype(np.float64)
    return Audience(_apart(names), tuple(curves), tuple(values), starts, *ordered, estimated, known)


def _apart(names: Sequence[str]) -> tuple[str, ...]:
    """The names of cells, numbered where one has the name of an earlier one: rows of proofs are named after them."""
    if len(set(names)) == len(names):
        return tuple(names)
    taken, times = dict[str, None](), dict[str, int]()
    for wanted in names:
        name = wanted
        while name in taken:
            times[wanted] = times.get(wanted, 1) + 1
            name = f"{wanted} #{times[wanted]}"
        taken[name] = None
    return tuple(taken)
