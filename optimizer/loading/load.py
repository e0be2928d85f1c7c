"""Loading: from a file or a mapping to a Scenario."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from optimizer.domain.constraints import Goal
from optimizer.domain.doubts import Accepted
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import Filter, fold
from optimizer.domain.forecast import Fitted
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption, Inclusion, Scenario, Segment
from optimizer.errors import Problem, ScenarioError
from optimizer.expectations.expect import Expectations
from optimizer.loading import doubting, overlay, variants
from optimizer.loading.benchmarking import with_benchmarks
from optimizer.loading.columns import Wanted
from optimizer.loading.distinct import check_distinct
from optimizer.loading.eligibility import Chosen, choose, refuse_nobody
from optimizer.loading.faults import read
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.forecasting import Usual, file_of_posts, forecast_of, source_of, with_posts
from optimizer.loading.handle_lists import HandleList
from optimizer.loading.including import Including
from optimizer.loading.ladders import with_ladders
from optimizer.loading.money import Money
from optimizer.loading.past_posts import FileOfPosts
from optimizer.loading.people import (
    audiences_asked,
    check_filters,
    columns_asked,
    filters_in,
    warn_of_products,
    with_tiers,
)
from optimizer.loading.pool import ReadPool, read_pool
from optimizer.loading.presetting import definitions_of, preset_note, preset_of
from optimizer.loading.resolve import Resolving, assumptions_of, currency_of, exchange_of, micro, offers_of, tiers_of
from optimizer.loading.rules import check_own_quantities, constraints_of, filter_of, goals_of, quantities_of
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.segments import SEGMENT, anonymous, segments_of, with_segments
from optimizer.loading.source import Node
from optimizer.unseen import visible


def load_scenario(
    source: str | os.PathLike[str] | Mapping[str, object],
    *,
    creators: object | None = None,
    root: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    changes: Mapping[str, object] | None = None,
) -> Scenario:
    """Load a scenario with its pool, ready for planning.

    Parameters
    ----------
    source
        The path of a YAML file, or its content as a mapping.
    creators
        A data frame, or a mapping of columns to lists of equal length, used instead of the file that the scenario
        names: one row per creator, money in major units.
    root
        The folder that every path of the scenario must stay in; by default the folder of the scenario.
    variant
        The name of one of the scenario's variants.
    changes
        Paths with new values, applied last: `{"budget": 20_000, 'constraints."nano share".at_least': "0%"}`.

    Raises
    ------
    ScenarioError
        If the scenario or the pool has faults. `problems` holds all of them, each with place, cause and mend.

    Examples
    --------
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> len(load_scenario(campaign, creators=pool).pool)
    2
    """
    files = ScenarioFiles(source, root)
    document = overlay.extended(files.document, files.parent, (files.own,))
    changed = _texts(changes or {})
    chosen = overlay.with_changes(overlay.with_variant(document, variant), changed)
    said, problems = read(chosen)
    problems += variants.of_another_kind(document, variant)
    if said is None:
        raise ScenarioError(problems)
    scenario, more = _resolve(said, chosen, _Read(files, creators))
    if problems or more or scenario is None:
        raise ScenarioError([*problems, *more])
    return replace(scenario, variant=variant, changes=changed, inputs=tuple(files.inputs))


def changed_scenario(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A loaded scenario with other values, as with `changes` of `load_scenario`.

    Its files are not read again, except the file of creators if other columns of it are needed.

    Raises
    ------
    ScenarioError
        With every fault found.
    """
    known, document = scenario.read, scenario.resolved
    if not isinstance(known, _Read) or not isinstance(document, Node):
        raise ValueError("the scenario was not loaded")
    changed = _texts(changes)
    chosen = overlay.with_changes(document, changed)
    said, problems = read(chosen)
    if said is None:
        raise ScenarioError(problems)
    again, more = _resolve(said, chosen, replace(known))
    if problems or more or again is None:
        raise ScenarioError([*problems, *more])
    mine = again.read
    if isinstance(mine, _Read) and mine.found is known.found and _beside(chosen) == _beside(document):
        again = replace(
            again,
            pool=scenario.pool,
            quantities=scenario.quantities,
            expecting=scenario.expecting,
            past_posts=scenario.past_posts,
        )  # the same objects, so that what depends on them can be reused
    both = {**scenario.changes, **changed}
    return replace(again, variant=scenario.variant, changes=both, inputs=tuple(known.files.inputs))


