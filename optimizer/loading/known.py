"""The files of a scenario and its pool, as far as they have been read: nothing is read or cast twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from optimizer.domain.audience import Audience
from optimizer.domain.doubts import Accepted
from optimizer.domain.pool import Pool
from optimizer.errors import ScenarioError
from optimizer.loading import doubting
from optimizer.loading.columns import Wanted
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.forecasting import Usual
from optimizer.loading.money import Money
from optimizer.loading.pool import ReadPool, read_pool
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.source import Node
from optimizer.pool_file.table import Table


@dataclass
class Known:
    """The files of a scenario, and its pool as read: what was requested, and the result.

    `earlier` are results of other requests, where these are kept, so that nothing is read twice.
    """

    files: ScenarioFiles
    frame: object | None
    asked: object = None
    found: ReadPool | None = None
    doubts: doubting.Asked = field(default_factory=doubting.Asked)
    usual: Usual = field(default_factory=Usual)
    earlier: list[tuple[object, ReadPool | None, doubting.Asked]] | None = None
    shares: list[tuple[object, frozenset[str]]] = field(default_factory=list)  # columns of audiences, the last ones
    table: tuple[object, Table] | None = None  # read, and not yet cast
    audiences: list[tuple[tuple[object, ...], Audience, list[str]]] = field(default_factory=list)  # the last one

    @property
    def pool(self) -> Pool | None:
        """The pool as read; None where there is no file."""
        return None if self.found is None else self.found.pool

    def pool_of(
        self, said: ScenarioFile, document: Node, wanted: Wanted, money: Money, accepted: tuple[Accepted, ...]
    ) -> ReadPool | None:
        """The pool; the file is read if it was not yet, or if something else is requested of it."""
        skip = said.creators is not None and said.creators.bad_rows == "skip"
        file = None if said.creators is None else said.creators.file
        asked = replace(wanted, place=None), money, skip, file, accepted
        if asked != self.asked:
            kept = next((one for one in self.earlier or () if one[0] == asked), None)
            if kept is not None:
                self.asked, self.found, self.doubts = kept
                return self.found
            self.found, self.doubts = None, doubting.Asked()
            table = self._table_for(said, document, wanted)
            if table is not None:
                read = read_pool(table, wanted, money, skip)
                self.doubts = doubting.ask_pool(read.pool, money.currency, table, wanted, accepted)
                self.found = replace(doubting.without_totals(read, self.doubts, skip), header=table.header)
            self.asked = asked
            if self.earlier is not None:
                self.earlier.append((asked, self.found, self.doubts))
        return self.found

    def probed(self, said: ScenarioFile, document: Node, wanted: Wanted) -> Table | None:
        """The file as text, kept until its pool is cast; with all columns that may hold shares of audiences.

        Where these are at fault, and perhaps not needed, the file without them.
        """
        try:
            table = self.files.pool(said, document, replace(wanted, every_audience=True), self.frame)
        except ScenarioError:
            return self.files.pool(said, document, wanted, self.frame)
        if table is not None and table.problems:
            return self.files.pool(said, document, wanted, self.frame)
        self.table = None if table is None else (said.creators, table)
        return table

    def _table_for(self, said: ScenarioFile, document: Node, wanted: Wanted) -> Table | None:
        """The wanted columns of the file, read unless they have just been."""
        kept, self.table = self.table, None
        if kept is not None and kept[0] == said.creators:
            columns, asked = kept[1].columns, set(wanted.sources(kept[1].header))
            if asked <= columns.keys():
                numeric = {name: flags for name, flags in kept[1].numeric.items() if name in asked}
                return replace(
                    kept[1], columns={name: columns[name] for name in columns if name in asked}, numeric=numeric
                )
        return self.files.pool(said, document, wanted, self.frame)
