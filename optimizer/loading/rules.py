"""Rules and the objective of a file as constraints with exact bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from optimizer.domain.constraints import (
    AT_MOST_ONE,
    EXACTLY_ONE,
    IF,
    TOGETHER,
    Constraint,
    Goal,
    Logic,
    Measure,
    Objective,
)
from optimizer.domain.dimensions import Dimensions
from optimizer.domain.exact import Currency, Number
from optimizer.domain.filters import EVERYTHING, Filter, fold
from optimizer.domain.pool import CREATOR, TALENT, Labels, Numbers, Pool
from optimizer.domain.quantities import DISTINCT, GROSS_REACH, MONEY, RATIOS, REACH, Quantity, quantity_table
from optimizer.loading import schema
from optimizer.loading.budgets import Amounts, amounts_of_budget, budgets_of
from optimizer.loading.counted import known_quantity
from optimizer.loading.distinct import Path, distinct_asked, written_goals
from optimizer.loading.fields import share_above_one
from optimizer.loading.near import some
from optimizer.loading.reach_rules import REACHING, check_goal_of_reach, check_reach_rule
from optimizer.loading.resolve import Resolving, filter_of
from optimizer.loading.schema import Bound, LogicTerms, Rule, ScenarioFile

# what a booking's columns in a plan are called, among which quantities of the scenario's own stand
_OF_FORECASTS = frozenset(
    "rates unmeasured fit counts draws seed common rules ranges objective sponsored half_life past_posts".split()
)
_COLUMNS = set("creator offer count exact_count step keeps tier platform niche country estimated".split())
Ends = tuple[Fraction | None, Fraction | None]


def quantities_of(said: ScenarioFile, r: Resolving, pool: Pool | None = None) -> dict[str, Quantity]:
    """All quantities; with the pool, also which of the scenario's own may be below zero."""
    own = {}
    for name, mine in said.quantities.items():
        mend = f"choose another name: {{my_{name.split('.')[0]}: {{column: {mine.column or name}}}}}"
        if name in _OF_FORECASTS:
            cause = f'"{name}" is a word of the forecast of every plan'
            r.refuse(("quantities", name), "name-taken", cause, mend, key=True)
            continue
        if name in _COLUMNS:
            cause = f'"{name}" is already a column of every plan'
            r.refuse(("quantities", name), "name-taken", cause, mend, key=True)
            continue
        if not is_own(name, r):
            r.refuse(("quantities", name), "name-taken", f'"{name}" is already a quantity', mend, key=True)
            continue
        own[name] = (fold(mine.column or name), bool(mine.falls))
    distinct = distinct_asked(said)
    table = quantity_table(r.kinds, own, agency=said.costs.agency is not None, boost=r.boosted, distinct=distinct)
    for name, (column, _) in own.items() if pool is not None else ():
        found = pool.columns.get(column) if pool is not None else None
        negative = isinstance(found, Numbers) and bool((found.values[found.known] < 0).any())
        table[name] = replace(table[name], signed=negative)
    return table


def is_own(name: str, r: Resolving) -> bool:
    """Whether a name is free for a quantity of the scenario's own."""
    taken = {*quantity_table(r.kinds, agency=True, boost=r.boosted), *RATIOS, *_COLUMNS, *_OF_FORECASTS}
    return name not in taken and not name.startswith(("deliverables.", DISTINCT))


def check_own_quantities(said: ScenarioFile, r: Resolving, pool: Pool) -> None:
    """Check that own quantities are columns of numbers, and that they say whether they fall with returns."""
    returns = any(segment.returns for segment in said.segments)
    for name, mine in said.quantities.items():
        column = fold(mine.column or name)
        if not is_own(name, r):
            continue  # reported already
        if not isinstance(pool.columns.get(column), Numbers):
            exists = column in pool.columns
            cause = f'the column "{column}" does not hold numbers' if exists else f'there is no column "{column}"'
            near = "" if exists else r.near(column, [*pool.columns, *r.mapped])
            mend = near or "add a column of numbers, or correct the name"
            r.refuse(("quantities", name), "unknown-column", cause, mend, key=True)
        elif returns and mine.falls is None:
            cause = f"segments have falling returns, and the scenario does not say whether {name} falls with them"
            mend = f"write quantities: {{{name}: {{falls: true}}}} if it is an outcome, else falls: false"
            r.refuse(("quantities", name), "falls", cause, mend, key=True)


