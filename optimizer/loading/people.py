"""Who may be booked: tiers, filters, exclusions, inclusions; and what filters ask of the pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.exact import Flags, Ints, parse_number
from optimizer.domain.figures import AUDIENCE
from optimizer.domain.filters import AnyOf, Condition, Filter, Range, fold, handle_key
from optimizer.domain.offers import OFFER_COLUMNS, Offer
from optimizer.domain.pool import CREATOR, Labels, Numbers, Pool, values_of
from optimizer.loading.pool import near_name, some
from optimizer.loading.resolve import Resolving
from optimizer.loading.rules import filter_of
from optimizer.loading.schema import IncludedCreator, ScenarioFile
from optimizer.loading.source import short

Path = tuple[str | int, ...]
_SUGGEST_MOST = 20_000  # handles among which a near one is looked for


def filters_in(said: ScenarioFile) -> Iterable[tuple[Path, Filter, bool]]:
    """Every filter of the file: where it stands, what it asks, and whether offers can answer it."""
    if said.creators is not None:
        yield ("creators", "where"), filter_of(said.creators.where), False
    for name, offer in (said.offers or {}).items():
        yield ("offers", name, "to"), filter_of(offer.to).without(OFFER_COLUMNS), False
    for key, lines in said.assume.items():
        for at, line in enumerate(lines):
            yield ("assume", key, at), filter_of(line.__pydantic_extra__ or {}).without(("deliverable",)), True
    for name, rule in said.constraints.items():
        yield ("constraints", name, "group"), filter_of(rule.group), True
        if isinstance(rule.of, dict):
            yield ("constraints", name, "of"), filter_of(rule.of), True
    for key in ("include", "exclude"):
        for at, who in enumerate(getattr(said, key)):
            if who.creator is None:
                yield (key, at), filter_of(who.where), False


def columns_asked(said: ScenarioFile) -> tuple[frozenset[str], frozenset[str]]:
    """The columns that the file's filters and rules speak of: as texts, and as numbers."""
    texts: set[str] = set()
    ranges: set[str] = set()
    for _, where, _ in filters_in(said):
        for column, asked in where:
            (ranges if isinstance(asked, Range) else texts).add(column)
    for rule in said.constraints.values():
        texts |= {fold(column) for column in rule.people} | ({fold(rule.per)} if rule.per else set())
    return frozenset(texts), frozenset(ranges)


def audiences_asked(said: ScenarioFile) -> frozenset[str]:
    """The columns audience_<value> that rules about people ask for."""
    asked = [condition for rule in said.constraints.values() for condition in rule.people.values()]
    return frozenset(f"{AUDIENCE}{fold(value)}" for one in asked if isinstance(one, AnyOf) for value in one.values)


def with_tiers(pool: Pool, tiers: Mapping[str, tuple[int, int]], r: Resolving) -> tuple[Pool, Flags]:
    """The pool with each creator's tier, and who is in one; a pool without followers may bring a column `tier`."""
    followers, given = pool.columns.get("followers"), pool.columns.get("tier")
    if not isinstance(followers, Numbers):
        if isinstance(given, Labels):
            return _given_tiers(pool, given, tiers, r)
        return pool, np.ones(len(pool), dtype=np.bool_)
    if given is not None:
        r.warnings.append("the pool's column tier is not used: tiers follow from followers")
    codes = np.full(len(pool), -1, dtype=np.int64)
    for code, (low, high) in enumerate(tiers.values()):
        codes[followers.known & (followers.values >= low) & (followers.values <= high)] = code
    unknown, outside = int((~followers.known).sum()), int((followers.known & (codes < 0)).sum())
    bounds = ", ".join(f"{name} {low:,} to {high:,}" for name, (low, high) in tiers.items())
    if outside:
        r.warnings.append(f"{outside:,} of {len(pool):,} creators are in no tier ({bounds}) and cannot be booked")
    if unknown:
        r.warnings.append(f"{unknown:,} of {len(pool):,} creators have no followers, so no tier, and cannot be booked")
    return pool.with_columns({"tier": Labels(codes, tuple(tiers))}), codes >= 0


