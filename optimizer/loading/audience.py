"""The audience of a scenario: who of which people each creator reaches, from the pool's columns and what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import ceil

import numpy as np

from optimizer.domain.audience import Audience, audience_of
from optimizer.domain.curves import Curve
from optimizer.domain.exact import MICRO, Flags, Floats, Ints
from optimizer.domain.figures import AUDIENCE
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.audience_crowd import ROOM, Crowd, Part
from optimizer.loading.audience_learned import in_file, of_pairs, of_sample, of_shared, sampled
from optimizer.loading.audience_shares import Entries, digits, key_of, spread_over, spread_unknown
from optimizer.loading.audience_tables import Tables, tables_of
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.resolve import Resolving
from optimizer.loading.said_audience import AudienceSaid, Keys
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.source import short
from optimizer.unseen import visible

MOST_CELLS = 500
OTHERS = "others"
_OF_NOBODY = "`scale_to` says how many people the sample stands for, and is 0"
_OF_SAMPLES = (
    ("scale_to", "how many people a sample stands for"),
    ("keep_back", "how many people of a sample are not planned with"),
)
_MOST = 1e12
_LISTED = 5
_BACK_MOST = Decimal("0.9")
NOTHING_SAID = AudienceSaid.model_validate({})


def audience_built(said: ScenarioFile, crowd: Crowd, files: ScenarioFiles, r: Resolving) -> Audience | None:
    """The audience of those who can be booked; None where it has faults, which are reported."""
    mine = said.audience or NOTHING_SAID
    before = len(r.problems)
    _check_mixing(mine, r)
    if len(r.problems) > before:
        return None
    if mine.sample is not None:
        node = r.document.at(("audience", "sample")) or r.document
        try:
            return sampled(mine, files.people(node, crowd.pool), crowd, r)
        except ScenarioError as error:
            r.problems += [_as_said(one) for one in error.problems]
            return None
    tables = tables_of(mine, crowd.pool, files, r)
    if tables is None:
        return None
    if tables.fitted is not None and tables.fitted.method == "sample":
        for key in ("cells", "sizes", "shared"):
            if getattr(mine, key) is not None:
                _refuse_beside(key, r)
        return None if len(r.problems) > before else of_sample(tables.fitted, mine.seen, crowd, r)
    if mine.seen == "views":
        cause = "`seen` says how a sample is read, and there is none"
        r.refuse(("audience", "seen"), "audience-mixed", cause, "add sample: people.csv, or remove seen", key=True)
        return None
    return _demographic(mine, tables, crowd, r)


def _as_said(problem: Problem) -> Problem:
    """A fault of the sample without options of commands."""
    if problem.code not in ("overlap-no-column", "overlap-nobody"):
        return problem
    mend = "name its columns creator and person; or write one row a person, with a column for each creator"
    if problem.code == "overlap-nobody":
        mend = "write the handles as the file of creators does, with or without @"
    return replace(problem, mend=mend)


def _check_mixing(said: AudienceSaid, r: Resolving) -> None:
    if said.sample is None:
        for key, says in _OF_SAMPLES:
            if getattr(said, key) is not None:
                cause, mend = f"`{key}` says {says}, and there is none", f"add sample: people.csv, or remove {key}"
                r.refuse(("audience", key), "audience-mixed", cause, mend, key=True)
        return
    for key in ("cells", "sizes", "overlap", "shared"):
        if getattr(said, key) is not None:
            _refuse_beside(key, r)
    if said.keep_back is not None and not 0 <= said.keep_back.value <= _BACK_MOST:
        cause = f"{said.keep_back} of the people cannot be kept back: nobody would be left to plan with"
        r.refuse(("audience", "keep_back"), "audience-size", cause, "write a share of at most 90 %, as keep_back: 20%")
    if said.scale_to is not None and not said.scale_to.value:
        r.refuse(("audience", "scale_to"), "audience-size", _OF_NOBODY, "write how many people there are")


def _refuse_beside(key: str, r: Resolving) -> None:
    cause = f"a sample says itself who follows whom, so {key} has nothing to say"
    r.refuse(("audience", key), "audience-mixed", cause, f"remove {key}, or the sample", key=True)


# --- cells by columns ---


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells by ascending key, and how many people each has; and at least, by the largest audience in it."""

    keys: Ints
    people: Floats
    largest: Floats = field(default_factory=lambda: np.zeros(0))


