"""A file of what happened to a plan's bookings, such as who signed for which fee; read like a file of creators.

One row says of one booking: `plan_id` (the digest of the plan), `creator`, `offer`, `status`, `fee`. Other columns,
such as what the posts brought, are not read here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from optimizer.domain.exact import Currency
from optimizer.domain.figures import Figure
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import cells
from optimizer.loading.casting import Casting
from optimizer.loading.columns import ColumnUse, Source
from optimizer.loading.creator_column import likely_creator_column
from optimizer.loading.decimals import decided
from optimizer.loading.money import Money
from optimizer.loading.near import nearest, some
from optimizer.loading.source import composed, short
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.names import meant
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

PLAN_ID, CREATOR, OFFER, STATUS, FEE = COLUMNS = ("plan_id", "creator", "offer", "status", "fee")
DECLINED: Final = "declined"
AGREED: Final = ("signed", "posted", "paid")  # each follows the one before it
_OPEN: Final = frozenset(["", "open", "-", "–", "?", "n/a", "tbd", "nan"])  # nothing is known yet
_NEEDED: Final = (PLAN_ID, CREATOR, STATUS)
_GUARD: Final = re.compile(r"^'(?=[=+\-@|\d])")  # what an export puts before texts that a spreadsheet would run
_TEMPLATE: Final = "creatormix replan PLAN.json --template results.csv writes a file to fill in"
_MENDS: Final = {  # where a file of creators is mended in the scenario
    "decimal-doubt": "write the fees as plain numbers, as in 1200 or 1200.50",
    "other-currency": "write the fees in the currency of the plan",
}
_NOTHING: Final = ("pool-no-rows",)  # nothing has happened yet


@dataclass(frozen=True)
class Happened:
    """One row: `status` is empty where nothing is known yet, `fee` is in minor units, None where blank."""

    plan_id: str
    creator: str
    offer: str
    status: str
    fee: int | None
    places: tuple[Place, ...]

    def at(self, column: str) -> Place:
        """The place of one of its cells."""
        return self.places[COLUMNS.index(column)]


@dataclass(frozen=True)
class ResultsFile:
    """The rows of a file of results that are not blank; `name` is the file's, for messages."""

    name: str
    rows: tuple[Happened, ...] = ()
    notes: tuple[str, ...] = ()


def read_results(source: object, currency: Currency) -> ResultsFile:
    """Read what happened, from a path or a data frame.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    path = Path(source) if isinstance(source, (str, os.PathLike)) else None
    name = "results" if path is None else visible(str(path))
    try:
        table = table_from_frame(source, name, _wanted) if path is None else read_table(path, name, _wanted)
    except ScenarioError as error:
        if all(problem.code in _NOTHING for problem in error.problems):
            return ResultsFile(name)
        raise ScenarioError(map(_mended, error.problems)) from None
    found = _columns(table.header)
    lacking = [column for column in _NEEDED if column not in found]
    if lacking:
        there = some(filter(None, table.header))
        cause = f"{name} has no column {' and no column '.join(lacking)}; its columns are: {there}"
        raise ScenarioError([Problem("results-no-column", cause, _TEMPLATE, Place(name))])
    casting = Casting(table, len(table.rows))
    fees = _fees(casting, found[FEE], currency) if FEE in found else [None] * casting.size
    texts = {column: _texts(table, found.get(column)) for column in (PLAN_ID, CREATOR, OFFER, STATUS)}
    rows, problems = list[Happened](), [*table.problems, *casting.problems]
    for at in range(casting.size):
        said = {column: texts[column][at] for column in texts}
        places = tuple(table.place(at, found.get(column, found[CREATOR])) for column in COLUMNS)
        status = said[STATUS].casefold()
        row = Happened(said[PLAN_ID], said[CREATOR], said[OFFER], "" if status in _OPEN else status, fees[at], places)
        problems += _faults(row, said[STATUS])
        if row.creator:
            rows.append(row)
    if problems:
        raise ScenarioError(map(_mended, problems))
    return ResultsFile(name, tuple(rows), table.notes)


def _wanted(header: Sequence[str]) -> list[str]:
    """All columns that may be ours; those that are alike are all told, and refused."""
    return list(dict.fromkeys(name for column in COLUMNS for name in _meant(column, header)))


def _meant(column: str, header: Sequence[str]) -> list[str]:
    found = meant(column, header) or meant(column.replace("_", " "), header)
    if found or column != CREATOR:
        return found
    taken = {name for other in COLUMNS if other != CREATOR for name in _meant(other, header)}
    likely = likely_creator_column([name for name in header if name and name not in taken])
    return [] if likely is None else [likely]


def _columns(header: Sequence[str]) -> dict[str, str]:
    """Which column of the file is which of ours."""
    found = {column: _meant(column, header) for column in COLUMNS}
    return {column: names[0] for column, names in found.items() if names}


def _texts(table: Table, column: str | None) -> list[str]:
    """The cells of a column, without the apostrophe that guards them in a spreadsheet; empty where blank."""
    if column is None:
        return [""] * len(table.rows)
    return [composed(_GUARD.sub("", cell or "").strip()) for cell in table.columns[column].to_pylist()]


def _fees(casting: Casting, column: str, currency: Currency) -> list[int | None]:
    """The agreed fees in minor units; what is no amount is reported."""
    use = ColumnUse(FEE, Source((column,)), Figure(FEE, "money", "the agreed fee"))
    told = decided(casting, cells.written(casting, use, Figure(FEE, "money", "the agreed fee")), None, currency)
    (said, mark) = told[0]
    found = cells.numbers(casting, said, mark, Money(currency, {}), None)
    return [
        int(value) if known else None for value, known in zip(found.values.tolist(), found.known.tolist(), strict=True)
    ]


def _faults(row: Happened, status: str) -> list[Problem]:
    """What is wrong with one row by itself."""
    if not row.creator:
        if not row.status and row.fee is None:
            return []
        cause = "the row says what happened, but not with whom"
        return [Problem("results-no-creator", cause, "write the creator, or delete the row", row.at(CREATOR))]
    known = (*AGREED, DECLINED)
    if row.status and row.status not in known:
        near = nearest(status, known) or f"write {', '.join(known[:-1])} or {known[-1]}; nothing where it is still open"
        return [Problem("results-status", f'"{visible(short(status))}" is not a status', near, row.at(STATUS))]
    if row.fee is not None and not row.status:
        cause = f"{visible(row.creator)} has a fee, but no status"
        return [Problem("results-fee-alone", cause, "write signed if it was agreed; else empty the fee", row.at(FEE))]
    return []


def _mended(problem: Problem) -> Problem:
    """A fault that is told as one of a file of results."""
    mend = _MENDS.get(problem.code, problem.mend)
    if problem.code == "pool-empty":
        mend = _TEMPLATE
    return replace(problem, mend=mend)
