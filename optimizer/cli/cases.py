"""The cases that `compare` is asked for, and their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from optimizer.unseen import visible

_NAME = re.compile(r'\s*([^:="]+?)\s*:(?=\s|$)(.*)', re.DOTALL)
_PART = re.compile(r'(?:[^;"]|"[^"]*")+')
_VARIANT = "variant"


@dataclass(frozen=True)
class Asked:
    """A requested case: a scenario file, perhaps with a variant and changes.

    `name` is empty for an unchanged scenario, which has its own.
    """

    name: str
    scenario: Path
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """The arguments of the command line."""

    scenarios: tuple[Path, ...]
    variants: tuple[str, ...]
    changes: tuple[str, ...]
    cases: tuple[str, ...]
    common: tuple[str, ...]

    @property
    def alone(self) -> bool:
        """Whether it is a single scenario without changes."""
        return len(self.scenarios) == 1 and not (self.variants or self.changes or self.cases)


def asked_cases(wanted: Wanted) -> list[Asked]:
    """The unchanged scenarios, then the first one's variants, its single changes, and its named cases.

    Raises
    ------
    ScenarioError
        Where a change is not of the form path=value.
    """
    common = common_changes(wanted)
    first = wanted.scenarios[0]
    asked = [Asked("", path, None, common) for path in wanted.scenarios]
    asked += variants_of(first, wanted.variants, common)
    asked += [Asked(change.strip(), first, None, common | changes_of([change])) for change in wanted.changes]
    for text in wanted.cases:
        name, variant, parts = _split_case(text)
        asked.append(Asked(name, first, variant, common | changes_of(parts)))
    return asked


def variants_of(scenario: Path, names: Iterable[str], changes: Mapping[str, str]) -> list[Asked]:
    """A case for each variant."""
    return [Asked(name, scenario, name, changes) for name in names]


def common_changes(wanted: Wanted) -> dict[str, str]:
    """The changes of every case."""
    return changes_of(wanted.common)


def changes_of(texts: Iterable[str]) -> dict[str, str]:
    """Changes of the form path=value, with spaces around the path removed."""
    from optimizer.loading.overlay import split_change

    return {path.strip(): value for path, value in map(split_change, texts)}


def _split_case(text: str) -> tuple[str, str | None, list[str]]:
    """`name: variant=lean; budget=20_000` in its name, variant and changes; without a name, the text is the name."""
    named = _NAME.match(text)
    name, rest = (named[1], named[2]) if named else (text.strip(), text)
    if not name.isprintable():
        raise click.UsageError("the name of a case holds characters that cannot be shown")
    if text.count('"') % 2:
        raise click.UsageError(f"--case {name}: a quotation mark is not closed")
    variant, parts = None, []
    for part in filter(None, map(str.strip, _PART.findall(rest))):
        key, _, value = part.partition("=")
        if key.strip() == _VARIANT:
            variant = value.strip()
        else:
            parts.append(part)
    if variant is None and not parts:
        raise click.UsageError(f"--case {name}: nothing is changed; write for example --case 'small: budget=5_000'")
    return name, variant, parts


def distinct(asked: Sequence[Asked], own_names: Sequence[str]) -> list[str]:
    """A distinct name for each case: that of the scenario, or its path if the name is not unique."""
    names = [case.name or own for case, own in zip(asked, own_names, strict=True)]
    counts = Counter(names)
    names = [
        visible(str(case.scenario)) if not case.name and counts[name] > 1 else name
        for case, name in zip(asked, names, strict=True)
    ]
    taken: list[str] = []
    for name in names:
        number, free = 2, name
        while free in taken:
            number, free = number + 1, f"{name} ({number})"
        taken.append(free)
    return taken
