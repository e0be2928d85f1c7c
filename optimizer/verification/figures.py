"""The figures of one booking: from the creator's row, else the first line that applies, else the default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from math import ceil

from optimizer.domain.figures import AUDIENCE, FIGURES
from optimizer.domain.filters import AnyOf, Condition, Filter, fold
from optimizer.domain.offers import Offer
from optimizer.domain.pool import values_of
from optimizer.domain.scenario import Assumption, Inclusion, Scenario
from optimizer.verification.creators import Creators
from optimizer.verification.expected import Expected

OWN, POOL, UNKNOWN, OWN_VALUE = "own", "the pool", "unknown", "creator's own value"
_NOBODY = 10**6


class Missing(Exception):  # noqa: N818  it is caught and means "not known", no fault
    """A figure that nothing gives."""


@dataclass
class Sources:
    """Where figures came from, and the benchmark lines that were used."""

    figures: dict[str, str] = field(default_factory=dict)
    lines: set[Assumption] = field(default_factory=set)
    passed_over: set[Assumption] = field(default_factory=set)


@dataclass(frozen=True)
class Figures:
    """The figures of one creator who is booked on one offer: a booking that `meets` filters."""

    scenario: Scenario
    creators: Creators
    creator: int
    offer: Offer
    meets: Callable[[Filter], bool]
    expected: Expected
    sources: Sources

    def figure(self, name: str, kind: str | None = None) -> float:
        """A figure; raises Missing."""
        value, source = self._find(name, kind)
        label = f"{name}_{kind}" if kind is not None and FIGURES[name].per_deliverable else name
        if value is None:
            raise Missing(label)
        if source != OWN:
            self.sources.figures.setdefault(label, source)
        return value

    def rank(self, name: str, kind: str | None = None) -> int:
        """The rank of the source of a figure: 0 for the creator's row, then those of lines; beyond all if there is
        none.
        """
        if any(self.expected.figure(key, self.creator) is not None for key in _names(name, kind)):
            return 0
        return min((line.rank for line in self._lines(name, kind)), default=_NOBODY)

    def prefers(self, first: str, second: str, kind: str | None = None) -> bool:
        """Whether the first of two figures has precedence."""
        return self.rank(first, kind) <= min(self.rank(second, kind), _NOBODY - 1)

    def fixed(self, term: str) -> int | None:
        """A fee or a price that a client fixed with the creator."""
        return next((getattr(one, term) for one in self._agreed() if getattr(one, term) is not None), None)

    def _agreed(self) -> Iterator[Inclusion]:
        for one in self.scenario.include:
            if one.creator == self.creator and (one.offer is None or one.offer in self.offer.names):
                yield one

    def share_of_cells(self, people: Filter) -> float:
        """The share of the creator's audience that lies in the cells of these people."""
        audience = self.scenario.audience
        if audience is None:
            raise Missing("an audience")
        asked = [(fold(column), _folded(condition)) for column, condition in people]
        total = 0.0
        for part in range(int(audience.starts[self.creator]), int(audience.starts[self.creator + 1])):
            said = audience.values[int(audience.cell[part])]
            if all(said.get(column) in values for column, values in asked):
                total = total + float(audience.share[part])
        return total

    def share(self, people: Filter) -> float:
        """The share of the creator's audience that belongs to these people."""
        asked = [_folded(condition) for _, condition in people]
        joint = self._joint_share([column for column, _ in people], asked)
        if joint is not None:
            return joint
        share = 1.0
        for (column, _), wanted in zip(people, asked, strict=True):
            share = share * self._share_of(column, wanted)
        return share

    def _joint_share(self, columns: list[str], asked: list[list[str]]) -> float | None:
        """The sum of the joint columns, in any order of their values; None unless there is one for each combination."""
        combinations: list[list[str]] = [[]]
        for wanted in asked:
            combinations = [[*before, value] for before in combinations for value in wanted]
        if not 2 <= len(asked) <= 3 or not 0 < len(combinations) <= 1000:
            return None
        named = {fold(name): name for name in self.creators.names()}
        total = 0.0
        for values in combinations:
            spellings = [AUDIENCE + "_".join(order) for order in permutations(values)]
            column = next((named[name] for name in spellings if name in named), "")
            part = self.creators.number(column, self.creator)
            if part is None:
                return None
            total = total + part
        if total > 1 + 1e-9:
            raise Missing(f"audience shares of {' and '.join(columns)}")
        return total

    def _share_of(self, column: str, wanted: list[str]) -> float:
        measured = {
            fold(name)[len(AUDIENCE) :]: name for name in self.creators.names() if fold(name).startswith(AUDIENCE)
        }
        parts = [self.creators.number(measured.get(value, ""), self.creator) for value in wanted]
        total = 0.0
        for part in parts:
            total = total + (0.0 if part is None else part)
        if total > 1 + 1e-9:
            raise Missing(f"audience shares of {column}")
        if any(part is not None for part in parts):
            return total
        self.sources.figures.setdefault(f"audience {column}", OWN_VALUE)
        if not self.creators.holds_texts(column):
            return total
        own = self.creators.text(column, self.creator)
        return float(own is not None and any(fold(value) in wanted for value in values_of(own)))

    def _find(self, name: str, kind: str | None) -> tuple[float | None, str]:
        for key in _names(name, kind):
            own = self.expected.figure(key, self.creator)
            if own is not None:
                return float(own), OWN if self.expected.is_measured(key, self.creator) else POOL
        found: tuple[float, str] | None = None
        for line in self._lines(name, kind):
            value = self._said(line) if found is None else None
            into = self.sources.passed_over if found is not None else self.sources.lines if value is not None else None
            if line.benchmark is not None and into is not None:
                into.add(line)
            if value is not None:
                found = value, line.source
        if found is not None:
            return found
        if name == "fit" and self.scenario.fit is not None:
            fit = self._fit_by_niche(self.scenario.fit)
            return (None, "") if fit is None else (fit, "fit")
        figure = FIGURES[name]
        return figure.default, UNKNOWN if figure.marked else OWN

    def _said(self, line: Assumption) -> float | None:
        if not line.per_thousand_followers:
            return float(line.value)
        try:
            followers = self.figure("followers")
        except Missing:
            return None
        return float(ceil(float(line.value) * followers / 1000.0))

    def _fit_by_niche(self, fit: Mapping[str, float]) -> float | None:
        other = fit.get("other")
        niche = self.creators.text("niche", self.creator)
        found = [fit.get(fold(value), other) for value in values_of(niche)] if niche is not None else [other]
        known = [value for value in found if value is not None]
        return max(known) if known else other

    def _lines(self, name: str, kind: str | None) -> Iterator[Assumption]:
        for key in _names(name, kind):
            for line in self.scenario.assume.get(key, ()):
                if self._speaks(line, kind):
                    yield line

    def _speaks(self, line: Assumption, kind: str | None) -> bool:
        if line.deliverables is not None and kind not in line.deliverables:
            return False
        tier = line.tier
        return self.meets(line.where) or (tier is not None and self._speaks_by_tier(tier, line.where))

    def _speaks_by_tier(self, tier: str, where: Filter) -> bool:
        """Where followers are not known, a line's bounds of followers stand for the tier."""
        if not self.creators.has("tier") or self.creators.number("followers", self.creator) is not None:
            return False
        named = Filter((("tier", AnyOf((tier,))), *where.without(("followers",))))
        return self.meets(named)


def _names(name: str, kind: str | None) -> tuple[str, ...]:
    return (name,) if kind is None else (f"{name}_{kind}", name)


def _folded(condition: Condition) -> list[str]:
    """The values that are asked for, each once."""
    return list(dict.fromkeys(map(fold, condition.values))) if isinstance(condition, AnyOf) else []
