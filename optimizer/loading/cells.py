"""Cells of a pool, cast strictly from text: numbers, money, labels, handles; whole columns at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from optimizer.domain.exact import MICRO, Currency, Flags, Ints, parse_number
from optimizer.domain.figures import Figure
from optimizer.domain.filters import handle_key
from optimizer.domain.pool import Labels, Numbers
from optimizer.errors import Problem
from optimizer.loading.fields import LONGEST
from optimizer.loading.source import short
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

_SPACED = r"^[+-]?[0-9]{1,3}(?:[ \u{a0}\u{202f}][0-9]{3})+(?:[.,][0-9]+)?\s*%?$"
_PLAIN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_NOT_PLAIN = r"[^0-9.-]"
_UNSEEN = r"[\p{Cc}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}]"
_MOST = 1e12
_EXACT = 2.0**32  # up to here a float holds a tenth of a millionth


@dataclass
class Casting:
    """The casting of one table: its faults, and the rows with a fault."""

    table: Table
    size: int
    problems: list[Problem] = field(default_factory=list)
    bad: Flags = field(init=False)
    comma: bool | None = None

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.size, dtype=np.bool_)

    def refuse(self, column: str, where: pl.Series, code: str, say: Callable[[str], str], mend: str) -> None:
        """Report the cells of a column where `where` holds: the first ones by place, the rest counted."""
        rows = where.fill_null(False).to_numpy().nonzero()[0]
        if not len(rows):
            return
        self.bad[rows] = True
        cells = self.table.columns[column]
        for row in rows[:LISTED].tolist():
            cause = say(short(visible(str(cells[row]))))
            self.problems.append(Problem(code, cause, mend, self.table.place(row, column)))
        if len(rows) > LISTED:
            place = self.table.place(int(rows[LISTED]), column)
            self.problems.append(
                Problem(code, f"and {len(rows) - LISTED:,} more cells of {column} like that", mend, place)
            )

    def refuse_column(self, column: str, row: int, code: str, cause: str, mend: str) -> None:
        """Report a fault of a whole column, which skipping rows does not mend."""
        self.problems.append(Problem(code, cause, mend, self.table.place(row, column)))


def decimal_comma(casting: Casting, columns: list[str]) -> bool:
    """Whether numbers are written 3,5: in a file separated by `;` or tabs, if no number has a point.

    It is a fault if a file has both, or only numbers like 1,200 and 1.200, which may be thousands.
    """
    if casting.table.separator not in (";", "\t"):
        return False
    first: dict[str, tuple[str, int]] = {}
    for column in columns:
        cells = casting.table.columns[column]
        for mark, other in ((",", r"\."), (".", ",")):
            marked = cells.str.contains(rf"^[^{other}]*\d\{mark}\d[^{other}{mark}]*$").fill_null(False)
            if not marked.any():
                continue
            first.setdefault(mark, (column, int(marked.arg_max() or 0)))
            thousands = marked & cells.str.contains(rf"^[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}\D*$").fill_null(False)
            if (thousands == marked).all():
                row = int(marked.arg_max() or 0)
                cause = f"{column} is {short(visible(str(cells[row])))}, which may mean thousands or decimals"
                casting.refuse_column(
                    column, row, "decimal-doubt", cause, "write numbers without a thousands separator"
                )
    if len(first) == 2:
        column, row = first[","]
        line = casting.table.place(first["."][1], first["."][0]).line
        cause = f"decimals have a comma here and a point in row {line}: it is unclear which is meant"
        casting.refuse_column(column, row, "decimal-doubt", cause, "write all decimals the same way")
    return "," in first


def any_number(casting: Casting, column: str) -> bool:
    """Whether a column that a filter uses as numbers holds any; for a column of texts, the filter is at fault."""
    return bool(casting.table.columns[column].str.contains(r"^[+-]?[.,]?\d[\d., ]*(?:[eE][+-]?\d{1,3})?%?$").any())


def numbers(
    casting: Casting, column: str, figure: Figure, unit_percent: bool, comma: bool, currency: Currency
) -> Numbers:
    """A column of numbers in a figure's unit; bad cells are reported and count as unknown."""
    cleaned, percent, values = _as_written(casting, column, figure, comma, currency)
    if figure.unit == "money":
        return _money(casting, column, cleaned, values, currency)
    _refuse_lost(casting, column, cleaned, values)
    if unit_percent:
        values = _hundredth(cleaned)
    elif percent.any():
        _no_mixture(casting, column, percent, values)
        values = _hundredth(cleaned).zip_with(percent, values)
    return _checked(casting, column, figure, values, unit_percent)


