"""What plans promise, and what comes: measured and expected figures on real posts; one table in Markdown.

python performance/expectations.py POSTS.csv [--splits 100] [--million 1000000]

The file has one row for each post, with the columns creator, niche, followers, month, video, likes, comments,
sponsored. In each split one random post of each creator is kept back; it is the outcome. The others are what was
measured. Fees are drawn. The only rule is the budget: what the first 12, 45 and 180 names by measured engagements over
the fee cost, in the middle of the splits. Names are chosen by value over fee until the budget is spent; `optimize` is
asked about some of the splits, and gives the same value within a hair. A ratio is the sum over the splits, divided by
the sum over the splits; its standard error is that of drawing the splits again (the creators stay the same).
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import load_scenario, optimize  # noqa: E402  # the root must be known first
from optimizer.domain.exact import Flags, Floats  # noqa: E402
from optimizer.domain.forecast import Forecast, Outlook  # noqa: E402
from optimizer.domain.pool import Labels, Numbers, Pool  # noqa: E402
from optimizer.doubts import asking  # noqa: E402
from optimizer.expectations import counts  # noqa: E402
from optimizer.expectations.expect import Expectations, fitted  # noqa: E402
from optimizer.loading.forecasting import population  # noqa: E402
from performance.peers import machine  # noqa: E402
from performance.splits import (  # noqa: E402
    COLUMN,
    NAMES,
    SMALL,
    Budgets,
    Part,
    Split,
    budgets_of,
    chosen,
    from_means,
    from_posts,
    parted,
    read,
    split,
)
from performance.spreads import EVERY, far_above, ranges, totals, widths  # noqa: E402

CUTS: Final = (0.25, 0.5, 0.75)
CELLS: Final = ("far-out", "contradiction", "column-unit")  # doubts that say a figure is wrong
TOTALLED: Final = 20  # splits in which totals of sub-pools are drawn
ASKED, SOLVED = 20, 3  # splits that the doubts, and the whole program, are asked about
_BURSTS, _COUNTS, _MANY, _AGAIN = 3, 5, 6, 7  # streams of random numbers


@dataclass(frozen=True)
class Aim:
    """What a figure should be; nothing where it is only told."""

    least: float | None = None
    most: float | None = None
    percent: bool = False

    def __str__(self) -> str:
        least, most = (None if end is None else self.shown(end) for end in (self.least, self.most))
        if least is None or most is None:
            return f"at most {most}" if most else f"at least {least}" if least else ""
        return f"{least} to {most}"

    def shown(self, value: float) -> str:
        return (
            f"{100 * value:.{1 if value > 0.005 else 2}f} %"
            if self.percent
            else f"{value:.3g}"
            if value >= 1000
            else f"{value:.3f}"
        )

    def judged(self, value: float) -> str:
        if self.least is None and self.most is None:
            return ""
        kept = (self.least is None or value >= self.least) and (self.most is None or value <= self.most)
        return "yes" if kept else "no"


SHARE: Final = Aim(percent=True)
AIMS: Final[dict[str, Aim]] = {
    **{f"from means: promise over outcome, {names} names": Aim(0.90, 1.12) for names in NAMES},
    **{
        f"from means: outcome over that of measured, {names} names": Aim(least)
        for names, least in zip(NAMES, (1.05, 1.03, 1.01), strict=True)
    },
    **{f"from single posts: promise over outcome, {names} names": Aim(0.93, 1.07) for names in NAMES},
    f"80 % range of one post: inside, {EVERY}": Aim(0.76, 0.85, percent=True),
    f"80 % range of one post: below, {EVERY}": Aim(0.07, 0.13, percent=True),
    f"80 % range of one post: above, {EVERY}": Aim(0.07, 0.13, percent=True),
    "80 % range of one post: inside, of the 180 chosen": SHARE,
    "80 % range of one post: below, of the 180 chosen": SHARE,
    "80 % range of one post: above, of the 180 chosen": SHARE,
    "80 % range of a total of ten, no common errors: inside": Aim(0.75, 0.88, percent=True),
    "80 % range of a total of ten, no common errors: below": SHARE,
    "80 % range of a total of ten, no common errors: above": SHARE,
    **{
        f"1 % of cells times ten, from means: promise over outcome, {names} names": Aim(None, most)
        for names, most in zip(NAMES, (1.7, 1.45, 1.25), strict=True)
    },
    f"cautious: posts above it, {EVERY}": SHARE,
    "1 % of cells times a hundred: named": Aim(0.95, percent=True),
    **{f"cut at {cut:.0%}: detected": SHARE for cut in CUTS},
    "1 % of cells times a hundred: named, of those above one per follower": SHARE,
    "good cells asked about, of all": Aim(None, 0.001, percent=True),
    "as it is: taken for cut": SHARE,
    "value of the choice over that of optimize": Aim(0.995, 1.0),
    "time over one sort of as many floats": Aim(),
    "memory above the pool, MB": Aim(None, 300),
    "time, seconds": Aim(None, 2),
}


def promises(one: Split, budgets: Budgets, expecting: Outlook) -> Iterator[Part]:
    """Each way of looking at the figures: what the chosen promise, and what they bring."""
    values = {"measured": one.means, "from means": expecting.values, "from single posts": from_posts(one)}
    for names, budget in zip(NAMES, budgets.names, strict=True):
        usual = one.outcomes[chosen(one.means, one.fees, budget)].sum()
        for way, figures in values.items():
            mine = chosen(figures, one.fees, budget)
            brought = one.outcomes[mine].sum()
            yield f"{way}: promise over outcome, {names} names", figures[mine].sum(), brought
            if way != "measured":
                yield f"{way}: outcome over that of measured, {names} names", brought, usual


def small(one: Split, number: int, budgets: Budgets) -> Iterator[Part]:
    """Pools of a few creators: pooled by themselves, and with our table alone to lean on."""
    for size, names, rates in SMALL:
        for few in parted(one, number, size):
            usual = few.outcomes[chosen(few.means, few.fees, budgets.small[size])].sum()
            for way, figures in (("measured", few.means), (rates, from_means(few, rates)[0].values)):
                mine = chosen(figures, few.fees, budgets.small[size])
                brought, what = few.outcomes[mine].sum(), f"pools of {size}, {way}"
                yield f"{what}: promise over outcome, {names} names", figures[mine].sum(), brought
                if way != "measured":
                    yield f"{what}: outcome over that of measured, {names} names", brought, usual


def cautious(one: Split, budgets: Budgets) -> Iterator[Part]:
    """The lower end of each creator, planned with as if it were the figure."""
    figures = from_means(one, "cautious")[0].values
    yield f"cautious: posts above it, {EVERY}", float((one.outcomes > figures).sum()), float(len(figures))
    mine = chosen(figures, one.fees, budgets.names[1])
    yield f"cautious: promise over outcome, {NAMES[1]} names", figures[mine].sum(), one.outcomes[mine].sum()


def bursts(one: Split, number: int, budgets: Budgets) -> Iterator[Part]:
    """One cell in a hundred is ten times too large."""
    wrong = _slipped(one, number, 10.0)
    values = {"measured": wrong.means, "from means": from_means(wrong)[0].values}
    for names, budget in zip(NAMES, budgets.names, strict=True):
        for way, figures in values.items():
            mine = chosen(figures, one.fees, budget)
            name = f"1 % of cells times ten, {way}: promise over outcome, {names} names"
            yield name, figures[mine].sum(), one.outcomes[mine].sum()


def _slipped(one: Split, number: int, factor: float) -> Split:
    rng = np.random.default_rng([_BURSTS, number])
    chosen_cells = rng.choice(len(one.means), max(1, len(one.means) // 100), replace=False)
    means = one.means.copy()
    means[chosen_cells] *= factor
    return one.with_means(means)


def cuts(one: Split, budgets: Budgets) -> Iterator[Part]:
    """Lists that hold only creators above some rate: whether that is seen, and what our table makes of them."""
    rates = one.means / one.followers
    for cut in CUTS:
        kept = one.take(np.flatnonzero(rates >= np.quantile(rates, cut)))
        expecting, found = from_means(kept)
        yield f"cut at {cut:.0%}: detected", float(bool(found.cut)), 1.0
        for way, figures in (("measured", kept.means), ("from means", expecting.values)):
            mine = chosen(figures, kept.fees, budgets.names[1])
            name = f"cut at {cut:.0%}, {way}: promise over outcome, {NAMES[1]} names"
            yield name, figures[mine].sum(), kept.outcomes[mine].sum()


def shares(number: int) -> Iterator[Part]:
    """Conversion rates of 2,000 creators, drawn: 2 % in the middle, worth 150 clicks, measured over 10 to 3,000."""
    rng = np.random.default_rng([_COUNTS, number])
    true = rng.beta(3.0, 147.0, 2_000)
    clicks = np.rint(np.exp(rng.uniform(np.log(10), np.log(3_000), len(true))))
    rates = rng.binomial(clicks.astype(np.int64), true) / clicks
    fit = counts.fitted(rates, clicks)
    assert fit is not None
    found, _ = counts.expected(fit, rates, clicks, cautious=False)
    for way, figures in (("measured", rates), ("expected", found)):
        best = np.argsort(-figures, kind="stable")[:100]
        yield f"conversion rates, drawn: mean error over mean rate, {way}", np.abs(figures - true).sum(), true.sum()
        yield f"conversion rates, drawn: promise over truth, best 100, {way}", figures[best].sum(), true[best].sum()


def named(one: Split, number: int, budgets: Budgets) -> Iterator[Part]:
    """Cells that are a hundred times too large: how many are asked about, and what those do that are not."""
    wrong = _slipped(one, number, 100.0)
    told, good = asked(wrong), asked(one)
    planted = wrong.means != one.means
    more = planted & (wrong.means > one.followers)
    for which, flags in (("", planted), (", of those above one per follower", more)):
        yield f"1 % of cells times a hundred: named{which}", float((told & flags).sum()), float(flags.sum())
    yield "good cells asked about, of all", float(good.sum()), float(len(good))
    left = wrong.take(np.flatnonzero(~told))
    figures = from_means(left)[0].values
    for names, budget in zip(NAMES, budgets.names, strict=True):
        mine = chosen(figures, left.fees, budget)
        name = f"1 % of cells times a hundred, named ones left out, from means: promise over outcome, {names} names"
        yield name, figures[mine].sum(), left.outcomes[mine].sum()


def asked(one: Split) -> Flags:
    """Of whom a figure is asked about."""
    listed, asking.LISTED = asking.LISTED, len(one.creators)  # all doubts, not the first twenty
    try:
        doubts = load_scenario(campaign(1e9), creators=frame(one)).doubts
    finally:
        asking.LISTED = listed
    told = {doubt.creator for doubt in doubts if doubt.code in CELLS}
    return np.array([creator in told for creator in one.creators])


def solved(one: Split, budget: float, expecting: Outlook) -> Iterator[Part]:
    """The value of the choice by value over fee, beside that of the program's own plan."""
    plan = optimize(load_scenario(campaign(budget), creators=frame(one)), gap=1e-4)
    mine = chosen(expecting.values, one.fees, budget)
    yield "value of the choice over that of optimize", float(expecting.values[mine].sum()), plan.objective.value


