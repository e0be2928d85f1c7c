"""Measures as terms over columns: sums over bookings, and different values among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from optimizer.domain.constraints import Constraint, Logic, Measure
from optimizer.domain.exact import MICRO, Ints
from optimizer.domain.quantities import DISTINCT, REACH
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.estimation.contacts import Contacts, contacts
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.overlaps import Overlaps, overlaps_of
from optimizer.formulation.supply import Supply
from optimizer.formulation.terms import Term
from optimizer.formulation.values import values_by

MOST_SHARED = 1_000  # values that several accounts have, each with an indicator


@dataclass(frozen=True, eq=False)
class Counting:
    """What rules and goals of one program count."""

    estimates: Estimates
    supply: Supply
    indicators: Indicators
    _known: dict[tuple[Measure | str, bytes | None], Term] = field(default_factory=dict)
    _overlaps: dict[bytes | None, Overlaps | None] = field(default_factory=dict)

    def term(self, measure: Measure, members: Ints | None, asking: Constraint | None = None) -> Term:
        """A measure of some bookings (None: of all); a fault is that of the rule which is `asking`.

        Raises
        ------
        ScenarioError
            If different values are counted of bookings in parts, or more of them than can be.
        """
        column = self.estimates.scenario.distinct(measure)
        if column is None and measure.quantity != REACH:
            return Term(1, measure, self.estimates.values[measure], members)
        if members is not None and len(members) == len(self.estimates):
            members = None
        key = measure if column is None else column, None if members is None else members.tobytes()
        if key not in self._known:
            every = np.arange(len(self.estimates)) if members is None else members
            if column is None:
                self._known[key] = self._reached(measure, members, asking)
            else:
                self._known[key] = self._distinct(measure, column, every, asking)
        return self._known[key]

    def _reached(self, measure: Measure, members: Ints | None, asking: Constraint | None) -> Term:
        """How many people some bookings reach: each by itself, less those whom they reach twice.

        Groups of the same bookings share the columns of the cells that they both ask for.
        """
        audience = self.estimates.scenario.audience
        if audience is None or not self.supply.whole.all():
            cause = "people reached are counted of whole bookings; here creators are booked in parts"
            raise fault(asking, "reach-in-parts", cause, "remove `whole: false`, or use gross_reach")
        wanted = audience.cells_of(measure.people)
        entries = self._contacts
        inside = wanted[entries.cell]
        if members is not None:
            inside &= np.isin(entries.booking, members)
        gross = np.zeros(len(self.estimates), dtype=np.int64)
        np.add.at(gross, entries.booking[inside], entries.gross[inside])
        group = None if members is None else members.tobytes()
        if group not in self._overlaps:
            name = "all" if asking is None or members is None else asking.name
            found = overlaps_of(entries, self.supply, members, np.ones_like(wanted), audience.names, audience.curves)
            self._overlaps[group] = None if found is None else self.indicators.overlap(found, name)
        block = self._overlaps[group]
        longer = np.zeros(self.indicators.bookings + self.indicators.more, dtype=np.int64)
        longer[: len(gross)] = gross
        if block is not None:
            mine = np.flatnonzero(wanted[block.cells])
            longer[block.first + mine] = -block.units[mine]
        return Term(1, measure, longer, None if members is None else np.flatnonzero(longer))

    @cached_property
    def _contacts(self) -> Contacts:
        return contacts(self.estimates)

    def _distinct(self, measure: Measure, column: str, members: Ints, asking: Constraint | None) -> Term:
        """How many different values of a column some bookings have.

        A value that only one creator has is counted by that creator's columns, and so is each booking of a segment
        that stands for many people; any other value has an indicator.
        """
        if not self.supply.whole[members].all():
            cause = "different values are counted of whole bookings; here creators are booked in parts"
            raise fault(asking, "distinct-in-parts", cause, f"remove `whole: false`, or leave out {measure.quantity}")
        values = values_by(self.estimates, self.supply, column, members)
        once = self.supply.single[values.bookings] & values.alone_by_key
        counted = once | values.anonymous[values.bookings]
        count = np.zeros(len(self.estimates), dtype=np.int64)
        np.add.at(count, values.bookings[counted], MICRO)
        shared = np.unique(values.keys[~counted]).tolist()
        if len(shared) > MOST_SHARED:
            cause = f"{len(shared):,} values of {column} are each shared by several creators, and {measure.quantity}"
            mend = "count them in a smaller group, with `group`"
            raise fault(asking, "distinct-too-many", f"{cause} can count at most {MOST_SHARED:,} such", mend)
        on = [self.indicators.booked(f"{DISTINCT}{column} {values.label(key)}", values.of(key)) for key in shared]
        places = np.concatenate([np.zeros(0, dtype=np.int64), *on])
        longer = np.zeros(self.indicators.bookings + self.indicators.more, dtype=np.int64)
        longer[: len(count)] = count
        np.add.at(longer, places, MICRO)
        return Term(1, measure, longer, np.flatnonzero(longer))


def fault(constraint: Constraint | Logic | None, code: str, cause: str, mend: str) -> ScenarioError:
    """A fault of a rule (None: of the goal), with its place."""
    place = constraint.origin if constraint is not None and isinstance(constraint.origin, Place) else None
    told = cause if place is not None or constraint is None else f"{constraint.name}: {cause}"
    return ScenarioError([Problem(code, told, mend, place)])
