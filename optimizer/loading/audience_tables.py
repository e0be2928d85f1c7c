"""What a scenario says about cells of people: by which columns they are parted, how many people each has, and k."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa

from optimizer.domain.exact import parse_number
from optimizer.domain.figures import AUDIENCE, joint_shares
from optimizer.domain.filters import fold
from optimizer.domain.fitted import FittedAudience
from optimizer.domain.pool import Labels, Pool
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.audience_shares import Dimension, keys_fit
from optimizer.loading.casting import Casting
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.near import nearest, some
from optimizer.loading.overlap_cells import bare_header, numbers_of, told
from optimizer.loading.resolve import Resolving
from optimizer.loading.said_audience import CHANCE, LEAST_K, MOST_K, MOST_PEOPLE, AudienceSaid, Keys
from optimizer.loading.source import Node, short
from optimizer.loading.texts import matching
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

USUAL = ("country", "niche")
EVERYBODY = "everybody"
PEOPLE = "people"
_PEOPLE = ("people", "size", "population", "number of people")
_DECIMALS = r"[.,]\d{1,2}$"
_LISTED = 5
_NO_K = "this is no k, which says how unevenly people follow creators"
Ks = Mapping[Keys, Fraction | None]


@dataclass(frozen=True, eq=False)
class Tables:
    """Cells as a scenario says them: keys are the folded values of all `dimensions`, or for k of the first of them.

    `people`: how many are in each cell; None where nothing is said. `k`: None for chance overlap; the longest key that
    fits a cell counts. `fitted` is the file of learned overlap, where one is named; `fitted_with` are the people
    in cells by its curves, which count where nothing is said.
    """

    dimensions: tuple[Dimension, ...] = ()
    people: Mapping[Keys, float] | None = None
    k: Ks = field(default_factory=dict)
    fitted: FittedAudience | None = None
    fitted_with: Mapping[Keys, float] = field(default_factory=dict)

    def k_of(self, cell: Keys) -> Fraction | None:
        """The k of a cell."""
        for length in range(len(cell), -1, -1):
            if cell[:length] in self.k:
                return self.k[cell[:length]]
        return None

    def name(self, cell: Keys) -> str:
        """A cell as a planner reads it."""
        shown = [one.values[value] for one, value in zip(self.dimensions, cell, strict=True)]
        return ", ".join(shown) or EVERYBODY

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the pool that may hold shares of audiences."""
        values = [list(one.values) for one in self.dimensions]
        single = {f"{AUDIENCE}{value}" for mine in values for value in mine}
        return frozenset(single | {name for orders in joint_shares(values) for name in orders})


def tables_of(said: AudienceSaid, pool: Pool, files: ScenarioFiles, r: Resolving) -> Tables | None:
    """What is said about the cells of a pool's audience; None where that has faults, which are reported."""
    before = len(r.problems)
    fitted = None
    try:
        if isinstance(said.overlap, str):
            fitted = files.fitted(_node(r, "overlap"))
        names = _dimensions(said, fitted, pool)
        people, ks, spelled = _said(said, names, files, r)
    except ScenarioError as error:
        r.problems += error.problems
        return None
    if len(r.problems) > before:
        return None
    dimensions = tuple(_dimension(at, name, own, pool, spelled, r) for at, (name, own) in enumerate(names))
    found = Tables(dimensions, people, ks, fitted)
    _check_values(found, r)
    if fitted is not None and fitted.method == "curve" and len(r.problems) == before:
        found = _of_curves(found, fitted, r)
    if not keys_fit(dimensions):
        mend = "name fewer columns, or the values that matter: {country: [FR, BE]}"
        r.refuse(("audience", "cells"), "audience-cells", "these columns make too many cells", mend)
    return None if len(r.problems) > before else found


def _node(r: Resolving, key: str) -> Node:
    return r.document.at(("audience", key)) or r.document


# --- dimensions ---


def _dimensions(
    said: AudienceSaid, fitted: FittedAudience | None, pool: Pool
) -> list[tuple[str, tuple[str, ...] | None]]:
    """The dimensions by their folded names, with the values that are said."""
    if said.cells is not None:
        return [(fold(name), values) for name, values in said.cells]
    if said.sizes is None and fitted is not None and fitted.method == "curve":  # fitted for these cells
        return [(fold(name), None) for name in dict.fromkeys(name for one in fitted.curves for name in one.cell)]
    if isinstance(said.sizes, dict) and () in said.sizes:  # one number: of everybody
        return []
    found: list[tuple[str, tuple[str, ...] | None]] = []
    for name in USUAL:
        column = pool.columns.get(name)
        if isinstance(column, Labels) and column.known.any():
            found.append((name, None))
    if isinstance(said.sizes, dict) and max(map(len, said.sizes)) < len(found):
        found = found[: max(map(len, said.sizes))]
    return found


