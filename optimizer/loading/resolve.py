"""Resolving a file: references are followed, numbers become exact, and every fault has its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction

from optimizer.domain.dimensions import Offers
from optimizer.domain.exact import CURRENCIES, MICRO, Currency, Number, plain
from optimizer.domain.figures import FIGURES, Figure, figure_of
from optimizer.domain.filters import Condition, Filter, fold
from optimizer.domain.offers import Offer
from optimizer.domain.pay import FEE, MODELS, NO_RIGHTS, Commission, Component, Fee, PayTerms, Rights, models_with
from optimizer.domain.quantities import QUANTITIES, Quantity
from optimizer.domain.scenario import Assumption
from optimizer.errors import Place, Problem
from optimizer.loading import slips
from optimizer.loading.faults import MORE, MOST_PROBLEMS
from optimizer.loading.fields import share_above_one
from optimizer.loading.money import Money
from optimizer.loading.near import FEW, listed, nearest, some
from optimizer.loading.schema import AssumedLine, OfferTerms, Pay, ScenarioFile
from optimizer.loading.source import Node

DEFAULT_TIERS = {"nano": (1_000, 9_999), "micro": (10_000, 99_999)}
MOST_PIECES = 100
DEFAULT_OFFER = Offer("booking", (("post", 1),))


@dataclass
class Resolving:
    """The state of resolving one document: the places of its parts, and the faults and warnings so far."""

    document: Node
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    kinds: tuple[str, ...] = ()  # what the offers deliver
    quantities: Mapping[str, Quantity] = field(default_factory=lambda: QUANTITIES)
    boosted: bool = False  # whether an offer has a boost
    whole: bool = True  # whether all bookings are whole
    looking: int = 100_000  # how many more names may be compared with a slip: a tenth of a second

    def refuse(self, path: tuple[str | int, ...], code: str, cause: str, mend: str = "", *, key: bool = False) -> None:
        """Report a fault at a path of the document (at its key where `key`)."""
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems[MOST_PROBLEMS:] = [MORE]
            return
        node = self.document.at(path)
        steps = path
        while node is None and steps:
            steps = steps[:-1]
            node = self.document.at(steps)
        place = None if node is None else (node.key_place if key and node.key_place else node.place)
        self.problems.append(Problem(code, cause, mend, place))

    def near(self, name: str, names: Iterable[str]) -> str:
        """As `nearest`, within the time for such searches."""
        every = list(names)
        return nearest(name, every) if self.may_look(len(every)) else ""

    def origin(self, path: tuple[str | int, ...]) -> Place | None:
        """Where something is written, for later messages."""
        node = self.document.at(path)
        return None if node is None else node.key_place or node.place

    @property
    def mapped(self) -> list[str]:
        """Our names of columns that the scenario maps, read or not."""
        node = self.document.at(("creators", "columns"))
        return [fold(name) for name in node.value] if node is not None and isinstance(node.value, dict) else []

    def may_look(self, names: int) -> bool:
        """Whether there is time left to search for a similar name; a scenario may have thousands of slips."""
        self.looking -= names if names > FEW else names * 20
        return self.looking > 0

    def money(self, path: tuple[str | int, ...], amount: Number | None, currency: Currency) -> int:
        """An amount in minor units; 0 if there is none."""
        if amount is None:
            return 0
        minor = currency.minor(amount.value)
        if minor is None:
            places = f"{currency.decimals} decimals" if currency.decimals else "no decimals"
            bare = f"{amount.value:f}"
            cause, mend = f"{bare} has too many decimals: {currency.code} has {places}", "round it"
            if amount.value.as_tuple().exponent == -3:
                mend = f"write {bare.replace('.', '_')} if thousands are meant, else round it"
            self.refuse(path, "finer-than-currency", cause, mend)
            return 0
        return minor


def filter_of(said: Mapping[str, Condition]) -> Filter:
    """A filter with its columns as the pool names them."""
    return Filter(tuple((fold(column), asked) for column, asked in said.items()))


def currency_of(said: ScenarioFile, r: Resolving) -> Currency:
    """The scenario's currency; EUR as a placeholder if the code is at fault."""
    if said.currency.upper() in CURRENCIES:
        return Currency(said.currency.upper())
    _unknown_currency(("currency",), said.currency, "EUR, USD, GBP", r)
    return Currency("EUR")


