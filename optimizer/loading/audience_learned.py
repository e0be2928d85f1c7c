"""Cells that were learned or counted: latent cells of pairs, a sample of people, and accounts of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from optimizer.domain.audience import Audience, audience_of
from optimizer.domain.curves import Curve
from optimizer.domain.exact import MICRO, Flags, Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.fitted import FittedAudience
from optimizer.domain.pool import TALENT, Labels, values_of
from optimizer.loading.audience_crowd import ROOM, Crowd, Part
from optimizer.loading.audience_shares import Entries
from optimizer.loading.overlap_files import ReadPeople
from optimizer.loading.resolve import Resolving
from optimizer.loading.said_audience import AudienceSaid
from optimizer.loading.source import short
from optimizer.unseen import visible

VIEWS = "views"
_UNDER = 1 - 1e-9  # of a share, so that no rounding makes it more than there are
_NAMED = 3


def in_file(fitted: FittedAudience, crowd: Crowd) -> Flags:
    """Which of those who can be booked are in a file of learned overlap, and have an audience."""
    found = np.zeros(len(crowd.rows), dtype=np.bool_)
    found[[at for at, _ in _those_left(fitted, crowd)]] = True
    return found & (crowd.people.values[crowd.rows] > 0)


def of_pairs(fitted: FittedAudience, crowd: Crowd, part: Part, r: Resolving) -> None:
    """Add the latent cells of the creators in a file.

    What the cells leave of a creator's audience overlaps with nobody: it is a cell of the creator's own.
    """
    known = in_file(fitted, crowd)
    first = len(part.names)
    for at, people in enumerate(fitted.cells, start=1):
        part.names.append(f"latent cell {at}")
        part.curves.append(Curve(ceil(people * MICRO)))
        part.values.append({})
    creator, cell, share = list[int](), list[int](), list[float]()
    for at, mine in _those_left(fitted, crowd):
        audience = float(crowd.people.values[crowd.rows[at]])
        if not known[at]:
            continue
        inside = max(sum(mine.values()), audience)  # a little more than the audience where figures were rounded
        for number, people in mine.items():
            creator.append(at)
            cell.append(first + number)
            share.append(people / inside * _UNDER)
        rest = audience * (1 - sum(mine.values()) / inside)
        if rest > 1e-6 * audience:
            creator.append(at)
            cell.append(len(part.names))
            share.append(rest / audience)
            part.names.append(f"only {visible(short(crowd.pool.ids[int(crowd.rows[at])]))}")
            part.curves.append(Curve(ceil(rest * ROOM * MICRO)))
            part.values.append({})
    _add(part, creator, cell, share)
    others = int((~known).sum())
    if others:
        r.warnings.append(
            f"audience: {others:,} of {len(known):,} creators are not in the file of learned overlap: they count by"
            " the scenario's own cells, and overlap with those who are in it is not counted"
        )


def _those_left(fitted: FittedAudience, crowd: Crowd) -> list[tuple[int, Mapping[int, float]]]:
    """The creators of a file who can be booked, by position among them, each with the people in each cell."""
    found = {}
    for name, mine in fitted.creators.items():
        at = crowd.pool.position(name)
        if at is None or crowd.unnamed[at]:
            continue
        place = int(crowd.rows.searchsorted(at))
        if place < len(crowd.rows) and crowd.rows[place] == at:
            found[place] = mine
    return sorted(found.items())


def _add(part: Part, creator: Sequence[int], cell: Sequence[int], share: Sequence[float]) -> None:
    part.creator.append(np.array(creator, dtype=np.int64))
    part.cell.append(np.array(cell, dtype=np.int64))
    part.share.append(np.array(share, dtype=np.float64))


# --- accounts of one person ---


def of_shared(shared: float, entries: Entries, crowd: Crowd, part: Part, r: Resolving) -> Entries:
    """Entries of which accounts of one person have a part in common: a cell for each such person and cell of theirs.

    In it are as many people as the share of the smallest account's part, and each account has them all.
    """
    column = crowd.pool.columns.get(TALENT)
    if not isinstance(column, Labels):
        cause = "`shared` is about accounts of one talent, and there is no column talent"
        r.refuse(("audience", "shared"), "unknown-column", cause, "add the column, or remove shared", key=True)
        return entries
    audience = crowd.people.values[crowd.rows]
    people_of = audience[entries.creator] * entries.share
    share = entries.share.copy()
    creator, cell, more = list[int](), list[int](), list[float]()
    for person, accounts in _accounts(column, crowd):
        rows = [range(*entries.creator.searchsorted([at, at + 1]).tolist()) for at in accounts]
        places = np.array([place for mine in rows for place in mine], dtype=np.int64)
        for key in np.unique(entries.key[places]).tolist():
            mine = places[(entries.key[places] == key) & (people_of[places] > 0)]
            people = shared * float(people_of[mine].min(initial=np.inf)) if len(mine) > 1 else 0.0
            if people < 1 / MICRO:
                continue
            part_of = people / audience[entries.creator[mine]]
            share[mine] = np.maximum(share[mine] - part_of, 0.0)
            creator += entries.creator[mine].tolist()
            cell += [len(part.names)] * len(mine)
            more += (part_of * _UNDER).tolist()
            part.curves.append(Curve(ceil(people * MICRO)))
            part.values.append(part.values[key])
            part.names.append(f"{part.names[key]}: accounts of {visible(short(person))}")
    if not creator:
        r.warnings.append("audience: shared is not used: no two accounts that can be booked are of one talent")
    _add(part, creator, cell, more)
    return Entries(entries.creator, entries.key, share)


def _accounts(column: Labels, crowd: Crowd) -> list[tuple[str, list[int]]]:
    """The persons with several accounts that can be booked, and the positions of these."""
    persons: dict[str, list[int]] = {}
    codes = column.codes[crowd.rows]
    names = [values_of(entry) for entry in column.vocabulary]
    for at in np.flatnonzero((codes >= 0) & ~crowd.unnamed[crowd.rows]).tolist():
        for name in names[int(codes[at])]:
            persons.setdefault(fold(name), []).append(at)
    spelled = column.values()
    return [(spelled[key], accounts) for key, accounts in sorted(persons.items()) if len(accounts) > 1]


# --- samples ---

_SEED = 1  # of the choice of people who are kept back


def sampled(said: AudienceSaid, found: ReadPeople, crowd: Crowd, r: Resolving) -> Audience:
    """The audience of a sample: people who follow the same creators, of those who can be booked, are one cell."""
    from optimizer.audience.sample import held_back  # which takes a library that other scenarios need not wait for

    r.warnings += [text for text in found.warnings if text not in r.warnings]
    place = np.full(len(crowd.pool), -1, dtype=np.int64)
    place[crowd.rows] = np.arange(len(crowd.rows))
    creator = place[found.creators]
    every = len(found.ids) if said.scale_to is None else float(said.scale_to.value)
    share = 0.0 if said.keep_back is None else float(said.keep_back.value)
    back = held_back(found.ids, share, _SEED) if share else np.zeros(len(found.ids), dtype=np.bool_)
    if back.all():
        back[:] = False  # of a few people
    parts = (~back, back) if back.any() else (~back,)
    planned, *judged = (
        _of_people(found, creator, mine, every / max(int(mine.sum()), 1), said.seen, crowd, r if at == 0 else None)
        for at, mine in enumerate(parts)
    )
    return replace(planned, held_back=judged[0]) if judged else planned


def _of_people(
    found: ReadPeople, creator: Ints, whom: Flags, scale: float, seen: str, crowd: Crowd, r: Resolving | None
) -> Audience:
    """Cells of some people of a sample, each of whom stands for `scale` people."""
    from optimizer.audience.sample import merged

    kept = (creator >= 0) & whom[found.persons]
    sample = merged(len(crowd.rows), creator[kept], found.persons[kept])
    cell = np.repeat(np.arange(len(sample.people)), np.diff(sample.starts))
    return _of_cells(sample.people * scale, sample.creators, cell, seen, crowd, r)


def of_sample(fitted: FittedAudience, seen: str, crowd: Crowd, r: Resolving) -> Audience:
    """The audience of a file that was made from a sample."""
    creator, cell = list[int](), list[int]()
    for at, mine in _those_left(fitted, crowd):
        creator += [at] * len(mine)
        cell += mine
    used, numbers = np.unique(np.array(cell, dtype=np.int64), return_inverse=True)
    people = np.array(fitted.cells, dtype=np.float64)[used]
    return _of_cells(people, np.array(creator, dtype=np.int64), numbers, seen, crowd, r)


def _of_cells(people: Floats, creator: Ints, cell: Ints, seen: str, crowd: Crowd, r: Resolving | None) -> Audience:
    """Cells of people who follow the same creators."""
    size = len(crowd.rows)
    nobody = size - len(np.unique(creator))
    if nobody and r is not None:
        who = f"{nobody:,} of {size:,} creators are" if size > 1 else "the creator is"
        r.warnings.append(f"audience: {who} not in the sample, and so reach nobody")
    follow = np.bincount(creator, people[cell], size)
    whole = crowd.people.values[crowd.rows] if seen == VIEWS else follow
    share = np.divide(people[cell], whole[creator], out=np.zeros(len(cell)), where=whole[creator] > 0) * _UNDER
    chance = seen == VIEWS
    curves = [Curve(ceil(count * MICRO), None, not chance) for count in people.tolist()]
    order = np.argsort(cell, kind="stable")
    ends = np.cumsum(np.bincount(cell, minlength=len(people)))
    names = [_fans(crowd, creator[order[start:end]]) for start, end in zip([0, *ends[:-1].tolist()], ends, strict=True)]
    return audience_of(
        names, curves, [{}] * len(names), (creator, cell, share), size, learned=np.bincount(creator, minlength=size) > 0
    )


def _fans(crowd: Crowd, creators: Ints) -> str:
    """People by whom they follow."""
    names = [visible(short(crowd.pool.ids[int(crowd.rows[at])])) for at in creators[:_NAMED].tolist()]
    more = f" and {len(creators) - _NAMED:,} more" if len(creators) > _NAMED else ""
    return f"followers of {', '.join(names)}{more}"