def _demographic(said: AudienceSaid, tables: Tables, crowd: Crowd, r: Resolving) -> Audience | None:
    spread = spread_over(crowd.pool, tables.dimensions)
    learned = np.zeros(len(crowd.rows), dtype=np.bool_)
    if tables.fitted is not None and tables.fitted.method == "pairs":
        learned = in_file(tables.fitted, crowd)
    bookable = np.zeros(len(crowd.pool), dtype=np.bool_)
    bookable[crowd.rows[~learned]] = True
    before = len(r.problems)
    _check_shares(np.flatnonzero(spread.over & bookable), tables, crowd, r)
    cells = _given(tables.people, tables) if tables.people is not None else _estimated(spread.entries, tables, crowd)
    entries, unknown = spread_unknown(spread.entries, tables.dimensions, cells.keys, cells.people)
    estimated = False
    if tables.people is None:
        cells = _sums(entries, crowd, cells)
        cells, estimated = _fitted(cells, tables)
        if estimated and bookable.any():
            _warn_of_estimate(cells, r)
    else:
        _check_sizes(entries, cells, bookable, tables, crowd, r)
    if len(r.problems) > before:
        return None
    unsure = int(np.count_nonzero(bookable[np.unique(spread.entries.creator[unknown])]))
    if unsure and len(cells.keys) > 1:
        of = f"{unsure:,} of {int(bookable.sum()):,} creators have no {_named(tables)}"
        r.warnings.append(f"audience: {of}: their audience is spread over the cells by the people in each")
    products = int((spread.products & bookable).sum())
    if products:
        example = "_".join(visible(short(next(iter(one.values.values())))) for one in tables.dimensions)
        count = f"{products:,} of {int(bookable.sum()):,} creators"
        r.warnings.append(
            f"audience: shares of {_named(tables, 'and')} are multiplied for {count}, as if they were independent;"
            f" columns such as {AUDIENCE}{example} would give the joint ones"
        )
    if not bookable.any():
        cells, estimated = _Cells(cells.keys[:0], cells.people[:0]), False
    part, place = _part(cells, tables, r)
    inside = cells.keys.searchsorted(entries.key)
    there = (inside < len(cells.keys)) & bookable[entries.creator]
    there[there] &= cells.keys[inside[there]] == entries.key[there]
    at = np.flatnonzero(there)
    creator = crowd.rows.searchsorted(entries.creator[at])
    mine = Entries(creator, place[inside[at]], entries.share[at])
    if tables.fitted is not None and learned.any():
        of_pairs(tables.fitted, crowd, part, r)
    if said.shared is not None and said.shared.value:
        mine = of_shared(float(said.shared.value), mine, crowd, part, r)
    whole = (
        np.concatenate([mine.creator, *part.creator]),
        np.concatenate([mine.key, *part.cell]),
        np.concatenate([mine.share, *part.share]),
    )
    return audience_of(
        part.names,
        part.curves,
        part.values,
        whole,
        len(crowd.rows),
        estimated=estimated,
        learned=learned,
    )


def _named(tables: Tables, word: str = "or") -> str:
    return f" {word} ".join(one.name for one in tables.dimensions)