def goals_of(said: ScenarioFile, r: Resolving) -> tuple[Goal, ...]:
    """The goals in order: any additive quantity or a weighted mix of them."""
    several = isinstance(said.objective, list)
    found: list[Goal] = []
    for path, goal in written_goals(said):
        last = len(found) + 1 == (len(said.objective) if isinstance(said.objective, list) else 1)
        if goal.keep is not None and last:
            cause = "no later goal could give up a part of what is found for this one"
            example = "write a list: [{maximize: conversions, keep: 99%}, {minimize: spend}]"
            mend = "remove keep, or add a goal after it" if several else f"remove keep, or {example}"
            r.refuse((*path, "keep"), "keep", cause, mend, key=True)
        keep = Fraction(1) if goal.keep is None else goal.keep.fraction
        found.append(Goal(_objective(path, goal, r), keep))
    return tuple(found)


def _objective(path: Path, goal: schema.Goal, r: Resolving) -> Objective:
    sense = "minimize" if goal.minimize is not None else "maximize"
    weights = goal.minimize if sense == "minimize" else goal.maximize
    mix = []
    for name, weight in (weights or {}).items():  # none: reported already
        node = r.document.at((*path, sense))
        at = (*path, sense) if node is None or isinstance(node.value, str) else (*path, sense, name)
        if name in RATIOS:
            cause = f"{name} is a ratio, which cannot be the objective: a single small booking could have the best one"
            mend = f"maximize or minimize {RATIOS[name].numerator}, and limit {name} by a rule"
            r.refuse(at, "ratio-objective", cause, mend, key=True)
        elif known_quantity(name, at, r) and weight.value:
            if name == REACH:
                check_goal_of_reach(at, sense, 1 if weight.value > 0 else -1, r)
            mix.append((name, weight.fraction))
    if weights and not mix and not r.problems:
        r.refuse(path, "objective", "every weight of the objective is 0", "give a weight other than 0")
    return Objective(sense, tuple(mix) or (("creators", Fraction(1)),))


def constraints_of(
    said: ScenarioFile, r: Resolving, dimensions: Dimensions | None, currency: Currency
) -> tuple[Constraint | Logic, ...]:
    """The budgets and the planner's rules; columns are checked where the pool is known."""
    constraints: list[Constraint | Logic] = list(budgets_of(said, r, currency))
    taken = {constraint.name for constraint in constraints}
    amounts = amounts_of_budget(said)
    for name, rule in said.constraints.items():
        if name in taken:
            mend = "choose another name, or remove the budget"
            cause = "the budget is already a rule with this name"
            r.refuse(("constraints", name), "name-taken", cause, mend, key=True)
            continue
        if isinstance(rule, LogicTerms):
            logic = _logic(name, rule, r)
            constraints += [logic] if logic is not None else []
            continue
        found = _constraint(name, rule, r, dimensions, currency, amounts)
        if found is not None:
            constraints.append(found)
    return tuple(constraints)


def _logic(name: str, said: LogicTerms, r: Resolving) -> Logic | None:
    path = ("constraints", name)
    given = [key for key in (AT_MOST_ONE, EXACTLY_ONE, TOGETHER) if getattr(said, key) is not None]
    if said.condition is not None or said.then is not None:
        given.append(IF)
    if len(given) > 1:
        cause = f"a rule says one thing; this one says {' and '.join(given)}"
        r.refuse(path, "logic", cause, "write a rule for each", key=True)
        return None
    if given == [IF] and (said.condition is None or said.then is None):
        missing = "then" if said.then is None else "if"
        r.refuse(path, "missing-key", f"{missing} is missing", 'write {if: "@a", then: "@b"}', key=True)
        return None
    parts = said.condition if given == [IF] else getattr(said, given[0])
    return Logic(
        name=name,
        kind=given[0],
        parts=tuple(filter_of(part) for part in parts or ()),
        then=tuple(filter_of(part) for part in said.then or ()),
        negotiable=said.negotiable,
        origin=r.origin(path),
    )


