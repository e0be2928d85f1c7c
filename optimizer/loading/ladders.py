"""Ladders: an offer with several numbers of pieces, or several amounts of boost, becomes one offer for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from math import prod

from optimizer.domain.exact import Currency, plain
from optimizer.domain.filters import fold
from optimizer.domain.offers import Boost, Offer
from optimizer.domain.pay import NO_RIGHTS
from optimizer.loading.near import some
from optimizer.loading.resolve import Resolving, rights_of
from optimizer.loading.returns import check_falling
from optimizer.loading.schema import MOST_OFFERS, BoostWay, OfferTerms, ScenarioFile
from optimizer.loading.source import short

MOST_STEPS = 24  # that one offer becomes
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of one ladder, with what it adds to the offer's name; nothing where a single number is written."""

    named: str
    deliver: tuple[str, int] | None = None
    boost: Boost | None = None


def with_ladders(said: ScenarioFile, offers: Sequence[Offer], r: Resolving, currency: Currency) -> tuple[Offer, ...]:
    """The offers, each step of a ladder as one of its own: `booktok, spark 200`, with `booktok` as its base."""
    ways = _ways(said, r, currency)
    if said.offers is None:
        return tuple(offers)
    found: list[Offer] = []
    for offer, terms in zip(offers, said.offers.values(), strict=True):
        ladders = [*_of_pieces(offer, terms, r), *_of_boost(offer, terms, ways, r, currency)]
        steps = prod(map(len, ladders))
        if steps > MOST_STEPS:
            cause = f"{short(offer.name)} becomes {steps:,} offers, one for each step; at most {MOST_STEPS} are allowed"
            r.refuse(("offers", offer.name), "too-many", cause, "write fewer steps", key=True)
            found.append(replace(offer, base=offer.name))  # so that filters on it are no faults as well
            continue
        found += [_at(offer, chosen) for chosen in product(*ladders)]
    _check_names(found, r)
    if len(found) > MOST_OFFERS:
        cause = f"the offers become {len(found):,}, one for each step; at most {MOST_OFFERS} are allowed"
        r.refuse(("offers",), "too-many", cause, "write fewer steps, or fewer offers", key=True)
    return tuple(found)


def _at(offer: Offer, chosen: Sequence[_Step]) -> Offer:
    """The offer at one step of each of its ladders."""
    return replace(
        offer,
        name=", ".join([offer.name, *(step.named for step in chosen if step.named)]),
        base=offer.name,
        deliver=tuple(step.deliver for step in chosen if step.deliver is not None),
        boost=tuple(step.boost for step in chosen if step.boost is not None),
    )


def _check_names(offers: Sequence[Offer], r: Resolving) -> None:
    """Report a ladder that shares a name with another offer, as filters read names."""
    known: dict[str, Offer] = {}
    told = set[tuple[str, str]]()
    for offer in offers:
        for name in offer.names:
            other = known.setdefault(fold(name), offer)
            pair = other.base, offer.base
            if pair[0] == pair[1] or pair in told or not (_is_step(offer) or _is_step(other)):
                continue
            told.add(pair)
            cause = f'"{short(pair[0])}" and "{short(pair[1])}" both give an offer of the name "{short(name)}"'
            r.refuse(("offers", offer.base), "name-taken", cause, "choose another name", key=True)


def _is_step(offer: Offer) -> bool:
    return offer.name != offer.base


# --- pieces ---


def _of_pieces(offer: Offer, said: OfferTerms, r: Resolving) -> list[list[_Step]]:
    """The pieces of each kind."""
    found = []
    for kind, pieces in said.deliver.items():
        path = ("offers", offer.name, "deliver", kind)
        is_ladder = _is_ladder(path, r)
        _check_rising(path, pieces, r)
        found.append([_Step(f"{kind} {count}" if is_ladder else "", (fold(kind), count)) for count in pieces])
        if len(pieces) > 1 and said.price is not None:
            cause = (
                f"price is the price of the whole booking, so {pieces[0]} and {pieces[-1]} pieces would cost the same"
            )
            mend = "remove price, so that each piece costs the creator's fee, or write an offer for each number"
            r.refuse(("offers", offer.name, "price"), "ladder", cause, mend, key=True)
    return found


# --- boost ---


