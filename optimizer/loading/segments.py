"""Segments: anonymous supply, read as rows of a pool so that every column means the same as in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction

import numpy as np
import pyarrow as pa

from optimizer.domain.exact import MICRO, Flags, parse_number, plain
from optimizer.domain.figures import FIGURES
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, Pool, joined
from optimizer.domain.scenario import Segment, Step
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.columns import LABELS, Wanted
from optimizer.loading.money import Money
from optimizer.loading.pool import read_pool
from optimizer.loading.resolve import Resolving, too_high
from optimizer.loading.returns import check_falling
from optimizer.loading.schema import ScenarioFile, SegmentSaid
from optimizer.loading.source import Node, short
from optimizer.pool_file.table import Table

SEGMENT = "segment"  # the column by which rules name segments, where the pool has none of that name
MOST_AVAILABLE = 10**6
_ALIKE = 0.8  # keys are free, so only what is very like a known one is a slip


@dataclass(frozen=True, eq=False)
class _SaidTable(Table):
    """Segments as a table whose cells are in the scenario file."""

    nodes: tuple[Node, ...] = ()

    def place(self, position: int, column: str) -> Place:
        """The place in the scenario."""
        node, key = self.nodes[position], "name" if column == CREATOR else column
        entries = node.value if isinstance(node.value, dict) else {}
        return next((inside.place for said, inside in entries.items() if fold(said) == key), node.place)


def with_segments(said: ScenarioFile, pool: Pool | None, wanted: Wanted, money: Money, r: Resolving) -> Pool:
    """The pool with a row for each segment."""
    if not said.segments:
        if pool is None:
            raise ScenarioError([])
        return pool
    wanted = replace(wanted, mapped={}, place=None, decimal="point", posts=False)
    table = _table(said.segments, wanted, r, own_column=pool is None or SEGMENT not in pool.columns)
    _check_keys(said.segments, wanted, r)
    read = read_pool(table, wanted, money, skip_bad_rows=False)
    mine = read.pool
    r.problems += [_of_segment(one) for one in read.told() if one.code != "rate-over-one"]  # already reported
    if pool is None:
        return mine
    taken = [at for at, segment in enumerate(said.segments) if pool.position(segment.name) is not None]
    for at in taken:
        cause = f'"{short(said.segments[at].name)}" is already a creator of the pool'
        r.refuse(("segments", at, "name"), "duplicate-creator", cause, "give the segment another name")
    if taken:
        return pool
    try:
        return joined(pool, mine)
    except TypeError as error:
        cause = f"the column {error} holds numbers in one of pool and segments, and texts in the other"
        r.refuse(("segments",), "mixed-column", cause, "write the same kind of value in both", key=True)
        return pool


def _of_segment(problem: Problem) -> Problem:
    """A fault of a row of the table, in words for a segment."""
    if problem.code != "duplicate-creator":
        return problem
    return replace(problem, cause="there is another segment of this name", mend="give one another name")


def _table(segments: Sequence[SegmentSaid], wanted: Wanted, r: Resolving, *, own_column: bool) -> Table:
    rows = [{fold(key): cell for key, cell in (one.__pydantic_extra__ or {}).items()} for one in segments]
    header = [key for key in dict.fromkeys(key for row in rows for key in row) if key != CREATOR]
    cells: dict[str, list[str | None]] = {CREATOR: [one.name for one in segments]}
    for key in header:
        numeric = wanted.figure(key) is not None
        written = [row.get(key) for row in rows]
        cells[key] = [_number(cell) if numeric and cell is not None else cell for cell in written]
    if own_column and SEGMENT not in cells:
        cells[SEGMENT] = [one.name for one in segments]
    nodes = tuple(r.document.at(("segments", at)) or r.document for at in range(len(segments)))
    return _SaidTable(
        file="segments",
        header=tuple(cells),
        columns={name: pa.array(column, pa.string()) for name, column in cells.items()},
        rows=np.zeros(len(segments), dtype=np.int64),
        nodes=nodes,
    )


def _number(cell: str) -> str:
    """A number of the scenario (`4_000`, `3%`) as a file would write it; anything else unchanged."""
    found = parse_number(cell)
    return cell if found is None else plain(found.value)


def _check_keys(segments: Sequence[SegmentSaid], wanted: Wanted, r: Resolving) -> None:
    """Report rates over 1, and keys that nothing uses: a fault if a similar one is known, else a warning."""
    known = {*LABELS, *FIGURES, *wanted.texts, *wanted.ranges, *wanted.counted, *wanted.audiences, "city", "language"}
    idle: dict[str, None] = {}
    for at, one in enumerate(segments):
        for key, cell in (one.__pydantic_extra__ or {}).items():
            if fold(key) == CREATOR:
                mend = "remove it; the key name says who it is"
                r.refuse(("segments", at, key), "unknown-key", "a segment cannot have the key creator", mend, key=True)
                continue
            figure, found = wanted.figure(fold(key)), parse_number(cell)
            if figure is not None and figure.most is not None and found is not None and found.value > int(figure.most):
                r.refuse(("segments", at, key), "share-above-one", *too_high(figure, found))
            if fold(key) in known or figure is not None:
                continue
            near = get_close_matches(fold(key), [*known, *SegmentSaid.model_fields], n=1, cutoff=_ALIKE)
            if near:
                cause, mend = f'nothing uses "{short(key)}"', f'did you mean "{near[0]}"?'
                r.refuse(("segments", at, key), "unknown-key", cause, mend, key=True)
            else:
                idle[key] = None
    for key in idle:
        r.warnings.append(f'segments give "{short(key)}", which nothing uses')


def anonymous(said: ScenarioFile, pool: Pool) -> Flags:
    """Which rows of the pool are segments."""
    flags = np.zeros(len(pool), dtype=np.bool_)
    for one in said.segments:
        at = pool.position(one.name)
        if at is not None:
            flags[at] = True
    return flags


def segments_of(said: ScenarioFile, pool: Pool, r: Resolving) -> tuple[Segment, ...]:
    """The segments that can be booked, by position in the pool of all who can."""
    found = []
    for at, one in enumerate(said.segments):
        steps, available = _steps(at, one, r)
        position = pool.position(one.name)
        if position is not None:
            whole = said.whole if one.whole is None else one.whole
            found.append(Segment(position, available, steps, whole))
    return tuple(sorted(found, key=lambda segment: segment.position))


def _steps(at: int, said: SegmentSaid, r: Resolving) -> tuple[tuple[Step, ...], Fraction]:
    """Falling returns, cut off at `available`, and the number available, cut off at the last step."""
    whole = r.whole if said.whole is None else said.whole
    available = _count(("segments", at, "available"), said.available.fraction, whole, r)
    steps, before, kept = list[Step](), Fraction(0), Fraction(1)
    for number, one in enumerate(said.returns or ()):
        path = ("segments", at, "returns", number)
        up_to = _count((*path, "up_to"), one.up_to.fraction, whole, r)
        order = "[{up_to: 15, ...}, {up_to: 25, ...}]"
        check_falling(path, (one.up_to, one.keep), (before, kept), "booking", order, r)
        if before < available:
            steps.append(Step(min(up_to, available), float(one.keep.value)))
        before, kept = up_to, one.keep.fraction
    if steps and before < available:
        r.warnings.append(
            f"segment {said.name}: {float(available):g} are available, but its returns end at {float(before):g}:"
            " no more are booked"
        )
        available = before
    return tuple(steps), available


def _count(path: tuple[str | int, ...], count: Fraction, whole: bool, r: Resolving) -> Fraction:
    """A number of bookings, which must be whole unless parts are allowed."""
    if whole and count.denominator != 1:
        mend = "write a whole number; with whole: false, parts of bookings count"
        r.refuse(path, "not-whole", f"{float(count):g} is not a whole number of bookings", mend)
    elif (count * MICRO).denominator != 1:
        r.refuse(path, "finer-than-millionth", "this is finer than a millionth of a booking", "round it")
    elif count > MOST_AVAILABLE:
        cause, mend = f"more than {MOST_AVAILABLE:,} bookings of one segment", "write how many can really be booked"
        r.refuse(path, "number-too-large", cause, mend)
    return count
