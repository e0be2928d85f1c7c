"""Estimates: every bookable (creator, offer) with its quantities as integer columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import LIMIT, MICRO, Flags, Floats, Ints, largest, millionths
from optimizer.domain.filters import Filter
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import Labels
from optimizer.domain.quantities import MONEY
from optimizer.domain.scenario import Assumption, Scenario, Segment
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.bookings import OWN, Ledger, OfferBookings, offer_matches
from optimizer.estimation.columns import Columns
from optimizer.estimation.missing import missing_figures
from optimizer.estimation.nobody import nobody_bookable
from optimizer.estimation.small import too_small


@dataclass(frozen=True, eq=False)
class Estimates:
    """Expected outcomes of bookings.

    `values` holds minor units of money and millionths of everything else, each of shape (n,). `sources` gives the
    source of each figure (only if traced). `used` are the lines of benchmark packs that filled a figure, `passed_over`
    those that an earlier line preceded.
    """

    scenario: Scenario
    columns: Columns
    values: Mapping[Measure, Ints]
    sources: Mapping[str, np.ndarray]
    used: tuple[Assumption, ...] = ()
    passed_over: tuple[Assumption, ...] = ()

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

    def members(self, group: Filter) -> Flags:
        """Which bookings belong to a group."""
        inside = np.ones(len(self), dtype=np.bool_)
        if mine := group.without(OFFER_COLUMNS):
            inside = self.scenario.pool.matches(mine)[self.columns.creator]
        if group.only(OFFER_COLUMNS):
            offers = np.array([offer_matches(offer, group) for offer in self.scenario.offers], dtype=np.bool_)
            inside &= offers[self.columns.offer]
        return inside

    def labels(self, column: str) -> tuple[Labels, Ints]:
        """A column of texts, of creators or of offers, and the entry of it that each booking has."""
        if column in OFFER_COLUMNS:
            said = [offer.label(column).replace("|", "¦") for offer in self.scenario.offers]  # no name is two values
            vocabulary = tuple(sorted(set(said)))
            codes = np.array([vocabulary.index(one) for one in said], dtype=np.int64)
            return Labels(codes, vocabulary), self.columns.offer
        found = self.scenario.pool.columns[column]
        if not isinstance(found, Labels):
            raise TypeError(f"{column} holds numbers, not texts")
        return found, self.columns.creator


def bookable(scenario: Scenario) -> Columns:
    """Every possible booking: inside the offer's `to`, on the terms that `include` fixes; one for each step of a
    segment.
    """
    allowed = np.zeros((len(scenario.pool), len(scenario.offers)), dtype=np.bool_)
    for at, offer in enumerate(scenario.offers):
        allowed[:, at] = scenario.pool.matches(offer.to.without(OFFER_COLUMNS))
    for term in scenario.include:
        if term.offer is not None:
            allowed[term.creator] &= [offer.called(term.offer) for offer in scenario.offers]
        if term.fee is not None or term.price is not None:  # who agreed a fee is not booked for a gift
            allowed[term.creator] &= [offer.pay.pays_fee for offer in scenario.offers]
    found = np.flatnonzero(allowed).astype(np.int64, copy=False)
    creator = found // len(scenario.offers)
    columns = Columns(creator, found - creator * len(scenario.offers), np.zeros(len(found), dtype=np.int64))
    stepped = [segment for segment in scenario.segments if len(segment.steps) > 1]
    return _with_steps(columns, stepped) if stepped else columns


def _with_steps(columns: Columns, segments: Iterable[Segment]) -> Columns:
    """The columns with those of the further steps of segments."""
    parts = [columns]
    for segment in segments:
        mine = columns.take(np.flatnonzero(columns.creator == segment.position))
        parts += [Columns(mine.creator, mine.offer, mine.step + at) for at in range(1, len(segment.steps))]
    creator = np.concatenate([part.creator for part in parts])
    offer = np.concatenate([part.offer for part in parts])
    step = np.concatenate([part.step for part in parts])
    order = np.lexsort((offer, step, creator))
    return Columns(creator[order], offer[order], step[order])


def kept_of(scenario: Scenario, columns: Columns) -> Floats:
    """The share of its outcome that each booking keeps."""
    kept = np.ones(len(columns), dtype=np.float64)
    for segment in scenario.segments:
        if segment.steps:
            mine = columns.creator == segment.position
            kept[mine] = np.array([step.keep for step in segment.steps])[columns.step[mine]]
    return kept


def estimate(scenario: Scenario, known: Estimates | None = None) -> Estimates:
    """Estimate every measure that the objective and the rules use, for every possible booking.

    `known` are estimates of an earlier scenario; they are reused if only the goal and the rules differ.

    Raises
    ------
    ScenarioError
        For each figure that is needed but given nowhere; for values too large or too small to be counted exactly; if
        nobody can be booked at all.
    """
    if known is not None and not _differs(scenario, known.scenario):
        columns, values = known.columns, dict(known.values)
    else:
        columns, values = bookable(scenario), {}
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
    return Estimates(scenario, columns, values, {})


_GOAL_AND_RULES = frozenset(
    "name objective goals constraints variant changes inputs warnings excluded doubts accepted resolved read".split()
)


def _differs(one: Scenario, other: Scenario) -> bool:
    """Whether anything but goal and rules differs, so that figures may differ."""
    if one.pool is not other.pool:
        return True
    names = [part.name for part in fields(Scenario) if part.name not in _GOAL_AND_RULES | {"pool"}]
    return any(getattr(one, name) != getattr(other, name) for name in names)


def trace(scenario: Scenario, columns: Columns) -> Estimates:
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
    scenario: Scenario, columns: Columns, measures: Iterable[Measure], ledger: Ledger
) -> tuple[dict[Measure, Ints], list[Problem]]:
    values = {measure: np.zeros(len(columns), dtype=np.int64) for measure in measures}
    problems: list[Problem] = []
    for number, terms in enumerate(scenario.offers):
        at = np.flatnonzero(columns.offer == number)
        mine = columns.take(at)
        bookings = OfferBookings(scenario, terms, mine.creator, at, ledger, kept_of(scenario, mine))
        for measure, column in values.items():
            try:
                column[at] = _measure(bookings, measure)
            except OverflowError:
                problems.append(_too_large(scenario, measure))
    return values, problems


def _measure(bookings: OfferBookings, measure: Measure) -> Ints:
    """One measure of one offer's bookings as integers; raises OverflowError if they cannot be summed exactly."""
    if measure.people:
        value = bookings.value(measure.quantity) * bookings.share(measure.people)
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


def _too_small(scenario: Scenario, columns: Columns, ledger: Ledger) -> list[Problem]:
    """A fault for each quantity that is so small that rounding to millionths matters."""
    problems = []
    for measure, size, at in ledger.counting.too_small():
        one, heard = columns.take(np.array([at])), Ledger(1, heard={})
        number = int(one.offer[0])
        kept = kept_of(scenario, one)
        bookings = OfferBookings(scenario, scenario.offers[number], one.creator, np.array([0]), heard, kept)
        bookings.value(measure.quantity)
        problems.append(too_small(scenario, measure, size, int(one.creator[0]), number, heard.heard or {}))
    return problems


def _too_large(scenario: Scenario, measure: Measure) -> Problem:
    return Problem(
        "value-too-large",
        f"{measure} of a booking is larger than can be counted exactly ({LIMIT / scenario.scale(measure.quantity):g})",
        "check the pool and the scenario for a figure with too many digits",
    )
