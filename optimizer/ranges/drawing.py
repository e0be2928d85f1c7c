"""Draws of a plan: totals, totals of groups, and percentiles of each booking."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.quantities import GROSS_REACH, REACH
from optimizer.ranges.block import Block, Values
from optimizer.ranges.counts import Uniforms
from optimizer.ranges.factors import Shared, factors, own_words
from optimizer.ranges.outlook import COUNTS, MONEY, QUANTITIES, THOUSANDTHS, Common, Group, Outlook, ceiling
from optimizer.ranges.people import Asked, Seen, reached
from optimizer.ranges.percentiles import of_counts, of_rows
from optimizer.ranges.tables import normals

MOST_DRAWN: Final = 5_000_000  # bookings times draws
MOST_DRAWS: Final = 1_000_000
_FEWEST_DRAWS: Final = 1_000
_AT_ONCE: Final = 20_000  # bookings times draws of a block: its arrays stay in the cache
_AT_ONCE_OF_TWO: Final = 200_000  # with two threads, which otherwise hand over to each other too often
_WORTH_THREADS: Final = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """What was drawn: whole numbers, money in minor units and all else in thousandths.

    Parameters
    ----------
    draws
        How many draws there are: those asked, or fewer where bookings times draws would be too many.
    totals, alone
        Totals of the plan by quantity, shape (draws,); `alone` without the errors that bookings share.
    groups
        Totals of each group by the quantities asked of it; draw by draw those of the same world as in `totals`.
    bookings, bookings_alone
        The 10th, 50th and 90th percentile of each booking, shape (n, 3).
    """

    draws: int
    seed: int
    totals: Mapping[str, Ints]
    alone: Mapping[str, Ints]
    groups: Sequence[Mapping[str, Ints]]
    bookings: Mapping[str, Ints]
    bookings_alone: Mapping[str, Ints]


def draws_for(bookings: int, asked: int) -> int:
    """How many draws are made: at most 5 million over all bookings, then a multiple of 8, but at least 1,000."""
    within = MOST_DRAWN // max(bookings, 1) // 8 * 8
    return min(asked, MOST_DRAWS, max(within, _FEWEST_DRAWS))


def drawn(
    outlook: Outlook,
    common: Common | None = None,
    groups: Sequence[Group] = (),
    draws: int = 10_000,
    seed: int = 1,
    quantities: Sequence[str] | None = None,
    *,
    each: Sequence[str] | None = None,
    each_alone: bool = True,
    block: int | None = None,
) -> Ranges:
    """Draw what the bookings bring, again and again.

    The logarithm of an outcome is that of its expected value, plus normal errors: of the figure, the campaign, the
    platform and the niche, which bookings share, and of the creator and the posts. Each has a mean factor of 1. A
    booking is posted or not; clicks and conversions are Poisson counts. Draw d of a booking depends on its key, the
    seed and d alone, so neither the order of rows nor the number of draws changes it.

    Parameters
    ----------
    quantities
        Whose totals and percentiles are asked; by default all that are drawn and all that are fixed. Of people reached
        there are totals only, and only if they are asked.
    each, each_alone
        The quantities whose percentiles are asked of each booking, by default all of these; and whether those without
        the errors that bookings share are asked too.
    block
        How many bookings are worked on at once; it changes the time and the memory only.

    Raises
    ------
    ValueError
        For a quantity that is neither drawn nor fixed, or fewer than one draw.
    """
    asked = tuple(quantities) if quantities is not None else (*QUANTITIES, *outlook.fixed)
    for name in {*asked, *(name for group in groups for name in group.quantities)}:
        if not outlook.knows(name):
            raise ValueError(f"{name}: neither drawn nor fixed")
    if draws < 1:
        raise ValueError("draws: at least 1")
    used = draws_for(len(outlook), draws)
    threads = min(2, os.cpu_count() or 1) if len(outlook) * used >= _WORTH_THREADS else 1
    rows = block or max(1, (_AT_ONCE if threads == 1 else _AT_ONCE_OF_TWO) // used)
    slices = [slice(start, min(start + rows, len(outlook))) for start in range(0, len(outlook), rows)]
    work = _Drawing(outlook, common or Common(), groups, used, seed, asked)
    work.ask_of_each(asked if each is None else each, alone=each_alone)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(work.run, (slices[first::threads] for first in range(threads))))
    return work.ranges(parts, threads)


@dataclass(slots=True, eq=False)
class _Sums:
    """Totals over the blocks of one thread; whole numbers, so they are the same in any order."""

    totals: Values
    alone: Values
    groups: list[Values]


class _Drawing:
    """One call of `drawn`: what all threads read, and the percentiles, of which each writes its own rows."""

    def __init__(
        self, outlook: Outlook, common: Common, groups: Sequence[Group], draws: int, seed: int, asked: tuple[str, ...]
    ) -> None:
        self._outlook, self._draws, self._seed = outlook, draws, seed
        self._shared = Shared(common, draws, seed)
        self._asked = [name for name in asked if name in QUANTITIES]
        self._fixed = {name: np.rint(values * THOUSANDTHS) for name, values in outlook.fixed.items()}
        self._fixed_asked = [name for name in asked if name in outlook.fixed]
        self._groups = [(_mask(group.bookings, len(outlook)), group.quantities) for group in groups]
        in_groups = {name for _, names in self._groups for name in names if name in QUANTITIES}
        self._needed = in_groups.union(self._asked)
        self._reach = _Reach(outlook, groups, draws, whole_plan=REACH in asked)
        if self._reach.asked:
            self._needed.add(GROSS_REACH)
        self._most = ceiling(len(outlook))
        self._percentiles: dict[str, Ints] = {}
        self._percentiles_alone: dict[str, Ints] = {}

    def ask_of_each(self, names: Sequence[str], *, alone: bool) -> None:
        """Say whose percentiles are asked of each booking, and whether without shared errors too."""
        size, drawn_ = len(self._outlook), [name for name in names if name in self._asked]
        self._percentiles = {name: np.empty((size, 3), np.int64) for name in drawn_}
        if alone:
            self._percentiles_alone = {name: np.empty((size, 3), np.int64) for name in drawn_}

    def run(self, slices: Sequence[slice]) -> _Sums:
        """Draw some blocks one after the other."""
        zeros = self._zeros
        sums = _Sums(
            zeros(self._asked),
            zeros(self._asked),
            [zeros([name for name in names if name in QUANTITIES]) for _, names in self._groups],
        )
        for rows in slices:
            self._draw(Block(self._outlook, rows, self._most), sums)
        return sums

    def _zeros(self, names: Sequence[str]) -> Values:
        return {name: np.zeros(self._draws) for name in names}

    def _draw(self, block: Block, sums: _Sums) -> None:
        rows, outlook = block.rows, self._outlook
        first, second = own_words(list(outlook.keys[rows]), self._draws, self._seed)
        creator = normals().take(first & 0xFFFF, mode="clip")
        posts = normals().take(first >> 16, mode="clip")
        uniforms, posted = Uniforms.given_below(second, outlook.post_rate[rows, None])
        views = factors(creator, posts, (outlook.views_sd[0][rows], outlook.views_sd[1][rows]))
        engagements = factors(creator, posts, (outlook.engagements_sd[0][rows], outlook.engagements_sd[1][rows]))
        views *= posted
        engagements *= posted
        version = _Version(block, posted, views, engagements, uniforms, self._needed)
        version.add(self._asked, sums.alone)
        version.see(self._reach.alone)
        version.percentiles(list(self._percentiles_alone), self._percentiles_alone)
        names = zip(outlook.platform[rows].tolist(), outlook.niche[rows].tolist(), strict=True)
        shared = np.stack([self._shared.of(outlook.platforms[one], outlook.niches[two]) for one, two in names])
        views *= self._shared.views * shared
        engagements *= self._shared.engagements * shared
        version = _Version(block, posted, views, engagements, uniforms, self._needed)
        version.add(self._asked, sums.totals)
        version.see(self._reach.with_errors)
        version.percentiles(list(self._percentiles), self._percentiles)
        for (mask, _), totals in zip(self._groups, sums.groups, strict=True):
            if mask[rows].any():
                version.add(list(totals), totals, None if mask[rows].all() else mask[rows])

    def ranges(self, parts: Sequence[_Sums], threads: int) -> Ranges:
        """All together, as integers."""
        fixed = {name: self._fixed[name] for name in self._fixed_asked}
        repeated = {name: np.repeat(values[:, None], 3, axis=1).astype(np.int64) for name, values in fixed.items()}
        constant = {name: self._constant(values.sum()) for name, values in fixed.items()}
        groups = []
        for at, (mask, names) in enumerate(self._groups):
            totals = _together([part.groups[at] for part in parts])
            of_fixed = {name: self._constant(self._fixed[name][mask].sum()) for name in names if name in self._fixed}
            groups.append(totals | of_fixed)
        people, people_alone, of_groups = self._reach.found(threads)
        return Ranges(
            self._draws,
            self._seed,
            _together([part.totals for part in parts]) | constant | people,
            _together([part.alone for part in parts]) | constant | people_alone,
            [group | more for group, more in zip(groups, of_groups, strict=True)],
            self._percentiles | repeated,
            self._percentiles_alone | repeated,
        )

    def _constant(self, value: float) -> Ints:
        return np.full(self._draws, int(value), np.int64)


class _Reach:
    """People reached by the plan and by groups; what each row reaches by itself is kept until all are drawn."""

    def __init__(self, outlook: Outlook, groups: Sequence[Group], draws: int, *, whole_plan: bool) -> None:
        self._people, self._whole_plan = outlook.people, whole_plan
        self._asking = [at for at, group in enumerate(groups) if REACH in group.quantities]
        self._of_groups: list[dict[str, Ints]] = [{} for _ in groups]
        self.asked: list[Asked] = []
        self.with_errors = self.alone = None
        if outlook.people is None:
            return
        cells = np.ones(len(outlook.people.curves), np.bool_)
        if whole_plan:
            self.asked.append(Asked(np.ones(len(outlook), np.bool_), cells))
            self.alone = Seen.nothing(len(outlook), draws)
        for group in (groups[at] for at in self._asking):
            mask = _mask(group.bookings, len(outlook))
            self.asked.append(Asked(mask, cells if group.cells is None else group.cells))
        if self.asked:
            self.with_errors = Seen.nothing(len(outlook), draws)

    def found(self, threads: int) -> tuple[dict[str, Ints], dict[str, Ints], list[dict[str, Ints]]]:
        """By the plan, by the plan without the errors that bookings share, and by each group."""
        totals: dict[str, Ints] = {}
        alone: dict[str, Ints] = {}
        if self._people is not None and self.with_errors is not None:
            every = reached(self._people, self.with_errors, self.asked, threads)
            if self._whole_plan and self.alone is not None:
                totals[REACH] = every.pop(0)
                alone[REACH] = reached(self._people, self.alone, self.asked[:1], threads)[0]
            for at, people in zip(self._asking, every, strict=True):
                self._of_groups[at][REACH] = people
        return totals, alone, self._of_groups


def _mask(bookings: Flags | Ints, size: int) -> Flags:
    mask: Flags = np.zeros(size, np.bool_)
    mask[bookings] = True
    return mask


def _together(parts: Sequence[Values]) -> dict[str, Ints]:
    sums = {name: np.sum([part[name] for part in parts], axis=0).astype(np.int64) for name in parts[0]}
    return {name: total * THOUSANDTHS if name in COUNTS else total for name, total in sums.items()}


class _Version:
    """The outcomes of a block, with or without the errors that bookings share; counts are whole, not thousandths."""

    def __init__(
        self,
        block: Block,
        posted: Floats,
        views: Floats,
        engagements: Floats,
        uniforms: Uniforms,
        needed: set[str],
    ) -> None:
        self._block, self._posted, self._views, self._engagements = block, posted, views, engagements
        self._values: Values = {}
        if "clicks" in needed:
            self._values["clicks"] = block.counted(uniforms.counts(block.expected_clicks(views)))
        if not needed.isdisjoint(("conversions", *MONEY)):
            means = block.expected_conversions(views, engagements)
            self._values["conversions"] = block.counted(uniforms.counts(means))
        if not needed.isdisjoint(MONEY):
            self._values |= block.money(self._values["conversions"])
        by_factor: tuple[tuple[str, Callable[[Floats], Floats], Floats], ...] = (
            ("impressions", block.impressions, views),
            ("impressions.organic", block.organic, views),
            ("impressions.paid", block.paid, posted),
            ("gross_reach", block.gross_reach, views),
            ("engagements", block.engagements, engagements),
            ("posts", block.posts, posted),
        )
        self._by_factor = [each for each in by_factor if each[0] in needed]
        self._values |= {name: formula(factor) for name, formula, factor in self._by_factor}

    def add(self, names: Sequence[str], totals: Values, mask: Flags | None = None) -> None:
        """Add the bookings of the mask to the totals."""
        for name in names:
            values = self._values[name] if mask is None else self._values[name][mask]
            totals[name] += values[0] if len(values) == 1 else values.sum(axis=0)

    def see(self, seen: Seen | None) -> None:
        """Keep what each booking reaches by itself, where people reached are asked."""
        if seen is not None:
            seen.gross[self._block.rows] = self._values[GROSS_REACH]
            seen.posted[self._block.rows] = self._posted > 0

    def percentiles(self, names: Sequence[str], into: Mapping[str, Ints]) -> None:
        """Write the percentiles of each booking; what never falls when another rises, from the other's percentiles."""
        if not names:
            return
        found: Values = {}
        ordered: dict[int, Floats] = {}
        for name, formula, factor in self._by_factor:
            if name not in names:
                continue
            if id(factor) not in ordered:
                ordered[id(factor)] = of_counts(factor) if factor is self._posted else of_rows(factor)
            found[name] = formula(ordered[id(factor)])
        found |= {name: of_counts(self._values[name]) for name in COUNTS if name in self._values}
        if not set(MONEY).isdisjoint(names):
            found |= self._block.money(found["conversions"])
            if "profit" in names and not self._block.profit_rises:
                found["profit"] = of_rows(self._values["profit"])
        for name in names:
            into[name][self._block.rows] = found[name] * (THOUSANDTHS if name in COUNTS else 1)
