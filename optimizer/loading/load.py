"""Loading: from a file or a mapping to a Scenario."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.loading import overlay, variants
from optimizer.loading.assemble import assembled
from optimizer.loading.faults import read
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.known import Known
from optimizer.loading.source import Node


def load_scenario(
    source: str | os.PathLike[str] | Mapping[str, object],
    *,
    creators: object | None = None,
    root: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    changes: Mapping[str, object] | None = None,
) -> Scenario:
    """Load a scenario with its pool, ready for planning.

    Parameters
    ----------
    source
        The path of a YAML file, or its content as a mapping.
    creators
        A data frame, or a mapping of columns to lists of equal length, used instead of the file that the scenario
        names: one row per creator, money in major units.
    root
        The folder that every path of the scenario must stay in; by default the folder of the scenario.
    variant
        The name of one of the scenario's variants.
    changes
        Paths with new values, applied last: `{"budget": 20_000, 'constraints."nano share".at_least': "0%"}`.

    Raises
    ------
    ScenarioError
        If the scenario or the pool has faults. `problems` holds all of them, each with place, cause and mend.

    Examples
    --------
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> len(load_scenario(campaign, creators=pool).pool)
    2
    """
    files = ScenarioFiles(source, root)
    document = overlay.extended(files.document, files.parent, (files.own,))
    changed = _texts(changes or {})
    chosen = overlay.with_changes(overlay.with_variant(document, variant), changed)
    said, problems = read(chosen)
    problems += variants.of_another_kind(document, variant)
    if said is None:
        raise ScenarioError(problems)
    scenario, more = assembled(said, chosen, Known(files, creators))
    if problems or more or scenario is None:
        raise ScenarioError([*problems, *more])
    return replace(scenario, variant=variant, changes=changed, inputs=tuple(files.inputs))


def changed_scenario(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A loaded scenario with other values, as with `changes` of `load_scenario`.

    Its files are not read again, except the file of creators if other columns of it are needed.

    Raises
    ------
    ScenarioError
        With every fault found.
    """
    known, document = scenario.read, scenario.resolved
    if not isinstance(known, Known) or not isinstance(document, Node):
        raise ValueError("the scenario was not loaded")
    changed = _texts(changes)
    chosen = overlay.with_changes(document, changed)
    said, problems = read(chosen)
    if said is None:
        raise ScenarioError(problems)
    again, more = assembled(said, chosen, replace(known))
    if problems or more or again is None:
        raise ScenarioError([*problems, *more])
    mine = again.read
    if isinstance(mine, Known) and mine.found is known.found:
        if _leaves(chosen, _GOAL_AND_BOUNDS) == _leaves(document, _GOAL_AND_BOUNDS):
            again = with_same_pool(again, scenario)
        elif _leaves(chosen, _BOUNDS_AND_NAMES) == _leaves(document, _BOUNDS_AND_NAMES):
            again = _with_others_booked(again, scenario)
    both = {**scenario.changes, **changed}
    return replace(again, variant=scenario.variant, changes=both, inputs=tuple(known.files.inputs))


def with_same_pool(scenario: Scenario, like: Scenario) -> Scenario:
    """A scenario with the pool of another one that differs in goal and bounds only: the same objects, so that what
    depends on them can be reused.

    Their quantities are the same unless a goal or a rule counts different values of another column.
    """
    same = scenario.quantities.keys() == like.quantities.keys()
    return replace(
        scenario,
        pool=like.pool,
        quantities=like.quantities if same else scenario.quantities,
        expecting=like.expecting,
        past_posts=like.past_posts,
    )


def _with_others_booked(again: Scenario, like: Scenario) -> Scenario:
    """A scenario that differs from another one in goal, bounds and who may or must be booked, with the same pool; or
    with what its pool is a part of, where creators were left out."""
    if like.segments:  # which are in no row of a file
        return again
    rows = np.flatnonzero(np.isin(like.pool.rows, again.pool.rows, assume_unique=True))
    if not np.array_equal(like.pool.rows[rows], again.pool.rows):
        return again
    if len(rows) == len(like.pool):
        return with_same_pool(again, like)
    same = again.quantities.keys() == like.quantities.keys()
    return replace(again, part_of=(like.pool, rows), quantities=like.quantities if same else again.quantities)


def _leaves(document: Node, beside: tuple[str, ...]) -> list[tuple[tuple[str | int, ...], object]]:
    """All that a scenario file says, beside some parts."""
    return [(path, str(node.value)) for path, node in document.leaves() if path[0] not in beside]


_GOAL_AND_BOUNDS = ("budget", "wallets", "objective", "constraints")
_BOUNDS_AND_NAMES = (*_GOAL_AND_BOUNDS, "include", "exclude")


def _texts(changes: Mapping[str, object]) -> dict[str, str]:
    return {path: value if isinstance(value, str) else as_written(value) for path, value in changes.items()}


def variant_names(source: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """The names of a scenario's variants, its own and those of the files that it extends, in order.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    """
    files = ScenarioFiles(source, root)
    return variants.names(overlay.extended(files.document, files.parent, (files.own,)))


def idle_variants(
    source: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None, chosen: str | None = None
) -> tuple[list[Problem], list[str]]:
    """The faults of the variants that were not chosen, which nothing else checks.

    Returns
    -------
    problems, warnings
        The faults of the file's own variants; and warnings about variants of extended files that do not fit.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    """
    files = ScenarioFiles(source, root)
    document = overlay.extended(files.document, files.parent, (files.own,))
    return variants.idle(document, files.main, chosen)


def resolved_values(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Every value of the resolved scenario: path, value, and origin."""
    document = scenario.resolved
    if not isinstance(document, Node):
        return []
    shown = []
    for path, node in document.leaves():
        value = node.value if isinstance(node.value, str) else "[]" if isinstance(node.value, list) else "{}"
        shown.append((dotted(path), value, str(node.place)))
    return shown


def dotted(path: Iterable[str | int]) -> str:
    """A path of keys as it is written in a change: with dots between, in quotes where needed."""
    return ".".join(map(_step, path))


def _step(step: str | int) -> str:
    text = str(step)
    return f'"{text}"' if any(char in text for char in ' ."=') else text


def as_written(value: object) -> str:
    """A value as it is written in a scenario."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_written(str(key))}: {as_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(as_written(inner) for inner in value) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
