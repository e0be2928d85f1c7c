"""A curve for each part of the audience, from unions that were measured in each."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf
from typing import Final

import numpy as np

from optimizer.analysis.audience_fits import (
    ADDED,
    CHANCE,
    FEWEST_SETS,
    HELD_SETS,
    ONE_K,
    Measured,
    rounded,
    sizes,
)
from optimizer.audience.by_cell import CellSets, FittedKs, fit_ks
from optimizer.domain.audience import Audience
from optimizer.domain.exact import MICRO, Floats, Ints
from optimizer.domain.fitted import FitError, FittedAudience, FittedCurve
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.overlap_sets import ReadSets, inside_of
from optimizer.loading.reach_rules import written_values
from optimizer.results.audience import AudienceFit

EACH_K: Final = "a k for each part"


def fit_parts(measured: Measured, read: ReadSets, audience: Audience, file: str) -> AudienceFit:
    """A curve for each part of the audience: of those that no set was measured in, with the k that the others share."""
    places, cells = _measured(measured, read, audience)
    count = sum(len(one.sets) for one in cells)
    if count < FEWEST_SETS:
        cause = f"too few sets of several creators of the pool: {count}; at least {FEWEST_SETS} are needed"
        raise ScenarioError([Problem("overlap-too-few", cause, "measure more sets, of several sizes", Place(file))])
    rng = np.random.default_rng(measured.seed)
    split = [np.split(rng.permutation(len(one.sets)), [round(HELD_SETS * len(one.sets))]) for one in cells]
    held = [one.take(np.sort(back)) for one, (back, _) in zip(cells, split, strict=True)]
    from_others = fit_ks([one.take(np.sort(rest)) for one, (_, rest) in zip(cells, split, strict=True)], measured.seed)
    found = fit_ks(cells, measured.seed)
    k_of = dict(zip(places.tolist(), found.each, strict=True))
    people_of = {place: cell.people for place, cell in zip(places.tolist(), cells, strict=True)}
    curves = []
    for place, values in enumerate(audience.values):
        if values:  # parts that were merged into one have none
            said = dict(zip(values, written_values(audience.names[place], values), strict=True))
            people = people_of.get(place, audience.curves[place].people / MICRO)
            curves.append(FittedCurve(_finite(k_of.get(place, found.shared)), said, rounded(people)))
    made_from: dict[str, int | str | float] = {
        "rows": read.rows, "creators": len(np.unique(np.concatenate([one for cell in cells for one in cell.sets]))),
        "sets": count, "held_back": sum(len(one.sets) for one in held),
    }  # fmt: skip
    fitted = FittedAudience(
        "curve", tuple(curves), errors=_errors(held, from_others), made_from=made_from, seed=measured.seed
    )
    notes = [_told(found, len(cells))]
    if audience.estimated:
        notes.append("how many people each part has was not said (sizes): as many as the pool's audiences add up to")
    if measured.people is not None:
        notes.append("--people is not used: how many people each part has is said by sizes of the audience")
    return AudienceFit(measured.name, fitted, tuple(notes), read.warnings)


def _measured(measured: Measured, read: ReadSets, audience: Audience) -> tuple[Ints, list[CellSets]]:
    """The cells with sets of several creators, and what was measured in each."""
    several = np.array([len(one) > 1 for one in read.sets], dtype=np.bool_)
    of = np.zeros(0, dtype=np.int64) if read.cells is None else read.cells
    places = np.unique(of[several])
    cells = []
    for place in places.tolist():
        mine = np.flatnonzero(several & (of == place))
        audiences = measured.audiences * inside_of(audience, place)
        largest = max(float(read.people[mine].max()), float(audiences.max()))
        people = max(audience.curves[place].people / MICRO, largest * (1 + 1e-6))
        cells.append(CellSets([read.sets[at] for at in mine.tolist()], read.people[mine], audiences, people))
    return places, cells


def _errors(held: list[CellSets], fitted: FittedKs) -> tuple[FitError, ...]:
    """How far off each way is over all sets that were held back."""
    ways: list[tuple[str, Callable[[int, CellSets], Floats]]] = [
        (ADDED, lambda _, cell: np.array([cell.audiences[one].sum() for one in cell.sets])),
        (CHANCE, lambda _, cell: cell.unions(inf)),
        (ONE_K, lambda _, cell: cell.unions(fitted.shared)),
        (EACH_K, lambda at, cell: cell.unions(fitted.each[at])),
    ]
    true = np.concatenate([one.measured for one in held])
    if not len(true):
        return ()
    return tuple(
        FitError("sets", way, *sizes(np.concatenate([said(at, cell) for at, cell in enumerate(held)]), true))
        for way, said in ways
    )


def _told(found: FittedKs, count: int) -> str:
    """What was chosen, and why."""
    shared = "overlap by chance" if isinf(found.shared) else f"k = {found.shared:.3g}"
    if isinf(found.strength):
        return f"{shared} in all {count} parts: a k for each tells sets that were left out no better"
    if len({*found.each}) == 1:
        return f"{shared} in all {count} parts"
    low, high = ("chance" if isinf(k) else f"{k:.3g}" for k in (min(found.each), max(found.each)))
    return f"k from {low} to {high} in {count} parts, drawn towards the {shared} that they share"


def _finite(k: float) -> float | None:
    return None if isinf(k) else rounded(k)
