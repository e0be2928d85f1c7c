"""The program: columns, rows, cells, objective; all in integers.

maximize    sign * sum of the objective's terms
subject to  lower <= sum of the row's terms <= upper      for each row
            required[u] <= sum of x over unit u <= available[u],  0 <= x <= most,  x whole where `whole`

The last columns follow from the bookings: binary indicators, and people whom bookings reach twice (overlaps).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.domain.constraints import Objective
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.overlaps import Overlaps
from optimizer.formulation.terms import HELD, STRUCTURE, Booked, Indicator, Row, Term


@dataclass(frozen=True, eq=False)
class Aim:
    """A goal as terms over columns: the sum of `costs` over `denominator`."""

    objective: Objective
    costs: tuple[Term, ...]
    denominator: int


@dataclass(frozen=True, eq=False)
class Program:
    """The program to solve: n columns over m units, rows, objective.

    `unit` (n,), ascending, is the unit that a column books; `most` (n,) its upper bound (0: no plan can have it);
    `whole` (n,) whether it is integer. `available` and `required` (m,) bound the bookings of a unit. `most`,
    `available` and `required` count in parts of a booking: `parts` of them make one. The objective's value is the sum
    of its terms over `denominator`; the program maximises `objective.sign` times it. `creator` (m,) is the position of
    a unit in `ids`.
    """

    unit: Ints
    most: Ints
    whole: Flags
    available: Ints
    required: Ints
    objective: Objective
    costs: tuple[Term, ...]
    denominator: int
    rules: tuple[Rule, ...]
    rows: tuple[Row, ...]
    indicators: tuple[Indicator, ...] = ()
    creator: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    ids: Sequence[str] = ()
    parts: int = 1
    overlaps: tuple[Overlaps, ...] = ()
    later: tuple[Aim, ...] = ()  # goals after this one, in order

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def bookings(self) -> int:
        """How many columns are bookings; those after them follow from these."""
        return len(self) - len(self.indicators) - sum(map(len, self.overlaps))

    @cached_property
    def integral(self) -> Flags:
        """(n,) Which columns a solver or cases must make whole; the whole value of an overlap then follows."""
        found = self.whole.copy()
        for block in self.overlaps:
            found[block.first : block.first + len(block)] = False
        return found

    @property
    def all_whole(self) -> bool:
        """Whether every column is whole."""
        return bool(self.whole.all())

    def times(self, counts: Ints) -> Floats:
        """`most`, `available` or `required` in bookings."""
        return counts / float(self.parts)

    def under(self, rules: Collection[int]) -> Program:
        """The program with these rules only; the rows of the other rules stay and are not enforced."""
        held = {*rules, STRUCTURE}
        allowed = possible((row for row in self.rows if row.rule in held), self.whole, self.required[self.unit] > 0)
        return replace(self, most=allowed * self.available[self.unit])

    def only(self, rules: Collection[int], *, include: bool = True) -> Program:
        """The program with only the rows of these rules and the structural ones; without `include`, nobody must be
        booked.
        """
        held = {*rules, STRUCTURE}
        required = self.required if include else np.zeros_like(self.required)
        rows = tuple(row for row in self.rows if row.rule in held)
        return replace(replace(self, required=required).under(rules), rows=rows)

    def relaxed(self, rows: Iterable[Row]) -> Program:
        """The program with these rows instead of its own."""
        kept = tuple(rows)
        allowed = possible(kept, self.whole, self.required[self.unit] > 0)
        return replace(self, rows=kept, most=allowed * self.available[self.unit])

    def towards(self, aim: Aim, rows: Iterable[Row]) -> Program:
        """The program with another goal, and with more rows."""
        program = self.relaxed([*self.rows, *rows])
        return replace(program, objective=aim.objective, costs=aim.costs, denominator=aim.denominator)

    def value(self, plan: Booked) -> Fraction:
        """What the program maximises, exactly: the signed objective of a plan, times `denominator`.

        Only the columns that a plan states are counted; `worth` counts what follows from its bookings too.
        """
        return sum((self.objective.sign * term.total(plan) for term in self.costs), Fraction(0))

    def worth(self, plan: Booked) -> Fraction:
        """The value of a plan that may state its bookings only, with all that follows from them."""
        return self.value(self.settled(plan))

    def cost_vector(self) -> Floats:
        """The maximised objective's coefficients, as floats."""
        dense = np.zeros(len(self))
        for term in self.costs:
            term.add_to(dense, float(self.objective.sign))
        return dense

    def settled(self, plan: Booked) -> Booked:
        """A plan with its indicators and overlaps set as its bookings determine."""
        if not self.indicators and not self.overlaps:
            return plan
        inside = plan.columns < self.bookings
        plan = Booked(plan.columns[inside], plan.counts[inside])
        on = np.array([indicator.column for indicator in self.indicators if indicator.is_on(plan)], dtype=np.int64)
        more = [(on, np.ones_like(on)), *(block.settled(plan) for block in self.overlaps)]
        columns, counts = (np.concatenate([one[at] for one in more]) for at in (0, 1))
        order = np.argsort(columns, kind="stable")
        return Booked(np.concatenate([plan.columns, columns[order]]), np.concatenate([plan.counts, counts[order]]))

    def tangents(self, x: Floats, tolerance: float) -> tuple[Row, ...]:
        """Rows that a solution breaks because it reaches more people than it can; none that the program has."""
        if not self.overlaps:
            return ()
        there = {row.label for row in self.rows if row.rule == STRUCTURE}
        return tuple(row for block in self.overlaps for row in block.tangents(x, there, tolerance))

    def rows_against(self, plan: Booked) -> tuple[Row, ...]:
        """Rows that a plan breaks, of those that are only added then, and that the program does not have yet."""
        there = {(row.rule, row.label) for row in self.rows if row.label}
        found = (row for at, rule in enumerate(self.rules) for row in rule.rows_against(plan, at))
        return tuple(row for row in found if (row.rule, row.label) not in there)

    def with_all_rows(self) -> Program:
        """The program with all rows, those included that are otherwise added when they are broken; of the tangents of
        people reached, of which there is no end, some."""
        more = [row for at, rule in enumerate(self.rules) for row in rule.all_rows(at)]
        there = {row.label for row in self.rows if row.rule == STRUCTURE}
        more += [row for block in self.overlaps for row in block.grid() if row.label not in there]
        return replace(self, rows=(*self.rows, *more))

    def with_tangents_of(self, other: Program) -> Program:
        """The program with the tangents that another one over like bookings has, where it counts the same people."""
        if not self.overlaps:
            return self
        there = {row.label for row in self.rows if row.rule == STRUCTURE}
        names = {row.label: row for block in self.overlaps for row in block.like(other.rows)}
        more = tuple(row for label, row in names.items() if label not in there)
        return replace(self, rows=(*self.rows, *more))

    def failures(self, plan: Booked) -> list[tuple[Row, Fraction]]:
        """Rows that a plan breaks, and by how many integer units."""
        totals = [(row, row.excess(row.total(plan))) for row in self.rows]
        return [(row, excess) for row, excess in totals if excess]

    def keeps_units(self, plan: Booked) -> bool:
        """Whether every unit is booked within its bounds, and integer columns have integer values."""
        if (
            plan.counts.dtype == np.int64
            and len(plan.counts)
            and int(plan.counts.max()) * self.parts * len(plan.counts) < HELD
        ):
            return self._keeps_in_integers(plan.columns, plan.counts * self.parts)
        taken: dict[int, Fraction | int] = {}
        for column, count in zip(plan.columns.tolist(), plan.counts.tolist(), strict=True):
            parts = count * self.parts
            if not 0 <= parts <= int(self.most[column]) or (self.whole[column] and count != int(count)):
                return False
            unit = int(self.unit[column])
            taken[unit] = taken.get(unit, 0) + parts
        within = all(parts <= int(self.available[unit]) for unit, parts in taken.items())
        must = np.flatnonzero(self.required).tolist()
        return within and all(taken.get(unit, 0) >= int(self.required[unit]) for unit in must)

    def _keeps_in_integers(self, columns: Ints, parts: Ints) -> bool:
        """The same of whole bookings, in 64-bit integers."""
        if (parts < 0).any() or (parts > self.most[columns]).any():
            return False
        taken = np.zeros(len(self.available), dtype=np.int64)
        np.add.at(taken, self.unit[columns], parts)
        return bool((taken <= self.available).all() and (taken >= self.required).all())


def possible(rows: Iterable[Row], whole: Flags, required: Flags) -> Flags:
    """Which bookings can be in a plan that keeps these rows.

    Excluding the others loses no plan and tightens the bound, which would otherwise include fractions of them. Bookings
    of creators who must be booked (`required`) stay, so that the conflict is found.
    """
    allowed = np.ones(len(required), dtype=np.bool_)
    for row in rows:
        alone = row.forbids(whole)
        if alone is not None:
            allowed[alone] = False
    return allowed | required
