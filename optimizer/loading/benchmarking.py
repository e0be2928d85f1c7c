"""Benchmark packs as lines of figures in the scenario's currency, after the planner's own lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil

from optimizer import packs
from optimizer.domain.benchmarks import Benchmark, Level
from optimizer.domain.exact import CURRENCIES, Currency, Number
from optimizer.domain.figures import FIGURES
from optimizer.domain.filters import AnyOf, Condition, Filter, Range
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption
from optimizer.loading.pool import some
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.slips import currency_meant

Tables = Mapping[str, tuple[Assumption, ...]]
Unusable = tuple[tuple[Benchmark, str], ...]


def with_benchmarks(
    said: ScenarioFile, tables: Tables, pool: Pool, currency: Currency, r: Resolving
) -> tuple[dict[str, tuple[Assumption, ...]], Unusable]:
    """The planner's tables of figures followed by the packs' lines; and unusable lines with the reason."""
    rates = _rates(said, currency, r)
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


def _rates(said: ScenarioFile, currency: Currency, r: Resolving) -> dict[str, Fraction]:
    """The exchange rate of each currency: what one unit is worth in the scenario's currency."""
    rates = {currency.code: Fraction(1)}
    for code, rate in said.exchange.items():
        if code.upper() not in CURRENCIES:
            meant = currency_meant(code)
            near = f"write {meant}" if meant else r.near(code.upper(), CURRENCIES)
            mend = near or "write a code such as USD: 0.92"
            r.refuse(
                ("exchange", code), "unknown-currency", f'"{code}" is not an ISO 4217 currency code', mend, key=True
            )
        elif code.upper() == currency.code:
            mend = "name the other currency, and what one unit of it is worth in " + currency.code
            r.refuse(("exchange", code), "exchange", f"{code} is the scenario's own currency", mend, key=True)
        elif not rate.value:
            r.refuse(("exchange", code), "exchange", "an exchange rate must be above 0", "write USD: 0.92")
        rates.setdefault(code.upper(), rate.fraction)
    return rates


def _why_not(benchmark: Benchmark, pool: Pool, currency: Currency, rates: Mapping[str, Fraction]) -> str:
    """Why a figure cannot be used; empty if it can."""
    if benchmark.currency is not None and benchmark.currency not in rates:
        return (
            f"in {benchmark.currency}: add `exchange: {{{benchmark.currency}: ...}}`,"
            f" what 1 {benchmark.currency} is in {currency.code}"
        )
    if benchmark.platform is not None and "platform" not in pool.columns:
        return f"for {benchmark.platform}, but the pool has no column platform"
    if benchmark.followers is not None and not {"followers", "tier"} & set(pool.columns):
        return "by followers, but the pool has no column followers"
    if benchmark.per_thousand_followers and "followers" not in pool.columns:
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