def _beside(document: Node) -> list[tuple[tuple[str | int, ...], object]]:
    """All parts of a scenario file except goal and bounds."""
    return [(path, str(node.value)) for path, node in document.leaves() if path[:1] not in _GOAL_AND_BOUNDS]


_GOAL_AND_BOUNDS = (("budget",), ("wallets",), ("objective",), ("constraints",))


def _texts(changes: Mapping[str, object]) -> dict[str, str]:
    return {path: value if isinstance(value, str) else _plain(value) for path, value in changes.items()}


@dataclass
class _Read:
    """The files of a scenario, and its pool as read: what was requested, and the result."""

    files: ScenarioFiles
    frame: object | None
    asked: object = None
    found: ReadPool | None = None
    doubts: doubting.Asked = field(default_factory=doubting.Asked)
    usual: Usual = field(default_factory=Usual)

    @property
    def pool(self) -> Pool | None:
        """The pool as read; None where there is no file."""
        return None if self.found is None else self.found.pool

    def pool_of(
        self, said: ScenarioFile, document: Node, wanted: Wanted, money: Money, accepted: tuple[Accepted, ...]
    ) -> ReadPool | None:
        """The pool; the file is read if it was not yet, or if something else is requested of it."""
        skip = said.creators is not None and said.creators.bad_rows == "skip"
        file = None if said.creators is None else said.creators.file
        asked = replace(wanted, place=None), money, skip, file, accepted
        if asked != self.asked:
            self.found, self.doubts = None, doubting.Asked()
            table = self.files.pool(said, document, wanted, self.frame)
            if table is not None:
                read = read_pool(table, wanted, money, skip)
                self.doubts = doubting.ask_pool(read.pool, money.currency, table, wanted, accepted)
                self.found = replace(doubting.without_totals(read, self.doubts, skip), header=table.header)
            self.asked = asked
        return self.found


