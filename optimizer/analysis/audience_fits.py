"""What is learned from each kind of measurement, and how well it predicts what was held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isinf, log10
from typing import Final

import numpy as np

from optimizer.audience import curve, latent
from optimizer.audience.errors import errors, random_sets, sets_around_one
from optimizer.audience.pairs import Pairs
from optimizer.audience.sample import Sample, kept_half, merged
from optimizer.domain.curves import LEAST_K
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.fitted import FitError, FittedAudience, FittedCurve
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.overlap_files import ReadPeople
from optimizer.results.audience import AudienceFit

ADDED, CHANCE, ONE_K, LATENT, COUNTED = "added up", "chance", "one k", "latent cells", "counted"
_FEWEST_PAIRS: Final = 10
FEWEST_SETS: Final = 3
HELD_SETS: Final = 0.25
_SETS: Final = 200
_DIGITS: Final = 6  # that are written of a number of people
_DENSE: Final = 0.5
Way = tuple[str, Floats]


@dataclass(frozen=True, eq=False)
class Measured:
    """What all fits are made with: the pool's creators, how many people each reaches alone, how many people there are
    (None: not known), and the seed.
    """

    name: str
    ids: Sequence[str]
    audiences: Floats
    people: float | None
    seed: int


def fit_pairs(
    measured: Measured, pairs: Pairs, cells: int | None, file: str, rows: int, warnings: Sequence[str]
) -> AudienceFit:
    """Latent cells from pairs; a curve from pairs that are too few, or that a curve tells as well."""
    creators = np.unique(np.append(pairs.first, pairs.second))
    mine, audiences = pairs.among(creators), np.maximum(measured.audiences[creators], 1.0)
    if mine.known < _FEWEST_PAIRS:
        cause = f"too few pairs of creators of the pool: {mine.known:,}; at least {_FEWEST_PAIRS} are needed"
        mend = "measure more pairs: each creator with at least 100 others is best"
        raise ScenarioError([Problem("overlap-too-few", cause, mend, Place(file))])
    notes, told = list[str](), list(warnings)
    if not mine.others_share_nobody and (mine.shared > 0).all() and 2 * mine.known < mine.every:
        told.append(
            f"every pair that {file} lists shares somebody: if those that it leaves out share nobody, say so"
            " (--unlisted nobody), or overlap is overstated"
        )
    cap = latent.most_cells(mine)
    counts = [count for count in latent.LADDER if count <= cap]
    if cells is not None:
        counts = [min(cells, cap)] if cap >= 1 else []
        if cells > cap:
            notes.append(f"{cells} cells were asked for; {mine.known:,} known pairs tell at most {cap} apart")
    if cap < latent.FEWEST_CELLS and (cells is None or cap < 1):
        counts = []
    trials, held = latent.tried(mine, audiences, counts, measured.seed)
    people, k = _curve_of_pairs(mine, held, audiences, measured.people)
    best = min(trials, key=lambda one: one.error) if trials else None
    shown, ways = _told_pairs(held, audiences, best, people, k)
    found = tuple(FitError(of, way, *sizes(predicted, true)) for of, true, every in shown for way, predicted in every)
    made_from: dict[str, int | str | float] = {
        "rows": rows, "creators": len(creators), "pairs": mine.known, "held_back": len(held),
    }  # fmt: skip
    if best is None or (cells is None and ways[LATENT] > min(ways[CHANCE], ways[ONE_K])):
        why = f"{mine.known:,} known pairs of {len(creators):,} creators are too few for {latent.FEWEST_CELLS} cells"
        why = why if best is None else "a curve predicts held-back pairs better than latent cells"
        notes.append(f"{why}: a curve is used")
        alone = FittedCurve(None if isinf(k) else rounded(k), {}, rounded(people))
        if measured.people is None:
            notes.append("how many people there are was not said (--people): overlap by chance among as many as fit")
            alone = FittedCurve(None, {}, rounded(_chance_people(mine, audiences)))
        fitted = FittedAudience("curve", (alone,), errors=found, made_from=made_from, seed=measured.seed)
        return AudienceFit(measured.name, fitted, tuple(notes), tuple(told))
    notes.append(f"{best.count} cells, chosen by {len(held):,} pairs that were held back")
    learned = latent.learned(mine, audiences, best.count, seed=measured.seed)
    fitted = FittedAudience(
        "pairs", (), *_cells_of(learned, [measured.ids[at] for at in creators.tolist()]),
        found, made_from, measured.seed,
    )  # fmt: skip
    return AudienceFit(measured.name, fitted, tuple(notes), tuple(told))


def fit_sets(
    measured: Measured, sets: Sequence[Ints], people: Floats, file: str, rows: int, warnings: Sequence[str]
) -> AudienceFit:
    """A curve from measured unions."""
    several = [at for at, one in enumerate(sets) if len(one) > 1]
    if len(several) < FEWEST_SETS:
        cause = f"too few sets of several creators of the pool: {len(several)}; at least {FEWEST_SETS} are needed"
        raise ScenarioError([Problem("overlap-too-few", cause, "measure more sets, of several sizes", Place(file))])
    sets, reached = [sets[at] for at in several], people[several]
    order = np.random.default_rng(measured.seed).permutation(len(sets))
    held = np.zeros(len(sets), dtype=np.bool_)
    held[order[: round(HELD_SETS * len(sets))]] = True
    largest = max(float(reached.max()), *(float(measured.audiences[one].max()) for one in sets))
    if measured.people is not None and measured.people < largest:
        cause = f"there are to be {measured.people:,.0f} people in all, and a set or a creator reaches {largest:,.0f}"
        mend = f"say how many people there are in all (--people): at least {largest:,.0f}"
        raise ScenarioError([Problem("overlap-people", cause, mend, Place(file))])
    some = [sets[at] for at in np.flatnonzero(~held)]
    tried = [sets[at] for at in np.flatnonzero(held)]
    everybody, k = _fitted(some, reached[~held], measured)
    by_chance = measured.people or curve.fit_people(some, reached[~held], measured.audiences)
    ways = [
        (ADDED, np.array([measured.audiences[one].sum() for one in tried])),
        (CHANCE, curve.unions(tried, measured.audiences, by_chance)),
        (ONE_K, curve.unions(tried, measured.audiences, everybody, k)),
    ]
    found = tuple(FitError("sets", way, *sizes(said, reached[held])) for way, said in ways)
    everybody, k = _fitted(sets, reached, measured)
    alone = FittedCurve(None if isinf(k) else rounded(k), {}, rounded(everybody))
    note = "overlap by chance" if isinf(k) else f"k = {k:.3g}"
    note += f" among {everybody:,.0f} people" + ("" if measured.people else ", as many as fit the sets best")
    creators = len(np.unique(np.concatenate(sets)))
    made_from: dict[str, int | str | float] = {
        "rows": rows, "creators": creators, "sets": len(sets), "held_back": int(held.sum()),
    }  # fmt: skip
    fitted = FittedAudience("curve", (alone,), errors=found, made_from=made_from, seed=measured.seed)
    return AudienceFit(measured.name, fitted, (note,), tuple(warnings))


def fit_sample(measured: Measured, rows: ReadPeople, scale_to: float | None, file: str) -> AudienceFit:
    """A sample as it is; the errors are of halves of its people, of which one predicts the other."""
    size = len(measured.ids)
    counted = merged(size, rows.creators, rows.persons)
    if not len(counted.people):
        cause = "nobody in the sample follows a creator of the pool"
        raise ScenarioError(
            [Problem("overlap-nobody", cause, "check which columns are read, and the answers in them", Place(file))]
        )
    warnings = list(rows.warnings)
    silent = [measured.ids[at] for at in np.flatnonzero(counted.audiences == 0).tolist()]
    if silent:
        first = ", ".join(silent[:5]) + (f" and {len(silent) - 5:,} more" if len(silent) > 5 else "")
        who = "1 creator of the pool has" if len(silent) == 1 else f"{len(silent):,} creators of the pool have"
        warnings.append(f"{who} no row in the sample, and so would reach nobody: {first}")
    found, held = _halves(measured, rows)
    scaled = counted if scale_to is None else counted.scaled_to(scale_to)
    cell = np.repeat(np.arange(len(scaled.people)), np.diff(scaled.starts))
    people = [rounded(one) for one in scaled.people.tolist()]
    creators: dict[str, dict[int, float]] = {}
    for at, place in zip(scaled.creators.tolist(), cell.tolist(), strict=True):
        creators.setdefault(measured.ids[at], {})[place] = people[place]
    made_from: dict[str, int | str | float] = {
        "rows": rows.rows, "creators": len(creators), "people": int(counted.everybody), "held_back": held,
    }  # fmt: skip
    if scale_to is not None:
        made_from["scale_to"] = scale_to
    in_order = dict(sorted(creators.items()))
    fitted = FittedAudience("sample", (), tuple(people), in_order, found, made_from, measured.seed)
    who = "1 person" if counted.everybody == 1 else f"{counted.everybody:,.0f} people"
    cells = "1 cell" if len(people) == 1 else f"{len(people):,} cells"
    note = f"{who} in {cells}, in each of which all follow the same creators"
    return AudienceFit(measured.name, fitted, (note,), tuple(warnings))


def _halves(measured: Measured, rows: ReadPeople) -> tuple[tuple[FitError, ...], int]:
    """The errors of what one half of the people says of the other, and how many are in the other."""
    half = kept_half(rows.ids, measured.seed)[rows.persons]
    size = len(measured.ids)
    one, other = (merged(size, rows.creators[some], rows.persons[some]) for some in (half, ~half))
    if not len(one.people) or not len(other.people):
        return (), int(other.everybody)
    active = np.flatnonzero((one.audiences > 0) & (other.audiences > 0))
    if len(active) < 2:
        return (), int(other.everybody)
    one, other = _of_creators(one, active), _of_creators(other, active)
    known = one.pairs()
    audiences = one.audiences
    scale = other.everybody / one.everybody
    drawn = {
        "random sets": random_sets(len(active), _SETS, measured.seed),
        "sets around one creator": sets_around_one(known, _SETS, measured.seed),
    }
    learned_from = [*random_sets(len(active), _SETS, measured.seed + 1)]
    everybody = one.everybody
    k = curve.fit_k(learned_from, one.unions(learned_from), audiences, everybody)
    counts = [count for count in latent.LADDER[:5] if count <= latent.most_cells(known)]
    cells = latent.learned(known, audiences, counts[-1], seed=measured.seed) if counts else None
    found = []
    for of, sets in drawn.items():
        true = other.unions(sets)
        ways: list[Way] = [
            (ADDED, np.array([audiences[a_set].sum() for a_set in sets])),
            (CHANCE, curve.unions(sets, audiences, everybody)),
            (ONE_K, curve.unions(sets, audiences, everybody, k)),
            *([(LATENT, cells.unions(sets, audiences))] if cells is not None else []),
            (COUNTED, one.unions(sets)),
        ]
        found += [FitError(of, way, *sizes(said * scale, true)) for way, said in ways]
    return tuple(found), int(other.everybody)


def _of_creators(sample: Sample, creators: Ints) -> Sample:
    """The sample of some creators (ascending), by their positions among these."""
    place = np.full(sample.size, -1, dtype=np.int64)
    place[creators] = np.arange(len(creators))
    cell = np.repeat(np.arange(len(sample.people)), np.diff(sample.starts))
    mine = place[sample.creators]
    kept: Flags = mine >= 0
    counts = np.bincount(cell[kept], minlength=len(sample.people))
    some = counts > 0
    starts = np.append(0, np.cumsum(counts[some]))
    return Sample(len(creators), sample.people[some], mine[kept], starts)


def _fitted(sets: Sequence[Ints], reached: Floats, measured: Measured) -> tuple[float, float]:
    if measured.people is None:
        return curve.fit_both(sets, reached, measured.audiences)
    return measured.people, curve.fit_k(sets, reached, measured.audiences, measured.people)


def _unions(pairs: Pairs, audiences: Floats) -> tuple[list[Ints], Floats]:
    """Pairs as sets, and whom they reach."""
    sets = list(np.stack([pairs.first, pairs.second], axis=1))
    return sets, audiences[pairs.first] + audiences[pairs.second] - pairs.shared


def _chance_people(pairs: Pairs, audiences: Floats) -> float:
    """How many people there are, if pairs share `a_i a_j / N` people on average."""
    if pairs.others_share_nobody:
        met = (float(audiences.sum()) ** 2 - float((audiences**2).sum())) / 2
    else:
        met = float((audiences[pairs.first] * audiences[pairs.second]).sum())
    largest = float(_unions(pairs, audiences)[1].max(initial=float(audiences.max())))
    most = float(audiences.sum())
    return max(largest, min(most, met / max(float(pairs.shared.sum()), 1e-9)))


def _curve_of_pairs(pairs: Pairs, held: Pairs, audiences: Floats, people: float | None) -> tuple[float, float]:
    """How many people there are, and k, from the pairs that were not held back. Where it is not said how many there
    are, they are as many as all audiences add up to.
    """
    kept = pairs.take(~np.isin(pairs.codes, held.codes))
    kept = kept if len(kept) else pairs
    everybody = people or max(float(audiences.sum()), 1.0)
    chance = _chance_people(kept, audiences)
    if everybody <= chance * (1 + 1e-9):
        return everybody, inf
    return everybody, max(float(LEAST_K), 1 / (everybody / chance - 1))  # small shares: shared = a b / N * (1 + 1/k)


def _told_pairs(
    held: Pairs, audiences: Floats, best: latent.Trial | None, people: float, k: float
) -> tuple[list[tuple[str, Floats, list[Way]]], Mapping[str, float]]:
    """What each way says of held-back pairs that share somebody; and how far off each is over all held-back pairs, in
    people who are shared.
    """
    sets, reached = _unions(held, audiences)
    added = audiences[held.first] + audiences[held.second]
    ways: list[Way] = [
        (ADDED, added),
        (CHANCE, curve.unions(sets, audiences, max(people, 1.0) if isinf(k) else people / (1 + 1 / k))),
        (ONE_K, curve.unions(sets, audiences, people, k)),
    ]
    if best is not None:
        ways.append((LATENT, best.cells.unions(sets, audiences)))
    off = {way: float(np.abs((added - said) - held.shared).sum()) for way, said in ways}
    some = held.shared > 0
    return [
        ("pairs that share somebody", reached[some], [(way, said[some]) for way, said in ways]),
        ("people whom these share", held.shared[some], [(way, (added - said)[some]) for way, said in ways]),
    ], off


def _cells_of(
    learned: latent.LatentCells, names: Sequence[str]
) -> tuple[tuple[float, ...], dict[str, dict[int, float]]]:
    """Cells and creators as they are written: rounded, and no more people than fit."""
    people = [rounded(one, 0.5) for one in learned.people.tolist()]
    creators: dict[str, dict[int, float]] = {}
    for name, row in zip(names, learned.inside, strict=True):
        creators[name] = {at: rounded(float(row[at]), -0.5) for at in np.flatnonzero(row > 0).tolist()}
    return tuple(people), creators


def sizes(predicted: Floats, true: Floats) -> tuple[int, float, float, float]:
    """Over how many sets predictions are off, and how far: median, 90th percentile, and median with its sign."""
    found = errors(predicted, true)
    return int((true > 0).sum()), round(found.median, 6), round(found.p90, 6), round(found.bias, 6)


def rounded(value: float, by: float = 0.0) -> float:
    """A number to six digits; moved by a half of the last one to be rounded up or down."""
    last = 10.0 ** (floor(log10(value)) + 1 - _DIGITS)
    return float(f"{value + by * last:.{_DIGITS}g}")