def _unknown_currency(path: tuple[str, ...], code: str, example: str, r: Resolving) -> None:
    sign = slips.meant(code, slips.CURRENCIES)
    near = f"write {sign}" if sign else r.near(code.upper(), CURRENCIES)
    mend = near or f"write a code such as {example}"
    r.refuse(path, "unknown-currency", f'"{code}" is not an ISO 4217 currency code', mend, key=len(path) > 1)


def exchange_of(said: ScenarioFile, currency: Currency, r: Resolving) -> Money:
    """The scenario's currency, and what one unit of each other one is worth in it."""
    rates = {currency.code: Fraction(1)}
    for code, rate in said.exchange.items():
        if code.upper() not in CURRENCIES:
            _unknown_currency(("exchange", code), code, "USD: 0.92", r)
        elif code.upper() == currency.code:
            mend = "name the other currency, and what one unit of it is worth in " + currency.code
            r.refuse(("exchange", code), "exchange", f"{code} is the scenario's own currency", mend, key=True)
        elif not rate.value:
            r.refuse(("exchange", code), "exchange", "an exchange rate must be above 0", "write USD: 0.92")
        rates.setdefault(code.upper(), rate.fraction)
    return Money(currency, rates)


def tiers_of(said: ScenarioFile, r: Resolving) -> Mapping[str, tuple[int, int]]:
    """Tier bounds in followers, both included; they may not overlap."""
    if said.tiers is None:
        return DEFAULT_TIERS
    tiers: dict[str, tuple[int, int]] = {}
    for name, (low, high) in said.tiers.items():
        for other, (first, last) in tiers.items():
            if int(low.value) <= last and first <= int(high.value):
                cause = f"tier {name} ({low} to {high}) overlaps tier {other} ({first:,} to {last:,})"
                mend = "change the bounds so that each follower count is in one tier only"
                r.refuse(("tiers", name), "tiers-overlap", cause, mend)
        tiers[name] = (int(low.value), int(high.value))
    return tiers


def offers_of(said: ScenarioFile, r: Resolving, currency: Currency) -> tuple[Offer, ...]:
    """The offers on their pay terms, each at the last step of its ladders; without any, one booking at the `fee`."""
    terms = {name: _pay(name, pay, r, currency) for name, pay in said.pay.items()}
    terms.setdefault("fee", FEE)
    if said.offers is None:
        return (replace(DEFAULT_OFFER, pay=terms["fee"], rights=terms["fee"].rights),)
    return tuple(_offer(name, offer, terms, r, currency) for name, offer in said.offers.items())


def _pay(name: str, pay: Pay, r: Resolving, currency: Currency) -> PayTerms:
    path = ("pay", name)
    _check_pay(path, pay, r)
    return PayTerms(
        name=name,
        model=pay.model,
        components=tuple(_components(path, pay, r, currency)),
        hours=float(pay.hours.value) if pay.hours else 0.0,
        post_rate=float(pay.post_rate.value) if pay.post_rate else None,
        rights=rights_of(path, pay.rights, r, currency),
    )


def _components(path: tuple[str, ...], pay: Pay, r: Resolving, currency: Currency) -> Iterator[Component]:
    """Those of the model, and those of which a key says something; a `fee` that is refused says nothing."""
    model = MODELS[pay.model]
    for one in model.parts():
        said, at = (getattr(pay, one.under), (*path, one.under)) if one.under else (pay, path)
        found = {}
        for key in (part.name for part in fields(one)):
            if (value := getattr(said, key, None)) is not None and (key != "fee" or key in model.needs):
                found[key] = micro(r, (*at, key), value) if key in one.shares else r.money((*at, key), value, currency)
        if one in model.components or any(found.values()):
            yield replace(one, **found)


