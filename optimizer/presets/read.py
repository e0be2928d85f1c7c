"""Reads the data files of the presets, strictly: a mistake is reported with its file and key.

A file looks like this; every key is checked, and an unknown one is refused:

    title: Some Tool, list of creators as CSV    # name of the preset = name of the file
    source: help page 123 of Some Tool
    date: 2026-11
    marks: [[Avg. Likes, J'aime en moyenne], Credibility]   # headers that together tell this export from others
    rows: posts                                   # each row is a post; left out where it is a creator
    columns:
      creator: [Username, Nom d'utilisateur]      # the spellings of the header
      engagement_rate:
        from: Engagement Rate
        unit: percent
        definition:
          - {platform: instagram, is: median likes / followers}
          - {platform: [tiktok, youtube], is: mean likes / mean views}
      authenticity:                               # several ways to read it: the first that the file has counts
        - {all_but: Fake Followers, unit: percent}
        - {from: Credibility}
      average_engagements: {sum: [[Likes, J'aime], Comments]}   # added up; only the first must be there
      platform: {is: instagram}
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from optimizer.packs.part import Part, parsed
from optimizer.presets.preset import Definition, Preset, PresetColumn

_FILES = resources.files("optimizer.presets") / "data"
_PRESET_KEYS = "title source date marks rows columns note"
_COLUMN_KEYS = "from sum all_but is unit split definition"


class PresetError(ValueError):
    """A data file is at fault; the message names the file and the key."""


@cache
def names() -> tuple[str, ...]:
    """The names of all presets, sorted."""
    files = (file.name for file in _FILES.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


@cache
def load(name: str) -> Preset:
    """The preset of that name; KeyError where there is none."""
    if name not in names():
        raise KeyError(name)
    file = f"{name}.yaml"
    return parse((_FILES / file).read_text(encoding="utf-8"), file)


def parse(text: str, file: str) -> Preset:
    """The preset that a data file holds.

    Raises
    ------
    PresetError
        Naming the file and the key that is wrong.
    """
    try:
        return _preset(parsed(text), file.removesuffix(".yaml"))
    except (yaml.YAMLError, ValueError) as error:
        raise PresetError(f"{file}: {' '.join(str(error).split())}") from error


def _preset(part: Part, name: str) -> Preset:
    part.only(_PRESET_KEYS)
    rows = part.maybe("rows")
    if rows not in (None, "posts"):
        raise part.fault("rows", "is posts, or left out")
    inner = part.inner("columns")
    columns = tuple(column for ours in inner for column in _columns(inner, ours))
    if not columns:
        raise part.fault("columns", "is empty")
    return Preset(
        name=name,
        title=part.text("title"),
        source=part.text("source"),
        date=part.date("date"),
        columns=columns,
        marks=_parts(part, "marks"),
        posts=rows == "posts",
        note=part.maybe("note") or "",
    )


def _columns(inner: Part, ours: str) -> list[PresetColumn]:
    """The ways to read one of our columns."""
    said = inner.values[ours]
    if isinstance(said, dict) or (isinstance(said, list) and all(isinstance(one, dict) for one in said)):
        ways = said if isinstance(said, list) else [said]
        return [_column(Part(way, f"{inner.path}.{ours}"), ours) for way in ways]
    return [PresetColumn(ours, (_spellings(inner, ours),))]


def _column(part: Part, ours: str) -> PresetColumn:
    part.only(_COLUMN_KEYS)
    ways = [key for key in ("from", "sum", "all_but", "is") if key in part]
    if len(ways) != 1:
        raise part.fault("", "has one of from, sum, all_but and is")
    if part.maybe("unit") not in (None, "percent"):
        raise part.fault("unit", "is percent, or left out")
    way = ways[0]
    return PresetColumn(
        name=ours,
        parts=() if way == "is" else _parts(part, "sum") if way == "sum" else (_spellings(part, way),),
        percent="unit" in part,
        all_but=way == "all_but",
        constant=part.text("is") if way == "is" else None,
        split=part.maybe("split"),
        definitions=_definitions(part),
    )


def _definitions(part: Part) -> tuple[Definition, ...]:
    if isinstance(part.values.get("definition"), str):
        return (Definition(part.text("definition")),)
    lines = part.lines("definition")
    for line in lines:
        line.only("platform is")
    return tuple(Definition(line.text("is"), line.texts("platform")) for line in lines)


def _parts(part: Part, key: str) -> tuple[tuple[str, ...], ...]:
    """A list of headers, each of one spelling or of several."""
    said = part.values.get(key, [])
    if not isinstance(said, list):
        raise part.fault(key, "is a list")
    return tuple(_spellings(Part({key: one}, part.path), key) for one in said)


def _spellings(part: Part, key: str) -> tuple[str, ...]:
    found = part.texts(key)
    if not found:
        raise part.fault(key, "names no column")
    return found