def _given_tiers(pool: Pool, given: Labels, tiers: Mapping[str, tuple[int, int]], r: Resolving) -> tuple[Pool, Flags]:
    known = {fold(name): code for code, name in enumerate(tiers)}
    code_of = np.array([*(known.get(fold(entry), -1) for entry in given.vocabulary), -1], dtype=np.int64)
    codes = code_of[given.codes]
    outside = int((codes < 0).sum())
    if outside:
        r.warnings.append(f"{outside:,} of {len(pool):,} creators are in none of the tiers {', '.join(tiers)}")
    return pool.with_columns({"tier": Labels(codes, tuple(tiers))}), codes >= 0


def check_filters(said: ScenarioFile, pool: Pool, offers: tuple[Offer, ...], r: Resolving) -> None:
    """Report columns that do not exist, values that nobody has, handles that are unknown."""
    asking = _Asking(pool, r)
    for path, where, offers_answer in filters_in(said):
        for column, asked in where:
            if offers_answer and column in OFFER_COLUMNS:
                asking.of_offers((*path, column), column, asked, offers)
            else:
                asking.condition((*path, column), column, asked, OFFER_COLUMNS if offers_answer else ())
    for name, rule in said.constraints.items():
        if rule.per is not None and rule.among is not None:
            path, column, among = ("constraints", name, "among"), fold(rule.per), AnyOf(tuple(rule.among))
            if column in OFFER_COLUMNS:
                asking.of_offers(path, column, among, offers)
            elif column in pool.columns:
                asking.condition(path, column, among, ())
        for column, asked in filter_of(rule.people):
            asking.people(("constraints", name, "people", column), column, asked)


@dataclass(frozen=True)
class _Asking:
    """Holds what filters ask against what the pool has."""

    pool: Pool
    r: Resolving
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def _known(self, column: str, found: Labels) -> dict[str, str]:
        """The single values of a column by their folded form, worked out once."""
        if column not in self.known:
            self.known[column] = {fold(one): one for entry in found.vocabulary for one in values_of(entry)}
        return self.known[column]

    def condition(self, path: Path, column: str, asked: Condition, others: tuple[str, ...]) -> None:
        if column == CREATOR:
            self._handles(path, asked)
            return
        found = self.pool.columns.get(column)
        if found is None:
            names = [*self.pool.columns, CREATOR, *others]
            mend = self.r.near(column, names) or f"columns in use are: {some(sorted(names))}"
            self.r.refuse(path, "unknown-column", f'there is no column "{column}"', mend, key=True)
        elif isinstance(found, Labels) and isinstance(asked, AnyOf):
            self._values(path, column, asked, found)
        elif isinstance(found, Labels):
            self.r.refuse(path, "range", f"{column} holds texts, which have no range", "name the values: [a, b]")
        elif isinstance(asked, AnyOf) and any(parse_number(value) is None for value in asked.values):
            mend = "write a number, or a range: {from: ..., to: ...}"
            self.r.refuse(path, "not-a-number", f"{column} holds numbers", mend)

    def of_offers(self, path: Path, column: str, asked: Condition, offers: tuple[Offer, ...]) -> None:
        """What a filter asks of the offers; a value that none has is a slip where a similar one exists."""
        known = {fold(offer.label(column)): offer.label(column) for offer in offers}
        if isinstance(asked, Range):
            self.r.refuse(path, "range", f"{column} holds texts, which have no range", "name the values: [a, b]")
            return
        for value in asked.values:
            if fold(value) in known:
                continue
            near = self.r.near(value, known.values())
            if near:
                self.r.refuse(path, "unknown-value", f'no offer has {column} "{short(value)}"', near)
            else:
                there = some(known.values())
                self.r.warnings.append(f'no offer has {column} "{short(value)}"; there are: {there}')

    def _handles(self, path: Path, asked: Condition) -> None:
        for handle in asked.values if isinstance(asked, AnyOf) else ():
            if self.pool.position(handle) is None:
                mend = near_handle(handle, self.pool, self.r)
                self.r.refuse(path, "unknown-creator", f'"{short(handle)}" is not in the pool', mend)

    def _values(self, path: Path, column: str, asked: AnyOf, found: Labels) -> None:
        """A value that no creator has is a slip where a similar one exists; elsewhere it is worth a warning."""
        known = self._known(column, found)
        for value in asked.values:
            if fold(value) in known:
                continue
            suggestion = self.r.near(value, known.values())
            if suggestion or column == "tier":
                mend = suggestion or f"tiers are: {some(found.vocabulary)}"
                self.r.refuse(path, "unknown-value", f'no creator has {column} "{short(value)}"', mend)
            else:
                self.r.warnings.append(f'no creator in the pool has {column} "{short(value)}"')

    def people(self, path: Path, column: str, asked: Condition) -> None:
        if isinstance(asked, Range):
            cause = "people are told apart by values, not by a range"
            self.r.refuse(path, "range", cause, "name the values: [FR, BE]")
            return
        own = self.pool.columns.get(column)
        for value in asked.values:
            measured = f"{AUDIENCE}{fold(value)}" in self.pool.columns
            is_own = isinstance(own, Labels) and fold(value) in self._known(column, own)
            if not measured and not is_own:
                cause = f'nobody is known to reach people of {column} "{short(value)}"'
                mend = f"add a column {AUDIENCE}{value} with shares of each audience, or correct the value"
                self.r.refuse(path, "unknown-people", cause, mend)


