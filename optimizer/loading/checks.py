"""Checks of a scenario against its pool: faults of rows that matter, and what a planner should be told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimizer.domain.exact import Flags
from optimizer.domain.filters import Filter
from optimizer.domain.offers import Offer
from optimizer.domain.pay import Fee, Product
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption, Inclusion, Segment
from optimizer.errors import Problem
from optimizer.loading.eligibility import Chosen
from optimizer.loading.people import filters_in
from optimizer.loading.pool import ReadPool
from optimizer.loading.resolve import Resolving, filter_of
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.segments import SEGMENT


def faults_that_matter(said: ScenarioFile, read: ReadPool | None, pool: Pool, chosen: Chosen) -> list[Problem]:
    """The faults of the file, but for those of creators whom `exclude`, or a sound cell by `where`, leaves out."""
    if read is None or not (read.faults or read.problems):
        return []
    settled = chosen.excluded | _unmatched(said, read, pool)
    if len(settled) > len(read.pool):  # with segments among them
        places = [pool.position(str(key)) for key in read.pool.keys]
        settled = settled[np.array(places, dtype=np.int64)]
    return read.told(settled)


def _unmatched(said: ScenarioFile, read: ReadPool, pool: Pool) -> Flags:
    """The creators whom a condition of `where` passes over although the cell that it asks for is no faulty one."""
    found = np.zeros(len(pool), dtype=np.bool_)
    for column, condition in filter_of(said.creators.where) if said.creators else ():
        missed = ~pool.matches(Filter(((column, condition),)))
        if len(pool) == len(read.pool):
            missed &= ~read.spoilt(column)
        found |= missed
    return found


def check_included_segments(
    include: tuple[Inclusion, ...], segments: tuple[Segment, ...], pool: Pool, r: Resolving
) -> None:
    """An included segment can be booked once at least."""
    empty = {segment.position for segment in segments if not segment.available}
    for term in include:
        if term.creator in empty:
            cause = f"segment {pool.ids[term.creator]} is included, but none of it is available"
            r.refuse(
                ("include",), "included-none-available", cause, "raise available, or remove it from include", key=True
            )


def warn_of_gifts(
    offers: tuple[Offer, ...], assume: Mapping[str, tuple[Assumption, ...]], pool: Pool, r: Resolving
) -> None:
    """Warn of terms without a fee that do not say how many creators post."""
    known = "post_rate" in assume or "post_rate" in pool.columns
    for terms in dict.fromkeys(offer.pay for offer in offers):
        if terms.part(Fee) == Fee() and terms.post_rate is None and not known:
            who = "creator who is paid by commission alone" if terms.has("commission") else "gifted creator"
            r.warnings.append(f"pay terms {terms.name} give no post_rate: every {who} is taken to post")
        if Product() in terms.components:
            r.warnings.append(f"pay terms {terms.name} name no product, so the gift is taken to cost nothing")


def warn_of_blanks(said: ScenarioFile, pool: Pool, r: Resolving) -> None:
    """Warn how many creators have a blank in a column that is compared: such a comparison is false."""
    asked = dict.fromkeys(column for _, where, _ in filters_in(said) for column, _ in where)
    for column in asked:
        found = pool.columns.get(column)
        blanks = 0 if found is None or column in ("tier", SEGMENT) else int((~found.known).sum())
        if blanks:
            r.warnings.append(
                f"{blanks:,} of {len(pool):,} creators have no {column}: what asks for {column} passes them by"
            )


def check_conversions(pool: Pool, r: Resolving) -> None:
    """Conversions follow from clicks or from engagements; a creator whose row gives both is ambiguous."""
    first, second = (pool.columns.get(name) for name in ("conversions_per_engagement", "conversion_rate"))
    if first is None or second is None:
        return
    both = np.flatnonzero(first.known & second.known)
    if len(both):
        who = pool.ids[int(both[0])]
        cause = f"{len(both):,} creators have both conversions_per_engagement and conversion_rate, {who} first"
        r.refuse(("creators",), "both-conversions", cause, "keep one of the two columns", key=True)
