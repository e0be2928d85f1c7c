"""Rows of totals: named like one, with numbers that are the sums or the means of other rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.domain.figures import AUDIENCE
from optimizer.doubts.asking import Asking, Finding, short
from optimizer.doubts.texts import containing

_TOTALS = frozenset(
    "total totals totaux totale totales totalen totaal summe summen gesamt gesamtsumme gesamtergebnis zwischensumme"
    " teilsumme endsumme insgesamt somme sommes sum sums subtotal subtotals soustotal suma somma sommatoria итого всего"
    " 合计 總計 总计 小计 合計 小計 σ ∑ average averages avg mean moyenne moyennes moy durchschnitt mittelwert mittel"
    " promedio media gemiddelde median mediane".split()
)
_BESIDE = frozenset(
    "grand grande general generale generaux overall all tous toutes alle aller sous sub partiel der die des de du la le"
    " les of the and et und creators creator createurs influencers influencer accounts comptes rows lignes nano micro"
    " macro mega instagram tiktok youtube in en eur usd gbp chf campaign campagne kampagne row ligne zeile".split()
)
_WORDS = re.compile(r"[^\W\d_][^\s:;,()\[\]/|\-–—]*|[∑]")
_CLOSE = 5e-3  # a sum of rounded figures, or of figures in thousands, where the row says that it is one
_CLOSE_MEAN = 2e-2
_EXACT = 1e-9
_EXACT_SHARE = 1e-6
_MOST_LABELLED = 1_000
_LEAST_ROWS, _SURE_ROWS = 3, 5  # above an unnamed row of sums


@dataclass
class _Sums:
    """The columns of numbers in the order of the file."""

    asking: Asking
    order: Ints = field(init=False)
    values: dict[str, Floats] = field(init=False)
    left: np.ndarray = field(init=False)  # rows that are no totals, so far

    def __post_init__(self) -> None:
        self.order = self.asking.order
        self.left = np.ones(len(self.order), dtype=np.bool_)
        self.values = {}
        for name, column in self.asking.numbers.items():
            values = np.where(column.known, column.values, 0).astype(np.float64)[self.order]
            if np.count_nonzero(values) > 1:
                self.values[name] = values

    def agreeing(self, row: int, start: int, end: int, close: float, *, means: bool) -> list[str]:
        """The columns in which a row (in the order of the file) is the sum or the mean of rows from start to end."""
        inside = np.flatnonzero(self.left[start:end]) + start
        inside = inside[inside != row]
        found = []
        for name, values in self.values.items():
            mine, theirs = values[row], values[inside]
            parts = np.count_nonzero(theirs)
            if not mine or parts < 2:
                continue
            total = theirs.sum()
            mean = total / parts
            is_sum = abs(mine - total) <= close * abs(total)
            differ = bool(np.ptp(theirs[theirs != 0]))  # the mean of equal figures is each of them
            if is_sum or (means and differ and abs(mine - mean) <= _CLOSE_MEAN * abs(mean)):
                found.append(name)
        return found


def totals(asking: Asking) -> Iterator[Finding]:
    """Ask of rows that look like totals; those whose numbers are sums are certain."""
    if len(asking.pool) < 3:
        return
    sums = _Sums(asking)
    named = _named(asking)
    certain: dict[int, str] = {}
    doubtful: dict[int, str] = {}
    before = 0
    at_of = np.empty(len(asking.order), dtype=np.int64)
    at_of[asking.order] = np.arange(len(asking.order))
    by_place = sorted((int(at_of[row]), row) for row in named)[:_MOST_LABELLED]
    sums.left[[place for place, _ in by_place]] = False
    for place, row in by_place:
        alone, word, as_handle = named[row]
        spans = ((before, place), (0, place), (place + 1, len(sums.order)), (0, len(sums.order)))
        agree = next((found for a, b in spans if (found := sums.agreeing(place, a, b, _CLOSE, means=as_handle))), [])
        if agree:
            kind = "means" if _is_mean(word) else "sums"
            certain[row] = f'{_listed(asking, agree)} of "{short(word)}" are {kind} of other rows'
            before = place + 1
        else:
            sums.left[place] = not alone
            if alone:
                doubtful[row] = (
                    f'"{short(word)}" is named like a row of totals, but its numbers are no sums of other rows'
                )
    if not certain:
        for place, agree, count in _unnamed(sums):
            row = int(asking.order[place])
            told = f"{_listed(asking, agree)} of {asking.creator(row)} are the sums of {count:,} other rows"
            (certain if count >= _SURE_ROWS else doubtful)[row] = told
    yield from _findings(certain, doubtful)


def _findings(certain: dict[int, str], doubtful: dict[int, str]) -> Iterator[Finding]:
    for rows, sure, mend in (
        (certain, True, "remove the row from the file"),
        (doubtful, False, "remove the row if it is no creator"),
    ):
        if rows:
            told = dict(rows)
            yield Finding(
                "totals-row",
                np.array(sorted(rows), dtype=np.int64),
                told.__getitem__,
                lambda _row, mend=mend: mend,  # type: ignore[misc]
                "creator",
                certain=sure,
            )


def _listed(asking: Asking, columns: list[str]) -> str:
    shown = [asking.called(name) for name in columns[:3]]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _named(asking: Asking) -> dict[int, tuple[bool, str, bool]]:
    """The rows with a text that says totals: whether it says nothing else, the text, and whether it names the row.

    In a column such as niche, "media" is no mean: there, only sums count, and a text alone says nothing.
    """
    found: dict[int, tuple[bool, str, bool]] = {}
    for name, labels in asking.labels.items():
        codes = [code for code, entry in enumerate(labels.vocabulary) if _says_totals(entry) is not None]
        if not codes or name == "tier":
            continue
        for row in np.flatnonzero(np.isin(labels.codes, codes))[:_MOST_LABELLED].tolist():
            entry = labels.vocabulary[int(labels.codes[row])]
            found[row] = (False, entry, False)
    for row in _handles(asking):
        entry = asking.creator(row)
        said = _says_totals(entry)
        if said is not None:
            found[row] = (said, entry, True)
    return found


def _handles(asking: Asking) -> list[int]:
    """The creators whose names may say totals: found by their first letters, as keys are sorted."""
    return containing(asking.pool.keys, sorted(_TOTALS))


def _says_totals(text: str) -> bool | None:
    """Whether a text says totals and nothing else; False where it says more; None where it does not say so.

    A text with @ is a handle, whatever it says.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char)
    ).strip()
    if not plain or plain.startswith("@"):
        return None
    words = [word.strip(".'’\"*") for word in _WORDS.findall(plain)]
    if not any(word in _TOTALS for word in words):
        return None
    return all(word in _TOTALS or word in _BESIDE for word in words if word)


