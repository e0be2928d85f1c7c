"""Cells of a pool, cast strictly from text: numbers, money, labels, handles; whole columns at a time."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import MICRO, Flags, Floats, Ints, parse_number
from optimizer.domain.figures import Figure
from optimizer.domain.pool import Labels, Numbers, parted
from optimizer.loading.accounts import Handles, keys_and_platforms
from optimizer.loading.casting import Casting, Written
from optimizer.loading.columns import ColumnUse
from optimizer.loading.fields import LONGEST
from optimizer.loading.money import Money, amounts
from optimizer.loading.numerals import Numerals, taken_apart, values_of
from optimizer.loading.texts import blanked, known, matching

_UNSEEN = r"[\p{Cc}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}\x{2029}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
_MOST = 1e12
_EXACT = 2.0**32  # up to here a float holds a tenth of a millionth
_ERRORS: Final = r"^#(?:DIV/0!|REF!|NAME\?|VALUE!|NUM!|NULL!|SPILL!|CALC!)"
_DIGITS_LOST: Final = r"^[1-9](?:[.,][0-9]+)?[eE]\+[0-9]{2}$"  # as spreadsheets write 178414000000000000


def any_number(casting: Casting, use: ColumnUse) -> bool:
    """Whether a column that a filter uses as numbers holds any; for a column of texts, the filter is at fault."""
    return bool(matching(casting.cells(use.source), r"^\D{0,4}[+-]?[.,]?\d[\d., ]*(?:[eE][+-]?\d{1,3})?\D{0,4}$").any())


def written(casting: Casting, use: ColumnUse, figure: Figure) -> list[Written]:
    """Take the cells of a column of numbers apart, one after the other where it is a sum of several.

    Cells that are no numbers are reported.
    """
    told = []
    counted = figure.unit == "whole" or (casting.posts and figure.unit == "number")
    for at in range(max(1, len(use.source.columns))):
        name = use.source.columns[at] if use.source.columns else use.name
        typed = casting.table.numeric.get(name) if use.source.columns else None
        cells = casting.without_blanks(name, casting.cells(use.source, at))
        if use.source.constant is not None:
            said = parse_number(use.source.constant)
            cells = pa.repeat(pa.scalar(use.source.constant if said is None else str(said)), casting.size)
            typed = np.full(casting.size, said is not None and not said.percent)
        numerals = taken_apart(cells, typed)
        _refuse_words(casting, name, figure, numerals)
        told.append(Written(use, figure, name, numerals, counted))
    return told


def added(casting: Casting, name: str, first: Numbers, second: Numbers) -> Numbers:
    """Two columns of numbers added up; known where both are, as a part alone would be too little, which is noted."""
    partly = int((first.known != second.known).sum())
    if partly:
        casting.notes.append(f"gives only some of the columns that {name} sums up in {partly:,} rows: taken as unknown")
    known_ = first.known & second.known
    return Numbers(np.where(known_, first.values + second.values, 0), known_, first.scale)


def _refuse_words(casting: Casting, name: str, figure: Figure, numerals: Numerals) -> None:
    """Report the cells that are no numbers."""
    errors = numerals.wrong & matching(numerals.cells, _ERRORS) if numerals.wrong.any() else numerals.wrong
    casting.refuse(
        name, errors, "spreadsheet-error", lambda cell: f"{name} is {cell}, an error of the spreadsheet",
        "correct the formula, or empty the cell",
    )  # fmt: skip
    casting.refuse(
        name, numerals.several, "two-numbers", lambda cell: f'{name} is "{cell}", two numbers',
        "write one number: the one that you expect",
    )  # fmt: skip
    rest = numerals.wrong & ~numerals.several & ~errors
    if figure.unit != "money" and numerals.currency is not None:
        rest = rest | matching(numerals.currency, ".")
    casting.refuse(
        name, rest, "not-a-number", lambda cell: f'{name} is "{cell}", not a number',
        "write a plain number, or empty the cell",
    )  # fmt: skip


def numbers(casting: Casting, said: Written, mark: str, money: Money, codes: Labels | None) -> Numbers:
    """A column of numbers in its figure's unit; bad cells are reported and count as unknown."""
    name, figure, source, numerals = said.name, said.figure, said.use.source, said.numerals
    cells, unfit = numerals.read(mark)
    if figure.unit != "money" and numerals.currency is not None:
        cells = blanked(cells, matching(numerals.currency, "."))
    told = f"decimals begin with a {mark} here: write the number in that way, without marks between thousands"
    casting.refuse(name, unfit, "not-a-number", lambda cell: f'{name} is "{cell}", not a number', told)
    percent = numerals.percent & known(cells)
    if figure.unit in ("money", "whole", "number"):
        what = f"percent, which {name} is not"
        casting.refuse(name, percent, "not-percent", lambda cell: f'{name} is "{cell}", {what}', "write a number")
        cells = blanked(cells, percent)
        percent = percent & False
    values = values_of(cells)
    if figure.unit == "money":
        return amounts(casting, said, cells, values, money, codes)
    cells, values = _refuse_lost(casting, name, cells, values)
    if source.percent:
        values = _hundredth(cells, values, ~percent)
    elif percent.any() and source.constant is None:
        _no_mixture(casting, name, percent, values)
    return _checked(casting, said, values, known(cells))


