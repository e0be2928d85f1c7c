"""Asking the questions of `optimizer.doubts` while a scenario is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.domain.accounts import handle_key
from optimizer.domain.doubts import KINDS, Accepted, Doubt
from optimizer.domain.exact import Currency
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Scenario
from optimizer.doubts.asking import Asking, Settling, Source
from optimizer.doubts.registry import PoolDoubts, doubts_of_pool, doubts_of_scenario
from optimizer.errors import Problem
from optimizer.loading.columns import Wanted
from optimizer.loading.pool import ReadPool
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile
from optimizer.pool_file.table import Table


@dataclass(frozen=True, eq=False)
class Asked:
    """The doubts about the file of creators, which is asked once; `used` are the accepted ones that settled any."""

    found: PoolDoubts = field(default_factory=PoolDoubts)
    used: frozenset[int] = frozenset()
    name: str = ""


def _sources(table: Table, wanted: Wanted) -> dict[str, Source]:
    """Where each column that is read stands in the file."""
    at = {name: position for position, name in enumerate(table.header, 1)}
    return {
        use.name: Source(use.source.first, at[use.source.first], use.source.percent)
        for use in wanted.uses(table.header)
        if use.source.columns
    }


def accepted_of(said: ScenarioFile, r: Resolving) -> tuple[Accepted, ...]:
    """The doubts that the planner has settled; a code that does not exist is a fault."""
    entries = []
    for at, one in enumerate(said.accepted):
        if one.doubt not in KINDS:
            mend = r.near(one.doubt, KINDS) or f"doubts are: {', '.join(KINDS)}"
            r.refuse(("accepted", at, "doubt"), "unknown-doubt", f'there is no doubt "{one.doubt}"', mend)
        entries.append(Accepted(one.doubt, one.creator, one.because))
    return tuple(entries)


def ask_pool(pool: Pool, currency: Currency, table: Table, wanted: Wanted, accepted: tuple[Accepted, ...]) -> Asked:
    """The doubts about all creators of the file."""
    settling = Settling(accepted)
    found = doubts_of_pool(Asking(pool, currency, _sources(table, wanted), table.warned), settling)
    return Asked(found, frozenset(settling.used), table.warned)


def without_totals(read: ReadPool, asked: Asked, skip: bool) -> ReadPool:
    """The pool without rows of totals, which are faults; where rows with faults are skipped, that is a warning."""
    gone = asked.found.refused
    if not len(gone):
        return read
    if not skip:
        certain = [doubt for doubt in asked.found.doubts if doubt.certain]
        return read.without(gone, problems=[_problem(doubt, read.pool.file) for doubt in certain])
    rows = ", ".join(str(int(row)) for row in np.sort(read.pool.rows[gone])[:3])
    count = "1 row" if len(gone) == 1 else f"{len(gone):,} rows"
    told = f"{asked.name}: {count} of totals left out (row {rows}{', ...' if len(gone) > 3 else ''})"
    return read.without(gone, warnings=[told])


def _problem(doubt: Doubt, file: str) -> Problem:
    """What is certain, as a fault; its place is named as those of all faults of a file."""
    place = None if doubt.place is None else replace(doubt.place, file=file)
    name = (doubt.creator or "").replace("\\", "\\\\").replace('"', '\\"')
    accepting = f'accepted: [{{doubt: totals-row, creator: "{name}", because: ...}}]'
    mend = f"remove the row; if it is a creator: {accepting}" if name else "remove these rows"
    return Problem("totals-row", f"a row of totals is no creator: {doubt.what}", mend, place)


def ask_scenario(scenario: Scenario, asked: Asked, r: Resolving) -> tuple[tuple[Doubt, ...], tuple[str, ...]]:
    """All doubts before a plan, and a warning for each accepted one that settles nothing."""
    settling = Settling(scenario.accepted)
    settling.used.update(asked.used)
    mine = [
        doubt
        for doubt in doubts_of_scenario(scenario, r.origin(("offers",)))
        if not settling.accepts(doubt.code, doubt.creator, handle_key)
    ]
    idle = []
    for at, entry in enumerate(scenario.accepted):
        if at not in settling.used and KINDS[entry.doubt].of != "plan":
            whom = f" of {entry.creator}" if entry.creator is not None else ""
            idle.append(f"accepted settles nothing: there is no doubt {entry.doubt}{whom}")
    return (*asked.found.doubts, *mine), tuple(idle)
