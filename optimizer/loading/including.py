"""Inclusions: creators who must be booked, by handle or by filter, with the terms that a client fixed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.exact import Currency, Ints
from optimizer.domain.filters import Filter, fold
from optimizer.domain.offers import Offer
from optimizer.domain.pool import CREATOR, Pool
from optimizer.domain.scenario import Inclusion
from optimizer.loading.fields import short
from optimizer.loading.people import Chosen, near_handle
from optimizer.loading.pool import nearest
from optimizer.loading.resolve import Resolving
from optimizer.loading.rules import filter_of
from optimizer.loading.schema import IncludedCreator, ScenarioFile

Path = tuple[str | int, ...]


@dataclass
class Including:
    """Works out who must be booked. `place` leads from the whole pool to those who may be booked (-1: may not)."""

    pool: Pool
    chosen: Chosen
    offers: tuple[Offer, ...]
    currency: Currency
    r: Resolving
    place: Ints = field(init=False)
    found: dict[int, Inclusion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = np.full(len(self.pool), -1, dtype=np.int64)
        self.place[self.chosen.rows] = np.arange(len(self.chosen.rows))

    def inclusions(self, said: ScenarioFile) -> tuple[Inclusion, ...]:
        """Everyone whom `include` names or matches, by position among those who may be booked."""
        for at, who in enumerate(said.include):
            if who.creator is None:
                self._matching(("include", at), filter_of(who.where))
            else:
                self._named(("include", at), who.creator)
        for term in self.found.values():
            position = int(self.chosen.rows[term.creator])
            if not any(self._may_have(offer, position) for offer in self.offers):
                cause = f"{self.pool.ids[position]} is included, but no offer is for this creator"
                self.r.refuse(("include",), "included-without-offer", cause, "widen an offer's `to`", key=True)
        return tuple(self.found[key] for key in sorted(self.found))

    def _may_have(self, offer: Offer, position: int) -> bool:
        return bool(self.pool.matches(offer.to)[position])

    def _matching(self, path: Path, where: Filter) -> None:
        if any(column not in self.pool.columns and column != CREATOR for column, _ in where):
            return  # reported already
        matches = self.pool.matches(where)
        both = np.flatnonzero(matches & self.chosen.excluded)
        if len(both):
            cause = f"{self.pool.ids[int(both[0])]} is both included and excluded"
            self.r.refuse(path, "included-and-excluded", cause, "drop one of the two")
        positions = self.place[matches]
        positions = positions[positions >= 0]
        if not len(positions):
            cause = f"no creator who can be booked matches {where}"
            self.r.refuse(path, "included-nobody", cause, "correct the filter")
        for creator in positions.tolist():
            self.found.setdefault(creator, Inclusion(creator))

    def _named(self, path: Path, said: IncludedCreator) -> None:
        position = self.pool.position(said.creator)
        if position is None:
            cause = f'included "{short(said.creator)}" is not in the pool'
            self.r.refuse(path, "unknown-creator", cause, near_handle(said.creator, self.pool))
        elif self.place[position] < 0:
            self._refuse(path, position)
        else:
            term = self._terms(path, position, said)
            known = self.found.get(term.creator)
            if known is not None and term != known and known != Inclusion(term.creator):
                cause = f"{self.pool.ids[position]} is included twice, on other terms"
                self.r.refuse(path, "included-twice", cause, "keep one of them")
            self.found[term.creator] = term

    def _refuse(self, path: Path, position: int) -> None:
        name = self.pool.ids[position]
        if self.chosen.excluded[position]:
            cause = f"{name} is both included and excluded"
            self.r.refuse(path, "included-and-excluded", cause, "drop one of the two")
        elif self.chosen.unmatched[position]:
            cause = f"{name} is included, but `where` leaves this creator out"
            self.r.refuse(path, "included-unmatched", cause, "loosen `where`")
        else:
            self.r.refuse(path, "included-outside", f"{name} is included, but in no tier", "widen a tier")

    def _terms(self, path: Path, position: int, said: IncludedCreator) -> Inclusion:
        by_name = {fold(offer.name): offer for offer in self.offers}
        offer = by_name.get(fold(said.offer)) if said.offer is not None else None
        if said.offer is not None and offer is None:
            names = [offer.name for offer in self.offers]
            mend = nearest(said.offer, names) or f"offers are: {', '.join(names)}"
            self.r.refuse((*path, "offer"), "unknown-offer", f'there is no offer "{said.offer}"', mend)
        if offer is not None and not self._may_have(offer, position):
            cause = f"{self.pool.ids[position]} is included on {offer.name}, which is not for this creator"
            self.r.refuse((*path, "offer"), "included-without-offer", cause, f"widen `to` of {offer.name}")
        fixed = [key for key in ("fee", "price") if getattr(said, key) is not None]
        if len(fixed) > 1:
            self.r.refuse((*path, "fee"), "fee-and-price", "both fee and price are given", "keep one: fee is per piece")
        if fixed and offer is not None and not offer.pay.pays_fee:
            cause = f"{offer.name} pays no fee"
            self.r.refuse((*path, fixed[0]), "price-without-fee", cause, f"remove {fixed[0]}, or choose another offer")
        return Inclusion(
            int(self.place[position]),
            None if offer is None else offer.name,
            None if said.fee is None else self.r.money((*path, "fee"), said.fee, self.currency),
            None if said.price is None else self.r.money((*path, "price"), said.price, self.currency),
        )
