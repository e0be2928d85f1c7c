"""Money of a pool in the scenario's currency: what is in another one is exchanged, exactly, or asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Currency, Flags, Floats, Ints, parse_number, plain
from optimizer.domain.pool import Labels, Numbers
from optimizer.loading.casting import Casting, Written
from optimizer.loading.numerals import currencies_of
from optimizer.loading.texts import blanked, column, known, matching

_MOST = 1e12


@dataclass(frozen=True)
class Money:
    """The scenario's currency, and what one unit of each other one is worth in it."""

    currency: Currency
    rates: Mapping[str, Fraction]

    def chosen(self, meant: frozenset[str]) -> str | None:
        """Which of the currencies that a sign may mean it is: the scenario's, else the only one with a rate."""
        if self.currency.code in meant:
            return self.currency.code
        known_ = [code for code in meant if code in self.rates]
        return known_[0] if len(known_) == 1 else None


def amounts(
    casting: Casting, said: Written, cells: pa.StringArray, values: Floats, money: Money, codes: Labels | None
) -> Numbers:
    """A column of money in minor units of the scenario's currency.

    `codes` are those of the column `currency`, where there is one. What is paid in another currency is rounded up.
    """
    names, code_at = _currencies(casting, said, money, codes, known(cells))
    minor, given = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=np.bool_)
    for number, name in enumerate(names):
        mine = code_at == number
        if mine.any():
            part = _minor(casting, said.name, blanked(cells, ~mine), values, Currency(name))
            found = part.values if name == money.currency.code else _exchanged(part, money, name)
            minor, given = np.where(mine, found, minor), given | (mine & part.known)
    too_large = given & (minor > _MOST)
    casting.refuse(
        said.name,
        too_large,
        "number-too-large",
        lambda cell: f"{said.name} is {cell}, beyond belief",
        "correct the cell",
    )
    given &= ~too_large
    return Numbers(np.where(given, minor, 0), given, money.currency.scale)


def _currencies(
    casting: Casting, said: Written, money: Money, codes: Labels | None, given: Flags
) -> tuple[list[str], Ints]:
    """The currencies of a column of money, and which of them each cell is in; -1 where that is unclear."""
    names = [money.currency.code]
    at = np.zeros(len(given), dtype=np.int64)
    if codes is not None:
        entries = [_place_of(money.chosen(currencies_of(entry)), names) for entry in codes.vocabulary]
        at = np.array([*entries, 0], dtype=np.int64)[codes.codes]
        _ask(
            casting, said, given & (at < 0), money, lambda cell: f"{said.name} is {cell}, in a currency without a rate"
        )
    signs = said.numerals.currency
    if signs is None:
        return names, at
    for sign in pc.unique(signs).to_pylist():
        if not sign:
            continue
        where = pc.fill_null(pc.equal(signs, sign), False).to_numpy(zero_copy_only=False) & given
        meant = currencies_of(sign)
        if codes is not None:  # a row whose currency is blank is read by its sign
            agrees = np.array([name in meant for name in names] + [False])[at] | ~codes.known
            _ask_of_two(casting, said, where & ~agrees)
            at = np.where(where & ~agrees, -1, at)
            where &= ~codes.known
        code = _place_of(money.chosen(meant), names)
        at = np.where(where, code, at)
        if not meant:
            casting.refuse(
                said.name, where, "not-a-number", lambda cell: f'{said.name} is "{cell}", not an amount',
                "write a plain number, or empty the cell",
            )  # fmt: skip
        elif code < 0:
            _ask(casting, said, where, money, lambda cell: f'{said.name} is "{cell}"')
    return names, at


def _place_of(code: str | None, names: list[str]) -> int:
    if code is None:
        return -1
    if code not in names:
        names.append(code)
    return names.index(code)


def _ask(casting: Casting, said: Written, where: Flags, money: Money, say: Callable[[str], str]) -> None:
    own = money.currency.code
    mend = f"say what the other currency is worth: exchange: {{USD: 0.92}}; or write the amounts in {own}"
    casting.refuse(said.name, where, "other-currency", lambda cell: f"{say(cell)}, and the scenario is in {own}", mend)


def _ask_of_two(casting: Casting, said: Written, where: Flags) -> None:
    casting.refuse(
        said.name,
        where,
        "two-currencies",
        lambda cell: f'{said.name} is "{cell}", and the column currency of this row says another one',
        "correct one of the two",
    )


def _exchanged(amounts_: Numbers, money: Money, code: str) -> Ints:
    """Amounts of another currency in minor units of the scenario's, rounded up."""
    worth = money.rates[code] * money.currency.scale / amounts_.scale
    values = amounts_.values.astype(np.int64)
    up, down = worth.numerator, worth.denominator
    if int(np.abs(values).max(initial=0)) * up < 2**62:
        return -((-values * up) // down)
    exact = [-((-int(value) * up) // down) for value in values.tolist()]
    return np.array([min(value, 2**62) for value in exact], dtype=np.int64)


def _minor(casting: Casting, name: str, cells: pa.StringArray, values: Floats, currency: Currency) -> Numbers:
    """Amounts in minor units of their own currency; those below zero, too fine or too large are reported."""
    powers = matching(cells, "[eE]")
    lost = powers
    if powers.any():
        cells = _without_powers(cells, powers)
        lost = powers & ~known(cells) & (values <= _MOST)
    given = known(cells) | lost
    past = matching(cells, rf"\.[0-9]{{{currency.decimals}}}[0-9]*[1-9]")
    finer = lost | past
    casting.refuse(
        name, given & (values < 0), "negative", lambda cell: f"{name} is {cell}, below zero", "correct the cell",
        value=True,
    )  # fmt: skip
    places = f"{currency.decimals} decimals" if currency.decimals else "no decimals"
    casting.refuse(
        name, finer, "finer-than-currency", lambda cell: f"{name} is {cell}; {currency.code} has {places}", "round it"
    )
    too_large = (known(cells) | powers) & (values > _MOST / currency.scale)
    casting.refuse(
        name, too_large, "number-too-large", lambda cell: f"{name} is {cell}, beyond belief", "correct the cell"
    )
    usable = known(cells) & ~finer & ~too_large
    # A float of at most 10**12 minor units is far less than half of one from what the text says.
    minor = np.rint(np.where(usable, values, 0.0) * currency.scale).astype(np.int64)
    return Numbers(minor, usable, currency.scale)


def _without_powers(cells: pa.StringArray, powers: Flags) -> pa.StringArray:
    """Cells with 1e3 written as 1000; blank where that is impossible, because the digits are too fine or too many."""
    texts = cells.filter(pa.array(powers)).to_pylist()
    spelled = {cell: _spelled(cell) for cell in dict.fromkeys(texts)}
    return pc.replace_with_mask(cells, pa.array(powers), column([spelled[cell] for cell in texts]))


def _spelled(cell: str) -> str | None:
    """1e3 as 1000: money is read as text, digit by digit."""
    found = parse_number(cell)
    return None if found is None or abs(found.value) > Decimal(_MOST) else plain(found.value)
