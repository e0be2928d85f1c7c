"""Reads the data files of the packs, strictly: a mistake is reported with its file and key.

A file looks like this; every key is checked, and an unknown one is refused:

    title: A guide to small creators          # name of the pack = name of the file
    source: Some Agency, "A guide"
    date: 2025-12-28                          # as the source states it; "undated" where it states none
    platform: tiktok                          # the default of all figures
    tiers: {nano: [0, 9_999], micro: [10_000, 99_999]}
    figures:
      engagement_rate:
        denominator: interactions over followers, per piece
        values:
          - {tier: micro, model: gift, is: 2.8%}      # the first line that applies to a booking counts
          - {tier: nano, low: 10%, high: 18%}         # the base is then derived
    shown:
      - {text: return on a dollar, value: 5 USD, reason: an average over all campaigns}
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import resources

import yaml

from optimizer.domain.benchmarks import LEVELS, Benchmark, Followers, Level, Pack, Shown
from optimizer.domain.figures import FIGURES, Figure
from optimizer.packs.part import Part, number, parsed, percent_written

_FILES = resources.files("optimizer.packs") / "data"
_PACK_KEYS = "title source date platform region currency tiers figures shown note link"
_FIGURE_KEYS = "title denominator per_thousand_followers values"
_WHOM_KEYS = "platform deliverable model any_size note"  # of a figure, or of one of its values
_VALUE_KEYS = "tier is low base high derived"
_SHOWN_KEYS = "text value reason figure whom"
_ANY_PLATFORM = "any"
_CENT = Decimal("0.01")


@cache
def names() -> tuple[str, ...]:
    """The names of all packs, sorted."""
    files = (file.name for file in _FILES.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


@cache
def load(name: str) -> Pack:
    """The pack of that name; KeyError where there is none."""
    if name not in names():
        raise KeyError(name)
    file = f"{name}.yaml"
    return parse((_FILES / file).read_text(encoding="utf-8"), file)


class PackError(ValueError):
    """A data file is at fault; the message names the file and the key."""


def parse(text: str, file: str) -> Pack:
    """The pack that a data file holds.

    Raises
    ------
    PackError
        Naming the file and the key that is wrong.
    """
    try:
        return _pack(parsed(text), file.removesuffix(".yaml"))
    except (yaml.YAMLError, ValueError) as error:
        raise PackError(f"{file}: {' '.join(str(error).split())}") from error


def _pack(part: Part, name: str) -> Pack:
    part.only(_PACK_KEYS)
    tiers = {tier: _bounds(part.inner("tiers"), tier) for tier in part.inner("tiers")}
    pack = Pack(
        name=name,
        title=part.text("title"),
        source=part.text("source"),
        date=part.date("date"),
        platform=part.maybe("platform"),
        region=part.maybe("region"),
        currency=part.currency("currency"),
        tiers=tiers,
        benchmarks=(),
        shown=tuple(_shown(line) for line in part.lines("shown")),
        note=part.maybe("note") or "",
        link=part.maybe("link") or "",
    )
    figures = part.inner("figures")
    found = [line for figure in figures for line in _figure(pack, figure, figures.inner(figure))]
    return replace(pack, benchmarks=tuple(found))


def _bounds(part: Part, tier: str) -> Followers:
    """A tier as `[low, high]`; without high there is no upper bound."""
    bounds = part.whole_numbers(tier)
    if len(bounds) not in (1, 2) or bounds != sorted(bounds):
        raise part.fault(tier, "write [low, high], or [low] where the source sets no upper bound")
    return bounds[0], bounds[1] if len(bounds) > 1 else None


def _shown(part: Part) -> Shown:
    part.only(_SHOWN_KEYS)
    figure = part.maybe("figure")
    if figure is not None and figure not in FIGURES:
        raise part.fault("figure", f'"{figure}" is no figure')
    return Shown(part.text("text"), part.text("value"), part.text("reason"), figure, part.maybe("whom") or "")


def _figure(pack: Pack, name: str, part: Part) -> list[Benchmark]:
    """The benchmarks of one figure: one for each value, tier and platform."""
    if name not in FIGURES:
        raise part.fault("", f'"{name}" is no figure')
    part.only(f"{_FIGURE_KEYS} {_WHOM_KEYS}")
    if FIGURES[name].unit == "money" and pack.currency is None:
        raise part.fault("", "money needs the currency of the pack")
    found: list[Benchmark] = []
    for line in part.lines("values"):
        line.only(f"{_VALUE_KEYS} {_WHOM_KEYS}")
        found += _benchmarks(pack, FIGURES[name], part, line.over(part, _WHOM_KEYS.split()))
    if not found:
        raise part.fault("values", "is empty")
    return found


def _benchmarks(pack: Pack, figure: Figure, group: Part, line: Part) -> list[Benchmark]:
    """One benchmark for each tier and platform that a line names."""
    low, base, high, stated, derived = _levels(figure, line)
    platforms = line.texts("platform") or (pack.platform or _ANY_PLATFORM,)
    return [
        Benchmark(
            pack=pack.name,
            figure=figure.name,
            title=group.maybe("title") or figure.title,
            low=low,
            base=base,
            high=high,
            stated=stated,
            derived=derived,
            denominator=group.text("denominator"),
            source=pack.source,
            date=pack.date,
            note=line.maybe("note") or "",
            currency=pack.currency if figure.unit == "money" else None,
            per_thousand_followers=group.flag("per_thousand_followers"),
            platform=None if platform == _ANY_PLATFORM else platform,
            tier=tier,
            followers=None if tier is None else pack.tiers[tier],
            any_size=line.maybe("any_size") or "",
            deliverable=line.maybe("deliverable"),
            model=line.texts("model") or None,
        )
        for tier in _tiers(pack, line)
        for platform in platforms
    ]


def _tiers(pack: Pack, line: Part) -> tuple[str | None, ...]:
    """The tiers that a line applies to; none only if it gives a reason."""
    tiers = line.texts("tier")
    if bool(tiers) == (line.maybe("any_size") is not None):
        raise line.fault("tier", "give the tier, or under any_size the reason why there is none")
    unknown = next((tier for tier in tiers if tier not in pack.tiers), None)
    if unknown is not None:
        raise line.fault("tier", f'"{unknown}" is not among the tiers of the pack')
    return tiers or (None,)


def _levels(figure: Figure, line: Part) -> tuple[Decimal, Decimal, Decimal, tuple[Level, ...], str]:
    """The three levels, those that the source states, and how the others were derived."""
    given = {level: _value(figure, line, level) for level in LEVELS if level in line}
    derived = line.maybe("derived") or ""
    if "is" in line:
        if given:
            raise line.fault("is", "stands alone, without low, base and high")
        one = _value(figure, line, "is")
        return one, one, one, () if derived else ("base",), derived
    if not {"low", "high"} <= set(given):
        raise line.fault("is", "give one number, or low and high")
    low, high = given["low"], given["high"]
    middle, words = _middle(figure, low, high)
    base = given.get("base", middle)
    if not low <= base <= high:
        raise line.fault("low", "low, base and high do not rise")
    derived = derived or ("" if "base" in given else words)
    return low, base, high, tuple(level for level in LEVELS if level in given), derived


def _middle(figure: Figure, low: Decimal, high: Decimal) -> tuple[Decimal, str]:
    """The base of a range: fees are spread by factors, so their middle is the geometric one."""
    if figure.unit == "money":
        return (low * high).sqrt().quantize(_CENT), "the base is the geometric middle of the stated range"
    return (low + high) / 2, "the base is the arithmetic middle of the stated range"


def _value(figure: Figure, line: Part, key: str) -> Decimal:
    raw = line.values[key]
    value = number(raw)
    if value is None:
        raise line.fault(key, f'"{raw}" is no number: write 200, 2.71% or, in quotes, "0.5"')
    if percent_written(raw) != (figure.unit in ("rate", "factor")):
        raise line.fault(key, "is written in percent" if figure.unit in ("rate", "factor") else "is no percentage")
    if value <= 0 or (figure.most is not None and value > Decimal(str(figure.most))):
        raise line.fault(key, f"{raw} is out of bounds")
    return value
