"""People reached, as what bookings reach each by themselves less what they reach twice: a column for each cell.

Over a group's bookings and a cell of the audience, `overlap = sum of gross x - R(e)` with the concave curve R of the
sum of exposures e. A column holds the overlap from below, by rows that are added where a solution breaks them: for
every slope, R(e) <= slope e + c with the least such c (the tangent), so that

    overlap >= sum of (gross - slope b) x - c

Of whole bookings, one alone overlaps with nobody; the value of a column follows from the bookings, rounded up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy import sparse

from optimizer.domain.constraints import Measure
from optimizer.domain.curves import UNIT, Curve, share_reached
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.estimation.contacts import Contacts
from optimizer.formulation.supply import Supply
from optimizer.formulation.terms import COUNTED, STRUCTURE, Booked, Row, Term

GROSS, EXPOSED = Measure("gross people"), Measure("exposure")  # measures of terms over one cell
_FINE = 26  # a column counts parts of a cell's people of about 2**-26 of them
_STEEP = 24  # slopes are whole numbers of up to so many bits
_HAIR = 1e-6  # of a cell's people that a solution may reach too many, where its overlap is counted in wholes
_GRID = 12  # tangents of a cell where a program is written to a file
_APART = (0.5, 1.0, 2.0)  # the first tangents of a cell are at these multiples of its exposure


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The overlaps of one group's bookings, in some cells: columns from `first` on, one for each cell.

    `cells` (s,) are their places in the audience. The entries of each, from `starts` (s + 1,) on: `columns` are
    bookings (ascending), with the `gross` people (millionths) and the `exposure` (billionths) of each.
    """

    first: int
    name: str
    cells: Ints
    names: tuple[str, ...]
    curves: tuple[Curve, ...]
    starts: Ints
    columns: Ints
    gross: Ints
    exposure: Ints

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def units(self) -> Ints:
        """(s,) The millionths of a person that one of each column stands for."""
        return np.array([unit_of(curve) for curve in self.curves], dtype=np.int64)

    def most(self, supply: Supply) -> Ints:
        """(s,) What the columns can be at most: all that is reached by all bookings, each as often as it may be."""
        times = supply.available[supply.unit[self.columns]] // supply.parts + 1
        high, low = np.divmod(self.gross, 2**31)
        found = [self._sum(high * times), self._sum(low * times)]
        totals = [int(a) * 2**31 + int(b) for a, b in zip(*found, strict=True)]
        return np.array([-(-total // unit) for total, unit in zip(totals, self.units.tolist(), strict=True)])

    def _sum(self, values: Ints) -> Ints:
        return np.add.reduceat(values, self.starts[:-1]) if len(self) else values[:0]

    # --- what bookings make of them ---

    @cached_property
    def _by_booking(self) -> tuple[Ints, Ints, Ints]:
        """The entries by booking: their order, where each booking's begin, and the cell of each."""
        size = int(self.columns.max(initial=-1)) + 1
        order, starts, cell = transposed(self.columns, self.starts, size)
        return order, starts, cell

    def entries(self, booked: Ints) -> tuple[Ints, Ints, Ints]:
        """Of some bookings (p,): for each entry its booking's place among them, its cell, and its own place."""
        order, starts, cell = self._by_booking
        last = len(starts) - 1  # bookings after the last one that has entries have none
        first = starts[np.minimum(booked, last)].astype(np.int64)
        counts = starts[np.minimum(booked + 1, last)] - first
        which = np.repeat(np.arange(len(booked)), counts)
        place = np.arange(len(which)) - (np.cumsum(counts) - counts)[which] + first[which]
        return which, cell[place].astype(np.int64), order[place].astype(np.int64)

    def settled(self, plan: Booked) -> tuple[Ints, Ints]:
        """The columns of a plan of whole bookings that are not 0, and their values."""
        which, cell, entry = self.entries(plan.columns)
        counts = plan.counts[which].astype(np.int64)
        times = np.bincount(cell, weights=counts, minlength=len(self))
        values = np.zeros(len(self), dtype=np.int64)
        several = np.flatnonzero(times > 1)
        if len(several):
            order = np.argsort(cell, kind="stable")
            cell, counts, entry = cell[order], counts[order], entry[order]
            first, last = cell.searchsorted(several), cell.searchsorted(several, side="right")
            for place, at, end in zip(several.tolist(), first.tolist(), last.tolist(), strict=True):
                mine, often = entry[at:end].tolist(), counts[at:end].tolist()
                values[place] = self.value(
                    place,
                    sum(int(self.gross[one]) * count for one, count in zip(mine, often, strict=True)),
                    sum(int(self.exposure[one]) * count for one, count in zip(mine, often, strict=True)),
                )
        found = np.flatnonzero(values)
        return self.first + found, values[found]

    def value(self, place: int, gross: int, exposure: int) -> int:
        """The value of a column: people whom bookings reach by themselves, less those whom they reach together."""
        return max(-(-(gross - self.curves[place].reached(exposure)) // int(self.units[place])), 0)

    def added(self, plan: Booked, columns: Ints) -> tuple[Ints, Ints, Floats]:
        """By how much one more booking of some columns raises overlaps, nearly: for each entry its place among the
        columns, its cell, and the change."""
        which, cell, entry = self.entries(plan.columns)
        times = plan.counts[which].astype(np.float64)
        exposed = np.bincount(cell, weights=times * self.exposure[entry], minlength=len(self)) / UNIT
        which, cell, entry = self.entries(columns)
        more = self._reached_in(cell, exposed[cell] + self.exposure[entry] / UNIT) - self._reached_in(
            cell, exposed[cell]
        )
        change = np.maximum(self.gross[entry] - more, 0.0) / self.units[cell]
        return which, cell, np.where(exposed[cell] > 0, change, 0.0)

    # --- rows ---

    def tangents(self, x: Floats, there: Collection[str], tolerance: float) -> Iterator[Row]:
        """The rows that a solution of the relaxation breaks by more than a share of all that it reaches.

        Those whose labels are `there` already are left out.
        """
        booked = np.flatnonzero(x[: self.first])
        which, cell, entry = self.entries(booked)
        counts = x[booked][which]
        gross = np.bincount(cell, weights=counts * self.gross[entry], minlength=len(self))
        exposed = np.bincount(cell, weights=counts * self.exposure[entry], minlength=len(self))
        reached = self._reached_in(np.arange(len(self)), exposed / UNIT)
        short = gross - reached - x[self.first + np.arange(len(self))] * self.units
        limit = tolerance * float(reached.sum()) / max(int(np.count_nonzero(exposed)), 1)
        begun = {label.rpartition(" ")[0] for label in there}
        people, _, every = self.shapes
        hair = np.where(every, people * _HAIR, self.units.astype(np.float64))
        for at in np.flatnonzero(short > np.maximum(limit, hair)).tolist():
            first = self.label(at, 0).rpartition(" ")[0] not in begun and not self.curves[at].all_of_it
            slopes = (self.steepness(at, float(exposed[at]) * apart) for apart in (_APART if first else (1.0,)))
            yield from (self.row(at, slope) for slope in set(slopes) if self.label(at, slope) not in there)

    @cached_property
    def shapes(self) -> tuple[Floats, Floats, Flags]:
        """Of the cells: their people, k (infinite for chance overlap), and whether a booking reaches all of one."""
        people = np.array([float(curve.people) for curve in self.curves])
        k = np.array([np.inf if curve.k is None else float(curve.k) for curve in self.curves])
        return people, k, np.array([curve.all_of_it for curve in self.curves], dtype=np.bool_)

    def _reached_in(self, places: Ints, e: Floats) -> Floats:
        """The curves of some cells, by floats."""
        people, k, every = self.shapes[0][places], self.shapes[1][places], self.shapes[2][places]
        return people * np.where(every, np.minimum(e, 1.0), share_reached(e, k))

    def like(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows with the labels of some other rows, of a like group and cell."""
        places = {self.label(at, 0).rpartition(" ")[0]: at for at in range(len(self))}
        for row in rows:
            name, _, slope = row.label.rpartition(" ")
            if row.rule == STRUCTURE and name in places and slope.isdecimal():
                yield self.row(places[name], int(slope))

    def grid(self) -> Iterator[Row]:
        """Tangents at some exposures of each cell, from a little to that of all bookings."""
        totals = self._sum(self.exposure) if len(self) else self.exposure[:0]
        for at, total in enumerate(totals.tolist()):
            if self.curves[at].all_of_it:
                yield self.row(at, 0)
                continue
            slopes = {self.steepness(at, total * step) for step in (0.5 ** np.arange(_GRID)).tolist()}
            yield from (self.row(at, slope) for slope in sorted(slopes))

    def steepness(self, place: int, exposure: float) -> int:
        """The slope of the curve at an exposure, as rows write it."""
        return round(self.curves[place].slope(exposure) * self.scale(place))

    def scale(self, place: int) -> int:
        """How many of a row's units make a millionth of a person."""
        return scale_of(self.curves[place])

    def label(self, place: int, steepness: int) -> str:
        """The name of a row."""
        return f"people of {self.names[place]} by {self.name}: slope {steepness}"

    @cached_property
    def _parts(self) -> list[tuple[Ints, Ints, Ints]]:
        """The entries of each cell: bookings, gross people and exposures. All rows of a cell share the same arrays, so
        that passes over the columns read them once.
        """
        ends = zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        return [(self.columns[a:b], self.gross[a:b], self.exposure[a:b]) for a, b in ends]

    def row(self, place: int, steepness: int) -> Row:
        """The tangent of a slope, in units of `scale`."""
        members, gross, exposure = self._parts[place]
        column = np.array([self.first + place])
        curve, scale, unit = self.curves[place], self.scale(place), int(self.units[place])
        c = curve.above(Fraction(steepness, scale))
        terms = [
            Term(scale * unit, COUNTED, np.ones(1, dtype=np.int64), column, own=True),
            Term(-scale, GROSS, gross, members, own=True),
            Term(steepness, EXPOSED, exposure, members, own=True),
        ]
        kept = tuple(term for term in terms if term.multiplier)
        return Row(STRUCTURE, kept, -scale * c, None, self.label(place, steepness))


def overlaps_of(
    found: Contacts, supply: Supply, members: Ints | None, wanted: Flags, names: Sequence[str], curves: Sequence[Curve]
) -> Overlaps | None:
    """The overlaps of a group's bookings (None: of all) in the `wanted` cells; of cells where two bookings may meet.

    The columns have no place and no name yet.
    """
    mine = wanted[found.cell]
    if members is not None:
        inside = np.zeros(len(supply.unit), dtype=np.bool_)
        inside[members] = True
        mine &= inside[found.booking]
    mine &= _meeting(found, mine, supply, len(wanted))[found.cell]
    kept = None if mine.all() else np.flatnonzero(mine)
    booking, cell = (one if kept is None else one[kept] for one in (found.booking, found.cell))
    starts = np.concatenate([[0], np.cumsum(np.bincount(booking, minlength=len(supply.unit)))])
    order, begins, columns = transposed(cell, starts, len(wanted))  # bookings ascend inside a cell
    if kept is not None:
        order = kept[order]
    cells = np.flatnonzero(np.diff(begins))
    return (
        None
        if not len(cells)
        else Overlaps(
            first=0,
            name="",
            cells=cells,
            names=tuple(names[at] for at in cells.tolist()),
            curves=tuple(curves[at] for at in cells.tolist()),
            starts=np.append(begins[cells], len(order)).astype(np.int64),
            columns=columns.astype(np.int64),
            gross=found.gross[order],
            exposure=found.exposure[order],
        )
    )


def _meeting(found: Contacts, mine: Flags, supply: Supply, cells: int) -> Flags:
    """(cells,) Where two of `mine` bookings may meet: of two units, or of one that may be booked twice."""
    cell, unit = found.cell[mine], supply.unit[found.booking[mine]]
    several = np.zeros(cells, dtype=np.bool_)
    several[cell[supply.available[unit] > supply.parts]] = True
    lowest, highest = np.full(cells, len(supply.available)), np.full(cells, -1)
    np.minimum.at(lowest, cell, unit)
    np.maximum.at(highest, cell, unit)
    found_: Flags = several | (lowest < highest)
    return found_


def transposed(columns: Ints, starts: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Entries that are sorted by rows, which begin at `starts`, by columns (of which there are `size`) and then rows:
    their order, where each column's begin, and their rows. Takes time in proportion to the entries.
    """
    index = np.int32 if max(len(columns), size) < 2**31 else np.int64
    order = np.arange(len(columns), dtype=index)
    matrix = sparse.csr_array((order, columns.astype(index), starts.astype(index)), shape=(len(starts) - 1, size))
    turned = matrix.tocsc()
    return turned.data, turned.indptr, turned.indices


def unit_of(curve: Curve) -> int:
    """The millionths of a person in which a cell's overlap is counted."""
    return curve.people if curve.all_of_it else max(curve.people >> _FINE, 1)


def scale_of(curve: Curve) -> int:
    """A power of two by which slopes per billionth of an exposure become whole numbers of some `_STEEP` bits."""
    if curve.all_of_it:
        return 1
    return 1 << max(_STEEP - max(curve.people // UNIT, 1).bit_length(), 0)
