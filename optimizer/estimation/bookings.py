"""Bookings of one offer, as the formulas of the quantity table use them: finds each figure, or notes it as missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import MICRO, Flags, Floats, Ints, millionths, times_up
from optimizer.domain.figures import AUDIENCE, FIGURES, joint_shares
from optimizer.domain.filters import AnyOf, Condition, Filter, fold
from optimizer.domain.formulas import Way
from optimizer.domain.offers import Offer
from optimizer.domain.pay import Commission
from optimizer.domain.pool import Labels, Numbers, values_of
from optimizer.domain.quantities import MONEY
from optimizer.domain.scenario import Assumption, Scenario
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.counting import Counting

OWN, POOL, UNKNOWN = "own", "the pool", "unknown"  # sources beside "assume", "fit" and the names of packs
_NOBODY = 10**6  # the rank of a figure that nothing gives


@dataclass
class Ledger:
    """Missing figures and (with `tracing`) the source of each figure of each booking; filled while formulas run."""

    size: int
    tracing: bool = False
    sources: dict[str, np.ndarray] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)
    used: set[Assumption] = field(default_factory=set)
    passed_over: set[Assumption] = field(default_factory=set)
    counting: Counting = field(default_factory=Counting)
    heard: dict[str, float] | None = None  # the first booking's figures, where they are asked for

    def note(self, name: str, at: Ints, source: np.ndarray) -> None:
        if not self.tracing:
            return
        column = self.sources.setdefault(name, np.full(self.size, "", dtype="U64"))
        column[at] = source

    def merge(self, other: Ledger) -> None:
        """Take over what another ledger of the same bookings traced; this one's entries have precedence."""
        for name, source in other.sources.items():
            mine = self.sources.setdefault(name, source)
            self.sources[name] = np.where(mine == "", source, mine)
        self.used |= other.used
        self.passed_over |= other.passed_over

    def miss(self, name: str, at: Ints) -> None:
        if len(at):
            self.missing.setdefault(name, np.zeros(self.size, dtype=np.bool_))[at] = True


@dataclass
class _Filling:
    """One figure of some bookings, filled from one source after the other; known values are never replaced.

    `from_lines` and `source` are kept where `tracing`.
    """

    size: int
    tracing: bool
    values: Floats = field(init=False)
    known: Flags = field(init=False)
    from_lines: Flags = field(init=False)
    source: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.values, self.known = np.zeros(self.size), np.zeros(self.size, dtype=np.bool_)
        traced = self.size if self.tracing else 0
        self.from_lines = np.zeros(traced, dtype=np.bool_)
        self.source = np.full(traced, "", dtype="U64")

    def fill(self, where: Flags, what: Floats | Ints | float, label: str, *, from_line: bool = False) -> None:
        new = np.flatnonzero(where & ~self.known)  # positions are picked faster than flags
        if not len(new):
            return
        if len(new) == self.size:  # nothing is known yet, and nothing is left to be filled
            self.values = np.broadcast_to(np.asarray(what, dtype=np.float64), self.size)
        else:
            self.values[new] = what[new] if isinstance(what, np.ndarray) else what
        self.known[new] = True
        if self.tracing:
            self.from_lines[new] = from_line
            self.source[new] = label