def _dimension(
    at: int, name: str, own: tuple[str, ...] | None, pool: Pool, said: Iterable[Keys], r: Resolving
) -> Dimension:
    """A dimension with its values: those said, else those of the column and of the cells with a number of people."""
    column = pool.columns.get(name)
    if own is not None:
        return Dimension(name, {fold(value): value for value in own})
    if not isinstance(column, Labels):
        cause = f'"{short(name)}" holds numbers' if column is not None else f'there is no column "{short(name)}"'
        example = f"{{{name}: [18-24, 25-34]}}" if column is None else "{country: [FR, BE]}"
        near = "" if column is not None else r.near(name, [key for key, one in pool.columns.items() if _texts(one)])
        mend = near or f"name a column of texts; or the values, where columns {AUDIENCE}... hold shares: {example}"
        r.refuse(("audience", "cells"), "unknown-column", cause, mend)
        return Dimension(name, {})
    spelled = {**{fold(cell[at]): cell[at] for cell in said}, **column.values()}
    if not spelled:
        cause = f'the column "{short(name)}" is blank for every creator'
        mend = "fill it, or name another column; or the values that have columns of shares: {country: [FR, BE]}"
        r.refuse(("audience", "cells"), "audience-cells", cause, mend)
    return Dimension(name, dict(sorted(spelled.items())))


def _texts(column: object) -> bool:
    return isinstance(column, Labels)


# --- people and k ---


def _said(
    said: AudienceSaid, names: Sequence[tuple[str, object]], files: ScenarioFiles, r: Resolving
) -> tuple[dict[Keys, float] | None, dict[Keys, Fraction | None], list[Keys]]:
    """How many people each cell has, k by the values of some dimensions, and the cells as they are written."""
    people: dict[Keys, float] | None = None
    ks: dict[Keys, Fraction | None] = {}
    depth = [name for name, _ in names]
    spelled = list[Keys]()
    if isinstance(said.sizes, str):
        people, ks, spelled = _from_file(files.sizes(_node(r, "sizes")), depth)
    elif said.sizes is not None:
        people = {}
        for path, number in said.sizes.items():
            if len(path) != len(depth):
                _wrong_depth("sizes", path, depth, r)
            else:
                spelled.append(path)
            people[tuple(map(fold, path))] = float(number.value)
    if isinstance(said.overlap, dict):
        if ks and any(k is not None for k in ks.values()):
            cause = "k is given in the file of sizes and as overlap"
            mend = "remove overlap, or the column k of that file"
            r.refuse(("audience", "overlap"), "audience-overlap", cause, mend, key=True)
        for path, k in said.overlap.items():
            if len(path) > len(depth):
                _wrong_depth("overlap", path, depth, r)
            ks[tuple(map(fold, path))] = None if k is None else k.fraction
    return people, ks, spelled


def _wrong_depth(key: str, path: Keys, depth: Sequence[str], r: Resolving) -> None:
    by = f"the audience is parted by {' and '.join(depth)}" if depth else "the audience is not parted"
    there = "this is a single number"
    if path:
        there = f"{visible(short(' > '.join(path)))} names {len(path)} value{'s' if len(path) != 1 else ''}"
    each = ", and inside it for each ".join(depth)
    mend = f"write a number for each {each}" if depth else "write one number, or name columns in cells"
    r.refuse(("audience", key, *path), "audience-table", f"{by}, and {there}", mend)


