"""A scenario after some answers: what is agreed must be booked on its terms, and who declined cannot be."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from optimizer.analysis.answers import Agreed, Answers
from optimizer.analysis.bookable import why_not
from optimizer.domain.accounts import platform_key
from optimizer.domain.exact import Currency, times_up
from optimizer.domain.filters import fold
from optimizer.domain.offers import Offer
from optimizer.domain.pay import Fee
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.load import changed_scenario
from optimizer.loading.results_file import CREATOR, FEE, OFFER, STATUS, Happened
from optimizer.loading.source import Node
from optimizer.unseen import visible


def committed_scenario(scenario: Scenario, answers: Answers, before: Iterable[str]) -> Scenario:
    """The scenario with answers as changes of `include` and `exclude`; the same one where these change nothing.

    `before` are those who had declined when the plan before was made, whom it left out.

    Raises
    ------
    ScenarioError
        If an answer does not fit the scenario.
    """
    back = set(before) & set(answers.agreed)
    if back:  # they agreed after all
        excluded = _entries(scenario, "exclude")
        scenario = _changed(scenario, {"exclude": [one for one in excluded if not _is_one_of(one, back)]})
    asked = _Lists(scenario, answers)
    problems = [*_lacking(scenario, answers), *asked.of_filters()]
    if problems:
        raise ScenarioError(problems)
    try:
        return _changed(scenario, {"include": asked.include(), "exclude": asked.exclude()})
    except ScenarioError as error:
        reasons = [_cannot(scenario, one) for one in answers.agreed.values()]
        raise ScenarioError(list(filter(None, reasons)) or error.problems) from None


def _is_one_of(entry: Any, names: Collection[str]) -> bool:
    return isinstance(entry, str) and entry in names


def _changed(scenario: Scenario, lists: Mapping[str, list[Any]]) -> Scenario:
    """The scenario with other lists, where they are others."""
    changes = {key: value for key, value in lists.items() if _text(value) != _text(_entries(scenario, key))}
    return changed_scenario(scenario, changes) if changes else scenario


def _text(entries: list[Any]) -> str:
    return json.dumps(entries, default=str)


def _entries(scenario: Scenario, key: str) -> list[Any]:
    """The entries of a list of the scenario, as plain values."""
    document = scenario.resolved
    node = document.at((key,)) if isinstance(document, Node) else None
    found = [] if node is None or node.value is None else node.plain()
    return found if isinstance(found, list) else [found]


@dataclass(frozen=True)
class _Lists:
    """The lists of those who must and may not be booked."""

    scenario: Scenario
    answers: Answers

    def include(self) -> list[Any]:
        """The scenario's own entries, but for those who answered; then what is agreed."""
        mine = _entries(self.scenario, "include")
        names = [self._named(entry) for entry in mine]
        fixed = {name: entry for name, entry in zip(names, mine, strict=True) if isinstance(entry, Mapping)}
        answered = {*self.answers.agreed, *self.answers.declined}
        kept = [entry for name, entry in zip(names, mine, strict=True) if name is None or name not in answered]
        agreed = sorted(self.answers.agreed.values(), key=lambda one: self.scenario.pool.positions(one.creator))
        return [*kept, *(self._entry(one, fixed.get(one.creator)) for one in agreed)]

    def exclude(self) -> list[Any]:
        """The scenario's own entries, then who declined."""
        pool = self.scenario.pool
        new = [name for name in self.answers.declined if pool.positions(name)]
        return [*_entries(self.scenario, "exclude"), *sorted(new, key=pool.positions)]

    def of_filters(self) -> Iterable[Problem]:
        """Those who declined although a filter of `include` asks for them."""
        names = {self._named(entry) for entry in _entries(self.scenario, "include")}
        included = {self.scenario.pool.ids[term.creator] for term in self.scenario.include}
        for name, row in self.answers.declined.items():
            if name in included and name not in names:
                cause = f"{visible(name)} declined, and a filter of `include` asks for this creator"
                mend = "narrow the filter, or name those whom you want"
                yield Problem("results-declined", cause, mend, _place(row, STATUS))

    def _named(self, entry: Any) -> str | None:
        """The creator whom an entry names; None for a filter."""
        who = entry.get("creator") if isinstance(entry, Mapping) else entry
        if not isinstance(who, str):
            return None
        pool: Pool = self.scenario.pool
        found = pool.positions(who)
        platform = entry.get("platform") if isinstance(entry, Mapping) else None
        if platform is not None:
            found = [at for at in found if platform_key(pool.platform(at)) == platform_key(str(platform))]
        return pool.ids[found[0]] if len(found) == 1 else None

    def _entry(self, agreed: Agreed, fixed: Mapping[str, Any] | None) -> dict[str, Any]:
        """What is agreed, as an entry of `include`; what the scenario had fixed holds where no fee is said."""
        entry: dict[str, Any] = {"creator": agreed.creator, "offer": agreed.offer}
        if agreed.fee is not None:
            return entry | {"price": _written(_price(self.scenario, agreed), self.scenario.currency)}
        offer = offer_of(self.scenario, agreed.offer)
        labels = {fold(offer.name), fold(offer.base)}
        mine = fixed if fixed is not None and fold(str(fixed.get("offer", agreed.offer))) in labels else {}
        return entry | {key: mine[key] for key in ("fee", "price") if key in mine}


def _written(amount: int, currency: Currency) -> Decimal:
    return Decimal(amount).scaleb(-currency.decimals)


def offer_of(scenario: Scenario, name: str) -> Offer:
    """An offer by its name."""
    return next(offer for offer in scenario.offers if offer.name == name)


def _price(scenario: Scenario, agreed: Agreed) -> int:
    """The price of which the terms of the offer pay the agreed fee, exactly.

    Raises
    ------
    ScenarioError
        If there is no such price.
    """
    share, fee = offer_of(scenario, agreed.offer).pay.part(Fee).fee, agreed.fee or 0
    price = fee * 10**6 // share
    if int(times_up(np.array([price]), share)[0]) == fee:
        return price
    cause = f"the terms of {agreed.offer} cannot pay {visible(agreed.creator)} exactly this fee"
    place = None if agreed.row is None else agreed.row.at(FEE)
    raise ScenarioError([Problem("results-fee", cause, "round it to what the terms can pay", place)])


def _lacking(scenario: Scenario, answers: Answers) -> Iterable[Problem]:
    """Those who agreed and are not among those who can be booked, or to an offer that is no more."""
    offers = {offer.name for offer in scenario.offers}
    for one in answers.agreed.values():
        if one.offer not in offers:
            cause = f"{visible(one.creator)} agreed to {visible(one.offer)}, which is no offer of the scenario any more"
            yield Problem("results-not-bookable", cause, "put the offer back", _place(one.row, OFFER))
        elif not scenario.pool.positions(one.creator):
            yield _cannot(scenario, one) or _left_out(one, "the scenario leaves this creator out", "correct the row")


def _cannot(scenario: Scenario, one: Agreed) -> Problem | None:
    """Why somebody who agreed cannot be booked; None where they can."""
    code, why, mend = why_not(scenario, one.creator, one.offer)
    return _left_out(one, why, mend) if code else None


def _left_out(one: Agreed, why: str, mend: str) -> Problem:
    cause = f"{visible(one.creator)} agreed to {one.offer} and cannot be booked: {why}"
    return Problem("results-not-bookable", cause, mend, _place(one.row, CREATOR))


def _place(row: Happened | None, column: str) -> Any:
    return None if row is None else row.at(column)
