"""Whole columns in another unit than they are read in, by the level of their usual figure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.doubts.asking import Asking, Finding, amount

_LEAST = 3
# The usual figure lies between these for any platform and size that a benchmark pack speaks of, with room on both
# sides; a slip by a hundred leaves the range from anywhere that is known.
_SHARES = {
    "engagement_rate": (0.0016, 0.4),
    "authenticity": (0.3, 1.0),
    "view_rate": (0.004, 9.0),
    "click_rate": (0.00002, 0.3),
    "conversion_rate": (0.00005, 0.5),
    "conversions_per_engagement": (0.000002, 0.3),
}
_OVER_FOLLOWERS = {"average_views": (0.003, 40.0), "average_engagements": (0.001, 0.8), "viewers": (0.003, 40.0)}
_PER_THOUSAND = {"fee": (0.15, 700.0)}
_FEW_FOLLOWERS = 150.0
_COMPARABLE = frozenset({"EUR", "USD", "GBP", "CHF", "CAD", "AUD"})  # whose fees are of the same size


def columns(asking: Asking) -> Iterator[Finding]:
    """Ask of columns whose median is out of any range that is known."""
    for name in asking.numbers:
        base = next((key for key in (*_SHARES, *_OVER_FOLLOWERS, *_PER_THOUSAND) if _is(name, key)), None)
        if base in _SHARES:
            yield from _share(asking, name, base)
        elif base in _OVER_FOLLOWERS:
            yield from _over_followers(asking, name, _OVER_FOLLOWERS[base], 1)
        elif base in _PER_THOUSAND and asking.currency.code in _COMPARABLE:
            yield from _over_followers(asking, name, _PER_THOUSAND[base], 1_000)
    yield from _few(asking)


def _is(name: str, figure: str) -> bool:
    return name == figure or name.startswith(f"{figure}_")


def _median(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.exp(np.median(known))) if len(known) >= _LEAST else None


def _share(asking: Asking, name: str, base: str) -> Iterator[Finding]:
    low, high = _SHARES[base]
    usual = _median(asking.logs(name))
    if usual is None or low <= usual <= high:
        return
    source = asking.sources.get(name)
    percent = source is not None and source.percent
    column = source.name if source is not None else name
    shown = amount("engagement_rate", usual, asking.currency)
    told = f"half of {asking.called(name)} is {'below' if usual < low else 'above'} {shown}"
    if base == "authenticity":
        told += ": shares of fake followers, or another unit?"
        mend = "authenticity is the share of real followers, 1 less the share of fake ones: write that"
    elif percent:
        mend = "leave `unit: percent` out if the cells are fractions; else correct the column"
    else:
        mend = f"if the cells are percent, say so: columns: {{{name}: {{from: {column}, unit: percent}}}}"
        if usual < low:
            mend = "write shares as fractions (0.03) or in percent (3%)"
    yield _whole(asking, name, told, mend)


def _over_followers(asking: Asking, name: str, bounds: tuple[float, float], times: int) -> Iterator[Finding]:
    followers = asking.numbers.get("followers")
    if followers is None:
        return
    size, mine = asking.logs("followers"), asking.logs(name)
    usual = _median(mine - size)
    low, high = bounds
    if usual is None or low <= usual * times <= high:
        return
    if _median(size) is not None and (_median(size) or 0) < _FEW_FOLLOWERS and usual * times > high:
        return  # then followers are at fault
    both = ~np.isnan(mine - size)
    typical, people = (
        amount(of, _median(logs[both]) or 0.0, asking.currency) for of, logs in ((name, mine), ("followers", size))
    )
    direction = "small" if usual * times < low else "large"
    told = (
        f"{asking.called(name)} is in the middle {typical}, for {people} followers: too {direction} by its"
        " level; another unit?"
    )
    yield _whole(asking, name, told, _unit_of(name, direction))


def _unit_of(name: str, direction: str) -> str:
    if _is(name, "fee"):
        unit = "cents" if direction == "large" else "thousands"
        return f"write fees in the scenario's currency; if these are {unit}, convert the column"
    if name == "average_engagements" and direction == "small":
        return "if these are rates, name the column engagement_rate; if thousands, write them in full"
    return "write figures in full, not in thousands" if direction == "small" else "correct the column, or followers"


def _few(asking: Asking) -> Iterator[Finding]:
    """Ask of followers that may be in thousands."""
    if "followers" not in asking.numbers:
        return
    usual = _median(asking.logs("followers"))
    if usual is not None and usual < _FEW_FOLLOWERS:
        told = f"{asking.called('followers')} is in the middle {usual:,.0f}: followers in thousands?"
        yield _whole(asking, "followers", told, "write followers in full: 8200, not 8.2")


def _whole(asking: Asking, name: str, told: str, mend: str) -> Finding:
    known = np.flatnonzero(asking.numbers[name].known)
    first = known[np.argmin(asking.pool.rows[known])]
    return Finding("column-unit", np.array([first]), lambda _row: told, lambda _row: mend, name, whole=True)
