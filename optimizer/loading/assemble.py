"""All parts of a scenario resolved and put together, with the faults of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from optimizer.domain.constraints import Goal
from optimizer.domain.dimensions import Dimensions, dimensions_of
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import fold
from optimizer.domain.forecast import Fitted
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption, Scenario, Segment
from optimizer.errors import Problem, ScenarioError
from optimizer.expectations.expect import Expectations
from optimizer.loading import doubting
from optimizer.loading.audience import audience_built
from optimizer.loading.audience_columns import with_audiences
from optimizer.loading.audience_crowd import crowd_of
from optimizer.loading.benchmarking import with_benchmarks
from optimizer.loading.checks import (
    check_conversions,
    check_included_segments,
    faults_that_matter,
    warn_of_blanks,
    warn_of_gifts,
)
from optimizer.loading.columns import Wanted
from optimizer.loading.distinct import check_distinct
from optimizer.loading.eligibility import choose, refuse_nobody
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.forecasting import file_of_posts, forecast_of, source_of, with_posts
from optimizer.loading.handle_lists import HandleList
from optimizer.loading.including import Including
from optimizer.loading.known import Known
from optimizer.loading.ladders import with_ladders
from optimizer.loading.money import Money
from optimizer.loading.past_posts import FileOfPosts
from optimizer.loading.people import (
    audiences_asked,
    check_filters,
    columns_asked,
    warn_of_products,
    with_tiers,
)
from optimizer.loading.pool import ReadPool
from optimizer.loading.presetting import definitions_of, preset_note, preset_of
from optimizer.loading.reach_rules import asks_for_reach, check_people_reached
from optimizer.loading.resolve import Resolving, assumptions_of, currency_of, exchange_of, micro, offers_of, tiers_of
from optimizer.loading.rules import check_own_quantities, constraints_of, goals_of, quantities_of
from optimizer.loading.schema import ScenarioFile
from optimizer.loading.segments import anonymous, segments_of, with_segments
from optimizer.loading.source import Node
from optimizer.unseen import visible


def assembled(said: ScenarioFile, document: Node, known: Known) -> tuple[Scenario | None, list[Problem]]:
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
    wanted = with_audiences(said, document, wanted, money, known)
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
    parts = _Parts(money, tiers, offers, assume, goals, name, read, lists, wanted, known, posts)
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
    known: Known
    posts: FileOfPosts | None


def _with_pool(said: ScenarioFile, r: Resolving, pool: Pool, parts: _Parts) -> tuple[Scenario | None, list[Problem]]:
    unnamed = anonymous(said, pool)
    pool, known_posts = with_posts(parts.posts, pool, unnamed, r)
    pool, in_tier = with_tiers(pool, parts.tiers, unnamed, r)
    dimensions = dimensions_of(pool, parts.offers)
    sound = _is_sound(said, pool, dimensions, r)
    r.quantities = quantities_of(said, Resolving(r.document, kinds=r.kinds, boosted=r.boosted), pool)
    currency = parts.money.currency
    constraints = constraints_of(said, r, dimensions, currency)
    if not sound:  # filters with faults match nobody
        return None, [*(parts.read.told() if parts.read else []), *r.problems]
    assume, unusable = with_benchmarks(said, parts.assume, pool, parts.money, r)
    chosen = choose(said, pool, in_tier, unnamed, parts.lists, r)
    r.problems[:0] = faults_that_matter(said, parts.read, pool, chosen)
    refuse_nobody(chosen, r)
    include = Including(pool, chosen, parts.offers, currency, r).inclusions(said)
    left = pool.take(chosen.rows)
    forecast = forecast_of(said)
    usual = parts.known.usual.of(parts.read, parts.tiers, pool, ~unnamed, forecast, assume, known_posts)
    past = known_posts.among(chosen.rows, len(pool))
    segments = segments_of(said, left, r)
    check_included_segments(include, segments, left, r)
    warn_of_blanks(said, pool, r)
    warn_of_products(said, left, r)
    warn_of_gifts(parts.offers, assume, pool, r)
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
    if not r.problems and asks_for_reach(said):
        scenario = _with_audience(said, scenario, (pool, chosen.rows, unnamed), parts, r)
    return (None if r.problems else scenario), r.problems


def _with_audience(
    said: ScenarioFile, scenario: Scenario, whose: tuple[Pool, Ints, Flags], parts: _Parts, r: Resolving
) -> Scenario:
    """The scenario with the people whom its creators reach; the same ones where nothing of this has changed."""
    pool, rows, unnamed = whose
    asked = (
        said.audience,
        said.segments,
        said.assume,
        said.benchmarks,
        said.tiers,
        parts.read,
        parts.wanted,
        rows.tobytes(),
    )
    kept = next((one for one in parts.known.audiences if one[0] == asked), None)
    if kept is None:
        told = len(r.warnings)
        found = audience_built(said, crowd_of(said, pool, rows, unnamed, scenario.assume), parts.known.files, r)
        if found is None:
            return scenario
        kept = asked, found, r.warnings[told:]
        parts.known.audiences[:] = [kept]
    else:
        r.warnings += kept[2]
    check_people_reached(scenario, kept[1], r)
    return replace(scenario, audience=kept[1], warnings=tuple(r.warnings))


def _is_sound(said: ScenarioFile, pool: Pool, dimensions: Dimensions, r: Resolving) -> bool:
    """Whether everything that the scenario names is in the pool; if not, that is reported."""
    before = len(r.problems)
    check_filters(said, dimensions, pool, r)
    check_conversions(pool, r)
    check_own_quantities(said, r, pool)
    check_distinct(said, dimensions, r)
    return len(r.problems) == before


def _at(segments: tuple[Segment, ...]) -> Ints:
    return np.array([segment.position for segment in segments], dtype=np.int64)