def _check_pay(path: tuple[str, str], pay: Pay, r: Resolving) -> None:
    """Check that the keys of pay terms fit their model."""
    model, given = MODELS[pay.model], {key for key, value in pay if value is not None}
    pays_fee, earns = (pay.model in models_with(kind) for kind in (Fee, Commission))
    if path[1] == "fee" and pay.model != "fee":
        cause, mend = "pay terms with the name fee must have model: fee", "choose another name for these terms"
        r.refuse((*path, "model"), "pay-model", cause, mend)
    for key in (part.name for part in fields(Commission)):
        if key in given and not earns:
            cause = f"{key} is for a commission; model {pay.model} pays none"
            mend = f"use model: {listed(models_with(Commission))}, or remove it"
            r.refuse((*path, key), "pay-model", cause, mend, key=True)
    if "fee" in given and "fee" not in model.needs:
        sharing = listed(name for name, one in MODELS.items() if "fee" in one.needs)
        mend = f"use model: {sharing}, or remove it; a discount belongs in an offer"
        r.refuse((*path, "fee"), "pay-model", f"model {pay.model} pays no share of the fee", mend, key=True)
    for key, (what, example) in model.needs.items():
        if key not in given:
            r.refuse(path, "missing-key", f"{pay.model} terms need {what}", f"add {key}: {example}", key=True)
    if earns and not {"rate", "per_conversion"} & (given | model.needs.keys()):
        mend = "add rate: 12% (of the revenue), or per_conversion: 4.00"
        r.refuse(path, "missing-key", "these terms need a commission", mend, key=True)
    if given >= {"rate", "per_conversion"}:
        r.refuse((*path, "rate"), "pay-model", "both rate and per_conversion are given", "keep one of them", key=True)
    if "rights" in given and not pays_fee:
        cause = "rights come on top of the creator's fee, and these terms pay none"
        r.refuse((*path, "rights"), "pay-model", cause, "write minimum_fee or handling instead", key=True)


def rights_of(path: tuple[str, ...], said: Number | None, r: Resolving, currency: Currency) -> Rights:
    """What rights of use cost: a percentage is of the fee, a plain number an amount."""
    path = (*path, "rights")
    if said is None:
        return NO_RIGHTS
    if said.value < 0:
        r.refuse(path, "negative", f"{said} is below zero", "write a number from 0 up")
        return NO_RIGHTS
    if 0 < said.value < 1 and not said.percent:
        cause = f"{said} would be an amount of money, of less than one {currency.code}"
        r.refuse(path, "rights", cause, f"write {plain(said.value * 100)}% for a share of the fee")
        return NO_RIGHTS
    return Rights(share=micro(r, path, said)) if said.percent else Rights(amount=r.money(path, said, currency))


def _offer(name: str, said: OfferTerms, terms: Mapping[str, PayTerms], r: Resolving, currency: Currency) -> Offer:
    path = ("offers", name)
    pay = terms.get(said.pay)
    if pay is None:
        if r.document.at(("pay", said.pay)) is None:  # otherwise they have a fault that is already reported
            mend = r.near(said.pay, terms) or f"pay terms are: {some(terms)}"
            r.refuse((*path, "pay"), "unknown-pay", f'there are no pay terms "{said.pay}"', mend)
        pay = FEE
    if not pay.pays_fee:
        for key in ("price", "discount", "rights"):
            if getattr(said, key) is not None:
                cause = f"{key} does not apply on terms {pay.name}, which pay no fee"
                r.refuse((*path, key), "price-without-fee", cause, f"remove {key}, or pay a fee")
    if said.price is not None and said.discount is not None:
        r.refuse((*path, "discount"), "price-and-discount", "both price and discount are given", "keep one of them")
    for column in dict(said.to):
        if fold(column) in Offers.COLUMNS:
            cause = f"`to` says which creators get the offer; {column} is not a column of creators"
            r.refuse((*path, "to", column), "offer-column", cause, "use a column of the pool, or tier", key=True)
    deliver = tuple((fold(kind), max(pieces)) for kind, pieces in said.deliver.items())
    if sum(pieces for _, pieces in deliver) > MOST_PIECES:
        cause = f"{name} delivers {sum(pieces for _, pieces in deliver):,} pieces; at most {MOST_PIECES} are allowed"
        r.refuse((*path, "deliver"), "too-many", cause, "write an offer for fewer pieces")
    return Offer(
        name=name,
        deliver=deliver,
        pay=pay,
        to=filter_of(said.to).without(Offers.COLUMNS),
        price=None if said.price is None else r.money((*path, "price"), said.price, currency),
        discount=0 if said.discount is None else micro(r, (*path, "discount"), said.discount),
        rights=pay.rights if said.rights is None else rights_of(path, said.rights, r, currency),
        origin=r.origin((*path, "to") if said.to else path),
    )


