"""Inclusions: creators who must be booked, by handle or by filter, with the terms that a client fixed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.accounts import handle_key
from optimizer.domain.exact import Currency, Flags, Ints
from optimizer.domain.filters import Filter, fold
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Inclusion
from optimizer.loading.eligibility import Chosen
from optimizer.loading.near import some
from optimizer.loading.people import account_of, near_handle, segments_written, unclear
from optimizer.loading.resolve import Resolving, filter_of
from optimizer.loading.schema import IncludedCreator, ScenarioFile
from optimizer.loading.source import short

Path = tuple[str | int, ...]


@dataclass
class Including:
    """Works out who must be booked. `place` maps the pool to positions among those who may be booked (-1: none)."""

    pool: Pool
    chosen: Chosen
    offers: tuple[Offer, ...]
    currency: Currency
    r: Resolving
    place: Ints = field(init=False)
    matched: Flags = field(init=False)  # by a filter, among those who may be booked
    found: dict[int, Inclusion] = field(default_factory=dict)
    eligible: dict[str, Flags] = field(default_factory=dict)  # who may have each offer

    def __post_init__(self) -> None:
        self.place = np.full(len(self.pool), -1, dtype=np.int64)
        self.place[self.chosen.rows] = np.arange(len(self.chosen.rows))
        self.matched = np.zeros(len(self.chosen.rows), dtype=np.bool_)

    def inclusions(self, said: ScenarioFile) -> tuple[Inclusion, ...]:
        """Everyone whom `include` names or matches, by position among those who may be booked."""
        for at, who in enumerate(said.include):
            if who.creator is None:
                self._matching(("include", at), filter_of(who.where))
            else:
                self._named(("include", at), who.creator)
        for creator in np.flatnonzero(self.matched).tolist():
            self.found.setdefault(creator, Inclusion(creator))
        for term in self.found.values():
            position = int(self.chosen.rows[term.creator])
            fixed = term.fee is not None or term.price is not None
            offers = [offer for offer in self.offers if offer.pay.pays_fee or not fixed]
            if not any(self._may_have(offer, position) for offer in offers):
                cause = f"{self.pool.ids[position]} is included, but no offer is for this creator on these terms"
                self.r.refuse(("include",), "included-without-offer", cause, "widen an offer's `to`", key=True)
        return tuple(self.found[key] for key in sorted(self.found))

    def _may_have(self, offer: Offer, position: int) -> bool:
        if offer.name not in self.eligible:
            self.eligible[offer.name] = self.pool.matches(offer.to)
        return bool(self.eligible[offer.name][position])

    def _matching(self, path: Path, where: Filter) -> None:
        if not all(self.pool.answers(column) for column, _ in where):
            return  # reported already
        matches = self.pool.matches(where)
        both = np.flatnonzero(matches & self.chosen.excluded)
        if len(both):
            cause = f"{self.pool.ids[int(both[0])]} is both included and excluded"
            self.r.refuse(path, "included-and-excluded", cause, "remove one of the two")
        positions = self.place[matches]
        positions = positions[positions >= 0]
        if not len(positions):
            cause = f"no creator who can be booked matches {where}"
            self.r.refuse(path, "included-nobody", cause, "correct the filter")
        self.matched[positions] = True

    def _named(self, path: Path, said: IncludedCreator) -> None:
        found = account_of(said, self.pool)
        if len(found) > 1:
            self.r.refuse(path, "unclear-creator", *unclear(said.creator, found, self.pool))
            return
        position = found[0] if found else None
        if position is None and handle_key(said.creator) in segments_written(self.r):
            return  # at fault and already reported
        if position is None:
            on = "" if said.platform is None else f" on {short(said.platform)}"
            cause = f'"{short(said.creator)}"{on} is included, but is not in the pool'
            self.r.refuse(path, "unknown-creator", cause, near_handle(said.creator, self.pool, self.r))
        elif self.place[position] < 0:
            self._refuse(path, position)
        else:
            term = self._terms(path, position, said)
            known = self.found.get(term.creator)
            plain = Inclusion(term.creator)
            if term == plain and known is not None:
                return
            if known not in (None, plain, term):
                cause = f"{self.pool.ids[position]} is included twice, on different terms"
                self.r.refuse(path, "included-twice", cause, "keep one of them")
            self.found[term.creator] = term

    def _refuse(self, path: Path, position: int) -> None:
        name = self.pool.ids[position]
        if self.chosen.excluded[position]:
            cause = f"{name} is both included and excluded"
            self.r.refuse(path, "included-and-excluded", cause, "remove one of the two")
        elif self.chosen.unmatched[position]:
            cause = f"{name} is included, but `where` leaves this creator out"
            self.r.refuse(path, "included-unmatched", cause, "loosen `where`")
        else:
            self.r.refuse(path, "included-outside", f"{name} is included, but in no tier", "widen a tier")

    def _terms(self, path: Path, position: int, said: IncludedCreator) -> Inclusion:
        by_name = {fold(label): (label, offer) for offer in self.offers for label in offer.names}
        name, offer = by_name.get(fold(said.offer), (None, None)) if said.offer is not None else (None, None)
        if said.offer is not None and offer is None:
            names = list(dict.fromkeys(label for label, _ in by_name.values()))
            mend = self.r.near(said.offer, names) or f"offers are: {some(names)}"
            self.r.refuse((*path, "offer"), "unknown-offer", f'there is no offer "{said.offer}"', mend)
        if offer is not None and not self._may_have(offer, position):
            cause = f"{self.pool.ids[position]} is included on {name}, which is not for this creator"
            self.r.refuse((*path, "offer"), "included-without-offer", cause, f"widen `to` of {offer.base or name}")
        fixed = [key for key in ("fee", "price") if getattr(said, key) is not None]
        if len(fixed) > 1:
            self.r.refuse((*path, "fee"), "fee-and-price", "both fee and price are given", "keep one: fee is per piece")
        if fixed and offer is not None and not offer.pay.pays_fee:
            cause = f"{name} pays no fee"
            self.r.refuse((*path, fixed[0]), "price-without-fee", cause, f"remove {fixed[0]}, or choose another offer")
        return Inclusion(
            int(self.place[position]),
            name,
            None if said.fee is None else self.r.money((*path, "fee"), said.fee, self.currency),
            None if said.price is None else self.r.money((*path, "price"), said.price, self.currency),
        )