def _check_shares(over: Ints, tables: Tables, crowd: Crowd, r: Resolving) -> None:
    """Report creators whose shares add up to more than their audience."""
    if not len(over):
        return
    names = ", ".join(visible(short(crowd.pool.ids[at])) for at in over[:_LISTED].tolist())
    more = f" and {len(over) - _LISTED:,} more" if len(over) > _LISTED else ""
    cause = f"the shares of the audience by {_named(tables, 'and')} add up to more than 100 %: {names}{more}"
    r.refuse(
        ("audience", "cells"), "audience-shares", cause, f"correct their columns {AUDIENCE}... in the file of creators"
    )


def _given(people: Mapping[Keys, float], tables: Tables) -> _Cells:
    """The cells whose people are said."""
    places = [{value: at for at, value in enumerate(one.values, start=1)} for one in tables.dimensions]
    found = {}
    for cell, count in people.items():
        digits_ = [place[value] for place, value in zip(places, cell, strict=True)]
        found[key_of(digits_, tables.dimensions)] = count
    keys = np.array(sorted(found), dtype=np.int64)
    return _Cells(keys, np.array([found[key] for key in keys.tolist()], dtype=np.float64))


def _estimated(entries: Entries, tables: Tables, crowd: Crowd) -> _Cells:
    """The cells that are known to hold somebody's audience, with all these audiences added up."""
    known = np.ones(len(entries), dtype=np.bool_)
    for digit in digits(entries.key, tables.dimensions):
        known &= digit > 0
    return _sums(entries.take(np.flatnonzero(known)), crowd, _Cells(np.zeros(0, dtype=np.int64), np.zeros(0)))


def _sums(entries: Entries, crowd: Crowd, cells: _Cells) -> _Cells:
    """All audiences in each cell added up; never fewer than the largest one has, with a little room."""
    keys, which = np.unique(np.concatenate([entries.key, cells.keys]), return_inverse=True)
    which = which[: len(entries)]
    people = crowd.people.values[entries.creator] * entries.share
    total = np.bincount(which, people * crowd.times[entries.creator], len(keys))
    largest = np.zeros(len(keys))
    np.maximum.at(largest, which, people)
    most = np.clip(np.maximum(total, largest * ROOM), 1.0, _MOST)
    return _Cells(keys, most, np.maximum(largest * ROOM, 1.0))


def _fitted(cells: _Cells, tables: Tables) -> tuple[_Cells, bool]:
    """The cells with the people that their curves were fitted with, but never fewer than the largest audience in the
    pool; and whether any are estimated.
    """
    known = _given(tables.fitted_with, tables)
    at = np.minimum(known.keys.searchsorted(cells.keys), max(len(known.keys) - 1, 0))
    if not len(known.keys):
        return cells, True
    found = known.keys[at] == cells.keys
    people = np.where(found, np.maximum(known.people[at], cells.largest), cells.people)
    return replace(cells, people=people), not found.all()


def _warn_of_estimate(cells: _Cells, r: Resolving) -> None:
    total = f"{cells.people.sum():,.0f} people" + (f" in {len(cells.keys):,} cells" if len(cells.keys) > 1 else "")
    r.warnings.append(
        f"audience: how many people there are is estimated: all audiences in the pool added up, {total}. People reached"
        " depend on this rough guess; write how many there are: audience: {sizes: ...}"
    )