def _refuse_lost(casting: Casting, name: str, cells: pa.StringArray, values: Floats) -> tuple[pa.StringArray, Floats]:
    """Report numbers that a float cannot hold: large ones to a tenth of a millionth, tiny ones at all."""
    large = (np.abs(values) >= _EXACT) & (np.abs(values) <= _MOST)
    zero = known(cells) & (values == 0)
    if not large.any() and not zero.any():
        return cells, values
    likely = (large & matching(cells, r"[.eE]")) | (zero & matching(cells, r"^[^eE]*[1-9]"))
    rows = np.flatnonzero(likely)
    if len(rows):
        pairs = zip(cells.take(pa.array(rows)).to_pylist(), values[rows].tolist(), strict=True)
        lost = [value == 0 or abs(Fraction(cell) - Fraction(value)) * 10 * MICRO > 1 for cell, value in pairs]
        where = np.zeros(len(cells), dtype=np.bool_)
        where[rows[np.array(lost, dtype=np.bool_)]] = True
        told = "more digits than can be held"
        casting.refuse(name, where, "too-many-digits", lambda cell: f"{name} is {cell}: {told}", "round it")
    return cells, values


def _hundredth(cells: pa.StringArray, values: Floats, where: Flags) -> Floats:
    """Numbers written in percent: the point is moved in the text, so that 1.1% is the float nearest to 0.011."""
    moved = pc.if_else(pa.array(~matching(cells, "e")), pc.binary_join_element_wise(cells, "e-2", ""), None)
    exact = pc.cast(moved, pa.float64())
    hundredth = np.where(known(moved), pc.fill_null(exact, 0.0).to_numpy(zero_copy_only=False), values / 100)
    return np.where(where, hundredth, values)


def _no_mixture(casting: Casting, name: str, percent: Flags, values: Floats) -> None:
    mixed = ~percent & (values != 0)
    if mixed.any():
        cause = f"some cells of {name} have a percent sign and this one does not: it is unclear what it means"
        casting.refuse_column(name, int(mixed.argmax()), "percent-doubt", cause, "write all cells the same way")


def _checked(casting: Casting, said: Written, values: Floats, given: Flags) -> Numbers:
    """Numbers within what the figure allows; what it does not allow is reported."""
    name, figure = said.name, said.figure
    if figure.unit != "signed":
        casting.refuse(
            name, given & (values < 0), "negative", lambda cell: f"{name} is {cell}, below zero",
            "correct or empty the cell", value=True,
        )  # fmt: skip
    if figure.unit == "whole":
        part = given & (values != np.floor(values))
        casting.refuse(
            name, part, "not-whole", lambda cell: f"{name} is {cell}, not a whole number", "write it out in full"
        )
    if figure.most is not None:
        over = given & (values > figure.most)
        if over.any():
            _over(casting, said, over, values, given)
    known_ = given & (np.abs(values) <= _MOST)
    casting.refuse(
        name, given & ~known_, "number-too-large", lambda cell: f"{name} is {cell}, beyond belief", "correct the cell"
    )
    if said.use.source.all_but:
        values = np.where(values <= 1, np.round(1.0 - values, 12), 0.0)
    return Numbers(np.where(known_, values, 0.0), known_)


def _over(casting: Casting, said: Written, over: Flags, values: Floats, given: Flags) -> None:
    """Report shares over 1: of the column where it seems to be in percent, else of the single cells."""
    name, figure, most = said.name, said.figure, said.figure.most or 1
    row = int(over.argmax())
    whole = f"{figure.name}: {{from: {name}, unit: percent}}"
    share = "a share lies between 0 and 1" if most == 1 else f"more than {most:g} is implausible"
    if _single(values, over, given, percent=said.use.source.percent, most=most):
        bound = f"{most * 100:g} %" if most == 1 else f"{most:g}"
        casting.refuse(
            name, over, "rate-over-one", lambda cell: f"{name} is {cell}, more than {bound}; {share}",
            "correct or empty the cell", value=True,
        )  # fmt: skip
        return
    first = casting.table.columns[name][row].as_py() if said.use.source.constant is None else said.use.source.constant
    cause = (
        f"{int(over.sum()):,} of {int(given.sum()):,} cells of {name} are over {most:g}, the first is {first}; {share}"
    )
    mend = f"if the file writes percent, say so: columns: {{{whole}}}; else correct the cells"
    if said.use.source.percent:
        mend = "correct the cells, or leave `unit: percent` out if they are fractions"
    casting.refuse_column(name, row, "rate-over-one", cause, mend)


def _single(values: Floats, over: Flags, given: Flags, *, percent: bool, most: float) -> bool:
    """Whether single cells are over the most, rather than the column in another unit.

    In a column that is said to be in percent, they are as long as they are less than half. In one of fractions, they
    are one in twenty at most, and all others are far below: rates in percent would lie on both sides of 1.
    """
    count, all_ = int(over.sum()), int(given.sum())
    if percent:
        return 2 * count < all_
    rest = values[given & ~over]
    return 20 * count <= all_ and bool(0 < np.median(rest) < most / 10) and bool(rest.max() < most / 2)