def _from_file(table: Table, depth: Sequence[str]) -> tuple[dict[Keys, float], dict[Keys, Fraction | None], list[Keys]]:
    """The people and the k of a file's rows, one for each cell.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    by_name = {bare_header(name): name for name in reversed(table.header) if name}
    by_name |= {fold(name): name for name in reversed(table.header) if name}
    people = next((by_name[name] for name in _PEOPLE if name in by_name), None)
    lacking = [name for name in depth if name not in by_name] + ([PEOPLE] if people is None else [])
    if lacking or people is None:
        cause = f"there is no column {' and none '.join(map(short, lacking))}"
        there = some(filter(None, table.header))
        mend = f"its columns are: {there}; name them {', '.join((*depth, PEOPLE))}, with one row for each part"
        raise ScenarioError([Problem("audience-no-column", cause, mend, Place(table.file))])
    casting = Casting(table, len(table.rows))
    unit = "number" if matching(table.columns[people], _DECIMALS).any() else "whole"
    numbers = numbers_of(casting, people, unit, percent=False)
    problems = [*table.problems, *casting.problems]
    spoilt = bool(casting.problems)
    wrong = ~numbers.known | (numbers.values <= 0)
    if not spoilt:
        mend = "write how many people there are, or delete the row"
        problems += told(table, people, wrong, "audience-size", "a part of the audience without people", mend)
        mend = "write the number of people"
        problems += told(
            table, people, numbers.values > MOST_PEOPLE, "audience-size", "more people than live on Earth", mend
        )
    values = [[cell or "" for cell in table.columns[by_name[name]].to_pylist()] for name in depth]
    for name, mine in zip(depth, values, strict=True):
        blank = np.array([not cell.strip() for cell in mine], dtype=np.bool_)
        mend = "write the value, or delete the row"
        problems += told(table, by_name[name], blank, "audience-blank", f"the row has no {name}", mend)
    keys = [tuple(map(fold, one)) for one in zip(*values, strict=True)] if depth else [()] * len(table.rows)
    seen: set[Keys] = set()
    twice = np.zeros(len(keys), dtype=np.bool_)
    for at, key in enumerate(keys):
        twice[at] = key in seen
        seen.add(key)
    column = by_name[depth[0]] if depth else people
    problems += told(table, column, twice, "audience-twice", "this part of the audience is there twice", "keep one row")
    ks, faults = _ks(table, by_name["k"]) if "k" in by_name else ([None] * len(keys), [])
    problems += faults
    if problems:
        raise ScenarioError(problems)
    found = {key: float(count) for key, count in zip(keys, numbers.values.tolist(), strict=True)}
    spelled = [tuple(one) for one in zip(*values, strict=True)] if depth else []
    return found, dict(zip(keys, ks, strict=True)) if "k" in by_name else {}, spelled


def _ks(table: Table, column: str) -> tuple[list[Fraction | None], list[Problem]]:
    """The k of each row; blank is chance overlap."""
    cells: pa.StringArray = table.columns[column]
    found: list[Fraction | None] = []
    wrong = np.zeros(len(cells), dtype=np.bool_)
    for at, cell in enumerate(cells.to_pylist()):
        if cell is None or fold(cell) in ("", CHANCE):
            found.append(None)
            continue
        number = parse_number(cell if "." in cell else cell.replace(",", "."))
        wrong[at] = number is None or number.percent or not LEAST_K.value <= number.value <= MOST_K
        found.append(None if number is None else Fraction(number.value))
    mend = f"write a number from {LEAST_K} to {MOST_K:,}, or chance"
    return found, told(table, column, wrong, "audience-overlap", _NO_K, mend)


def _of_curves(tables: Tables, fitted: FittedAudience, r: Resolving) -> Tables:
    """With the k of fitted curves; and the people that they were fitted with, where the scenario says nothing.

    Curves of values that no cell has any more are left out.
    """
    depth = [one.name for one in tables.dimensions]
    ks: dict[Keys, Fraction | None] = dict(tables.k)
    people: dict[Keys, float] = {}
    for curve in fitted.curves:
        cell = {fold(name): fold(value) for name, value in curve.cell.items()}
        if set(cell) != set(depth[: len(cell)]):
            by = " and ".join(depth) or "nothing"
            cause = f"the learned curves are of {' and '.join(cell)}, and the audience is parted by {by}"
            mend = f"write cells: [{', '.join(cell)}], or learn the overlap anew"
            r.refuse(("audience", "overlap"), "audience-overlap", cause, mend)
            return tables
        key = tuple(cell[one.name] for one in tables.dimensions[: len(cell)])
        if any(value not in one.values for one, value in zip(tables.dimensions, key, strict=False)):
            continue
        k = None if curve.k is None else Fraction(Decimal(repr(curve.k)))
        ks[key] = None if k is None or k > MOST_K else k
        if curve.people is not None and len(cell) == len(depth):
            people[key] = min(curve.people, float(MOST_PEOPLE))
    return replace(tables, k=ks, fitted_with=people)


def _check_values(tables: Tables, r: Resolving) -> None:
    """Report values in sizes and overlap that no cell has."""
    for key, table in (("sizes", tables.people or {}), ("overlap", tables.k)):
        lost: dict[tuple[str, str], None] = {}
        for cell in table:
            for one, value in zip(tables.dimensions, cell, strict=False):
                if value not in one.values:
                    lost[one.name, value] = None
        for name, value in list(lost)[:_LISTED]:
            known = next(one for one in tables.dimensions if one.name == name).values
            mend = nearest(value, known.values()) or f"values of {name} are: {some(known.values())}"
            cause = f'no part of the audience has {name} "{visible(short(value))}"'
            r.refuse(("audience", key), "unknown-value", cause, mend)
