"""The preset of a file of creators: what was found by it, and what its figures count.

The same header means other things in other tools: what a figure counts is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Pool
from optimizer.loading.columns import Wanted
from optimizer.loading.near import nearest
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile
from optimizer.presets import Definition, Preset, load, names
from optimizer.unseen import visible


def preset_of(said: ScenarioFile, r: Resolving) -> Preset | None:
    """The preset that the scenario names; a name that is none is refused."""
    name = said.creators.columns.preset if said.creators else None
    if name is None:
        return None
    if name not in names():
        mend = nearest(name, names()) or f"presets are: {', '.join(names())}"
        r.refuse(("creators", "columns", "preset"), "unknown-preset", f'there is no preset "{visible(name)}"', mend)
        return None
    return load(name)


def preset_note(wanted: Wanted, header: Sequence[str]) -> str | None:
    """What a preset reads from which column of the file, and what it does not find there."""
    preset = wanted.preset
    if preset is None:
        return None
    used = {use.name for use in wanted.uses(header)}
    found = {name: source for name, source in wanted.by_preset(header).items() if source.columns and name in used}
    read = ", ".join(f"{name} from {' + '.join(map(visible, source.columns))}" for name, source in found.items())
    named = {fold(name) for name in wanted.mapped}
    missed = [name for name in preset.missed(header) if name not in named]
    note = f"preset {preset.name} reads {read}" if read else f"preset {preset.name} finds none of its columns"
    return f"{note}; not in the file: {', '.join(missed)}" if missed else note


def definitions_of(said: ScenarioFile, wanted: Wanted, header: Sequence[str], pool: Pool) -> dict[str, str]:
    """What the figures of the pool count, as far as the scenario or its preset says so."""
    told: dict[str, tuple[Definition, ...]] = {}
    if said.creators is None:
        return {}
    for name, source in said.creators.columns.named.items():
        if source.definition is not None:
            told[fold(name)] = (Definition(source.definition),)
    if wanted.preset is not None:
        read = wanted.by_preset(header)
        for name, (way, columns) in wanted.preset.matched(header).items():
            if name in read and (meaning := way.meaning(columns)):
                told.setdefault(name, _there(meaning, pool))
    return {name: "; ".join(map(str, meaning)) for name, meaning in told.items() if name in pool.columns and meaning}


def _there(meaning: tuple[Definition, ...], pool: Pool) -> tuple[Definition, ...]:
    """The definitions for platforms that the pool has; all of them where platforms are not known."""
    platforms = pool.columns.get("platform")
    if not isinstance(platforms, Labels) or not platforms.vocabulary:
        return meaning
    there = {fold(name) for name in platforms.vocabulary}
    return tuple(one for one in meaning if not one.platforms or there & set(one.platforms))
