"""Which columns of a file hold shares of audiences: told by its header and its values, before it is cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from optimizer.domain.figures import AUDIENCE
from optimizer.domain.filters import fold
from optimizer.domain.pool import Column, Labels, Numbers, Pool
from optimizer.errors import ScenarioError
from optimizer.loading import cells
from optimizer.loading.audience import NOTHING_SAID
from optimizer.loading.audience_tables import tables_of
from optimizer.loading.casting import Casting
from optimizer.loading.columns import Wanted
from optimizer.loading.known import Known
from optimizer.loading.money import Money
from optimizer.loading.people import columns_of_audience
from optimizer.loading.reach_rules import asks_for_reach
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.segments import with_segments
from optimizer.loading.source import Node
from optimizer.pool_file.table import Table


def with_audiences(said: ScenarioFile, document: Node, wanted: Wanted, money: Money, known: Known) -> Wanted:
    """What is wanted of the file, with the shares of audiences: of the values that it turns out to have.

    Of a million creators casting takes several seconds. So the values of the few columns that part the audience are
    looked up in the text of the file, which is then cast once, with the columns of shares that these values ask for.
    """
    mine = said.audience or NOTHING_SAID
    if not asks_for_reach(said) or mine.sample is not None:
        return wanted
    asked = wanted, mine, said.creators, said.segments
    if known.shares and known.shares[0][0] == asked:
        return replace(wanted, audiences=known.shares[0][1])
    first = Resolving(document, whole=said.whole)
    try:
        table = known.probed(said, document, wanted)
        of_segments = with_segments(said, None, wanted, money, first) if said.segments else None
    except ScenarioError:
        return wanted  # which will be found again
    header = [*(table.header if table is not None else ()), *wanted.mapped]
    if table is not None:
        header += wanted.by_preset(table.header)
    header += [key for one in said.segments for key in one.__pydantic_extra__ or {}]
    there = frozenset(name for name in map(fold, header) if name.startswith(AUDIENCE))
    if there:
        own = dict[str, Column]() if of_segments is None else dict(of_segments.columns)
        tables = tables_of(mine, _parting(said, table, wanted, own), known.files, first)
        there = there & tables.columns if tables is not None else frozenset[str]()
    known.shares[:] = [(asked, wanted.audiences | there)]
    return replace(wanted, audiences=wanted.audiences | there)


def _parting(said: ScenarioFile, table: Table | None, wanted: Wanted, own: Mapping[str, Column]) -> Pool:
    """A pool of nobody whose columns hold each value by which the audience may be parted, of creators and segments."""
    columns = dict(own)
    if table is not None:
        casting = Casting(table, len(table.rows), wanted.blank)
        asked = columns_of_audience(said)
        for use in wanted.uses(table.header):
            if use.name not in asked:
                continue
            if use.figure is not None and (use.figure.unit != "signed" or cells.any_number(casting, use)):
                columns[use.name] = Numbers(np.zeros(0), np.zeros(0, dtype=np.bool_))
                continue
            also = columns.get(use.name)
            found = {*cells.labels(casting, use).vocabulary, *(also.vocabulary if isinstance(also, Labels) else ())}
            columns[use.name] = Labels(np.arange(len(found)), tuple(sorted(found)))
    return Pool((), (), columns)
