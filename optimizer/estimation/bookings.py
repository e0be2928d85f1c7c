"""Bookings of one offer, as the formulas of the quantity table see them: figures found, marked, or missed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints, millionths
from optimizer.domain.figures import AUDIENCE, FIGURES
from optimizer.domain.filters import AnyOf, Filter, fold
from optimizer.domain.offers import OFFER_COLUMNS, Offer
from optimizer.domain.pool import Labels, Numbers, values_of
from optimizer.domain.quantities import MONEY, QUANTITIES, Way
from optimizer.domain.scenario import Assumption, Scenario

OWN, UNKNOWN = "own", "unknown"  # sources beside "assume", "fit" and the names of packs


@dataclass
class Ledger:
    """What is missing, and (where `tracing`) where each figure of each booking came from; filled while formulas run."""

    size: int
    tracing: bool = False
    sources: dict[str, np.ndarray] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)

    def note(self, name: str, at: Ints, source: np.ndarray) -> None:
        if not self.tracing:
            return
        column = self.sources.setdefault(name, np.full(self.size, "", dtype="U64"))
        column[at] = source

    def miss(self, name: str, at: Ints) -> None:
        self.missing.setdefault(name, np.zeros(self.size, dtype=np.bool_))[at] = True


@dataclass(frozen=True, eq=False)
class OfferBookings:
    """One offer, booked with each of `units` (positions in the pool); `at` are their places in the ledger."""

    scenario: Scenario
    offer: Offer
    units: Ints
    at: Ints
    ledger: Ledger
    cache: dict[str, Floats | Ints] = field(default_factory=dict)

    @property
    def order_value(self) -> int:
        return self._economics("order_value", self.scenario.order_value)

    @property
    def margin(self) -> int:
        return self._economics("margin", self.scenario.margin)

    def _economics(self, name: str, value: int | None) -> int:
        if value is None:
            self.ledger.miss(name, self.at)
            return 0
        return value

    def constant(self, value: float) -> Floats:
        return np.full(len(self.units), value, dtype=np.float64)

    def value(self, quantity: str) -> Floats:
        if quantity not in self.cache:
            self.cache[quantity] = QUANTITIES[quantity].formula(self)
        return self.cache[quantity]  # type: ignore[return-value]

    def exact(self, quantity: str) -> Ints:
        """The quantity as integers: money as it is, everything else rounded to millionths."""
        value = self.value(quantity)
        return value if QUANTITIES[quantity].unit == MONEY else millionths(value)  # type: ignore[return-value]

    def figure(self, name: str, kind: str | None = None) -> Floats:
        values, known = self._find(name, kind)
        if not known.all():
            self.ledger.miss(name, self.at[~known])
        return values

    def either(self, first: Way, second: Way, kind: str | None = None) -> Floats:
        known = self._known(first[0], kind)
        takes_first = self._own(first[0], kind) | (known & ~self._own(second[0], kind))
        values = self.constant(0.0)
        for takes, (_, formula) in ((takes_first, first), (~takes_first, second)):
            if takes.all():
                return formula(self)
            if takes.any():
                values[takes] = formula(self._some(takes))
        return values

    def _some(self, takes: Flags) -> OfferBookings:
        return OfferBookings(self.scenario, self.offer, self.units[takes], self.at[takes], self.ledger)

    def _own(self, name: str, kind: str | None) -> Flags:
        """Where the creator's own row gives a figure."""
        own = np.zeros(len(self.units), dtype=np.bool_)
        for column in self._names(name, kind):
            found = self.scenario.pool.columns.get(column)
            if isinstance(found, Numbers):
                own |= found.known[self.units]
        return own

    def _known(self, name: str, kind: str | None) -> Flags:
        """Where the creator's own row or an assumption gives a figure."""
        known = self._own(name, kind)
        for key in self._names(name, kind):
            for line in self.scenario.assume.get(key, ()):
                known |= self._speaks_of(line, kind)
        return known

    def price(self) -> tuple[Ints, Flags]:
        prices = np.zeros(len(self.units), dtype=np.int64)
        agreed = np.zeros(len(self.units), dtype=np.bool_)
        if self.offer.price is not None:
            prices[:], agreed[:] = self.offer.price, True
        for term in self.scenario.include:
            if term.price is not None and term.offer in (None, self.offer.name):
                mine = self.units == term.creator
                prices[mine], agreed[mine] = term.price, True
            elif term.fee is not None:
                agreed[self.units == term.creator] = False  # a fee that the client fixed beats the offer's price
        return prices, agreed

    def piece_fee(self, kind: str) -> Ints:
        values, known = self._find("fee", kind)
        fees = values.astype(np.int64)
        for term in self.scenario.include:
            if term.fee is not None:
                mine = self.units == term.creator
                fees[mine], known[mine] = term.fee, True
        wanted = ~known & ~self.price()[1]
        if wanted.any():
            self.ledger.miss("fee", self.at[wanted])
        return fees

    def share(self, people: Filter) -> Floats:
        """The share of each creator's audience that these people are.

        By the columns `audience_<value>`; a creator without such a figure counts whole where the creator's own value
        is one of those asked for, else not at all. Several dimensions multiply.
        """
        share = self.constant(1.0)
        for column, condition in people:
            wanted = list({fold(value): None for value in condition.values}) if isinstance(condition, AnyOf) else []
            share = share * self._share_of(column, wanted)
        return share

    def _share_of(self, column: str, wanted: list[str]) -> Floats:
        columns = self.scenario.pool.columns
        measured = {fold(name)[len(AUDIENCE) :]: name for name in columns if fold(name).startswith(AUDIENCE)}
        total, known = self.constant(0.0), np.zeros(len(self.units), dtype=np.bool_)
        for value in wanted:
            found = columns.get(measured.get(value, ""))
            if isinstance(found, Numbers):
                part = found.take(self.units)
                total, known = total + part.values, known | part.known
        if (total > 1 + 1e-9).any():
            self.ledger.miss(f"audience shares of {column}", self.at[total > 1 + 1e-9])
        own = columns.get(column)
        if isinstance(own, Labels):
            is_own = own.take(self.units).matches(AnyOf(tuple(wanted)))
            total = np.where(known, total, is_own.astype(np.float64))
        source = np.where(known, OWN, "creator's own value")
        self.ledger.note(f"audience {column}", self.at, source)
        return total

    def _find(self, name: str, kind: str | None) -> tuple[Floats, Flags]:
        """A figure from the creator's row, else `assume`, else the fit by niche, else the default; and where known."""
        figure = FIGURES[name]
        size = len(self.units)
        values, known = np.zeros(size), np.zeros(size, dtype=np.bool_)
        source = np.full(size, "", dtype="U64" if self.ledger.tracing else "U1")

        def fill(where: Flags, what: Floats | Ints | float, label: str) -> None:
            new = where & ~known
            values[new] = what[new] if isinstance(what, np.ndarray) else what
            known[new] = True
            source[new] = label

        for column in self._names(name, kind):
            found = self.scenario.pool.columns.get(column)
            if isinstance(found, Numbers):
                own = found.take(self.units)
                fill(own.known, own.values, OWN)
        for key in self._names(name, kind):
            for line in self.scenario.assume.get(key, ()):
                fill(self._speaks_of(line, kind), float(line.value), "assume")
        if name == "fit" and self.scenario.fit is not None:
            by_niche = self._fit_by_niche()
            fill(by_niche >= 0, by_niche, "fit")
        elif figure.default is not None:
            fill(~known, figure.default, UNKNOWN if figure.marked else OWN)
        if not (source == OWN).all():
            self.ledger.note(name if kind is None or not figure.per_deliverable else f"{name}_{kind}", self.at, source)
        return values, known

    @staticmethod
    def _names(name: str, kind: str | None) -> tuple[str, ...]:
        return (name,) if kind is None else (f"{name}_{kind}", name)

    def _speaks_of(self, line: Assumption, kind: str | None) -> Flags:
        if line.deliverables is not None and kind not in line.deliverables:
            return np.zeros(len(self.units), dtype=np.bool_)
        if not offer_matches(self.offer, line.where):
            return np.zeros(len(self.units), dtype=np.bool_)
        where = line.where.without(OFFER_COLUMNS)
        if not where:
            return np.ones(len(self.units), dtype=np.bool_)
        return self.scenario.pool.matches(where)[self.units]

    def _fit_by_niche(self) -> Floats:
        """The best fit among a creator's niches; -1 where none is listed and there is no `other`."""
        fit, niches = self.scenario.fit or {}, self.scenario.pool.columns.get("niche")
        other = fit.get("other", -1.0)
        if not isinstance(niches, Labels):
            return self.constant(other)
        best = [
            max((fit.get(fold(value), other) for value in values_of(entry)), default=other)
            for entry in niches.vocabulary
        ]
        return np.array([*best, other], dtype=np.float64)[niches.codes[self.units]]


def offer_matches(offer: Offer, where: Filter) -> bool:
    """Whether an offer meets the part of a filter that speaks of offers."""
    for column, condition in where.only(OFFER_COLUMNS):
        if not isinstance(condition, AnyOf) or fold(offer.label(column)) not in map(fold, condition.values):
            return False
    return True