def near_handle(handle: str, pool: Pool, r: Resolving) -> str:
    """A near handle, where the pool is small enough to look for one."""
    near = None
    if len(pool) <= _SUGGEST_MOST and r.may_look(len(pool)):
        near = near_name(handle_key(handle), pool.keys)
    at = None if near is None else pool.position(near)
    return "correct the handle, or add the creator to the pool" if at is None else f'did you mean "{pool.ids[at]}"?'


@dataclass(frozen=True)
class Chosen:
    """Who is left to be booked, by position in the whole pool, and why the others are not."""

    rows: Ints
    outside: Flags
    unmatched: Flags
    excluded: Flags


def choose(said: ScenarioFile, pool: Pool, in_tier: Flags, r: Resolving) -> Chosen:
    """Leave out who is outside the filters and tiers, or excluded."""
    where = filter_of(said.creators.where) if said.creators else Filter()
    unmatched = ~pool.matches(where)
    excluded = np.zeros(len(pool), dtype=np.bool_)
    for at, who in enumerate(said.exclude):
        if who.creator is not None:
            _exclude_one(at, who.creator, pool, excluded, r)
        else:
            excluded |= pool.matches(filter_of(who.where))
    kept = ~unmatched & ~excluded & in_tier
    if not kept.any() and not r.problems:  # where there are problems, whoever is left says nothing
        cause = (
            f"no creator is left to book: of {len(pool):,}, {int(unmatched.sum()):,} do not match `where`, "
            f"{int((~in_tier).sum()):,} are in no tier, {int(excluded.sum()):,} are excluded"
        )
        if not len(pool):
            cause = "no creator is left to book: no row of the pool could be read"
        r.refuse(("creators",), "nobody-left", cause, "loosen the filters or the tiers, or correct the pool", key=True)
    return Chosen(np.flatnonzero(kept), ~in_tier, unmatched, excluded)


def _exclude_one(at: int, who: IncludedCreator, pool: Pool, excluded: Flags, r: Resolving) -> None:
    if who.offer is not None or who.fee is not None or who.price is not None:
        r.refuse(("exclude", at), "exclude-terms", "an excluded creator has no terms", "write only the handle")
    position = pool.position(who.creator)
    if position is None:
        r.warnings.append(f'excluded "{short(who.creator)}" is not in the pool')
    else:
        excluded[position] = True