def micro(r: Resolving, path: tuple[str | int, ...], rate: Number) -> int:
    """A rate in millionths; finer ones are refused."""
    scaled = rate.value * MICRO
    if scaled != scaled.to_integral_value():
        r.refuse(path, "finer-than-millionth", f"{rate} is finer than a millionth", "round it")
    return int(scaled)


def assumptions_of(said: ScenarioFile, r: Resolving, currency: Currency) -> dict[str, tuple[Assumption, ...]]:
    """The planner's own figures, each as a table of lines."""
    tables: dict[str, tuple[Assumption, ...]] = {}
    for key, lines in said.assume.items():
        found = figure_of(fold(key), r.kinds)
        kind = _idle_kind(fold(key)) if found is None else None
        if kind is not None:
            _not_delivered(("assume", key), kind, r)
            continue
        if found is None or found[0].name == "followers":
            names = [name for name in FIGURES if name != "followers"]
            per_kind = [f"{name}_{kind}" for name in names if FIGURES[name].per_deliverable for kind in r.kinds]
            other = slips.meant(key, slips.FIGURES)
            mend = f"write {other}" if other else r.near(key, [*names, *per_kind])
            mend = mend or f"figures are: {', '.join(names)}"
            r.refuse(("assume", key), "unknown-figure", f'"{key}" is not a figure that can be assumed', mend, key=True)
            continue
        tables[fold(key)] = tuple(_line(key, at, line, r, currency) for at, line in enumerate(lines))
    both = ("conversion_rate", "conversions_per_engagement")
    if all(key in tables for key in both):
        cause = "conversions follow from clicks or from engagements, not from both"
        r.refuse(("assume", both[1]), "both-conversions", cause, f"keep {both[0]} or {both[1]}", key=True)
    return tables


def too_high(figure: Figure, value: Number) -> tuple[str, str]:
    """Cause and mend for a rate over the highest plausible value."""
    if figure.most is None or figure.most <= 1:
        return share_above_one(value)
    cause = f"{figure.name} of {value}: more than {figure.most:g} is implausible"
    return cause, f"write {value}% if percent is meant, else at most {figure.most:g}"


def _idle_kind(name: str) -> str | None:
    """The deliverable of a figure such as fee_story that no offer delivers."""
    prefixes = [f"{figure.name}_" for figure in FIGURES.values() if figure.per_deliverable]
    return next((name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix)), None)


def _not_delivered(path: tuple[str | int, ...], kind: str, r: Resolving) -> None:
    """A figure for what no offer delivers: a slip where something similar is delivered, else idle."""
    near = r.near(kind, r.kinds)
    if near:
        r.refuse(path, "unknown-deliverable", f'no offer delivers "{kind}"', near, key=True)
    else:
        r.warnings.append(f'{" > ".join(map(str, path))} is not used: no offer delivers "{kind}"')


def _line(key: str, at: int, line: AssumedLine, r: Resolving, currency: Currency) -> Assumption:
    node = r.document.at(("assume", key))
    path: tuple[str | int, ...] = ("assume", key)
    if node is not None and isinstance(node.value, list):
        path = (*path, at, "is")
    found = figure_of(fold(key), r.kinds)
    figure = found[0] if found else FIGURES["fit"]
    value = line.value
    if value.value < 0:
        r.refuse(path, "negative", f"{value} is below zero", "write a number from 0 up")
    if value.percent and figure.unit not in ("rate", "factor"):
        r.refuse(path, "not-an-amount", f"{value} is a percentage; {figure.name} is not", "write a plain number")
    if figure.most is not None and value.value > int(figure.most):
        r.refuse(path, "share-above-one", *too_high(figure, value))
    conditions = dict(line.__pydantic_extra__ or {})
    kinds = conditions.pop("deliverable", None)
    for kind in getattr(kinds, "values", ()):
        if fold(kind) not in r.kinds:
            _not_delivered(path[:-1], kind, r)
    amount = r.money(path, value, currency) if figure.unit == "money" else float(value.value)
    deliverables = tuple(map(fold, getattr(kinds, "values", ()))) if kinds is not None else None
    return Assumption(amount, filter_of(conditions), deliverables)