def _ways(said: ScenarioFile, r: Resolving, currency: Currency) -> dict[str, Boost | None]:
    """The ways to boost by their folded names, without money; None for one that is at fault."""
    found: dict[str, Boost | None] = {}
    for name, way in said.boost.items():
        if fold(name) in found:
            cause = f'"{short(name)}" is already a way to boost'
            r.refuse(("boost", name), "name-taken", cause, "choose another name", key=True)
        before = len(r.problems)
        made = _way(name, way, r, currency)
        found[fold(name)] = made if len(r.problems) == before else None
    return found


def _way(name: str, said: BoostWay, r: Resolving, currency: Currency) -> Boost:
    path = ("boost", name)
    if not said.cpm.value:
        cause = "at a cpm of 0, any money buys impressions without end"
        r.refuse((*path, "cpm"), "boost", cause, "write what 1,000 impressions cost, as in cpm: 6")
    keeps, before, kept = list[tuple[int, Fraction]](), Fraction(0), Fraction(1)
    for at, step in enumerate(said.keeps or ()):
        here = (*path, "keeps", at)
        order = "[{up_to: 200, ...}, {up_to: 500, ...}]"
        check_falling(here, (step.up_to, step.keep), (before, kept), "money", order, r)
        keeps.append((r.money((*here, "up_to"), step.up_to, currency), step.keep.fraction))
        before, kept = step.up_to.fraction, step.keep.fraction
    rights = rights_of(path, said.rights, r, currency)
    return Boost(name, 0, said.cpm.fraction * currency.scale, tuple(keeps), rights)


def _of_boost(
    offer: Offer, said: OfferTerms, ways: Mapping[str, Boost | None], r: Resolving, currency: Currency
) -> list[list[_Step]]:
    """The amounts of each way to boost."""
    found, taken = [], set[str]()
    for name, amounts in said.boost.items():
        path = ("offers", offer.name, "boost", name)
        if fold(name) in taken:
            cause = f'"{short(name)}" is already among the boost of this offer'
            r.refuse(path, "boost", cause, "write its amounts as one list: [100, 200]", key=True)
            continue
        taken.add(fold(name))
        if fold(name) not in ways:
            if r.document.at(("boost", name)) is None:  # else it is at fault, and reported already
                cause = f'there is no way to boost "{short(name)}"'
                mend = r.near(name, _written(ways)) or _ways_there(name, ways)
                r.refuse(path, "unknown-boost", cause, mend, key=True)
            continue
        way = ways[fold(name)]
        is_ladder = _is_ladder(path, r)
        _check_rising(path, [amount.fraction for amount in amounts], r)
        if way is None:
            continue
        steps = []
        for at, amount in enumerate(amounts):
            money = r.money((*path, at), amount, currency)
            if way.keeps and money > way.keeps[-1][0]:
                most = plain(Decimal(way.keeps[-1][0]).scaleb(-currency.decimals))
                cause = f"what {plain(amount.value)} brings is not known: keeps of {way.way} end at {most}"
                r.refuse((*path, at), "boost", cause, f"write at most {most}, or add a step to keeps")
            named = f"{way.way} {plain(amount.value)}" if is_ladder else ""
            steps.append(_Step(named, boost=replace(way, money=money)))
        found.append(steps)
        if way.rights != NO_RIGHTS and not offer.pay.pays_fee and any(amount.value for amount in amounts):
            r.warnings.append(
                f"{offer.name} is on terms {offer.pay.name}, which pay no fee, so the rights of {way.way} cost nothing"
            )
    return found


def _written(ways: Mapping[str, Boost | None]) -> list[str]:
    """The names of ways to boost as they are written."""
    return [name if way is None else way.way for name, way in ways.items()]


def _ways_there(name: str, ways: Mapping[str, Boost | None]) -> str:
    if ways:
        return f"ways to boost are: {some(_written(ways))}"
    return f"add it at the top of the scenario: boost: {{{short(name)}: {{cpm: 6}}}}"


# --- both ---


def _is_ladder(path: Path, r: Resolving) -> bool:
    """Whether a list is written, so that each of its steps has a name of its own."""
    node = r.document.at(path)
    return node is not None and isinstance(node.value, list)


def _check_rising(path: Path, steps: Sequence[int | Fraction], r: Resolving) -> None:
    for at, (before, step) in enumerate(pairwise(steps), 1):
        if step <= before:
            same = f"{float(step):g} comes twice" if step == before else f"{float(step):g} is after {float(before):g}"
            cause = f"the steps of a ladder rise, and {same}"
            r.refuse((*path, at), "ladder", cause, "write each step once, the smallest first")
            return