def campaign(budget: float) -> dict[str, Any]:
    return {
        "format": 1,
        "currency": "EUR",
        "budget": budget,
        "objective": {"maximize": "engagements"},
        "offers": {"post": {"deliver": {"post": 1}}},
        "tiers": {"any": [0, 10**12]},
    }


def frame(one: Split) -> dict[str, list[Any]]:
    return {
        "creator": list(one.creators),
        "platform": ["Instagram"] * len(one.creators),
        "niche": list(one.niches),
        "followers": one.followers.astype(int).tolist(),
        COLUMN: one.means.tolist(),
        "posts_measured": one.posts.astype(int).tolist(),
        "fee": one.fees.tolist(),
    }


def of_split(one: Split, number: int, budgets: Budgets) -> Iterator[Part]:
    """All that one split adds to the figures."""
    expecting, found = from_means(one)
    yield from promises(one, budgets, expecting)
    yield from ranges(one, budgets, expecting)
    yield from far_above(one, expecting, found)
    if number < TOTALLED:
        yield from totals(one, number, expecting)
        yield from widths(one, number, budgets, expecting)
    yield from cautious(one, budgets)
    yield from small(one, number, budgets)
    yield from bursts(one, number, budgets)
    yield "as it is: taken for cut", float(bool(found.cut)), 1.0
    yield from cuts(one, budgets)
    yield from shares(number)
    if number < ASKED:
        yield from named(one, number, budgets)
    if number < SOLVED:
        for budget in budgets.names:
            yield from solved(one, budget, expecting)