def variant_names(source: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """The names of a scenario's variants, its own and those of the files that it extends, in order.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    """
    files = ScenarioFiles(source, root)
    return variants.names(overlay.extended(files.document, files.parent, (files.own,)))


def idle_variants(
    source: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None, chosen: str | None = None
) -> tuple[list[Problem], list[str]]:
    """The faults of the variants that were not chosen, which nothing else checks.

    Returns
    -------
    problems, warnings
        The faults of the file's own variants; and warnings about variants of extended files that do not fit.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    """
    files = ScenarioFiles(source, root)
    document = overlay.extended(files.document, files.parent, (files.own,))
    return variants.idle(document, files.main, chosen)


def resolved_values(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Every value of the resolved scenario: path, value, and origin."""
    document = scenario.resolved
    if not isinstance(document, Node):
        return []
    shown = []
    for path, node in document.leaves():
        value = node.value if isinstance(node.value, str) else "[]" if isinstance(node.value, list) else "{}"
        shown.append((".".join(_step(step) for step in path), value, str(node.place)))
    return shown


def _step(step: str | int) -> str:
    text = str(step)
    return f'"{text}"' if any(char in text for char in ' ."=') else text


def _plain(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_plain(str(key))}: {_plain(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_plain(inner) for inner in value) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)


def _resolve(said: ScenarioFile, document: Node, known: _Read) -> tuple[Scenario | None, list[Problem]]:
    """Resolve all parts and collect the faults of all of them."""
    r = Resolving(document, whole=said.whole)
    currency = currency_of(said, r)
    money = exchange_of(said, currency, r)
    tiers = tiers_of(said, r)
    offers = with_ladders(said, offers_of(said, r, currency), r, currency)
    r.boosted = any(terms.boost for terms in (said.offers or {}).values())
    r.kinds = tuple(sorted({kind for offer in offers for kind, _ in offer.deliver}))
    r.quantities = quantities_of(said, r)
    assume = assumptions_of(said, r, currency)
    goals = goals_of(said, r)
    wanted = _wanted(said, document, r)
    if said.creators and said.creators.columns.preset and wanted.preset is None:  # its columns cannot be told
        constraints_of(said, r, None, currency)
        return None, r.problems
    accepted = doubting.accepted_of(said, r)
    try:
        read = known.pool_of(said, document, wanted, money, accepted)
        r.warnings[:0] = read.warnings if read else ()
        lists = _handle_lists(said, r, known.files)
        posts = file_of_posts(said, r, known.files)
        pool = with_segments(said, None if read is None else read.pool, wanted, money, r)
    except ScenarioError as error:
        constraints_of(said, r, None, currency)
        return None, [*r.problems, *error.problems]
    name = visible(Path(known.files.main).stem)
    parts = _Parts(money, tiers, offers, assume, goals, name, read, lists, wanted, known.usual, posts)
    scenario, problems = _with_pool(said, r, pool, parts)
    if scenario is None:
        return None, problems
    scenario = replace(scenario, accepted=accepted, pool_name=known.doubts.name, read=known)
    doubts, idle = doubting.ask_scenario(scenario, known.doubts, r)
    return replace(scenario, doubts=doubts, warnings=(*scenario.warnings, *idle)), problems


def _handle_lists(said: ScenarioFile, r: Resolving, files: ScenarioFiles) -> dict[int, HandleList]:
    """The files of handles that `exclude` names, by its entries; those at fault are reported."""
    found = {}
    for at, who in enumerate(said.exclude):
        reference = r.document.at(("exclude", at, "file"))
        if who.file is not None and reference is not None:
            try:
                found[at] = files.handles(who.file, reference)
            except ScenarioError as error:
                r.problems += error.problems
    return found


def _wanted(said: ScenarioFile, document: Node, r: Resolving) -> Wanted:
    """What the scenario asks of the file of creators."""
    texts, ranges = columns_asked(said)
    mapped = {name: source_of(use) for name, use in said.creators.columns.named.items()} if said.creators else {}
    counted = frozenset(fold(mine.column or name) for name, mine in said.quantities.items())
    node = document.at(("creators", "columns"))
    place = node.place if node else None
    wanted = Wanted(mapped, texts, ranges, frozenset(r.kinds), audiences_asked(said), place, counted)
    if said.creators is None:
        return wanted
    file = said.creators
    preset = preset_of(said, r)
    posts = file.rows == "posts" if preset is None or "rows" in file.model_fields_set else preset.posts
    return replace(wanted, decimal=file.decimal, blank=frozenset(file.means_blank), posts=posts, preset=preset)


@dataclass(frozen=True)
class _Parts:
    """What was resolved before the pool."""

    money: Money
    tiers: Mapping[str, tuple[int, int]]
    offers: tuple[Offer, ...]
    assume: Mapping[str, tuple[Assumption, ...]]
    goals: tuple[Goal, ...]
    name: str
    read: ReadPool | None
    lists: Mapping[int, HandleList]
    wanted: Wanted
    usual: Usual
    posts: FileOfPosts | None


def _with_pool(said: ScenarioFile, r: Resolving, pool: Pool, parts: _Parts) -> tuple[Scenario | None, list[Problem]]:
    unnamed = anonymous(said, pool)
    pool, known_posts = with_posts(parts.posts, pool, unnamed, r)
    pool, in_tier = with_tiers(pool, parts.tiers, unnamed, r)
    before = len(r.problems)
    check_filters(said, pool, parts.offers, r)
    _check_conversions(pool, r)
    check_own_quantities(said, r, pool)
    check_distinct(said, pool, r)
    sound = len(r.problems) == before
    r.quantities = quantities_of(said, Resolving(r.document, kinds=r.kinds, boosted=r.boosted), pool)
    currency = parts.money.currency
    constraints = constraints_of(said, r, pool, currency)
    if not sound:  # filters with faults match nobody
        return None, [*(parts.read.told() if parts.read else []), *r.problems]
    assume, unusable = with_benchmarks(said, parts.assume, pool, parts.money, r)
    chosen = choose(said, pool, in_tier, unnamed, parts.lists, r)
    r.problems[:0] = _faults_that_matter(said, parts.read, pool, chosen)
    refuse_nobody(chosen, r)
    include = Including(pool, chosen, parts.offers, currency, r).inclusions(said)
    left = pool.take(chosen.rows)
    forecast = forecast_of(said)
    usual = parts.usual.of(parts.read, pool, ~unnamed, forecast, assume, known_posts)
    past = known_posts.among(chosen.rows, len(pool))
    segments = segments_of(said, left, r)
    _check_included_segments(include, segments, left, r)
    _warn_of_blanks(said, pool, r)
    warn_of_products(said, left, r)
    _warn_of_gifts(parts.offers, assume, pool, r)
    header = parts.read.header if parts.read else ()
    note = preset_note(parts.wanted, header)
    economics, costs = said.economics, said.costs
    order_value = economics.order_value
    scenario = Scenario(
        name=said.name or parts.name,
        currency=currency,
        objective=parts.goals[0].objective,
        goals=parts.goals if len(parts.goals) > 1 else (),
        pool=left,
        offers=parts.offers,
        constraints=constraints,
        segments=segments,
        whole=said.whole,
        include=include,
        assume=assume,
        fit=None if said.fit is None else {fold(name): float(rate.value) for name, rate in said.fit.items()},
        order_value=None if order_value is None else r.money(("economics", "order_value"), order_value, currency),
        margin=None if economics.margin is None else micro(r, ("economics", "margin"), economics.margin),
        agency=0 if costs.agency is None else micro(r, ("costs", "agency"), costs.agency),
        quantities=r.quantities,
        unusable=unusable,
        warnings=tuple(r.warnings),
        definitions=definitions_of(said, parts.wanted, header, left),
        notes=() if note is None else (note,),
        excluded=chosen.excluded_by,
        forecast=forecast,
        expecting=None if usual == Fitted() else Expectations(left, forecast, assume, usual, _at(segments), past),
        past_posts=past,
        resolved=r.document,
    )
    return (None if r.problems else scenario), r.problems


def _at(segments: tuple[Segment, ...]) -> Ints:
    return np.array([segment.position for segment in segments], dtype=np.int64)


def _faults_that_matter(said: ScenarioFile, read: ReadPool | None, pool: Pool, chosen: Chosen) -> list[Problem]:
    """The faults of the file, but for those of creators whom `exclude`, or a sound cell by `where`, leaves out."""
    if read is None or not (read.faults or read.problems):
        return []
    settled = chosen.excluded | _unmatched(said, read, pool)
    if len(settled) > len(read.pool):  # with segments among them
        places = [pool.position(str(key)) for key in read.pool.keys]
        settled = settled[np.array(places, dtype=np.int64)]
    return read.told(settled)


def _unmatched(said: ScenarioFile, read: ReadPool, pool: Pool) -> Flags:
    """The creators whom a condition of `where` passes over although the cell that it asks for is no faulty one."""
    found = np.zeros(len(pool), dtype=np.bool_)
    for column, condition in filter_of(said.creators.where) if said.creators else ():
        missed = ~pool.matches(Filter(((column, condition),)))
        if len(pool) == len(read.pool):
            missed &= ~read.spoilt(column)
        found |= missed
    return found


def _check_included_segments(
    include: tuple[Inclusion, ...], segments: tuple[Segment, ...], pool: Pool, r: Resolving
) -> None:
    """An included segment can be booked once at least."""
    empty = {segment.position for segment in segments if not segment.available}
    for term in include:
        if term.creator in empty:
            cause = f"segment {pool.ids[term.creator]} is included, but none of it is available"
            r.refuse(
                ("include",), "included-none-available", cause, "raise available, or remove it from include", key=True
            )


def _warn_of_gifts(
    offers: tuple[Offer, ...], assume: Mapping[str, tuple[Assumption, ...]], pool: Pool, r: Resolving
) -> None:
    """Warn of terms without a fee that do not say how many creators post."""
    known = "post_rate" in assume or "post_rate" in pool.columns
    for terms in dict.fromkeys(offer.pay for offer in offers):
        unpaid = not terms.pays_fee and not terms.minimum_fee
        if unpaid and terms.post_rate is None and not known:
            who = "gifted creator" if terms.model == "gift" else "creator who is paid by commission alone"
            r.warnings.append(f"pay terms {terms.name} give no post_rate: every {who} is taken to post")
        if terms.model == "gift" and not terms.product_cost and not terms.product_value:
            r.warnings.append(f"pay terms {terms.name} name no product, so the gift is taken to cost nothing")


def _warn_of_blanks(said: ScenarioFile, pool: Pool, r: Resolving) -> None:
    """Warn how many creators have a blank in a column that is compared: such a comparison is false."""
    asked = dict.fromkeys(column for _, where, _ in filters_in(said) for column, _ in where)
    for column in asked:
        found = pool.columns.get(column)
        blanks = 0 if found is None or column in ("tier", SEGMENT) else int((~found.known).sum())
        if blanks:
            r.warnings.append(
                f"{blanks:,} of {len(pool):,} creators have no {column}: what asks for {column} passes them by"
            )


def _check_conversions(pool: Pool, r: Resolving) -> None:
    """Conversions follow from clicks or from engagements; a creator whose row gives both is ambiguous."""
    first, second = (pool.columns.get(name) for name in ("conversions_per_engagement", "conversion_rate"))
    if first is None or second is None:
        return
    both = np.flatnonzero(first.known & second.known)
    if len(both):
        who = pool.ids[int(both[0])]
        cause = f"{len(both):,} creators have both conversions_per_engagement and conversion_rate, {who} first"
        r.refuse(("creators",), "both-conversions", cause, "keep one of the two columns", key=True)