def _refuse_lost(casting: Casting, column: str, cells: pl.Series, values: pl.Series) -> None:
    """Report numbers that a float cannot hold: large ones to a tenth of a millionth, tiny ones at all."""
    large, zero = values.abs().is_between(_EXACT, _MOST).fill_null(False), (values == 0).fill_null(False)
    if not large.any() and not zero.any():
        return
    likely = (large & cells.str.contains(r"[.eE]")) | (zero & cells.str.contains(r"^[^eE]*[1-9]"))
    rows = likely.fill_null(False).arg_true()
    if len(rows):
        pairs = zip(cells.gather(rows).to_list(), values.gather(rows).to_list(), strict=True)
        lost = [value == 0 or abs(Fraction(cell) - Fraction(value)) * 10 * MICRO > 1 for cell, value in pairs]
        told = "more digits than can be held"
        where = pl.repeat(False, len(cells), eager=True).scatter(rows, lost)
        casting.refuse(column, where, "too-many-digits", lambda cell: f"{column} is {cell}: {told}", "round it")


def _as_written(
    casting: Casting, column: str, figure: Figure, comma: bool, currency: Currency
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Cells as plain numbers, null where they are not (which is reported); where a percent sign was; and floats.

    If all cells consist of digits, points and signs, as programs write them, nothing needs cleaning, and a cast accepts
    exactly those that are numbers.
    """
    raw = casting.table.columns[column]
    nowhere = pl.repeat(False, len(raw), eager=True)
    if not raw.str.contains(_NOT_PLAIN).any():
        values = raw.cast(pl.Float64, strict=False)
        if values.null_count() == raw.null_count():
            return raw, nowhere, values
    if figure.unit == "money":
        raw = _without_sign(raw, currency)
    cleaned, percent = _cleaned(raw, comma)
    fits = cleaned.str.contains(_PLAIN).fill_null(False)
    told = f"write a plain number{', decimals with a point' if not comma else ''}"
    casting.refuse(
        column, raw.is_not_null() & ~fits, "not-a-number", lambda cell: f'{column} is "{cell}", not a number', told
    )
    cleaned = cleaned.set(~fits, None)
    if figure.unit in ("money", "whole", "number"):
        what = f"percent, which {column} is not"
        casting.refuse(column, percent, "not-percent", lambda cell: f'{column} is "{cell}", {what}', "write a number")
        cleaned, percent = cleaned.set(percent, None), nowhere
    return cleaned, percent, cleaned.cast(pl.Float64, strict=False)


def _hundredth(cells: pl.Series) -> pl.Series:
    """Numbers written in percent: the point is moved in the text, so that 1.1% is the float nearest to 0.011."""
    exact = (cells + "e-2").cast(pl.Float64, strict=False)
    return exact.fill_null(cells.cast(pl.Float64, strict=False) / 100)  # those with an exponent already


_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "Fr."}


def _without_sign(cells: pl.Series, currency: Currency) -> pl.Series:
    """Money without the sign or code of the scenario's own currency, as spreadsheets write it: 100,50 €."""
    for sign in (currency.code, _SIGNS.get(currency.code, currency.code)):
        cells = cells.str.strip_prefix(sign).str.strip_suffix(sign).str.strip_chars(" \u00a0\u202f")
    return cells


def _cleaned(raw: pl.Series, comma: bool) -> tuple[pl.Series, pl.Series]:
    """Cells without spaces between thousands, with a decimal point, without percent signs; and where these were."""
    spaced = raw.str.contains(_SPACED).fill_null(False)
    cells = raw.str.replace_all(r"[ \u{a0}\u{202f}]", "").zip_with(spaced, raw)
    percent = cells.str.ends_with("%").fill_null(False)
    cells = cells.str.strip_suffix("%").str.strip_chars()
    if comma:
        single = cells.str.count_matches(",").fill_null(0) == 1
        cells = cells.str.replace(",", ".", literal=True).zip_with(single & ~cells.str.contains(r"\."), cells)
    return cells, percent


def _no_mixture(casting: Casting, column: str, percent: pl.Series, values: pl.Series) -> None:
    mixed = ~percent & (values != 0).fill_null(False)
    if mixed.any():
        cause = f"some cells of {column} have a percent sign and this one does not: it is unclear what it means"
        casting.refuse_column(column, int(mixed.arg_max() or 0), "percent-doubt", cause, "write all cells the same way")


def _checked(casting: Casting, column: str, figure: Figure, values: pl.Series, unit_percent: bool) -> Numbers:
    """Numbers within what the figure allows."""
    if figure.unit != "signed":
        casting.refuse(
            column, values < 0, "negative", lambda cell: f"{column} is {cell}, below zero", "correct or empty the cell"
        )
    if figure.unit == "whole":
        part = values != values.floor()
        casting.refuse(
            column, part, "not-whole", lambda cell: f"{column} is {cell}, not a whole number", "write it out in full"
        )
    if figure.most is not None:
        over = (values > figure.most).fill_null(False)
        if over.any():
            _over(casting, column, figure, over, values, unit_percent)
    casting.refuse(
        column,
        ~(values.abs() <= _MOST),
        "number-too-large",
        lambda cell: f"{column} is {cell}, beyond belief",
        "correct the cell",
    )
    known = (values.abs() <= _MOST).fill_null(False)
    return Numbers(values.fill_null(0.0).to_numpy(), known.to_numpy())


def _over(
    casting: Casting, column: str, figure: Figure, over: pl.Series, values: pl.Series, unit_percent: bool
) -> None:
    known = int(values.is_not_null().sum())
    share = "a share lies between 0 and 1" if figure.most == 1 else f"more than {figure.most:g} is implausible"
    first = casting.table.columns[column][int(over.arg_max() or 0)]
    cause = (
        f"{int(over.sum()):,} of {known:,} cells of {column} are over {figure.most:g}, the first is {first}; {share}"
    )
    percent = f"columns: {{{figure.name}: {{from: {column}, unit: percent}}}}"
    mend = f"if the file writes percent, say so: {percent}; else correct the cells"
    if unit_percent:
        mend = "correct the cells, or leave `unit: percent` out if they are fractions"
    casting.refuse_column(column, int(over.arg_max() or 0), "rate-over-one", cause, mend)


def _money(casting: Casting, column: str, cells: pl.Series, values: pl.Series, currency: Currency) -> Numbers:
    """Money in minor units, exact; cells finer than the currency are refused, never rounded."""
    cells, lost = _without_exponents(cells, values)
    past = cells.str.contains(rf"\.[0-9]{{{currency.decimals + 1},}}$").fill_null(False)
    if past.any():  # 12.0 is whole; 1.200 is in doubt
        past &= ~cells.str.contains(r"\.00?$").fill_null(False)
    casting.refuse(column, values < 0, "negative", lambda cell: f"{column} is {cell}, below zero", "correct the cell")
    finer = lost | past
    places = f"{currency.decimals} decimals" if currency.decimals else "no decimals"
    casting.refuse(
        column,
        finer,
        "finer-than-currency",
        lambda cell: f"{column} is {cell}; {currency.code} has {places}",
        "round it",
    )
    too_large = values > _MOST / currency.scale
    casting.refuse(
        column,
        too_large,
        "number-too-large",
        lambda cell: f"{column} is {cell}, beyond belief",
        "correct the cell",
    )
    usable = cells.is_not_null() & ~finer & ~too_large.fill_null(False)
    # A float of at most 10**12 minor units is far less than half of one from what the text says.
    minor = np.rint(values.set(~usable, 0.0).to_numpy() * currency.scale).astype(np.int64)
    return Numbers(minor, usable.to_numpy(), currency.scale)


def _without_exponents(cells: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Cells with 1e3 written as 1000; and where that is impossible because the digits are too fine, as in 1e-20."""
    with_exponent = cells.str.contains("[eE]").fill_null(False)
    if not with_exponent.any():
        return cells, with_exponent
    spelled = [_spelled(cell) for cell in cells.filter(with_exponent).to_list()]
    cells = cells.scatter(with_exponent.arg_true(), spelled)
    return cells, with_exponent & cells.is_null() & (values <= _MOST)


def _spelled(cell: str) -> str | None:
    """1e3 as 1000: money is read as text, digit by digit."""
    found = parse_number(cell)
    return None if found is None or abs(found.value) > Decimal(_MOST) else f"{found.value:f}"


def labels(casting: Casting, column: str) -> Labels:
    """A column of texts as codes into a sorted vocabulary."""
    cells = casting.table.columns[column]
    entries = cells.drop_nulls().unique().sort()  # each distinct text is checked once, however many cells have it
    _refuse_unseen(casting, column, entries)
    said = unquoted(entries.set(entries.str.strip_chars("| ") == "", None))
    vocabulary = said.drop_nulls().unique().sort()
    code_of = np.append(_codes(said, vocabulary), -1)
    return Labels(code_of[_codes(cells, entries)], tuple(vocabulary.to_list()))


def _codes(texts: pl.Series, vocabulary: pl.Series) -> Ints:
    """The position of each text in a vocabulary; -1 for null."""
    codes: Ints = texts.cast(pl.Enum(vocabulary)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return codes


def _refuse_unseen(casting: Casting, column: str, entries: pl.Series) -> None:
    """Report the cells of a column whose texts (`entries`) hold what a name cannot."""
    cells = casting.table.columns[column]
    if entries.str.contains(_UNSEEN).any():
        casting.refuse(
            column,
            cells.str.contains(_UNSEEN),
            "invisible-character",
            lambda cell: f'{column} holds an invisible or control character: "{cell}"',
            "remove it",
        )
    if (entries.str.len_bytes().max() or 0) > LONGEST:  # type: ignore[operator]
        casting.refuse(
            column,
            cells.str.len_chars() > LONGEST,
            "text-too-long",
            lambda cell: f'{column} is longer than {LONGEST} characters: "{cell}"',
            "shorten it",
        )


def unquoted(texts: pl.Series) -> pl.Series:
    """Texts without the apostrophe that our export puts before those that look like a number or a date."""
    if not texts.str.starts_with("'").any():
        return texts
    return texts.str.replace(r"^'(\d[\d.,:/eE+-]*)$", "$1")


def handles(casting: Casting, column: str) -> pl.Series:
    """The keys that identify creators; blank and duplicate handles are reported."""
    cells = casting.table.columns[column]
    _refuse_unseen(casting, column, cells)
    casting.refuse(
        column, cells.is_null(), "blank-handle", lambda _: f"{column} is blank", "fill it, or delete the row"
    )
    keys = unquoted(cells).str.to_lowercase().str.strip_prefix("@")
    other = cells.str.contains(r"[^\x00-\x7f]").fill_null(False)
    if other.any():  # case folding beyond ASCII is Python's, so that it is the same everywhere
        keys = keys.scatter(other.arg_true(), [handle_key(cell) for cell in cells.filter(other).to_list()])
    casting.refuse(
        column, keys.str.len_bytes() == 0, "blank-handle", lambda _: f"{column} is blank", "fill it, or delete the row"
    )
    return keys


def doubled(casting: Casting, column: str, keys: pl.Series, twice: Ints) -> None:
    """Report handles that occur in several rows (`twice`, ascending), with the row where each occurs first."""
    rows, first, listed = casting.table.rows, dict[str, int](), 0
    more = len(twice) - keys.gather(twice).n_unique()
    for position in twice.tolist():
        key = str(keys[position])
        if key not in first:
            first[key] = position
            continue
        place, handle = (
            casting.table.place(position, column),
            short(visible(str(casting.table.columns[column][position]))),
        )
        if listed == LISTED:
            cause = f"and {more - LISTED:,} more rows whose {column} is there already"
            casting.problems.append(Problem("duplicate-creator", cause, "keep one of each", place))
            break
        listed += 1
        cause = f'{column} "{handle}" is there already, in row {rows[first[key]]}'
        casting.problems.append(Problem("duplicate-creator", cause, "keep one of the rows", place))