def _constraint(
    name: str, rule: Rule, r: Resolving, dimensions: Dimensions | None, currency: Currency, amounts: Amounts
) -> Constraint | None:
    path = ("constraints", name)
    before = len(r.problems)
    if not known_quantity(rule.quantity, (*path, "quantity"), r):
        return None
    check_reach_rule(path, rule, r)
    if len(r.problems) > before:
        return None
    _check_shape(path, rule, r, dimensions)
    of = _share_of(path, rule, r, amounts)
    if any(problem.code == "bounds" for problem in r.problems[before:]):
        return None  # other faults would follow from that one
    (low, high), own = _bounds(path, rule, r, of is not None, currency)
    if len(r.problems) > before:
        return None
    people = filter_of(rule.people)
    return Constraint(
        name=name,
        measure=Measure(rule.quantity, people),
        group=filter_of(rule.group),
        at_least=low,
        at_most=high,
        of=of,
        of_budget=amounts[rule.quantity][0] if isinstance(of, Fraction) else None,
        per=None if rule.per is None else fold(rule.per),
        among=None if rule.among is None else tuple(rule.among),
        own=own,
        or_none=rule.or_none,
        negotiable=rule.negotiable,
        origin=r.origin(path),
    )


def _check_shape(path: tuple[str, ...], rule: Rule, r: Resolving, dimensions: Dimensions | None) -> None:
    """Check which keys fit together: people with gross_reach, among with per, of with additive quantities."""
    if rule.people and rule.quantity != GROSS_REACH and rule.quantity not in REACHING:
        cause = f"`people` says who is reached; {rule.quantity} does not count people"
        r.refuse(
            (*path, "people"), "people", cause, "use gross_reach or reach, or `group` for who reaches them", key=True
        )
    if rule.among is not None and rule.per is None:
        r.refuse(
            (*path, "among"), "among", "`among` names values of `per`, and there is no `per`", "add per: ...", key=True
        )
    if rule.of is not None and rule.quantity in RATIOS:
        cause = f"{rule.quantity} is a ratio: it has no share"
        r.refuse((*path, "of"), "share-of", cause, "remove `of`", key=True)
    if rule.or_none and rule.quantity in RATIOS:
        cause = f"{rule.quantity} is a ratio, which a group without bookings keeps in any case"
        r.refuse((*path, "or_none"), "or-none", cause, "remove or_none", key=True)
    if rule.per is None:
        return
    column = fold(rule.per)
    if column == CREATOR or (column == TALENT and rule.among is None and not _bounds_by_value(rule)):
        _check_each(path, rule, column, r)
    if column == CREATOR or dimensions is None:
        return
    found = dimensions.column(column)
    if not isinstance(found, Labels):
        cause = f'there is no column "{rule.per}"' if found is None else f'"{rule.per}" holds numbers'
        mend = "`per` needs a column of texts" if found is not None else _columns_mend(column, dimensions, r)
        r.refuse((*path, "per"), "unknown-column", cause, mend)


def _bounds_by_value(rule: Rule) -> bool:
    """Whether single values of `per` have bounds of their own."""
    return any(isinstance(said, dict) for said in (rule.at_least, rule.at_most, rule.exactly))


