"""Estimates: every bookable (creator, offer) with its quantities as integer columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import LIMIT, MICRO, Flags, Ints, millionths
from optimizer.domain.figures import FIGURES
from optimizer.domain.filters import Filter
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.quantities import MONEY, QUANTITIES
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.bookings import OWN, Ledger, OfferBookings, offer_matches


@dataclass(frozen=True, eq=False)
class Estimates:
    """Expected outcomes of bookings, in columns of shape (n,), sorted by creator, then offer.

    `creator` is a position in the scenario's pool, `offer` in its offers; `values` holds minor units of money and
    millionths of everything else; `sources` says, per figure, where it came from (only where traced).
    """

    scenario: Scenario
    creator: Ints
    offer: Ints
    values: Mapping[Measure, Ints]
    sources: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.creator)

    def members(self, group: Filter) -> Flags:
        """Which bookings belong to a group."""
        pool = self.scenario.pool.matches(group.without(OFFER_COLUMNS))
        offers = np.array([offer_matches(offer, group) for offer in self.scenario.offers], dtype=np.bool_)
        return pool[self.creator] & offers[self.offer]


def bookable(scenario: Scenario) -> tuple[Ints, Ints]:
    """Every (creator, offer) that may be booked: inside the offer's `to`, on the terms that `include` fixes."""
    allowed = np.zeros((len(scenario.pool), len(scenario.offers)), dtype=np.bool_)
    for at, offer in enumerate(scenario.offers):
        allowed[:, at] = scenario.pool.matches(offer.to.without(OFFER_COLUMNS))
    for term in scenario.include:
        if term.offer is not None:
            allowed[term.creator] &= [offer.name == term.offer for offer in scenario.offers]
        if term.fee is not None or term.price is not None:  # who agreed a fee is not booked for a gift
            allowed[term.creator] &= [offer.pay.pays_fee for offer in scenario.offers]
    creator, offer_at = np.nonzero(allowed)
    return creator.astype(np.int64), offer_at.astype(np.int64)


def estimate(scenario: Scenario) -> Estimates:
    """Estimate all that the objective and the rules ask for, for every booking that is possible.

    Raises
    ------
    ScenarioError
        For each figure that is needed and that neither the creator's row nor the scenario gives; for values beyond
        what can be counted exactly.
    """
    creator, offer = bookable(scenario)
    ledger = Ledger(len(creator))
    values, problems = _evaluate(scenario, creator, offer, scenario.measures, ledger)
    problems += [_missing(scenario, creator, name, at) for name, at in ledger.missing.items()]
    if problems:
        raise ScenarioError(problems)
    return Estimates(scenario, creator, offer, values, {})


def trace(scenario: Scenario, creator: Ints, offer: Ints) -> Estimates:
    """Estimate some bookings in full: every quantity whose figures are known, with the source of each figure."""
    ledger = Ledger(len(creator), tracing=True)
    wanted = dict.fromkeys([*scenario.measures, *map(Measure, QUANTITIES)])
    values: dict[Measure, Ints] = {}
    for measure in wanted:
        attempt = Ledger(len(creator), tracing=True)
        found, problems = _evaluate(scenario, creator, offer, [measure], attempt)
        if not attempt.missing and not problems:
            values |= found
            ledger.sources |= attempt.sources
    sources = {name: source for name, source in ledger.sources.items() if (source != OWN).any()}
    return Estimates(scenario, creator, offer, values, sources)


def _evaluate(
    scenario: Scenario, creator: Ints, offer: Ints, measures: Iterable[Measure], ledger: Ledger
) -> tuple[dict[Measure, Ints], list[Problem]]:
    values = {measure: np.zeros(len(creator), dtype=np.int64) for measure in measures}
    problems: list[Problem] = []
    for number, terms in enumerate(scenario.offers):
        at = np.flatnonzero(offer == number)
        bookings = OfferBookings(scenario, terms, creator[at], at, ledger)
        for measure, column in values.items():
            try:
                column[at] = _measure(bookings, measure)
            except OverflowError:
                problems.append(_too_large(scenario, measure))
    return values, problems


def _measure(bookings: OfferBookings, measure: Measure) -> Ints:
    """One measure of one offer's bookings as integers; raises OverflowError where they could not be summed exactly."""
    if measure.people:
        value = bookings.value(measure.quantity) * bookings.share(measure.people)
    else:
        value = bookings.value(measure.quantity)
    if QUANTITIES[measure.quantity].unit == MONEY:
        result: Ints = value  # type: ignore[assignment]
        if result.size and int(np.abs(result).max()) > LIMIT:
            raise OverflowError
        return result
    if value.size and not float(np.abs(value).max()) * MICRO <= LIMIT:
        raise OverflowError
    return millionths(value)


def _too_large(scenario: Scenario, measure: Measure) -> Problem:
    return Problem(
        "value-too-large",
        f"{measure} of a booking is larger than can be counted exactly ({LIMIT / scenario.scale(measure.quantity):g})",
        "check the pool and the scenario for a figure with too many digits",
    )


def _missing(scenario: Scenario, creator: Ints, name: str, at: Flags) -> Problem:
    """What to tell the planner when a figure that is needed is given nowhere."""
    if name in ("order_value", "margin"):
        return Problem(
            "missing-figure", f"{name} is needed and not given", f"add it to the scenario: economics: {{{name}: ...}}"
        )
    missing = np.unique(creator[at])
    if name.startswith("audience shares"):
        who = scenario.pool.ids[int(missing[0])]
        cause = f"{name} add up to more than 100 % for {len(missing):,} creators, {who} first"
        return Problem("audience-over-one", cause, "correct the audience_ columns")
    pool, total = scenario.pool, len(np.unique(creator))
    first = ", ".join(f"{pool.ids[int(i)]} (row {pool.rows[int(i)]})" for i in missing[:3])
    count = "every creator" if len(missing) == total else f"{len(missing):,} of {total:,} creators"
    cures = [f"fill the column {name} of the pool"]
    if name != "followers":
        cures.append(f"add `assume: {{{name}: ...}}` to the scenario")
    other = _INSTEAD.get(name)
    if other:
        cures.append(f"give {other} instead")
    if name == "fit":
        cures = ["list the niche, or `other`, under `fit:`"]
    elif 0 < len(missing) < total:
        cures.append(f"leave those creators out with `creators: {{where: {{{name}: {{from: 0}}}}}}`")
    title = FIGURES[name].title if name in FIGURES else name
    return Problem(
        "missing-figure",
        f"{name} ({title}) is needed and not known for {count}: {first}{', ...' if len(missing) > 3 else ''}",
        ", or ".join(cures),
    )


_INSTEAD = {
    "engagement_rate": "average_engagements",
    "view_rate": "average_views",
    "conversion_rate": "conversions_per_engagement",
}
