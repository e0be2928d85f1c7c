"""Numbers as people write them: 5,200 and 5.200, 12.5k, 1 200 €, 6,1 %; whole columns at a time.

A cell is taken apart into sign, currency, digits, multiplier and percent sign. Whether a comma or a point begins the
decimals is decided for the whole column: by cells that can be read in one way only, by what the figure allows
(followers are whole, a share is at most 1), by what the planner says. What stays open is refused, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import CURRENCIES, Flags, Floats, Ints
from optimizer.loading.texts import blanked, byte_table, data_of, gathered, matching, replaced

POINT, COMMA = "point", "comma"
MARKS: Final = {POINT: ".", COMMA: ","}
OTHER: Final = {POINT: COMMA, COMMA: POINT}

_SPACES: Final = r"[ \t\x{a0}\x{2007}\x{2009}\x{202f}]+"
_FACTORS: Final = {"k": 3, "t": 3, "m": 6, "b": 9}  # by the first letter: k, Tsd., M, Mio, mln, million, bn
_UNITS: Final = r"[^0-9 .,'’%+\-−()~–—/]{1,8}\.?"
_TAKEN_APART: Final = (
    r"^(?P<sign>[+\-−]?) ?"
    rf"(?P<before>(?:{_UNITS})?) ?(?P<inner>[\-−]?)"
    r"(?P<digits>[0-9](?:[0-9.,'’]| [0-9])*|[.,][0-9]+)"
    r"(?P<power>(?:[eE][+-]?[0-9]{1,3})?)"
    r" ?(?P<factor>(?:[mM]illion(?:s|en)?|[mM]io\.?|[mM]ln|[mM]n|[kKmM]|[bB]n?|[tT]sd\.?)?) ?(?P<percent>%?) ?"
    rf"(?P<after>(?:{_UNITS})?)(?: ?HT)?$"
)
_PARTS: Final = ("sign", "before", "inner", "digits", "power", "factor", "percent", "after")
_RANGE: Final = r"[0-9][^0-9]*(?:-|–|—|~|/|\bto\b|\bbis\b|à|\bund\b|\band\b)[^0-9]*[0-9]"
# What may stand in the digits where a comma begins the decimals is told with the two marks exchanged.
_GROUPED: Final = r"[1-9][0-9]{0,2}(?:%s[0-9]{3})+"
_WELL_FORMED: Final = (
    r"^(?:(?:[0-9]+|" + "|".join(_GROUPED % mark for mark in (",", " ", "['’]")) + r")(?:\.[0-9]*)?|\.[0-9]+)$"
)
_ONLY_POINT: Final = (
    r"^(?:0[0-9]*\.[0-9]*|[0-9]{4,}\.[0-9]*|[0-9]{1,3}\.(?:[0-9]{0,2}|[0-9]{4,})|\.[0-9]+"
    rf"|(?:{_GROUPED % ','}|{_GROUPED % ' '}|{_GROUPED % chr(39)})\.[0-9]*|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{2,}})$"
)
_EITHER: Final = r"^[1-9][0-9]{0,2}[.,][0-9]{3}$"
_PLAIN: Final = byte_table(b"0123456789.-")
_CURRENCIES: Final = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP",
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "s$": "SGD",
    "hk$": "HKD",
    "nt$": "TWD",
    "r$": "BRL",
    "£": "GBP",
    "¥": "JPY CNY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₫": "VND",
    "₱": "PHP",
    "₦": "NGN",
    "₪": "ILS",
    "₴": "UAH",
    "฿": "THB",
    "zł": "PLN",
    "kč": "CZK",
    "kr": "SEK NOK DKK ISK",
    "fr": "CHF",
    "sfr": "CHF",
    "ft": "HUF",
    "lei": "RON",
    "rp": "IDR",
    "rm": "MYR",
    "dh": "MAD AED",
}


@dataclass(frozen=True, eq=False)
class Numerals:
    """The cells of a column of numbers, taken apart.

    `digits` holds what is between sign and multiplier, null where a cell is blank or no number; `currency` the sign of
    money beside it, None where no cell has one. `typed` marks the cells that the file holds as numbers: they are in no
    doubt. `wrong` marks the cells that are no numbers, `several` those of them with two numbers.
    """

    cells: pa.StringArray
    digits: pa.StringArray
    shift: Ints
    negative: Flags
    percent: Flags
    currency: pa.StringArray | None
    typed: Flags
    wrong: Flags
    several: Flags
    plain: bool = False

    def evidence(self, mark: str) -> Flags:
        """The cells that can be read only if `mark` (point or comma) begins the decimals."""
        return ~self.typed & matching(_exchanged(self.digits) if mark == COMMA else self.digits, _ONLY_POINT)

    @property
    def either(self) -> Flags:
        """The cells such as 1,200 and 1.200, whose mark may begin decimals or part thousands."""
        return ~self.typed & matching(self.digits, _EITHER)

    def read(self, mark: str) -> tuple[pa.StringArray, Flags]:
        """The cells as plain numbers, null where they are none; and the cells that are no numbers in this style."""
        if self.plain:
            return self.digits, np.zeros(len(self.digits), dtype=np.bool_)
        digits = self.digits
        if mark == COMMA:
            digits = gathered(self.typed, digits, _exchanged(digits))
        fits = matching(digits, _WELL_FORMED)
        digits = replaced(pc.if_else(pa.array(fits), digits, None), r"[ ,'’]", "")
        signs = pa.array(["", "-"]).take(pa.array(self.negative.astype(np.int8)))
        powers = pc.binary_join_element_wise("e", pc.cast(pa.array(self.shift), pa.string()), "")
        powers = pc.if_else(pa.array(self.shift == 0), "", powers)
        told = pc.binary_join_element_wise(signs, digits, powers, "")
        return told, ~fits & pc.is_valid(self.digits).to_numpy(zero_copy_only=False)


def taken_apart(cells: pa.StringArray, typed: Flags | None, *, whole: bool = False) -> Numerals:
    """Take the cells of a column apart. Those that consist of digits, points and signs need nothing of it, unless
    the `whole` work is asked for.
    """
    size = len(cells)
    nowhere = np.zeros(size, dtype=np.bool_)
    zero = np.zeros(size, dtype=np.int64)
    if typed is None:
        typed = nowhere
    sure = not matching(cells, "%").any() if typed.all() else _all_plain(cells) and not _any_in_doubt(cells)
    if sure and not whole:
        return Numerals(cells, cells, zero, nowhere, nowhere, None, typed, nowhere, nowhere, plain=True)
    spaced = replaced(cells, _SPACES, " ")
    found = pc.extract_regex(spaced, _TAKEN_APART)
    sign, before, inner, digits, power, factor, percent, after = (pc.struct_field(found, [name]) for name in _PARTS)
    has = pc.is_valid(found).to_numpy(zero_copy_only=False)
    sound = has & ~(_filled(sign) & _filled(inner)) & ~(_filled(power) & _filled(factor))
    sound &= ~(_filled(before) & _filled(after))
    valid = pc.is_valid(cells).to_numpy(zero_copy_only=False)
    wrong = valid & ~sound & ~typed
    shift = _shifts(power, factor, percent)
    negative = matching(sign, "[-−]") | matching(inner, "[-−]")
    currency = None
    if _filled(before).any() or _filled(after).any():
        currency = pc.if_else(pa.array(sound), pc.binary_join_element_wise(before, after, ""), None)
    several = wrong & matching(spaced, _RANGE)
    digits = pc.if_else(pa.array(sound), digits, None)
    return Numerals(cells, digits, shift, negative, _filled(percent), currency, typed, wrong, several)


def _all_plain(cells: pa.StringArray) -> bool:
    data, _ = data_of(cells)
    return bool(_PLAIN[data].all())


def _any_in_doubt(cells: pa.StringArray) -> bool:
    """Whether plain cells hold 1.200, or what only looks plain, such as 1.2.3 or 1-2."""
    data, ends = data_of(cells)
    lengths = np.diff(ends, prepend=0)
    last = ends[lengths > 4]
    if last.size and (data[last - 4] == ord(".")).any():
        return True
    try:
        pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return True
    return False


def _filled(part: pa.StringArray) -> Flags:
    found: Flags = pc.fill_null(pc.not_equal(part, ""), False).to_numpy(zero_copy_only=False)
    return found


def _shifts(power: pa.StringArray, factor: pa.StringArray, percent: pa.StringArray) -> Ints:
    """By how many places the point of each cell is moved."""
    shift = np.where(_filled(percent), -2, 0).astype(np.int64)
    for part, meaning in ((factor, _FACTORS), (power, None)):
        for word in pc.unique(part).to_pylist():
            if word:
                places = meaning[word[0].lower()] if meaning else int(word[1:])
                shift[pc.fill_null(pc.equal(part, word), False).to_numpy(zero_copy_only=False)] += places
    return shift


def _exchanged(digits: pa.StringArray) -> pa.StringArray:
    """Digits with points for commas and commas for points."""
    return replaced(replaced(replaced(digits, r"\.", "\x00"), ",", "."), "\x00", ",")


def values_of(plain: pa.StringArray) -> Floats:
    """Plain numbers as floats, the nearest ones; 0 where there is none."""
    found: Floats = pc.fill_null(pc.cast(plain, pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    return found


def reading(numerals: Numerals) -> Numerals:
    """The cells that may be read in two ways alone."""
    return replace(numerals, digits=blanked(numerals.digits, ~numerals.either), plain=False)


def without_marks(numerals: Numerals) -> Numerals:
    """The cells without those that have a mark, of which it is not known what it means."""
    marked = ~numerals.typed & matching(numerals.digits, "[.,]")
    return replace(numerals, digits=blanked(numerals.digits, marked))


def currencies_of(sign: str) -> frozenset[str]:
    """The currencies that a sign, a code or a word beside an amount may mean; none where it means none."""
    folded = sign.strip().casefold().removesuffix(".")
    if folded.upper() in CURRENCIES:
        return frozenset((folded.upper(),))
    return frozenset(_CURRENCIES.get(folded, "").split())
