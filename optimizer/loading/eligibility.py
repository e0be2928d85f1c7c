"""Who may be booked, and by what the others are left out: `where`, `exclude`, and the tiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import Filter
from optimizer.domain.pool import Numbers, Pool
from optimizer.loading.handle_lists import HandleList
from optimizer.loading.people import account_of, unclear
from optimizer.loading.resolve import Resolving, filter_of
from optimizer.loading.schema import IncludedCreator, ScenarioFile
from optimizer.loading.source import Node, short

NO_TIER, NO_FOLLOWERS = "no tier", "no followers"
_WRITTEN = 80  # characters of a filter, as it is written


@dataclass(frozen=True)
class Chosen:
    """Who is left to be booked, by position in the whole pool, and why the others are not.

    `excluded_by` counts the others: each once, under the first reason that applies to it.
    """

    rows: Ints
    outside: Flags
    unmatched: Flags
    excluded: Flags
    excluded_by: tuple[tuple[str, int], ...] = ()


def choose(
    said: ScenarioFile, pool: Pool, in_tier: Flags, anonymous: Flags, lists: Mapping[int, HandleList], r: Resolving
) -> Chosen:
    """Leave out creators who are excluded or outside the filters and tiers; `lists` holds the files of `exclude`."""
    where = filter_of(said.creators.where) if said.creators else Filter()
    unmatched = ~pool.matches(where) & ~anonymous
    reasons = [("where", unmatched), *_exclusions(said, pool, lists, r)]
    excluded = np.zeros(len(pool), dtype=np.bool_)
    for _, mine in reasons[1:]:
        excluded |= mine
    kept = ~unmatched & ~excluded & in_tier
    uncounted = _without_followers(pool)
    reasons += [(NO_FOLLOWERS, ~in_tier & uncounted), (NO_TIER, ~in_tier & ~uncounted)]
    return Chosen(np.flatnonzero(kept), ~in_tier, unmatched, excluded, _counted(reasons, len(pool)))


def refuse_nobody(chosen: Chosen, r: Resolving) -> None:
    """Report that nobody is left; beside other problems, that has no meaning."""
    if len(chosen.rows) or r.problems:
        return
    unmatched, outside, excluded = (int(one.sum()) for one in (chosen.unmatched, chosen.outside, chosen.excluded))
    cause = (
        f"no creator is left to book: of {len(chosen.outside):,}, {unmatched:,} do not match `where`, "
        f"{outside:,} are in no tier, {excluded:,} are excluded"
    )
    if not len(chosen.outside):
        cause = "no creator is left to book: every row of the pool has a fault"
    r.refuse(("creators",), "nobody-left", cause, "loosen the filters or the tiers, or correct the pool", key=True)


def _exclusions(
    said: ScenarioFile, pool: Pool, lists: Mapping[int, HandleList], r: Resolving
) -> Iterator[tuple[str, Flags]]:
    """Each entry of `exclude` as the planner wrote it, and whom it leaves out."""
    for at, who in enumerate(said.exclude):
        if who.creator is not None:
            yield f"exclude: {short(who.creator.creator)}", _one(at, who.creator, pool, r)
        elif who.file is not None:
            if at in lists:  # else it is at fault, and reported
                yield f"exclude: {short(who.file.file, _WRITTEN)}", _listed(at, lists[at], pool, r)
        else:
            node = r.document.at(("exclude", at))
            written = str(filter_of(who.where)) if node is None else _flow(node)
            yield f"exclude: {short(written, _WRITTEN)}", pool.matches(filter_of(who.where))


def _one(at: int, who: IncludedCreator, pool: Pool, r: Resolving) -> Flags:
    excluded = np.zeros(len(pool), dtype=np.bool_)
    if who.offer is not None or who.fee is not None or who.price is not None:
        r.refuse(("exclude", at), "exclude-terms", "an excluded creator cannot have terms", "write only the handle")
    found = account_of(who, pool)
    if len(found) > 1:
        r.refuse(("exclude", at), "unclear-creator", *unclear(who.creator, found, pool))
    elif not found:
        on = "" if who.platform is None else f" on {short(who.platform)}"
        r.warnings.append(f'excluded "{short(who.creator)}"{on} is not in the pool')
    else:
        excluded[found[0]] = True
    return excluded


def _listed(at: int, found: HandleList, pool: Pool, r: Resolving) -> Flags:
    """Who is in a file of handles. Those of others are counted in one warning."""
    every = [pool.positions(handle) for handle in found.handles]
    several = next(((handle, mine) for handle, mine in zip(found.handles, every, strict=True) if len(mine) > 1), None)
    if several is not None:
        cause, mend = unclear(*several, pool)
        r.refuse(("exclude", at), "unclear-creator", f"{found.file}: {cause}", mend)
    unknown = sum(not mine for mine in every)
    r.warnings += [f"{found.file} {note}" for note in found.notes]
    if not every:
        r.warnings.append(f"{found.file} names nobody")
    elif unknown:
        r.warnings.append(f"{found.file}: {unknown:,} of {len(every):,} excluded handles are not in the pool")
    excluded = np.zeros(len(pool), dtype=np.bool_)
    excluded[[position for mine in every for position in mine]] = True
    return excluded


def _flow(node: Node) -> str:
    """A part of the scenario on one line, as the planner wrote it."""
    if isinstance(node.value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_flow, node.value)) + "]"
    return str(node.value)


def _without_followers(pool: Pool) -> Flags:
    """Who has no followers, where others do; without any, tiers do not follow from followers."""
    followers = pool.columns.get("followers")
    known = followers.known if isinstance(followers, Numbers) else np.zeros(len(pool), dtype=np.bool_)
    return ~known if known.any() else np.zeros(len(pool), dtype=np.bool_)


def _counted(reasons: Sequence[tuple[str, Flags]], size: int) -> tuple[tuple[str, int], ...]:
    """How many each reason leaves out whom none before it does; reasons of the same words together."""
    left, counts = np.ones(size, dtype=np.bool_), dict[str, int]()
    for by, mine in reasons:
        counts[by] = counts.get(by, 0) + int((mine & left).sum())
        left &= ~mine
    return tuple((by, count) for by, count in counts.items() if count)
