"""Benchmark packs as lines of figures in the scenario's currency, after the planner's own lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil

from optimizer import packs
from optimizer.domain.benchmarks import Benchmark, Level
from optimizer.domain.exact import Currency, Number
from optimizer.domain.figures import FIGURES
from optimizer.domain.filters import AnyOf, Condition, Filter, Range
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption
from optimizer.loading.money import Money
from optimizer.loading.near import some
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile

Tables = Mapping[str, tuple[Assumption, ...]]
Unusable = tuple[tuple[Benchmark, str], ...]


def with_benchmarks(
    said: ScenarioFile, tables: Tables, pool: Pool, money: Money, r: Resolving
) -> tuple[dict[str, tuple[Assumption, ...]], Unusable]:
    """The planner's tables of figures followed by the packs' lines; and unusable lines with the reason."""
    currency, rates = money.currency, money.rates
    lines: dict[str, list[Assumption]] = {key: list(table) for key, table in tables.items()}
    unusable: list[tuple[Benchmark, str]] = []
    chosen: set[str] = set()
    for at, choice in enumerate(said.benchmarks):
        if choice.pack not in packs.names():
            mend = r.near(choice.pack, packs.names()) or f"packs are: {some(packs.names())}"
            r.refuse(("benchmarks", at), "unknown-pack", f'there is no benchmark pack "{choice.pack}"', mend)
            continue
        if choice.pack in chosen:
            r.refuse(("benchmarks", at), "pack-twice", f"{choice.pack} is listed twice", "keep one of them")
        chosen.add(choice.pack)
        pack = packs.load(choice.pack)
        if not pack.benchmarks:
            r.warnings.append(f"benchmark pack {pack.name} fills no figure: it is only there to be read")
        for benchmark in pack.benchmarks:
            reason = _why_not(benchmark, pool, currency, rates)
            if reason:
                unusable.append((benchmark, reason))
            else:
                line = _line(benchmark, choice.level, currency, rates, rank=2 + at)
                lines.setdefault(benchmark.figure, []).append(line)
    return {key: tuple(table) for key, table in lines.items()}, tuple(unusable)


def _why_not(benchmark: Benchmark, pool: Pool, currency: Currency, rates: Mapping[str, Fraction]) -> str:
    """Why a figure cannot be used; empty if it can."""
    if benchmark.currency is not None and benchmark.currency not in rates:
        return (
            f"in {benchmark.currency}: add `exchange: {{{benchmark.currency}: ...}}`,"
            f" what 1 {benchmark.currency} is in {currency.code}"
        )
    if benchmark.platform is not None and "platform" not in pool.columns:
        return f"for {benchmark.platform}, but the pool has no column platform"
    by_followers = benchmark.per_thousand_followers or (benchmark.followers is not None and "tier" not in pool.columns)
    if by_followers and "followers" not in pool.columns:
        return "by followers, but the pool has no column followers"
    return ""


def _line(
    benchmark: Benchmark, level: Level, currency: Currency, rates: Mapping[str, Fraction], rank: int
) -> Assumption:
    value: float | int = float(benchmark.at(level))
    if FIGURES[benchmark.figure].unit == "money":  # what we pay is never understated
        value = ceil(Fraction(benchmark.at(level)) * rates[benchmark.currency or currency.code] * currency.scale)
    conditions: list[tuple[str, Condition]] = []
    if benchmark.platform is not None:
        conditions.append(("platform", AnyOf((benchmark.platform,))))
    if benchmark.followers is not None:
        low, high = benchmark.followers
        top = None if high is None else Number(Decimal(high))
        conditions.append(("followers", Range(Number(Decimal(low)), top)))
    if benchmark.model is not None:
        conditions.append(("model", AnyOf(benchmark.model)))
    return Assumption(
        value,
        Filter(tuple(conditions)),
        None if benchmark.deliverable is None else (benchmark.deliverable,),
        benchmark,
        benchmark.tier if benchmark.followers is not None else None,
        benchmark.per_thousand_followers,
        level,
        rank,
    )