def labels(casting: Casting, use: ColumnUse) -> Labels:
    """A column of texts as codes into a sorted vocabulary, in which `|` parts the values of a cell.

    Of several columns, a creator has the values of all, in order, each once.
    """
    source = use.source
    told = [_entries(casting, use, at) for at in range(max(1, len(source.columns)))]
    coded = told[0] if len(told) == 1 else pc.dictionary_encode(_side_by_side(told))
    spelled = [None if one is None else str(one) for one in coded.dictionary.to_pylist()]
    if source.split or len(told) > 1:
        spelled = [None if one is None else parted(one, source.split) or None for one in spelled]
    vocabulary = sorted({one for one in spelled if one is not None}, key=str.encode)
    code_of = {one: code for code, one in enumerate(vocabulary)}
    table = np.array([*(-1 if one is None else code_of[one] for one in spelled), -1], dtype=np.int64)
    return Labels(table[_indices(coded)], tuple(vocabulary))


def _entries(casting: Casting, use: ColumnUse, at: int) -> pa.DictionaryArray:
    """One column's cells by their distinct texts, which are checked; null where they say nothing."""
    name = use.source.columns[at] if use.source.columns else use.name
    cells = casting.cells(use.source, at)
    coded = pc.dictionary_encode(cells)
    codes, entries = _indices(coded), coded.dictionary
    blank = casting.words_for_blank(entries)
    casting.note_blanks(name, [(str(entries[at].as_py()), int((codes == at).sum())) for at in np.flatnonzero(blank)])
    entries = blanked(entries, blank)
    _refuse_unseen(casting, name, entries, cells)
    said = unquoted(pc.if_else(pa.array(matching(entries, r"[^| ]")), entries, None))
    return pa.DictionaryArray.from_arrays(coded.indices, said)


def _side_by_side(columns: list[pa.DictionaryArray]) -> pa.StringArray:
    """The texts of several columns as one, parted by `|`."""
    texts = [pc.fill_null(column.dictionary.take(column.indices), "") for column in columns]
    joined = pc.binary_join_element_wise(*texts, "|")  # which skips rows where told to skip blank cells
    return blanked(joined, ~matching(joined, r"[^| ]"))


def _indices(coded: pa.DictionaryArray) -> Ints:
    found: Ints = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _refuse_unseen(casting: Casting, name: str, entries: pa.StringArray, cells: pa.StringArray) -> None:
    """Report the cells of a column whose texts (`entries`, the distinct ones) hold what a name cannot."""
    if matching(entries, _UNSEEN).any():
        casting.refuse(
            name, matching(cells, _UNSEEN), "invisible-character",
            lambda cell: f'{name} holds an invisible or control character: "{cell}"', "remove it",
        )  # fmt: skip
    if (pc.max(pc.binary_length(entries)).as_py() or 0) > LONGEST:
        long = pc.fill_null(pc.greater(pc.utf8_length(cells), LONGEST), False).to_numpy(zero_copy_only=False)
        casting.refuse(
            name, long, "text-too-long", lambda cell: f'{name} is longer than {LONGEST} characters: "{cell}"',
            "shorten it",
        )  # fmt: skip


def unquoted(texts: pa.StringArray) -> pa.StringArray:
    """Texts without the apostrophe that our export puts before those that look like a number or a date."""
    if not matching(texts, "^'").any():
        return texts
    return pc.replace_substring_regex(texts, r"^'(\d[\d.,:/eE+-]*)$", r"\1")


def handles(casting: Casting, use: ColumnUse) -> Handles:
    """The handles of creators, with the key "" where one is blank; blank ones are reported, and spoilt ones."""
    name = use.source.columns[0] if use.source.columns else use.name
    cells = casting.cells(use.source)
    _refuse_unseen(casting, name, cells, cells)
    casting.refuse(
        name, _digits_lost(casting, name, cells), "id-lost-digits",
        lambda cell: f"{name} is {cell}: the spreadsheet took this id for a number, and digits of it are lost",
        "format the column as text in the spreadsheet, and paste the ids again from where they come",
    )  # fmt: skip
    shown = unquoted(cells)
    keys, said = keys_and_platforms(shown)
    keys = pc.fill_null(keys, "")
    blank = pc.equal(keys, "").to_numpy(zero_copy_only=False)
    casting.refuse(name, blank, "blank-handle", lambda _: f"{name} is blank", "fill it, or delete the row")
    return Handles(keys, shown, said)


def _digits_lost(casting: Casting, name: str, cells: pa.StringArray) -> Flags:
    """The ids that a spreadsheet took for numbers, so that digits of them are lost."""
    lost = matching(cells, _DIGITS_LOST)
    typed = casting.table.numeric.get(name)
    if typed is not None and casting.table.separator == "":
        lost |= typed & matching(cells, r"^[0-9]{16,}$")  # a workbook's numbers have fifteen digits
    return lost