def ratio(parts: Floats) -> tuple[float, float]:
    """The sum above over the sum below, and its standard error by drawing the splits, (k, 2), again.

    Drawings with nothing below the line say nothing; where none says anything, neither is a number.
    """
    again = np.random.default_rng(_AGAIN).integers(0, len(parts), (1_000, len(parts)))
    sums = parts[again].sum(axis=1)
    sums = sums[sums[:, 1] != 0]
    above, below = parts.sum(axis=0).tolist()
    found = above / below if below else np.nan
    return found, float((sums[:, 0] / sums[:, 1]).std(ddof=1)) if len(sums) > 1 else np.nan


def drawn(size: int) -> Pool:
    """Creators drawn by the table of usual figures."""
    rng = np.random.default_rng(_MANY)
    followers = np.rint(np.exp(rng.uniform(np.log(1_000), np.log(100_000), size)))
    sd = np.sqrt(0.45 + 0.33 / 4)
    means = followers * np.exp(-3.4 - 0.2 * np.log(followers / 10_000) + sd * rng.standard_normal(size))
    known = np.ones(size, dtype=np.bool_)
    names = [f"creator {at:07d}" for at in range(size)]
    niches, platforms = rng.integers(0, 8, size), rng.integers(0, 2, size)
    columns = {
        "followers": Numbers(followers, known),
        COLUMN: Numbers(means, known),
        "posts_measured": Numbers(rng.integers(1, 13, size).astype(np.float64), known),
        "niche": Labels(niches, tuple(f"niche {at}" for at in range(8))),
        "platform": Labels(platforms, ("instagram", "tiktok")),
    }
    return Pool(names, names, columns, np.arange(1, size + 1, dtype=np.int64))


