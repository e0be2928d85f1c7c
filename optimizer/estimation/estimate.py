"""Estimates: every bookable (creator, offer) with its quantities as integer columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.dimensions import OFFER, STEP, dimensions_of
from optimizer.domain.exact import LIMIT, MICRO, Floats, Ints, largest, millionths
from optimizer.domain.pool import CREATOR
from optimizer.domain.quantities import GROSS_REACH, MONEY
from optimizer.domain.scenario import Assumption, Scenario, Segment
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.bookings import OWN, Ledger, OfferBookings
from optimizer.estimation.counting import FINE
from optimizer.estimation.missing import missing_figures
from optimizer.estimation.nobody import nobody_bookable
from optimizer.estimation.small import too_small


@dataclass(frozen=True, eq=False)
class Estimates:
    """Expected outcomes of bookings.

    `values` holds minor units of money and millionths of everything else, each of shape (n,). `sources` gives the
    source of each figure (only if traced). `used` are the lines of benchmark packs that filled a figure, `passed_over`
    those that an earlier line preceded. `places` says where the bookings are among those of the estimates from which
    their figures were taken, if they are not the same bookings.
    """

    scenario: Scenario
    columns: BookingTable
    values: Mapping[Measure, Ints]
    sources: Mapping[str, np.ndarray]
    used: tuple[Assumption, ...] = ()
    passed_over: tuple[Assumption, ...] = ()
    places: Ints | None = None

    def __len__(self) -> int:
        return len(self.columns)

    def within(self, columns: Ints, figures: Mapping[int, Mapping[Measure, int]] | None = None) -> Estimates:
        """The estimates of some bookings (ascending), a few of which have other `figures`, by their old positions."""
        values = {measure: column[columns] for measure, column in self.values.items()}
        for at, said in (figures or {}).items():
            place = int(np.searchsorted(columns, at))
            for measure, value in said.items():
                values[measure][place] = value
        return replace(self, columns=self.columns.take(columns), values=values)


def bookable(scenario: Scenario) -> BookingTable:
    """Every possible booking: inside the offer's `to`, on the terms that `include` fixes; one for each step of a
    segment.
    """
    allowed = np.zeros((len(scenario.pool), len(scenario.offers)), dtype=np.bool_)
    for at, offer in enumerate(scenario.offers):
        allowed[:, at] = scenario.pool.matches(offer.to)
    for term in scenario.include:
        if term.offer is not None:
            allowed[term.creator] &= [term.offer in offer.names for offer in scenario.offers]
        if term.fee is not None or term.price is not None:  # who agreed a fee is not booked for a gift
            allowed[term.creator] &= [offer.pay.pays_fee for offer in scenario.offers]
    found = np.flatnonzero(allowed).astype(np.int64, copy=False)
    creator = found // len(scenario.offers)
    offers, steps = found - creator * len(scenario.offers), np.zeros(len(found), dtype=np.int64)
    dimensions = dimensions_of(scenario.pool, scenario.offers)
    columns = BookingTable(dimensions, {CREATOR: creator, OFFER: offers, STEP: steps})
    stepped = [segment for segment in scenario.segments if len(segment.steps) > 1]
    return _with_steps(columns, stepped) if stepped else columns


def _with_steps(columns: BookingTable, segments: Iterable[Segment]) -> BookingTable:
    """The columns with those of the further steps of segments."""
    parts = [columns]
    for segment in segments:
        mine = columns.take(np.flatnonzero(columns.creator == segment.position))
        parts += [replace(mine, at={**mine.at, STEP: mine.step + at}) for at in range(1, len(segment.steps))]
    every = replace(columns, at={name: np.concatenate([part.at[name] for part in parts]) for name in columns.at})
    return every.take(np.lexsort((every.offer, every.step, every.creator)))


def kept_of(scenario: Scenario, columns: BookingTable) -> Floats:
    """The share of its outcome that each booking keeps."""
    kept = np.ones(len(columns), dtype=np.float64)
    for segment in scenario.segments:
        if segment.steps:
            mine = columns.creator == segment.position
            kept[mine] = np.array([step.keep for step in segment.steps])[columns.step[mine]]
    return kept


def estimate(scenario: Scenario, known: Estimates | None = None) -> Estimates:
    """Estimate every measure that the objective and the rules use, for every possible booking.

    `known` are estimates of an earlier scenario; they are reused if only the goal and the rules differ, and who may or
    must be booked.

    Raises
    ------
    ScenarioError
        For each figure that is needed but given nowhere; for values too large or too small to be counted exactly; if
        nobody can be booked at all.
    """
    columns, values, places = _reused(scenario, known)
    nobody = nobody_bookable(scenario, columns)
    if nobody is not None:
        raise ScenarioError([nobody])
    ledger = Ledger(len(columns))
    new = [measure for measure in scenario.measures if measure not in values]
    more, problems = _evaluate(scenario, columns, new, ledger)
    values |= more
    problems += missing_figures(scenario, columns, ledger.missing) or _too_small(scenario, columns, ledger)
    if problems:
        raise ScenarioError(problems)
    return Estimates(scenario, columns, values, {}, places=places)


_Reused = tuple[BookingTable, dict[Measure, Ints], Ints | None]


def _reused(scenario: Scenario, known: Estimates | None) -> _Reused:
    """The bookings, figures of them that are known, and where these are among the known bookings, if not the same."""
    like = None if known is None else known.scenario
    if known is None or like is None or _differs(scenario, like):
        return bookable(scenario), {}, None
    if scenario.pool is like.pool and scenario.include == like.include:
        return known.columns, dict(known.values), None
    columns = bookable(scenario)
    rows = None if scenario.part_of is None or scenario.pool is like.pool else scenario.part_of[1]
    places = known.columns.places(columns, rows)
    if places is None:
        return columns, {}, None
    found = {measure: values[places] for measure, values in known.values.items()}
    return columns, {measure: values for measure, values in found.items() if not _may_be_too_small(values)}, places


def _may_be_too_small(values: Ints) -> bool:
    """Whether values may be too small to be counted, now that larger ones are left out; the exact ones say so."""
    return bool(largest(values) < FINE * MICRO)


_GOAL_AND_RULES = frozenset(
    "name objective goals constraints variant changes inputs warnings excluded doubts accepted resolved read".split()
)
_OF_THE_POOL = frozenset("pool part_of include expecting past_posts".split())


def _differs(one: Scenario, other: Scenario) -> bool:
    """Whether anything but goal, rules and named creators differs, so that figures may differ."""
    agreed = any(term.fee is not None or term.price is not None for term in (*one.include, *other.include))
    if agreed and (one.pool is not other.pool or one.include != other.include):
        return True
    if one.pool is not other.pool and (one.part_of is None or one.part_of[0] is not other.pool):
        return True
    beside = _GOAL_AND_RULES | _OF_THE_POOL  # what is expected of creators is as it was, as long as the pool is
    names = [part.name for part in fields(Scenario) if part.name not in beside]
    return any(getattr(one, name) != getattr(other, name) for name in names)


def trace(scenario: Scenario, columns: BookingTable) -> Estimates:
    """Estimate some bookings in full: every quantity whose figures are known, with the source of each figure."""
    whole = Ledger(len(columns), tracing=True)
    values: dict[Measure, Ints] = {}
    for measure in dict.fromkeys([*scenario.measures, *map(Measure, scenario.additive)]):
        attempt = Ledger(len(columns), tracing=True)
        found, problems = _evaluate(scenario, columns, [measure], attempt)
        if not attempt.missing and not problems:
            values |= found
            whole.merge(attempt)
    sources = {name: source for name, source in whole.sources.items() if (source != OWN).any()}
    used = tuple(sorted(whole.used, key=_in_order))
    return Estimates(
        scenario, columns, values, sources, used, tuple(sorted(whole.passed_over - whole.used, key=_in_order))
    )


def _in_order(line: Assumption) -> tuple[int, str, str]:
    return line.rank, line.benchmark.figure if line.benchmark else "", str(line.benchmark)


def _evaluate(
    scenario: Scenario, columns: BookingTable, measures: Iterable[Measure], ledger: Ledger
) -> tuple[dict[Measure, Ints], list[Problem]]:
    values = {measure: np.zeros(len(columns), dtype=np.int64) for measure in measures}
    problems: list[Problem] = []
    for number, terms in enumerate(scenario.offers):
        at = np.flatnonzero(columns.offer == number)
        mine = columns.take(at)
        bookings = OfferBookings(scenario, terms, mine, at, ledger, kept_of(scenario, mine))
        for measure, column in values.items():
            try:
                column[at] = measure_of(bookings, measure)
            except OverflowError:
                problems.append(_too_large(scenario, measure))
    return values, problems


def measure_of(bookings: OfferBookings, measure: Measure) -> Ints:
    """One measure of one offer's bookings as integers; raises OverflowError if they cannot be summed exactly."""
    if measure.people:
        share = bookings.share if measure.quantity == GROSS_REACH else bookings.share_of_audience
        value = bookings.value(measure.quantity) * share(measure.people)
    else:
        value = bookings.value(measure.quantity)
    if bookings.scenario.quantities[measure.quantity].unit == MONEY:
        result: Ints = value  # type: ignore[assignment]
        if largest(result) > LIMIT:
            raise OverflowError
        return result
    if not largest(value) * MICRO <= LIMIT:
        raise OverflowError
    bookings.ledger.counting.note(measure, value, bookings.at)
    return millionths(value)


def _too_small(scenario: Scenario, columns: BookingTable, ledger: Ledger) -> list[Problem]:
    """A fault for each quantity that is so small that rounding to millionths matters."""
    problems = []
    for measure, size, at in ledger.counting.too_small():
        one, heard = columns.take(np.array([at])), Ledger(1, heard={})
        number = int(one.offer[0])
        kept = kept_of(scenario, one)
        bookings = OfferBookings(scenario, scenario.offers[number], one, np.array([0]), heard, kept)
        bookings.value(measure.quantity)
        problems.append(too_small(scenario, measure, size, int(one.creator[0]), number, heard.heard or {}))
    return problems


def _too_large(scenario: Scenario, measure: Measure) -> Problem:
    return Problem(
        "value-too-large",
        f"{measure} of a booking is larger than can be counted exactly ({LIMIT / scenario.scale(measure.quantity):g})",
        "check the pool and the scenario for a figure with too many digits",
    )
