"""The keys in which a case differs from the base, and what each accounts for, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group
from rich.text import Text

from optimizer.report.document import Cell, Column, Table, Words, words_of
from optimizer.report.language import Speaker
from optimizer.report.tables import plain, titled_table
from optimizer.report.views import goal_valued
from optimizer.results import words
from optimizer.results.comparison import Account, AgainstBase, Case, Comparison, KeyChange

_VALUE_MOST = 80  # characters of a value
_KEYS_MOST = 20
_ALL = "all together"
_SHAPLEY = "accounts for: what changing the key brings, as the mean over all orders of the keys (Shapley value)"
_IN_ORDER = "accounts for: what changing the key brings after those above it"
_PROVED = "best plans: what is proved of it, as some plans behind it are not proved optimal"


def keys_text(comparison: Comparison, case: Case, width: int, everything: bool, speak: Speaker) -> str:
    """The keys in which a case differs from the base, as text; nothing where its changes say it already."""
    notes = [plain(Text("\n".join(map(speak.line, one.lines))), width) for one in keys_notes(case)]
    found = keys_table(comparison, case, None if everything else _VALUE_MOST)
    if found is None:
        return "".join(notes)
    found = speak.table(found, None)
    headings, rows = [column.name for column in found.columns], [list(map(str, row)) for row in found.rows]
    table = titled_table("", headings[:3], headings[3:], rows)
    table.title = None
    return plain(Group(Text(found.title), table), width).rstrip("\n") + "\n" + "".join(notes)


def keys_table(comparison: Comparison, case: Case, most: int | None) -> Table | None:
    """The table of a case's keys; None where there is nothing to tell beyond its changes.

    With `most` characters of a value, the first keys of very many are shown.
    """
    against = case.against_base
    keys = [one for one in case.differs_in or () if one.key != "name"]  # which stands above each column
    if not keys or (_is_said(comparison, case, keys) and not _asked(against)):
        return None
    title = f"{case.name}: keys that differ from {comparison.base or comparison.cases[0].name}"
    columns = [Column("key"), Column("from"), Column("to")]
    parts = {} if against is None or against.accounts is None else {one.key: one for one in against.accounts}
    rows = list(_rows(keys, parts, most))
    if against is None or not parts:
        return Table(title, tuple(columns), tuple(tuple(cells) for cells, _ in rows))
    unproved = not all(one.proved for one in parts.values())
    columns += [Column("accounts for", "words"), *([Column("best plans", "words")] if unproved else [])]
    told = [(*cells, *_told(case, part, unproved)) for cells, part in rows]
    told.append((_ALL, "", "", _signed(case, against.difference), *([""] if unproved else [])))
    return Table(title, tuple(columns), tuple(told))


def _rows(
    keys: Sequence[KeyChange], parts: Mapping[str, Account], most: int | None
) -> Iterator[tuple[list[Cell], Account | None]]:
    """The cells of each key, then of sections that are accounted for as a whole, with what they account for."""
    listed = keys if most is None else keys[:_KEYS_MOST]
    for one in listed:
        yield [one.key, _cut(one.before, most), _cut(one.after, most)], parts.get(one.key)
    if len(listed) < len(keys):
        yield [f"... {len(keys) - len(listed):,} more", "--all lists them", ""], None
    named = {one.key for one in keys}
    for section, part in parts.items():
        if section not in named:
            yield [f"{section} (all keys)", "", ""], part


def keys_notes(case: Case) -> tuple[Words, ...]:
    """What the parts of a difference mean, or why there are none."""
    against = case.against_base
    if against is None or not _asked(against):
        return ()
    parts = against.accounts or ()
    how = {one.how for one in parts} if len(parts) > 1 else set()
    meaning = _SHAPLEY if "shapley" in how else _IN_ORDER if how else ""
    note = against.accounts_note or ""
    note = f"{case.name}: {note}" if note and case.differs_in is None else note  # there is no table to stand below
    return words_of(meaning, note, "" if all(one.proved for one in parts) else _PROVED)


def keys_sheet(comparison: Comparison) -> Table:
    """The keys of all cases, one a row, with what each accounts for."""
    columns = ("case", "key", "from", "to", "accounts for", "at least", "at most", "how", "proved")
    return Table("What differs", tuple(map(Column, columns)), tuple(_sheet_rows(comparison.cases)))


def _sheet_rows(cases: Iterable[Case]) -> Iterator[tuple[Cell, ...]]:
    for case in cases:
        keys = {one.key: one for one in case.differs_in or ()}
        parts = {one.key: one for one in (case.against_base and case.against_base.accounts) or ()}
        for name in dict.fromkeys([*keys, *parts]):
            key, part = keys.get(name), parts.get(name)
            values = (key.before, key.after) if key else (None, None)
            if part is None or case.plan is None:
                yield case.name, name, *values, *(None for _ in range(5))
                continue
            found = [goal_valued(case.plan, value) for value in (part.change, part.low, part.high)]
            yield case.name, name, *values, *found, part.how, "yes" if part.proved else "no"


def _asked(against: AgainstBase | None) -> bool:
    return against is not None and (against.accounts is not None or against.accounts_note is not None)


def _is_said(comparison: Comparison, case: Case, keys: Iterable[KeyChange]) -> bool:
    """Whether the changes of the case say all that differs, so that its cell in the table of cases does."""
    base = next((other for other in comparison.cases if other.name == comparison.base), comparison.cases[0])
    same = case.scenario.variant == base.scenario.variant
    said = {path.replace("'", '"') for path in case.scenario.changes}
    return same and all(one.key in said for one in keys)


def _cut(value: str | None, most: int | None) -> str:
    if value is None:
        return "not there"
    return value if most is None or len(value) <= most else value[: most - 3] + "..."


def _told(case: Case, part: Account | None, unproved: bool) -> list[Cell]:
    """The cells of what a key accounts for; blank for one that cannot change a plan."""
    if part is None:
        return ["", ""] if unproved else [""]
    return [_signed(case, part.change), *([_ends(case, part)] if unproved else [])]


def _ends(case: Case, part: Account) -> str:
    if part.proved:
        return "the same"
    if part.low is None or part.high is None:
        return "not proved"
    return f"{_signed(case, part.low)} to {_signed(case, part.high)}"


def _signed(case: Case, change: float | None) -> str:
    if case.plan is None or change is None:
        return ""
    if not change:
        return "nothing"
    return f"{'-' if change < 0 else '+'}{words.goal_value(case.plan, abs(change))}"
