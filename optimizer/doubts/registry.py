"""All questions, in the order in which they are asked, and their answers as doubts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.accounts import handle_key
from optimizer.domain.doubts import Doubt
from optimizer.domain.exact import Ints
from optimizer.domain.scenario import Scenario
from optimizer.doubts.asking import Asking, Finding, Settling, stated
from optimizer.doubts.cells import cells
from optimizer.doubts.columns import columns
from optimizer.doubts.defaults import default_weight
from optimizer.doubts.forecasts import as_given, cut_pool, posts_not_said
from optimizer.doubts.plans import Booking, default_authenticity, one_carries, rates_above_pool
from optimizer.doubts.posts import few_posts, pinned_posts
from optimizer.doubts.rates import rate_of_another_kind
from optimizer.doubts.spellings import alike_creators, alike_values, parts_of_cells
from optimizer.doubts.totals import totals
from optimizer.errors import Place


def _levels(asking: Asking) -> Iterator[Finding]:
    """Whole columns first: single cells of a column in another unit are not asked of."""
    found = list(columns(asking))
    yield from found
    yield from cells(asking, frozenset(one.column for one in found if one.column is not None))


OF_POOLS: tuple[Callable[[Asking], Iterator[Finding]], ...] = (
    totals,
    _levels,
    alike_creators,
    alike_values,
    parts_of_cells,
    few_posts,
    pinned_posts,
)
OF_SCENARIOS: tuple[Callable[[Scenario, Place | None], Iterator[Doubt]], ...] = (
    default_weight,
    rate_of_another_kind,
    posts_not_said,
    cut_pool,
    as_given,
)
OF_PLANS: tuple[Callable[[Scenario, Sequence[Booking]], Iterator[Doubt]], ...] = (
    one_carries,
    rates_above_pool,
    default_authenticity,
)


@dataclass(frozen=True, eq=False)
class PoolDoubts:
    """The doubts about a pool; `refused` are the creators (by position) who are certainly none."""

    doubts: tuple[Doubt, ...] = ()
    refused: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def doubts_of_pool(asking: Asking, settling: Settling) -> PoolDoubts:
    """Ask everything of a pool. Rows of totals are left out before the rest is asked."""
    if not len(asking.pool):
        return PoolDoubts()
    told: list[Doubt] = []
    refused: list[Ints] = []
    first, *others = OF_POOLS
    for doubt, rows in stated(asking, first(asking), settling):
        told.append(doubt)
        if doubt.certain:
            refused.append(rows)
    gone = np.concatenate(refused) if refused else np.zeros(0, dtype=np.int64)
    if len(gone):
        left = np.setdiff1d(np.arange(len(asking.pool)), gone)
        asking = Asking(asking.pool.take(left), asking.currency, asking.sources, asking.file)
    for question in others if len(asking.pool) else ():
        told += [doubt for doubt, _ in stated(asking, question(asking), settling)]
    return PoolDoubts(tuple(told), gone)


def doubts_of_scenario(scenario: Scenario, offers: Place | None) -> Iterator[Doubt]:
    """Ask everything of a scenario; `offers` is the place of its offers."""
    for question in OF_SCENARIOS:
        yield from question(scenario, offers)


def doubts_of_plan(scenario: Scenario, bookings: Sequence[Booking]) -> tuple[Doubt, ...]:
    """All doubts about a plan: those about its pool and scenario, and those about its bookings."""
    settling = Settling(scenario.accepted)
    found = (doubt for question in OF_PLANS if bookings for doubt in question(scenario, bookings))
    mine = [doubt for doubt in found if not settling.accepts(doubt.code, doubt.creator, handle_key)]
    return (*scenario.doubts, *mine)