def _check_each(path: tuple[str, ...], rule: Rule, each: str, r: Resolving) -> None:
    """Check a rule for each creator or talent: it bounds those who are booked, and requires nobody."""
    if rule.quantity.startswith(DISTINCT):
        cause = f"{rule.quantity} counts over several bookings, not for each {each}"
        r.refuse((*path, "per"), "each-distinct", cause, "remove `per`, or choose another column", key=True)
    if rule.among is not None:
        mend = "name the creators with group: {creator: [...]}"
        r.refuse(
            (*path, "among"),
            "among",
            "`per: creator` covers everyone who is booked and takes no `among`",
            mend,
            key=True,
        )
    low = rule.at_least if rule.at_least is not None else rule.exactly
    if low is None and each == TALENT and isinstance(rule.at_most, Number) and rule.at_most.value < 0:
        cause = f"{rule.quantity} below zero of each talent could only be kept by booking all of them"
        r.refuse((*path, "at_most"), "each-at-least", cause, "write a bound from 0 up, or use per: creator")
    of_those_booked = rule.or_none and each == CREATOR and isinstance(low, Number) and not low.percent
    if low is not None and rule.quantity not in RATIOS and not of_those_booked:
        cause = f"a lower bound on {rule.quantity} for each {each} could only be kept by booking all of them"
        mend = "leave out those who bring less with `creators: {where: ...}` or `exclude`; a ratio may have at_least"
        if each == CREATOR and not (isinstance(low, Number) and low.percent):
            mend = "add or_none: true, to ask it of those who are booked only; a ratio may have at_least anyway"
        if each == TALENT:
            mend = "name the talents who must bring as much with `among: [...]`; a ratio may have at_least"
        r.refuse(path, "each-at-least", cause, mend, key=True)


def _columns_mend(column: str, dimensions: Dimensions, r: Resolving) -> str:
    unread = [name for name in r.mapped if dimensions.column(name) is None]
    names = [*dimensions.texts, *unread, CREATOR]
    return r.near(column, names) or f"columns of texts in use are: {some(sorted(names))}"


def _share_of(path: tuple[str, ...], rule: Rule, r: Resolving, amounts: Amounts) -> Filter | Fraction | None:
    """What a bound in percent refers to; None if the bounds are absolute."""
    given = [bound for said in (rule.at_least, rule.at_most, rule.exactly) for bound in _every(said)]
    percent = any(bound.percent for bound in given)
    if percent and rule.of is None and rule.quantity not in RATIOS and not all(bound.percent for bound in given):
        mend = "write both in percent, or both as amounts, in a rule of its own each"
        r.refuse(path, "bounds", "one bound is a share in percent, the other an amount", mend, key=True)
    if rule.quantity in RATIOS or (rule.of is None and not percent):
        return None
    if r.quantities[rule.quantity].signed:
        cause = f"{rule.quantity} may be below zero, so a share of it has no meaning"
        r.refuse(path, "share-of", cause, "write an absolute bound, or use revenue", key=True)
    if rule.of == "budget":
        if rule.quantity not in ("spend", "cash"):
            cause = f"{rule.quantity} cannot be a share of the budget, which is money"
            r.refuse((*path, "of"), "share-of", cause, "use spend or cash, or of: plan")
        elif rule.quantity not in amounts:
            other = "" if not amounts else "; a wallet of cash is not a budget of spend"
            cause = f"there is no budget that this could be a share of{other}"
            r.refuse((*path, "of"), "share-of", cause, "add budget: ..., or of: plan")
        elif not amounts[rule.quantity][1]:
            r.refuse((*path, "of"), "share-of", "a share of a budget of 0 is always 0", "write an absolute bound")
        return amounts.get(rule.quantity, ("", Fraction(0)))[1] or Fraction(1)
    if not rule.group and rule.per is None and not rule.people and (rule.of in (None, "plan")):
        cause = "a share of the whole plan without a group is always 100 %"
        r.refuse(path, "share-of", cause, "add a group: {...}, or write an absolute bound", key=True)
    return filter_of(rule.of) if isinstance(rule.of, dict) else EVERYTHING


def _every(said: Bound | None) -> list[Number]:
    """The bounds that a key gives: one, or one for each value."""
    if said is None:
        return []
    return list(said.values()) if isinstance(said, dict) else [said]


