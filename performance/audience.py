"""How far predicted reach is off on a graph of followers, for each way to say how audiences overlap.

python performance/audience.py GRAPH.csv [--fewest 10] [--sets 200] [--seed 1]

GRAPH.csv has rows (creator, person). Creators with at least `--fewest` people are taken; each one's audience is their
people, so that the reach of any set is known exactly. Prints a Markdown table of errors over fresh sets: 40 creators at
random; rosters of 8 to 40 around one creator and those who share most people with them; and of one fan base, 20 drawn
from the 60 around one creator. The curve's k is fitted to other random sets.

A second table is about a k for each part of the people: of the graph, split at random and by how many creators people
follow; and of invented people whose appetites are drawn with a known k in each of six parts. The k are fitted to 12
sets in each part, and the errors are of 200 fresh ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from math import inf
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer.audience import by_cell, curve, latent  # noqa: E402  # the root must be known first
from optimizer.audience.by_cell import CellSets  # noqa: E402
from optimizer.audience.errors import errors, random_sets, sets_around_one  # noqa: E402
from optimizer.audience.pairs import Pairs  # noqa: E402
from optimizer.audience.sample import Sample, merged  # noqa: E402
from optimizer.domain.exact import Ints  # noqa: E402
from performance.peers import machine  # noqa: E402


def read(path: Path, fewest: int) -> Sample:
    """The creators with enough people, and their people."""
    table = pa_csv.read_csv(
        path, convert_options=pa_csv.ConvertOptions(column_types={"creator": "string", "person": "string"})
    )
    coded = [table[name].combine_chunks().dictionary_encode() for name in table.column_names[:2]]
    creator, person = (np.asarray(one.indices).astype(np.int64) for one in coded)
    rows = np.unique(np.stack([creator, person]), axis=1)
    many = np.bincount(rows[0])
    names = np.array(coded[0].dictionary.to_pylist())
    chosen = np.flatnonzero(many >= fewest)
    chosen = chosen[np.argsort(names[chosen])]  # whatever order the rows are in
    place = np.full(len(many), -1)
    place[chosen] = np.arange(len(chosen))
    kept = place[rows[0]] >= 0
    return merged(len(chosen), place[rows[0][kept]], rows[1][kept])


def part_of(pairs: Pairs, share: float, seed: int) -> Pairs:
    """A part of all pairs, drawn at random; the others are unknown."""
    first, second = np.triu_indices(pairs.size, 1)
    some = np.random.default_rng(seed).random(len(first)) < share
    first, second = first[some], second[some]
    codes = first * pairs.size + second
    at = np.minimum(np.searchsorted(pairs.codes, codes), len(pairs) - 1)
    return Pairs(pairs.size, first, second, np.where(pairs.codes[at] == codes, pairs.shared[at], 0.0))


def of_one_base(pairs: Pairs, count: int, seed: int) -> list[Ints]:
    """Sets of 20, each drawn from the 60 around one creator."""
    rng = np.random.default_rng([seed, 3])
    return [np.sort(rng.permutation(one)[:20]) for one in sets_around_one(pairs, count, seed + 2, fewest=60, most=60)]


def split(sample: Sample, part: Ints, parts: int) -> list[Sample]:
    """The people of a sample in parts, by the part of each cell."""
    cell = np.repeat(np.arange(len(sample.people)), np.diff(sample.starts))
    found = []
    for number in range(parts):
        mine = part == number
        starts = np.append(0, np.cumsum(np.diff(sample.starts)[mine]))
        found.append(Sample(sample.size, sample.people[mine], sample.creators[mine[cell]], starts))
    return found


def invented(k: float, seed: int, creators: int = 120, people: int = 4_000) -> Sample:
    """People who follow creators by chance, each as often as an appetite says that is drawn with some k."""
    rng = np.random.default_rng([seed, 5])
    appetite = rng.gamma(k, 1 / k, people)
    exposed = np.outer(appetite, rng.pareto(1.5, creators).clip(0.05, 5) * 0.05)
    person, creator = np.nonzero(rng.random((people, creators)) < 1 - np.exp(-exposed))
    return merged(creators, creator, person)


def cell_of(sample: Sample, people: float, seed: int, count: int) -> CellSets:
    """Sets of a part that were measured, and whom they reach; those that reach nobody are left out."""
    sets = random_sets(sample.size, count, seed)
    reached = sample.unions(sets)
    some = np.flatnonzero(reached > 0)
    return CellSets([sets[at] for at in some.tolist()], reached[some], sample.audiences, people)


def by_part(name: str, samples: list[Sample], people: list[float], seed: int) -> None:
    """Print how far off one k is, and a k for each part, shrunk and not."""
    cells = [cell_of(one, many, seed + at, 12) for at, (one, many) in enumerate(zip(samples, people, strict=True))]
    fresh = [
        cell_of(one, many, seed + 1_000 + at, 200) for at, (one, many) in enumerate(zip(samples, people, strict=True))
    ]
    found = by_cell.fit_ks(cells, seed)
    alone = [curve.fit_k(one.sets, one.measured, one.audiences, one.people) for one in cells]
    true = np.concatenate([one.measured for one in fresh])
    shown = []
    for ks in ([found.shared] * len(cells), found.each, alone):
        off = errors(np.concatenate([one.unions(k) for one, k in zip(fresh, ks, strict=True)]), true)
        shown.append(f"{off.median:.2%} | {off.p90:.2%}")
    print(
        f"| {name} | {' | '.join(shown)} | {', '.join('chance' if k == inf else f'{k:.2g}' for k in found.each)} |",
        flush=True,
    )


def parts(sample: Sample, seed: int) -> None:
    """Print the second table."""
    of = [f"{way}: {what}" for way in ("one k", "a k each", "each by itself") for what in ("median", "90 %")]
    print(f"\n| people | {' | '.join(of)} | k of the parts |\n|{'---|' * (len(of) + 2)}")
    cells = len(sample.people)
    often = np.diff(sample.starts)
    drawn = np.random.default_rng([seed, 6]).integers(0, 4, cells)
    edges = np.quantile(np.repeat(often, sample.people.astype(int)), [0.25, 0.5, 0.75])
    for name, part in (
        ("the graph, in four at random", drawn),
        ("the graph, in four by how many they follow", np.searchsorted(edges, often)),
    ):
        mine = [one for one in split(sample, part, 4) if len(one.people)]
        by_part(name, mine, [one.everybody for one in mine], seed)
    for name, ks in (("k from 0.2 to 6.4", [0.2 * 2**at for at in range(6)]), ("k = 1 in all", [1.0] * 6)):
        mine = [invented(k, seed + at) for at, k in enumerate(ks)]
        by_part(f"invented, {name}", mine, [4_000.0] * 6, seed)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--fewest", type=int, default=10)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sample = read(given.graph, given.fewest)
    pairs, audiences, people = sample.pairs(), sample.audiences, sample.everybody
    tried = {
        "40 at random": random_sets(sample.size, given.sets, given.seed, fewest=40),
        "8 to 40 around one": sets_around_one(pairs, given.sets, given.seed),
        "20 of one fan base": of_one_base(pairs, given.sets, given.seed),
    }
    true = {name: sample.unions(sets) for name, sets in tried.items()}
    others = random_sets(sample.size, given.sets, given.seed + 1)
    print(f"{machine()} {sample.size:,} creators, {people:,.0f} people, {given.sets} sets of each kind.\n")
    heads = [f"{name}: {of}" for name in tried for of in ("median", "90 %")]
    print(f"| prediction | {' | '.join(heads)} | seconds |\n|{'---|' * (len(heads) + 2)}")

    def show(name: str, predict, began: float) -> None:  # type: ignore[no-untyped-def]
        found = [errors(predict(sets), true[of]) for of, sets in tried.items()]
        cells = [cell for one in found for cell in (f"{one.median:.1%}", f"{one.p90:.1%}")]
        print(f"| {name} | {' | '.join(cells)} | {time.perf_counter() - began:.0f} |", flush=True)

    now = time.perf_counter()
    show("added up", lambda sets: np.array([audiences[one].sum() for one in sets]), now)
    show("chance in one cell", lambda sets: curve.unions(sets, audiences, people, inf), now)
    now = time.perf_counter()
    k = curve.fit_k(others, sample.unions(others), audiences, people)
    show(f"one k, {k:.2f}", lambda sets: curve.unions(sets, audiences, people, k), now)
    of_part = part_of(pairs, 0.3, given.seed)
    for name, known, count in (
        ("15 latent cells", pairs, 15),
        ("30 latent cells", pairs, 30),
        ("60 latent cells", pairs, 60),
        ("15 latent cells, 30 % of the pairs", of_part, 15),
        ("30 latent cells, 30 % of the pairs", of_part, 30),
    ):
        now = time.perf_counter()
        cells = latent.learned(known, audiences, count, seed=given.seed)
        show(name, lambda sets, cells=cells: cells.unions(sets, audiences), now)
    now = time.perf_counter()
    trials, _ = latent.tried(
        pairs, audiences, [at for at in latent.LADDER if at <= latent.most_cells(pairs)], given.seed
    )
    best = min(trials, key=lambda one: one.error).count
    cells = latent.learned(pairs, audiences, best, seed=given.seed)
    show(f"{best} latent cells, chosen by pairs held back", lambda sets: cells.unions(sets, audiences), now)
    parts(sample, given.seed)


if __name__ == "__main__":
    main()
