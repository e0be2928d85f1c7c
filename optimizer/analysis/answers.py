"""What creators answered: the rows of a file of results, matched with a plan's bookings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.analysis.bookable import UNKNOWN, why_not
from optimizer.domain.accounts import handle_key
from optimizer.domain.filters import fold
from optimizer.domain.offers import Offer
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.near import nearest, some
from optimizer.loading.people import unclear
from optimizer.loading.results_file import (
    AGREED,
    CREATOR,
    DECLINED,
    FEE,
    OFFER,
    PLAN_ID,
    STATUS,
    Happened,
    ResultsFile,
)
from optimizer.loading.source import short
from optimizer.results.plan import Plan
from optimizer.unseen import visible

_SHORTEST = 12  # characters of a plan's digest by which it is told apart


@dataclass(frozen=True)
class Agreed:
    """A booking that was agreed; `fee` is that of the whole booking in minor units, None where it is as planned."""

    creator: str
    offer: str
    status: str
    fee: int | None
    row: Happened | None = None  # None where only the plan says it


@dataclass(frozen=True)
class Answers:
    """What is agreed and who declined, by the creator's name, with what the plan before said of it already."""

    agreed: Mapping[str, Agreed]
    declined: Mapping[str, Happened | None]
    notes: tuple[str, ...] = ()