def _bounds(
    path: tuple[str, ...], rule: Rule, r: Resolving, share: bool, currency: Currency
) -> tuple[Ends, tuple[tuple[str, Fraction | None, Fraction | None], ...]]:
    """The bounds of all values, and those that single values have of their own."""
    given = {key: getattr(rule, key) for key in ("at_least", "at_most", "exactly") if getattr(rule, key) is not None}
    if not given:
        r.refuse(path, "no-bound", "the rule has no bound", "add at_least, at_most or exactly", key=True)
    if "exactly" in given and len(given) > 1:
        r.refuse(
            (*path, "exactly"),
            "bounds",
            "exactly is given together with another bound",
            "keep one; null removes a bound from the file that this one extends",
            key=True,
        )
    for key, said in given.items():
        for name, bound in said.items() if isinstance(said, dict) else [(None, said)]:
            _check_bound((*path, key) if name is None else (*path, key, name), rule, bound, r, share, currency)
    mine = {key: said for key, said in given.items() if isinstance(said, dict)}
    if mine and (rule.per is None or fold(rule.per) == CREATOR):
        key = next(iter(mine))
        mend = "add per: ..., a column such as platform"
        r.refuse((*path, key), "bounds", "bounds for single values need `per`", mend, key=True)
    plain = {key: said for key, said in given.items() if not isinstance(said, dict)}
    names = dict.fromkeys([*(name for said in mine.values() for name in said), *((rule.among or ()) if mine else ())])
    own = []
    for name in names:
        of_name = plain | {key: said[name] for key, said in mine.items() if name in said}
        if not of_name:
            mend = "give it one beside the others, or leave it out"
            r.refuse((*path, "among"), "no-bound", f"{name} has no bound", mend, key=True)
        own.append((name, *_ends(path, of_name, r, name)))
    return _ends(path, plain, r), tuple(own)


def _ends(path: tuple[str, ...], given: Mapping[str, Number], r: Resolving, name: str = "") -> Ends:
    low, high = given.get("exactly", given.get("at_least")), given.get("exactly", given.get("at_most"))
    if low is not None and high is not None and low.value > high.value:
        of = f" of {name}" if name else ""
        cause = f"at_least {low}{of} is above at_most {high}: no value is between them"
        r.refuse((*path, "at_least"), "bounds", cause, "swap or correct the bounds")
    return (None if low is None else low.fraction, None if high is None else high.fraction)


def _check_bound(
    path: tuple[str, ...], rule: Rule, bound: Number, r: Resolving, share: bool, currency: Currency
) -> None:
    quantity = r.quantities.get(rule.quantity)
    signed = quantity is not None and quantity.signed
    if bound.value < 0 and (share or not signed):
        r.refuse(
            path, "negative", f"{rule.quantity} is never below zero, the bound is {bound}", "write a bound from 0 up"
        )
    ratio = RATIOS.get(rule.quantity)
    of_all = share and not isinstance(rule.of, dict)  # a share of another group may be over 100 %
    if (of_all or (ratio is not None and ratio.share)) and bound.value > 1:
        r.refuse(path, "share-above-one", *share_above_one(bound))
    if quantity is None or share:
        return
    if quantity.whole and r.whole and bound.value != bound.value.to_integral_value():
        r.refuse(path, "not-whole", f"{rule.quantity} are whole; the bound is {bound}", "write a whole number")
    elif quantity.unit == MONEY:
        r.money(path, bound, currency)
        if 0 < bound.value <= 100 and (rule.group or rule.per is not None):
            r.warnings.append(f"{path[1]}: {bound} means {bound} {currency.code}; for a share write a percent sign")
    elif "exactly" in path[2:] and (bound.fraction * 10**6).denominator != 1:
        cause = f"{bound} has more than six decimals: no plan can be exactly that"
        r.refuse(path, "finer-than-counted", cause, "round it")