def at_large(size: int) -> Iterator[tuple[str, float]]:
    """Seconds of processor time, and memory, of the fit and of the expected figures of all of so many creators."""
    pool, every = drawn(size), np.arange(size, dtype=np.int64)

    def work() -> None:
        named_all = np.ones(size, dtype=np.bool_)
        found = fitted(pool.take(population(pool, named_all)), Forecast(), {})
        Expectations(pool, Forecast(), {}, found, every[:0]).outlook(COLUMN, every)

    floats = np.random.default_rng(_MANY).random(size)
    taken, sort = min(_seconds(work) for _ in range(3)), min(_seconds(lambda: np.sort(floats)) for _ in range(5))
    yield "time, seconds", taken
    yield "time over one sort of as many floats", taken / sort
    tracemalloc.start()
    work()
    yield "memory above the pool, MB", tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()


def _seconds(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def line(name: str, value: float, error: float | None, prefix: str = "") -> str:
    aim = AIMS.get(name, Aim())
    cells = [prefix + name, aim.shown(value), "" if error is None else aim.shown(error), str(aim), aim.judged(value)]
    return "| " + " | ".join(cells) + " |"


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", type=Path)
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--million", type=int, default=1_000_000, help="creators drawn for time and memory; 0 for none")
    given = parser.parse_args(arguments)
    posts = read(given.posts)
    parts: dict[str, list[tuple[float, float]]] = {}
    splits = [split(posts, number) for number in range(given.splits)]
    budgets = budgets_of(splits)
    for number, one in enumerate(splits):
        for name, above, below in of_split(one, number, budgets):
            parts.setdefault(name, []).append((float(above), float(below)))
    print(f"{len(posts.creators):,} creators, {len(posts.owner):,} posts, {given.splits} splits. {machine()}\n")
    print("Budgets: " + ", ".join(f"{budget:,.2f}" for budget in budgets.names) + "\n")
    print("| figure | is | standard error | aimed at | kept |\n|---|---|---|---|---|")
    for name, found in parts.items():
        print(line(name, *ratio(np.array(found))))
    for name, value in at_large(given.million) if given.million else ():
        print(line(name, value, None, f"{given.million:,} creators: "))


if __name__ == "__main__":
    main()
