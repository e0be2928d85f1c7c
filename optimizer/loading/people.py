"""Who may be booked: tiers, filters, exclusions, inclusions; and checks of filters against the pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.domain.accounts import handle_key, platform_key
from optimizer.domain.dimensions import Dimensions, Offers
from optimizer.domain.exact import Flags, Ints, parse_number
from optimizer.domain.figures import AUDIENCE, FIGURES, POSTS_MEASURED, audience_share, joint_shares
from optimizer.domain.filters import EVERYTHING, AnyOf, Condition, Filter, Range, fold
from optimizer.domain.pool import CREATOR, PLATFORM, TALENT, Labels, Numbers, Pool
from optimizer.loading.distinct import distinct_asked
from optimizer.loading.near import near_name, some
from optimizer.loading.reach_rules import REACHING, asks_for_reach
from optimizer.loading.resolve import Resolving, filter_of, too_high
from optimizer.loading.schema import IncludedCreator, LogicTerms, Rule, ScenarioFile
from optimizer.loading.segments import SEGMENT
from optimizer.loading.source import short

Path = tuple[str | int, ...]
_SUGGEST_MOST = 20_000  # largest pool in which a similar handle is searched
_FEW_VALUES = 100  # of a column in which what is no handle is searched; offers are no more
_LARGER = ("macro", "mega")  # tiers by name, near enough to micro to be taken for a slip


def filters_in(said: ScenarioFile) -> Iterable[tuple[Path, Filter, bool]]:
    """Every filter of the file: its path, its conditions, and whether it asks for bookings, not for creators alone."""
    if said.creators is not None:
        yield ("creators", "where"), filter_of(said.creators.where), False
    for name, offer in (said.offers or {}).items():
        yield ("offers", name, "to"), filter_of(offer.to).without(Offers.COLUMNS), False
    for key, lines in said.assume.items():
        of_bookings = fold(key) != POSTS_MEASURED
        for at, line in enumerate(lines):
            yield ("assume", key, at), filter_of(line.__pydantic_extra__ or {}).without(("deliverable",)), of_bookings
    for name, rule in said.constraints.items():
        yield from _in_logic(name, rule) if isinstance(rule, LogicTerms) else _in_rule(name, rule)
    for key in ("include", "exclude"):
        for at, who in enumerate(getattr(said, key)):
            if who.creator is None:
                yield (key, at), filter_of(who.where), False


def _in_rule(name: str, rule: Rule) -> Iterable[tuple[Path, Filter, bool]]:
    yield ("constraints", name, "group"), filter_of(rule.group), True
    if isinstance(rule.of, dict):
        yield ("constraints", name, "of"), filter_of(rule.of), True


def _in_logic(name: str, rule: LogicTerms) -> Iterable[tuple[Path, Filter, bool]]:
    for field_, parts in rule:
        for at, part in enumerate(parts if isinstance(parts, list) else ()):
            yield ("constraints", name, "if" if field_ == "condition" else field_, at), filter_of(part), True


def quantity_rules(said: ScenarioFile) -> Iterable[tuple[str, Rule]]:
    """The rules that hold a quantity between bounds."""
    return ((name, rule) for name, rule in said.constraints.items() if isinstance(rule, Rule))


def columns_asked(said: ScenarioFile) -> tuple[frozenset[str], frozenset[str]]:
    """The columns of creators that the file's filters and rules use: as texts, and as numbers."""
    texts = {*map(fold, distinct_asked(said)), *(fold(rule.per or "") for _, rule in quantity_rules(said))}
    texts -= {"", *Offers.COLUMNS}
    ranges: set[str] = set()
    for _, where, of_bookings in filters_in(said):
        for column, asked in where.without(Offers.COLUMNS) if of_bookings else where:
            (ranges if isinstance(asked, Range) else texts).add(column)
    texts |= {fold(column) for _, rule in quantity_rules(said) for column in rule.people}
    if asks_for_reach(said):
        texts |= columns_of_audience(said)
    return frozenset(texts), frozenset(ranges)


def columns_of_audience(said: ScenarioFile) -> set[str]:
    """The columns of texts that may part the audience, or say whose accounts they are."""
    mine = said.audience
    named = {fold(name) for name, _ in mine.cells or ()} if mine is not None else set()
    return named | {"country", "niche"} | ({TALENT} if mine is not None and mine.shared is not None else set())


def audiences_asked(said: ScenarioFile) -> frozenset[str]:
    """The columns audience_<value> that rules about people ask for."""
    rules = [rule for _, rule in quantity_rules(said)]
    asked = [condition for rule in rules for condition in rule.people.values()]
    single = {f"{AUDIENCE}{fold(value)}" for one in asked if isinstance(one, AnyOf) for value in one.values}
    return frozenset(single | {name for rule in rules for orders in joint_columns(rule) for name in orders})