@dataclass(frozen=True, eq=False)
class OfferBookings:
    """The bookings of one offer; `at` are their positions in the ledger.

    `kept` is the share of its outcome that each booking keeps, for segments with falling returns.
    """

    scenario: Scenario
    offer: Offer
    booked: BookingTable
    at: Ints
    ledger: Ledger
    kept: Floats
    cache: dict[str, Floats | Ints] = field(default_factory=dict)

    @property
    def units(self) -> Ints:
        """Who is booked, by position in the pool."""
        return self.booked.creator

    def economics(self, name: str) -> int:
        value: int | None = getattr(self.scenario, name)
        if value is None:
            self.ledger.miss(name, self.at)
        return value or 0

    def constant(self, value: float) -> Floats:
        return np.broadcast_to(np.float64(value), len(self.units))  # which takes no memory

    def value(self, quantity: str) -> Floats:
        if quantity not in self.cache:
            self.cache[quantity] = self.scenario.quantities[quantity].formula(self)
        return self.cache[quantity]  # type: ignore[return-value]

    def exact(self, quantity: str) -> Ints:
        """The quantity as integers: money as it is, everything else rounded to millionths."""
        value = self.value(quantity)
        if self.scenario.quantities[quantity].unit == MONEY:
            return value  # type: ignore[return-value]
        # a millionth of a conversion is less than a coin, but for what is worth or earns more than this
        if max(self.scenario.order_value or 0, self.offer.pay.part(Commission).per_conversion) > MICRO:
            self.ledger.counting.note(Measure(quantity), value, self.at)
        return millionths(value)

    def figure(self, name: str, kind: str | None = None) -> Floats:
        values, known = self._find(name, kind)
        if not known.all():
            told = f"{name}_{kind}" if kind is not None and FIGURES[name].per_deliverable else name
            self.ledger.miss(told, self.at[~known])
        if self.ledger.heard is not None and len(values):
            self.ledger.heard[name if kind is None else f"{name}_{kind}"] = float(values[0])
        return values

    def posting(self) -> Floats:
        agreed = self.offer.pay.post_rate
        return self.figure("post_rate") if agreed is None else self.constant(agreed)

    def keeps(self) -> Floats:
        return self.kept

    def cell(self, column: str) -> Floats:
        found = self.scenario.pool.columns.get(column)
        if not isinstance(found, Numbers):
            self.ledger.miss(column, self.at)
            return self.constant(0.0)
        mine = found.take(self.units)
        if not mine.known.all():
            self.ledger.miss(column, self.at[~mine.known])
        return mine.values.astype(np.float64) / mine.scale

    def either(self, first: Way, second: Way, kind: str | None = None) -> Floats:
        takes_first = self._prefers(first[0], second[0], kind)
        values = np.zeros(len(self.units))
        for takes, (_, formula) in ((takes_first, first), (~takes_first, second)):
            if takes.all():
                return formula(self)
            if takes.any():
                some, places = self._some(takes)
                values[places] = formula(some)
        return values

    def follows_engagements(self) -> Flags:
        """Whether the conversions of each booking follow from engagements, not from clicks."""
        return self._prefers("conversions_per_engagement", "conversion_rate", None)

    def _prefers(self, first: str, second: str, kind: str | None) -> Flags:
        """Whether the first of two figures has precedence, for each creator."""
        return self._rank(first, kind) <= np.minimum(self._rank(second, kind), _NOBODY - 1)

    def _some(self, takes: Flags) -> tuple[OfferBookings, Ints | slice]:
        """Some of the bookings, and where they are among all of them."""
        if takes.all():
            return self, slice(None)
        places = np.flatnonzero(takes)  # positions are picked faster than flags
        booked, at, kept = self.booked.take(places), self.at[places], self.kept[places]
        return OfferBookings(self.scenario, self.offer, booked, at, self.ledger, kept), places

    def _rank(self, name: str, kind: str | None) -> Ints:
        """The rank of each creator's source: 0 for the own row, then the ranks of lines, `_NOBODY` if there is none."""
        rank: Ints = np.full(len(self.units), _NOBODY, dtype=np.int64)
        for key in self._names(name, kind):
            for line in self.scenario.assume.get(key, ()):
                rank[self._speaks_of(line, kind) & (rank > line.rank)] = line.rank
        for column in self._names(name, kind):
            found = self.scenario.figure(column, self.units)
            if found is not None:
                rank[found.known] = 0
        return rank

    def listed(self) -> tuple[Ints, Flags]:
        """The client's fixed price, else the offer's price or its pieces' fees less the discount, plus all rights."""
        (prices, priced), (_, agreed) = self._fixed("price"), self._fixed("fee")
        listed = np.full(len(self.units), self.offer.price or 0, dtype=np.int64)
        by_piece = ~priced & (agreed if self.offer.price is not None else True)  # an agreed fee beats the offer's price
        if by_piece.any():
            some, places = self._some(by_piece)
            listed[places] = some._of_pieces()
        rights = [self.offer.rights, *(boost.rights for boost in self.offer.boost if boost.money)]
        listed = listed + sum(times_up(listed, one.share) + one.amount for one in rights)
        return np.where(priced, prices, listed), priced | agreed

    def _of_pieces(self) -> Ints:
        """The fees of all pieces, less the discount."""
        total = np.zeros(len(self.units), dtype=np.int64)
        for kind, pieces in self.offer.deliver:
            total = total + pieces * self._piece_fee(kind)
        return times_up(total, 10**6 - self.offer.discount)

    def _fixed(self, term: str) -> tuple[Ints, Flags]:
        """The fees or prices that the client fixed with some creators, and for whom."""
        amounts = np.zeros(len(self.units), dtype=np.int64)
        fixed = np.zeros(len(self.units), dtype=np.bool_)
        for agreed in self.scenario.include:
            amount = getattr(agreed, term)
            if amount is not None and (agreed.offer is None or agreed.offer in self.offer.names):
                mine = self.units == agreed.creator
                amounts[mine], fixed[mine] = amount, True
        return amounts, fixed

    def _piece_fee(self, kind: str) -> Ints:
        """The fee for one piece, in minor units: the one that the client fixed, else the creator's figure."""
        fees, fixed = self._fixed("fee")
        if not fixed.all():
            others, places = self._some(~fixed)
            fees[places] = others.figure("fee", kind).astype(np.int64)
        return fees

    def share_of_audience(self, people: Filter) -> Floats:
        """The share of each creator's audience that belongs to these people, by the cells of the audience."""
        audience = self.scenario.audience
        if audience is None:
            raise ValueError("there is no audience")
        return audience.share_in(audience.cells_of(people))[self.units]

    def share(self, people: Filter) -> Floats:
        """The share of each creator's audience that belongs to these people.

        By the columns `audience_<value>`; a creator without such a figure counts whole where the creator's own value
        is one of those asked for, else not at all. Of several dimensions, the joint columns (`audience_FR_18-24`) for
        creators who have them all, else the product of the dimensions' shares.
        """
        asked = [(column, _wanted(condition)) for column, condition in people]
        share, known = self._joint_share(asked)
        if not known.all():
            some, places = self._some(~known)
            share = share.copy()
            share[places] = some._product(asked)
        return share

    def _product(self, asked: Sequence[tuple[str, list[str]]]) -> Floats:
        share = self.constant(1.0)
        for column, wanted in asked:
            share = share * self._share_of(column, wanted)
        return share

    def _joint_share(self, asked: Sequence[tuple[str, list[str]]]) -> tuple[Floats, Flags]:
        """The shares of the joint columns, and of whom all of them are known."""
        total, columns = np.zeros(len(self.units)), self.scenario.pool.columns
        named = {fold(name): name for name in columns if fold(name).startswith(AUDIENCE)}
        joint = joint_shares([wanted for _, wanted in asked])
        known = np.full(len(self.units), bool(joint))
        for orders in joint:
            found = columns.get(next((named[name] for name in orders if name in named), ""))
            if not isinstance(found, Numbers):
                return np.zeros(len(self.units)), np.zeros(len(self.units), dtype=np.bool_)
            part = found.take(self.units)
            total, known = total + part.values, known & part.known
        over = known & (total > 1 + 1e-9)
        if over.any():
            self.ledger.miss(f"audience shares of {' and '.join(column for column, _ in asked)}", self.at[over])
        return total, known

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
        """A figure from the creator's row, else from lines, fit by niche or the default; and where it is known."""
        filling = _Filling(len(self.units), self.ledger.tracing)
        for column in self._names(name, kind):
            found = self.scenario.figure(column, self.units)
            if found is not None:
                own = self.scenario.pool.columns.get(column)
                measured = own.known[self.units] if isinstance(own, Numbers) else np.zeros(len(found.known), np.bool_)
                filling.fill(found.known & measured, found.values, OWN)
                filling.fill(found.known, found.values, POOL)
        for key in self._names(name, kind):
            for line in self.scenario.assume.get(key, ()):
                self._fill_from(line, kind, filling)
        figure = FIGURES[name]
        if name == "fit" and self.scenario.fit is not None:
            by_niche = self._fit_by_niche()
            filling.fill(by_niche >= 0, by_niche, "fit")
        elif figure.default is not None:
            filling.fill(~filling.known, figure.default, UNKNOWN if figure.marked else OWN)
        if self.ledger.tracing and not (filling.source == OWN).all():
            label = name if kind is None or not figure.per_deliverable else f"{name}_{kind}"
            self.ledger.note(label, self.at, filling.source)
        return filling.values, filling.known

    def _fill_from(self, line: Assumption, kind: str | None, filling: _Filling) -> None:
        """Fill a figure from a line where no earlier source gave it; note which benchmarks were used or passed over."""
        speaks = self._speaks_of(line, kind)
        empty = speaks & ~filling.known
        value: Floats | float = line.value
        if line.per_thousand_followers and empty.any():
            some, places = self._some(empty)
            followers, known = some._find("followers", None)
            value = np.zeros(len(self.units))
            value[places] = np.ceil(float(line.value) * followers / 1000.0)
            empty[places] = known
        if line.benchmark is not None and self.ledger.tracing:
            if empty.any():
                self.ledger.used.add(line)
            elif (speaks & filling.from_lines).any():
                self.ledger.passed_over.add(line)
        filling.fill(empty, value, line.source, from_line=True)

    @staticmethod
    def _names(name: str, kind: str | None) -> tuple[str, ...]:
        return (name,) if kind is None else (f"{name}_{kind}", name)

    def _speaks_of(self, line: Assumption, kind: str | None) -> Flags:
        if line.deliverables is not None and kind not in line.deliverables:
            return np.zeros(len(self.units), dtype=np.bool_)
        pool, speaks = self.scenario.pool, self.booked.members(line.where)
        followers = pool.columns.get("followers")
        if line.tier is not None and "tier" in pool.columns:
            unknown = ~followers.known[self.units] if isinstance(followers, Numbers) else self.constant(1.0) > 0
            named = Filter((("tier", AnyOf((line.tier,))), *line.where.without(("followers",))))
            speaks |= unknown & self.booked.members(named)
        return speaks

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


def _wanted(condition: Condition) -> list[str]:
    """The values that are asked for, each once."""
    return list(dict.fromkeys(map(fold, condition.values))) if isinstance(condition, AnyOf) else []