def _is_mean(text: str) -> bool:
    return any(word in text.casefold() for word in ("average", "avg", "mean", "moy", "durchschnitt", "mittel", "media"))


def _unnamed(sums: _Sums) -> Iterator[tuple[int, list[str], int]]:
    """Rows that are the sums of all rows since the last such row, or of all others, in two columns at least."""
    values = {name: column for name, column in sums.values.items() if not name.startswith(AUDIENCE)}
    size = len(sums.order)
    if len(values) < 2 or size <= _LEAST_ROWS:
        return
    first = [name for name in values if _is_sum(values[name][0], values[name][1:])]
    if len(first) > 1 and _not_alike(values, first, slice(1, None)):
        yield 0, first, size - 1
        return
    start = 0
    running = {name: np.concatenate([[0.0], np.cumsum(column)]) for name, column in values.items()}
    for _ in range(_MOST_LABELLED):
        rows = np.arange(start + _LEAST_ROWS, size)
        hits = {}
        for name, column in values.items():
            above = running[name][rows] - running[name][start]
            hits[name] = (column[rows] > 0) & (np.abs(column[rows] - above) <= _EXACT * above)
        many = np.sum(list(hits.values()), axis=0) > 1
        found = next(
            (
                at
                for at in np.flatnonzero(many)[:20].tolist()
                if _not_alike(values, [name for name in hits if hits[name][at]], slice(start, int(rows[at])))
            ),
            None,
        )
        if found is None:
            return
        place = int(rows[found])
        yield place, [name for name in hits if hits[name][found]], place - start
        start = place + 1


def _is_sum(mine: float, others: Floats) -> bool:
    total = float(others.sum())
    return bool(mine > 0 and np.count_nonzero(others) > 1 and abs(mine - total) <= _EXACT * total)


def _not_alike(values: dict[str, Floats], columns: list[str], rows: slice) -> bool:
    """Whether there are two columns that are no multiples of each other, and have more than two values that count."""
    shares = []
    for name in columns:
        part = values[name][rows]
        if np.count_nonzero(part) > 2 and len(np.unique(part)) > 2:
            shares.append(part / part.sum())
    return any(bool(np.abs(shares[0] - other).max() > _EXACT_SHARE) for other in shares[1:])