def joint_columns(rule: Rule) -> list[tuple[str, ...]]:
    """The joint columns of a rule about people of several dimensions, each in every order of its values."""
    people = [one.values if isinstance(one, AnyOf) else () for one in rule.people.values()]
    return joint_shares([[fold(value) for value in values] for values in people])


def warn_of_products(said: ScenarioFile, pool: Pool, r: Resolving) -> None:
    """Say for which creators the shares of several dimensions are multiplied, because no column holds the joint one."""
    for name, rule in quantity_rules(said):
        if len(rule.people) < 2 or rule.quantity in REACHING:
            continue
        known = np.full(len(pool), bool(joint := joint_columns(rule)))
        for orders in joint:
            found = next((pool.columns[column] for column in orders if column in pool.columns), None)
            known &= found.known if isinstance(found, Numbers) else False
        count = int((~known).sum())
        if count:
            whom = "every creator" if count == len(pool) else f"{count:,} of {len(pool):,} creators"
            each = [one.values[0] for one in rule.people.values() if isinstance(one, AnyOf) and one.values]
            better = f"; a column {AUDIENCE}{'_'.join(each)} would give the joint share" if joint else ""
            r.warnings.append(
                f"{name}: shares of {' and '.join(rule.people)} are multiplied for {whom}, as if they were"
                f" independent{better}"
            )


def with_tiers(pool: Pool, tiers: Mapping[str, tuple[int, int]], anonymous: Flags, r: Resolving) -> tuple[Pool, Flags]:
    """The pool with each creator's tier, and who may be booked for it.

    Tiers follow from followers. If the whole pool has none, and for segments without followers, the column `tier` is
    used; a segment may have neither.
    """
    followers, given = pool.columns.get("followers"), pool.columns.get("tier")
    counted = followers.known if isinstance(followers, Numbers) else np.zeros(len(pool), dtype=np.bool_)
    codes = np.full(len(pool), -1, dtype=np.int64)
    if isinstance(followers, Numbers):
        for code, (low, high) in enumerate(tiers.values()):
            codes[counted & (followers.values >= low) & (followers.values <= high)] = code
    said = _given_tiers(given, tiers) if isinstance(given, Labels) else np.full(len(pool), -1, dtype=np.int64)
    named = given.known if isinstance(given, Labels) else np.zeros(len(pool), dtype=np.bool_)
    if not counted[~anonymous].any():
        codes[~anonymous] = said[~anonymous]
        free = np.ones(len(pool), dtype=np.bool_) if given is None else anonymous
    else:
        free = anonymous
        if named[~anonymous].any():
            r.warnings.append("the pool's column tier is not used: tiers follow from followers")
    _check_segment_tiers(pool, tiers, anonymous & named, (codes, said, counted), r)
    codes = np.where(anonymous & ~counted, said, codes)
    _warn_of_tiers(tiers, ~anonymous, codes, counted, given is not None, r)
    bookable = (codes >= 0) | (free & ~counted & ~named)
    if followers is None and given is None:
        return pool, bookable
    return pool.with_columns({"tier": Labels(codes, tuple(tiers))}), bookable


def _given_tiers(given: Labels, tiers: Mapping[str, tuple[int, int]]) -> Ints:
    known = {fold(name): code for code, name in enumerate(tiers)}
    code_of = np.array([*(known.get(fold(entry), -1) for entry in given.vocabulary), -1], dtype=np.int64)
    codes: Ints = code_of[given.codes]
    return codes


def _check_segment_tiers(
    pool: Pool,
    tiers: Mapping[str, tuple[int, int]],
    named: Flags,
    found: tuple[Ints, Ints, Flags],
    r: Resolving,
) -> None:
    """Check that a segment's tier exists and is the one that its followers are in."""
    codes, said, counted = found
    given = pool.columns.get("tier")
    for at in np.flatnonzero(named & ((said < 0) | (counted & (said != codes)))).tolist():
        written = given.vocabulary[int(given.codes[at])] if isinstance(given, Labels) else ""
        cause = f'segment {pool.ids[at]}: there is no tier "{short(written)}"'
        mend = r.near(written, tiers) or f"tiers are: {some(tiers)}"
        if said[at] >= 0:
            cause = f"segment {pool.ids[at]} has tier {written}, but its followers are not in that tier"
            mend = "correct one of the two, or leave tier out"
        place = segments_written(r).get(pool.keys[at], 0)
        r.refuse(("segments", place, "tier"), "segment-tier", cause, mend)