@dataclass
class Reading:
    """Matches rows with the bookings of a plan, whose digest is `plan_id`."""

    plan: Plan
    plan_id: str
    scenario: Scenario
    file: ResultsFile
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        """All answers.

        Raises
        ------
        ScenarioError
            With every row that does not fit the plan or the scenario.
        """
        before = self.plan.committed
        scale = self.scenario.currency.scale
        agreed = {
            one.creator: Agreed(one.creator, one.offer, one.status, None if one.fee is None else round(one.fee * scale))
            for one in (before.bookings if before else ())
        }
        declined: dict[str, Happened | None] = dict.fromkeys(before.declined if before else ())
        for name, rows in self._by_creator().items():
            found = self._of_creator(name, rows, agreed.get(name))
            if isinstance(found, Agreed):
                declined.pop(name, None)
                agreed[name] = found
            elif found is not None:
                agreed.pop(name, None)
                declined[name] = found
        if self.problems:
            raise ScenarioError(self.problems)
        return Answers(agreed, declined, tuple(self.notes))

    # --- which rows count ---

    def _by_creator(self) -> dict[str, list[Happened]]:
        """The rows with a status by the creator's name: of each creator those of the latest plan that has some."""
        ranks = self._ranks()
        found: dict[str, tuple[int, list[Happened]]] = {}
        for row, rank in zip(self.file.rows, ranks, strict=True):
            if rank is None:
                continue
            name = self._name(row, rank)
            if name is None or not row.status:
                continue
            known = found.get(name)
            if known is None or rank < known[0]:
                found[name] = rank, [row]
            elif rank == known[0]:
                known[1].append(row)
        return {name: sorted(rows, key=_in_order) for name, (_, rows) in sorted(found.items())}

    def _ranks(self) -> list[int | None]:
        """How many plans ago the plan of each row was: 0 for this one, None for plans that it does not follow from."""
        replan = self.plan.replan
        known = [self.plan_id, *((replan.of, *replan.earlier) if replan else ())]
        ranks = [_rank(row.plan_id, known) for row in self.file.rows]
        others = [row for row, rank in zip(self.file.rows, ranks, strict=True) if rank is None]
        if others and len(others) == len(ranks):
            first = others[0]
            cause = (
                f"all rows are of another plan, {visible(short(first.plan_id, 20))}; this one is {self.plan_id[:12]}..."
            )
            mend = "name the plan that they are of, or write the file for this plan: --template"
            self.problems.append(Problem("results-other-plan", cause, mend, first.at(PLAN_ID)))
        elif others:
            count, line = len(others), others[0].at(PLAN_ID).line
            rows = "row is" if count == 1 else "rows are"
            self.notes.append(f"{count:,} {rows} of another plan and passed over, the first one in row {line}")
        return ranks

    def _name(self, row: Happened, rank: int) -> str | None:
        """The creator of a row as plans call them; None where there is no such creator, which is reported."""
        pool = self.scenario.pool
        found = pool.positions(row.creator)
        if len(found) > 1:  # on several platforms: the plan may book one of them only
            booked = {one.creator for one in self.plan.allocations}
            found = [at for at in found if pool.ids[at] in booked] or found
        if len(found) > 1:
            self.problems.append(Problem("unclear-creator", *unclear(row.creator, found, pool), row.at(CREATOR)))
            return None
        if found:
            if any(found[0] == segment.position for segment in self.scenario.segments):
                if not row.status:
                    return None
                cause = f"{visible(short(row.creator))} is a segment: nobody of that name can answer"
                mend = "add the creator to the file of creators, name them here, and lower `available` of the segment"
                self.problems.append(Problem("results-segment", cause, mend, row.at(CREATOR)))
                return None
            return pool.ids[found[0]]
        key, before = handle_key(row.creator), self.plan.committed
        known = [one.creator for one in self.plan.allocations] + list(before.declined if before else ())
        name = next((other for other in known if handle_key(other) == key), None)
        if name is not None:
            return name
        return self._outside(row) if row.status or not rank else None

    def _outside(self, row: Happened) -> str | None:
        """The name of somebody who is neither in the plan nor can be booked, if that matters."""
        said = visible(short(row.creator))
        code, why, mend = why_not(self.scenario, row.creator)
        if code == UNKNOWN:
            cause = f'"{said}" is not in the file of creators'
            self.problems.append(Problem("results-unknown-creator", cause, mend, row.at(CREATOR)))
            return None
        if row.status in AGREED:
            return row.creator  # which is refused with the reason, once it is clear what was agreed
        self.notes.append(f"{said} cannot be booked anyway ({why}): row {row.at(CREATOR).line} is passed over")
        return None

    # --- what one creator answered ---

    def _of_creator(self, name: str, rows: Sequence[Happened], before: Agreed | None) -> Agreed | Happened | None:
        """What the rows of one creator say together."""
        agreed = [row for row in rows if row.status in AGREED]
        declined = [row for row in rows if row.status == DECLINED]
        if not agreed:
            return declined[0]
        offers = {self._offer(name, row, before) for row in agreed}
        if None in offers:
            return None
        (offer, *others) = sorted((one for one in offers if one is not None), key=lambda one: one.name)
        if others:
            cause = f"{visible(name)} agreed to {offer.name} here and to {others[0].name} in another row"
            mend = "keep the row of the offer that holds"
            self.problems.append(Problem("results-contradiction", cause, mend, agreed[0].at(OFFER)))
            return None
        gone = [row for row in declined if not row.offer or self._offer(name, row, before) in (offer, None)]
        if gone:
            cause = f"{visible(name)} declined here, and {agreed[0].status} in row {agreed[0].at(STATUS).line}"
            self.problems.append(Problem("results-contradiction", cause, "keep the row that holds", gone[0].at(STATUS)))
            return None
        fees = {row.fee for row in agreed if row.fee is not None}
        if len(fees) > 1:
            told = sorted(row.at(FEE).line or 0 for row in agreed if row.fee is not None)
            cause = f"{visible(name)} has two fees, in rows {told[0]} and {told[1]}"
            self.problems.append(
                Problem("results-contradiction", cause, "keep the fee that was agreed", agreed[0].at(FEE))
            )
            return None
        kept = before.fee if before is not None and before.offer == offer.name else None
        fee = fees.pop() if fees else kept
        latest = max(agreed, key=lambda row: AGREED.index(row.status))
        if not offer.pay.pays_fee:
            if fee:
                cause = f"{offer.name} pays no fee, and {visible(name)} has one"
                mend = "empty the fee, or name the offer that was agreed"
                self.problems.append(Problem("results-fee", cause, mend, _with_fee(agreed).at(FEE)))
            fee = None
        return Agreed(name, offer.name, latest.status, fee, latest)

    def _offer(self, name: str, row: Happened, before: Agreed | None) -> Offer | None:
        """The offer of a row; what is not clear is reported."""
        offers = {offer.name: offer for offer in self.scenario.offers}
        planned = next((one.offer for one in self.plan.allocations if one.creator == name), None)
        planned = before.offer if before is not None else planned
        mine = offers.get(planned) if planned is not None else None
        if not row.offer:
            if mine is not None or len(offers) == 1:
                return mine or next(iter(offers.values()))
            cause = f"{visible(name)} is not in the plan, and the row names no offer"
            mend = f"offers are: {some(offers)}"
            self.problems.append(Problem("results-offer", cause, mend, row.at(CREATOR)))
            return None
        exact = [offer for offer in offers.values() if fold(offer.name) == fold(row.offer)]
        steps = [offer for offer in offers.values() if fold(offer.base) == fold(row.offer)]
        if exact or len(steps) == 1:
            return (exact or steps)[0]
        if mine in steps:
            return mine
        said, names = visible(short(row.offer)), [offer.name for offer in steps] or list(offers)
        cause = f'"{said}" may be several offers' if steps else f'there is no offer "{said}"'
        mend = nearest(row.offer, names) or f"offers are: {some(names)}"
        self.problems.append(Problem("results-offer", cause, mend, row.at(OFFER)))
        return None


def _with_fee(rows: Sequence[Happened]) -> Happened:
    return next((row for row in rows if row.fee is not None), rows[0])


def _in_order(row: Happened) -> tuple[str, str, int, str]:
    """The same order however the rows of a file stand."""
    return row.status, row.offer, -1 if row.fee is None else row.fee, row.creator


def _rank(plan_id: str, known: Sequence[str]) -> int | None:
    """The place of a plan among those known; a row that names none is about the latest one."""
    said = plan_id.lower()
    if not said:
        return 0
    alike = [at for at, one in enumerate(known) if one == said or (len(said) >= _SHORTEST and one.startswith(said))]
    return alike[0] if alike else None