def _check_sizes(entries: Entries, cells: _Cells, bookable: Flags, tables: Tables, crowd: Crowd, r: Resolving) -> None:
    """Report cells that are reached and have no size; warn of those that are too small, and of idle ones."""
    mine = entries.take(np.flatnonzero(bookable[entries.creator]))
    reached = np.unique(mine.key)
    lost = np.setdiff1d(reached, cells.keys)
    for key in lost[:_LISTED].tolist():
        cause = f"creators reach people of {_told(key, tables)}, and sizes does not say how many there are"
        rest = _sized(cells, tables)
        mend = f"add them to sizes; or leave these people out, by cells: {rest}" if rest else "add them to sizes"
        r.refuse(("audience", "sizes"), "audience-no-size", cause, mend, key=True)
    if len(lost) > _LISTED:
        cause = f"{len(lost) - _LISTED:,} more parts of the audience have no size"
        r.refuse(("audience", "sizes"), "audience-no-size", cause, "add them to sizes", key=True)
    if len(lost):
        return
    people = crowd.people.values[mine.creator] * mine.share
    over = np.flatnonzero(people > cells.people[cells.keys.searchsorted(mine.key)])
    for at in over[np.argsort(-people[over], kind="stable")][:_LISTED].tolist():
        key = int(mine.key[at])
        there = cells.people[cells.keys.searchsorted(key)]
        r.warnings.append(
            f"audience: {visible(short(crowd.pool.ids[int(mine.creator[at])]))} has {people[at]:,.0f} people of"
            f" {_told(key, tables)}, and sizes says that there are {there:,.0f}: correct the size or the audience"
        )
    idle = np.setdiff1d(cells.keys, reached)
    if len(idle):
        names = ", ".join(_told(key, tables) for key in idle[:_LISTED].tolist())
        more = f" and {len(idle) - _LISTED:,} more" if len(idle) > _LISTED else ""
        r.warnings.append(f"audience: nobody who can be booked reaches people of {names}{more}")


def _sized(cells: _Cells, tables: Tables) -> str:
    """The cells without those that have no size; empty where no list of values says so."""
    if len(tables.dimensions) != 1 or not len(cells.keys):
        return ""
    named = [_told(key, tables) for key in cells.keys[: _LISTED + 1].tolist()]
    values = ", ".join([*named[:_LISTED], "..."] if len(named) > _LISTED else named)
    return f"{{{tables.dimensions[0].name}: [{values}]}}"


def _cell(key: int, tables: Tables) -> Keys:
    of_key = digits(np.array([key], dtype=np.int64), tables.dimensions)
    return tuple(list(one.values)[int(digit[0]) - 1] for one, digit in zip(tables.dimensions, of_key, strict=True))


def _told(key: int, tables: Tables) -> str:
    return visible(short(tables.name(_cell(key, tables))))


def _part(cells: _Cells, tables: Tables, r: Resolving) -> tuple[Part, Ints]:
    """The cells, the smallest ones merged where there are too many; and the place of each."""
    place = np.arange(len(cells.keys))
    kept = place
    if len(cells.keys) > MOST_CELLS:
        order = np.lexsort((cells.keys, -cells.people))
        kept = np.sort(order[: MOST_CELLS - 1])
        place = np.full(len(cells.keys), MOST_CELLS - 1)
        place[kept] = np.arange(len(kept))
        merged = len(cells.keys) - len(kept)
        r.warnings.append(
            f"audience: {len(cells.keys):,} cells are more than {MOST_CELLS}: the {merged:,} smallest count as one,"
            f" {OTHERS}, which no rule about `people` counts"
        )
    part = Part()
    values = [list(one.values) for one in tables.dimensions]
    for key_digits, people in zip(
        zip(*(digit.tolist() for digit in digits(cells.keys[kept], tables.dimensions)), strict=True)
        if tables.dimensions
        else [()] * len(kept),
        cells.people[kept].tolist(),
        strict=True,
    ):
        cell = tuple(mine[digit - 1] for mine, digit in zip(values, key_digits, strict=True))
        part.names.append(visible(tables.name(cell)))
        part.curves.append(Curve(ceil(people * MICRO), tables.k_of(cell)))
        part.values.append({one.name: value for one, value in zip(tables.dimensions, cell, strict=True)})
    if len(kept) < len(cells.keys):
        rest = np.setdiff1d(np.arange(len(cells.keys)), kept)
        ks = {tables.k_of(_cell(key, tables)) for key in cells.keys[rest].tolist()}
        part.names.append(OTHERS)
        part.curves.append(
            Curve(ceil(min(cells.people[rest].sum(), _MOST) * MICRO), ks.pop() if len(ks) == 1 else None)
        )
        part.values.append({})
    return part, place