def segments_written(r: Resolving) -> dict[str, int]:
    """The position of each segment in the scenario, by the key of its name; with those at fault."""
    node = r.document.at(("segments",))
    written = node.value if node is not None and isinstance(node.value, list) else []
    names = [one.at(("name",)) for one in written]
    return {handle_key(str(name.value)): at for at, name in enumerate(names) if name is not None}


def _warn_of_tiers(
    tiers: Mapping[str, tuple[int, int]], creators: Flags, codes: Ints, counted: Flags, given: bool, r: Resolving
) -> None:
    """Warn how many creators are in no tier and so cannot be booked."""
    total, any_counted = int(creators.sum()), bool(counted[creators].any())
    outside = int((creators & (codes < 0) & (counted if any_counted else creators)).sum())
    unknown = int((creators & ~counted).sum()) if any_counted else 0
    bounds = ", ".join(f"{name} {low:,} to {high:,}" for name, (low, high) in tiers.items())
    if outside and any_counted:
        r.warnings.append(f"{outside:,} of {total:,} creators are in no tier ({bounds}) and cannot be booked")
    elif outside and given:
        r.warnings.append(f"{outside:,} of {total:,} creators are in none of the tiers {', '.join(tiers)}")
    if unknown:
        r.warnings.append(f"{unknown:,} of {total:,} creators have no followers, so no tier, and cannot be booked")


def check_filters(said: ScenarioFile, dimensions: Dimensions, pool: Pool, r: Resolving) -> None:
    """Report columns that do not exist, values that nobody has, handles that are unknown."""
    of_all = _Asking(dimensions, pool, r, segments_written(r))
    of_creators = replace(of_all, dimensions=Dimensions({CREATOR: pool}), known={})
    for path, where, of_bookings in filters_in(said):
        for column, asked in where:
            (of_all if of_bookings else of_creators).condition((*path, column), column, asked, where)
    for name, rule in quantity_rules(said):
        for path, values in _named_values(("constraints", name), rule):
            column = fold(rule.per or "")
            if dimensions.column(column) is not None:
                of_all.condition(path, column, values)
        if rule.quantity in REACHING:
            continue  # cells of people, which are checked when these are known
        joint = [any(column in pool.columns for column in orders) for orders in joint_columns(rule)]
        for column, asked in filter_of(rule.people) if not joint or not all(joint) else ():
            of_creators.people(("constraints", name, "people", column), column, asked)


def _named_values(path: Path, rule: Rule) -> Iterable[tuple[Path, AnyOf]]:
    """The values of `per` that a rule names, with their paths."""
    if rule.per is not None and fold(rule.per) != CREATOR:
        if rule.among is not None:
            yield (*path, "among"), AnyOf(tuple(rule.among))
        for key in ("at_least", "at_most", "exactly"):
            bounds = getattr(rule, key)
            if isinstance(bounds, dict):
                yield from (((*path, key, value), AnyOf((value,))) for value in bounds)


@dataclass(frozen=True)
class _Asking:
    """Checks filters against what bookings have, and the pool that is part of it."""

    dimensions: Dimensions
    pool: Pool
    r: Resolving
    segments: Mapping[str, int]  # by key; a segment at fault is already reported, and not in the pool
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def _known(self, column: str, found: Labels) -> dict[str, str]:
        """What filters may ask a column for, by its folded form, worked out once."""
        if column not in self.known:
            self.known[column] = {fold(one): one for names in found.answers() for one in reversed(names)}
        return self.known[column]

    def condition(self, path: Path, column: str, asked: Condition, where: Filter = EVERYTHING) -> None:
        if column == CREATOR:
            self._handles(path, asked, where)
            return
        found = self.dimensions.column(column)
        if column == SEGMENT and self._are_segments(asked):
            return
        if found is None:
            names = list(dict.fromkeys([*self.dimensions.columns, *self.r.mapped, CREATOR]))
            if self.segments and SEGMENT not in names:
                names.append(SEGMENT)
            mend = self.r.near(column, names) or f"columns in use are: {some(sorted(names))}"
            if column == "name":
                mend = "name a creator by creator: ..." + (", a segment by segment: ..." if self.segments else "")
            self.r.refuse(path, "unknown-column", f'there is no column "{column}"', mend, key=True)
        elif isinstance(found, Labels) and isinstance(asked, AnyOf):
            self._values(path, column, asked, found)
        elif isinstance(found, Labels):
            self.r.refuse(path, "range", f"{column} holds texts, and a range needs numbers", "name the values: [a, b]")
        elif isinstance(asked, AnyOf) and any(parse_number(value) is None for value in asked.values):
            mend = "write a number, or a range: {from: ..., to: ...}"
            self.r.refuse(path, "not-a-number", f"{column} holds numbers, and this is not one", mend)
        else:
            self._share(path, column, asked)

    def _share(self, path: Path, column: str, asked: Condition) -> None:
        """Report a bound that no share can reach: percent was meant."""
        figure = audience_share(column) if column.startswith(AUDIENCE) else FIGURES.get(column)
        if figure is None or figure.most is None or not isinstance(asked, Range):
            return
        bounds = {"from": asked.at_least, "to": asked.at_most, "above": asked.above, "below": asked.below}
        for key, bound in bounds.items():
            if bound is not None and bound.value > int(figure.most):
                self.r.refuse((*path, key), "share-above-one", *too_high(figure, bound))

    def _handles(self, path: Path, asked: Condition, where: Filter) -> None:
        """Check the creators whom a filter names; `where` is all of it, which may name their platform too."""
        platforms = [condition for column, condition in where if column == PLATFORM]
        for handle in asked.values if isinstance(asked, AnyOf) else ():
            found = self.pool.positions(handle)
            if len(found) > 1 and not platforms:
                self.r.refuse(path, "unclear-creator", *unclear(handle, found, self.pool))
            if not found and handle_key(handle) not in self.segments:
                mend = self._filter_meant(handle) or near_handle(handle, self.pool, self.r)
                self.r.refuse(path, "unknown-creator", f'"{short(handle)}" is not in the pool', mend)

    def _are_segments(self, asked: Condition) -> bool:
        return isinstance(asked, AnyOf) and all(handle_key(name) in self.segments for name in asked.values)

    def _filter_meant(self, name: str) -> str:
        """The filter that was meant if the name of a creator is the name of an offer or a value of some column."""
        for column, found in self.dimensions.texts.items():
            if len(found.vocabulary) <= _FEW_VALUES and fold(name) in self._known(column, found):
                return f"write {{{column}: {name}}}"
        return ""

    def _values(self, path: Path, column: str, asked: AnyOf, found: Labels) -> None:
        """Check values; one that nothing has is a fault if a similar one exists, else a warning."""
        dimension, known = self.dimensions.of(column), self._known(column, found)
        for value in asked.values:
            if fold(value) in known:
                continue
            suggestion = self.r.near(value, known.values())
            if suggestion or column == "tier":
                mend = suggestion
                if column == "tier" and (not mend or fold(value) in _LARGER):
                    mend = f"tiers are: {some(found.vocabulary)}; another one needs its bounds under tiers:"
                self.r.refuse(path, "unknown-value", f'no {dimension} has {column} "{short(value)}"', mend)
            elif dimension == CREATOR:
                self.r.warnings.append(f'no creator in the pool has {column} "{short(value)}"')
            else:
                there = some(known.values())
                self.r.warnings.append(f'no {dimension} has {column} "{short(value)}"; there are: {there}')

    def people(self, path: Path, column: str, asked: Condition) -> None:
        if isinstance(asked, Range):
            cause = "people are chosen by values, not by a range"
            self.r.refuse(path, "range", cause, "name the values: [FR, BE]")
            return
        own = self.pool.columns.get(column)
        for value in asked.values:
            measured = f"{AUDIENCE}{fold(value)}" in self.pool.columns
            is_own = isinstance(own, Labels) and fold(value) in self._known(column, own)
            if not measured and not is_own:
                cause = f'no creator is known to reach people of {column} "{short(value)}"'
                mend = f"add a column {AUDIENCE}{value} with shares of each audience, or correct the value"
                self.r.refuse(path, "unknown-people", cause, mend)


def unclear(handle: str, found: list[int], pool: Pool) -> tuple[str, str]:
    """Cause and mend of a handle that stands on several platforms."""
    names = [f'"{short(pool.ids[at])}"' for at in found[:3]]
    every = ", ".join(names) + (f" and {len(found) - 3:,} more" if len(found) > 3 else "")
    return f'"{short(handle)}" is unclear: the pool has {every}', f"write which one is meant, as in {names[0]}"


def account_of(who: IncludedCreator, pool: Pool) -> list[int]:
    """The positions of those whom an entry of `include` or `exclude` may mean."""
    found = pool.positions(who.creator)
    if who.platform is None:
        return found
    return [at for at in found if platform_key(pool.platform(at)) == platform_key(who.platform)]


def near_handle(handle: str, pool: Pool, r: Resolving) -> str:
    """The nearest handle, if the pool is small enough to search."""
    near = None
    if "," in handle:
        return 'put each handle in quotes of its own: ["@a", "@b"]'
    if len(pool) <= _SUGGEST_MOST and r.may_look(len(pool)):
        near = near_name(handle_key(handle), pool.keys)
    at = None if near is None else pool.position(near)
    return "correct the handle, or add the creator to the pool" if at is None else f'did you mean "{pool.ids[at]}"?'
