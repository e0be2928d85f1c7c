"""Comparison: plans side by side, each compared with the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from optimizer.analysis import roster
from optimizer.analysis.attribution import Accounts, accounts, key_changes
from optimizer.analysis.measuring import difference, relative, same_objective, subtractable
from optimizer.domain.filters import fold
from optimizer.domain.quantities import MONEY
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.loading.differing import Between, between
from optimizer.planning.optimize import DEFAULT_GAP, DEFAULT_TIME_LIMIT_S, Planned, Terms, planned
from optimizer.results.comparison import AgainstBase, Amount, Case, Comparison, Move, Proved, RuleRow, TotalRow
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import ConstraintResult, ObjectiveResult, Plan
from optimizer.solving.search import Progress

Compared = Scenario | Plan | NoPlan
Results = Sequence[tuple[str, Plan | NoPlan]]


def compare(
    cases: Mapping[str, Compared] | Iterable[tuple[str, Compared]],
    *,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    rounds: int | None = None,
    why: bool = False,
    on_progress: Callable[[str, Progress | None], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Comparison:
    """Put cases side by side: totals, rules, and who is booked; differences are taken from the first.

    Parameters
    ----------
    cases
        Scenarios, which are planned first, or results of planning, by name. The first one is the base; if it has no
        plan, the first that has one.
    gap, time_limit_s, rounds
        For each scenario that is planned, as for `try_optimize`.
    why
        Whether to find out what each key in which a scenario differs from the base accounts for in the difference of
        their values. Mixes of the two are planned for that: up to four keys get their Shapley values (up to 14 more
        plans a case), more are changed one after the other in file order (up to 19 more).
    on_progress
        Called with the name of a case, and None when its planning begins, then a `Progress` at each improvement. With
        `why`, called with the name and None again when that begins.
    cancel
        Once it returns True, the current search ends with its best plan; the scenarios after it are not planned, and
        are named in `not_planned`.

    Raises
    ------
    ValueError
        If there is no case, or two have the same name.
    ScenarioError, CheckError
        As for `try_optimize`.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> small = load_scenario(campaign, creators=pool, changes={"budget": 100})
    >>> found = compare({"small": small, "large": load_scenario(campaign, creators=pool)})
    >>> [case.objective.value for case in found.cases]
    [150.0, 600.0]
    >>> [(one.key, one.before, one.after) for one in found.cases[1].differs_in]
    [('budget', '100', '250')]
    """
    asked = tuple(cases.items() if isinstance(cases, Mapping) else cases)
    for _, one in asked:
        if not isinstance(one, (Plan, NoPlan)):
            check_loaded(one, "compare")
    names = [name for name, _ in asked]
    if not asked:
        raise ValueError("there is nothing to compare")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two cases have the name {name!r}")
    terms = Terms(gap, time_limit_s, cancel=cancel, rounds=rounds, more_budget=False)
    done: list[_Done] = []
    for name, case in asked:
        if not isinstance(case, Scenario):
            done.append(_Done(name, case))
        elif not done or cancel is None or not cancel():
            found = _planned(name, case, terms, on_progress)
            done.append(_Done(name, found.result, case, found if why else None))
    there = {one.name for one in done}
    told = on_progress or (lambda _name, _progress: None)
    whys = _Why(terms, lambda name: told(name, None)) if why else None
    return _side_by_side(done, tuple(name for name in names if name not in there), whys)


@dataclass(frozen=True, eq=False)
class _Done:
    """A case with its result; of one that was planned here, its scenario, and what the plan rests on if needed."""

    name: str
    result: Plan | NoPlan
    scenario: Scenario | None = None
    planned: Planned | None = None


@dataclass(frozen=True, eq=False)
class _Why:
    """How to find out what accounts for differences; `told` is called with the case that it begins for."""

    terms: Terms
    told: Callable[[str], None]

    def accounts(self, pair: Between | None, base: _Done, case: _Done) -> Accounts:
        """What accounts for the difference between two plans with the same objective."""
        if pair is None or base.planned is None or case.planned is None:
            return Accounts(None, _FINISHED)
        self.told(case.name)
        return accounts(pair, (base.name, case.name), (base.planned, case.planned), self.terms)


_FINISHED = "what accounts for the difference can be told of two scenarios, not of a finished plan"


def _planned(
    name: str,
    scenario: Scenario,
    terms: Terms,
    on_progress: Callable[[str, Progress | None], None] | None,
) -> Planned:
    told = on_progress  # a separate name, so that it does not change with the loop
    if told is not None:
        told(name, None)
        terms = replace(terms, on_progress=lambda progress: told(name, progress))
    return planned(scenario, terms)


def _side_by_side(done: Sequence[_Done], not_planned: tuple[str, ...], why: _Why | None) -> Comparison:
    results = [(one.name, one.result) for one in done]
    plans = [one.result if isinstance(one.result, Plan) else None for one in done]
    base = next((at for at, plan in enumerate(plans) if plan is not None), None)
    quantities = _followed(plans)
    found, names = roster.rosters(plans, quantities), roster.spellings(plans)
    whose = [(name, one) for (name, _), one, plan in zip(results, found, plans, strict=True) if plan is not None]

    @cache
    def from_base(at: int) -> Between | None:
        ours, theirs = done[base or 0].scenario, done[at].scenario
        return None if ours is None or theirs is None else between(ours, theirs)

    def against_base(at: int) -> AgainstBase | None:
        first, plan = None if base is None else plans[base], plans[at]
        if first is None or plan is None or base is None or at == base:
            return None
        against = _against(plan, first, roster.moves((first, found[base]), (plan, found[at]), names, quantities))
        if why is None or against.difference is None:
            return against
        told = why.accounts(from_base(at), done[base], done[at])
        return replace(against, accounts=told.parts, accounts_note=told.note)

    def case(at: int, name: str, result: Plan | NoPlan) -> Case:
        pair = from_base(at)
        words = differs(result, results[0][1]) if at else ()
        return Case(name, result, words, against_base(at), None if pair is None else key_changes(pair))

    return Comparison(
        base=None if base is None else results[base][0],
        cases=tuple(case(at, name, result) for at, (name, result) in enumerate(results)),
        totals=_totals(plans, base),
        rules=_rules(plans),
        roster=roster.rows(found, names),
        creators=roster.creators(whose, names),
        not_compared=tuple(_not_compared(results, base)),
        not_planned=not_planned,
    )


def _followed(plans: Iterable[Plan | None]) -> list[str]:
    """The quantities that are compared booking by booking: spend, and those of the objectives."""
    return list(dict.fromkeys(["spend", *(name for plan in plans if plan is not None for name in plan.objective.of)]))


def differs(result: Plan | NoPlan, first: Plan | NoPlan) -> tuple[str, ...]:
    """What distinguishes a scenario from the first one, in words: its files, else its name; variant and changes."""
    ours, theirs = result.scenario, first.scenario
    known = {file.sha256 for file in first.inputs}
    words = [f"file {file.path}" for file in result.inputs if file.sha256 not in known]
    if not words and ours.name != theirs.name:
        words.append(f"scenario {ours.name}")
    if ours.variant != theirs.variant:
        words.append("no variant" if ours.variant is None else f"variant {ours.variant}")
    words += [f"{path} = {value}" for path, value in ours.changes.items() if theirs.changes.get(path) != value]
    words += [f"without {path} = {value}" for path, value in theirs.changes.items() if path not in ours.changes]
    return tuple(words)


def _against(plan: Plan, base: Plan, moves: tuple[Move, ...]) -> AgainstBase:
    if not same_objective(plan, base):
        return AgainstBase(None, None, None, moves)
    value = plan.objective.value
    more = difference(value, base.objective.value)
    return AgainstBase(more, relative(more, base.objective.value), _proved(plan.objective, base.objective), moves)


def _proved(ours: ObjectiveResult, theirs: ObjectiveResult) -> Proved:
    """Which of the optimal plans is better: the value of each is between its plan and its bound."""
    sign = 1 if ours.sense == "maximize" else -1
    if sign * ours.value > sign * theirs.bound:
        return "better"
    if sign * ours.bound < sign * theirs.value:
        return "worse"
    closed = ours.gap_absolute == theirs.gap_absolute == 0
    return "equal" if closed and ours.value == theirs.value else "open"


def _totals(plans: Sequence[Plan | None], base: int | None) -> tuple[TotalRow, ...]:
    first = None if base is None else plans[base]
    if first is None:
        return ()
    there = [plan for plan in plans if plan is not None]
    named = dict.fromkeys(name for plan in there for name in plan.totals)
    unit = {name: next(plan.units.get(name, "count") for plan in there if name in plan.totals) for name in named}
    return tuple(
        TotalRow(
            name, unit[name], tuple(_amount(name, plan, first if at != base else None) for at, plan in enumerate(plans))
        )
        for name in named
    )


def _amount(quantity: str, plan: Plan | None, base: Plan | None) -> Amount | None:
    if plan is None or quantity not in plan.totals:
        return None
    value = plan.totals[quantity]
    if base is None or quantity not in base.totals or not subtractable(quantity, plan, base):
        return Amount(value, None, None)
    more = difference(value, base.totals[quantity])
    return Amount(value, more, relative(more, base.totals[quantity]))


def _rules(plans: Sequence[Plan | None]) -> tuple[RuleRow, ...]:
    """Rules by name, and by the value of `per`; in the order of their first case."""
    found = [{_rule_key(rule): rule for rule in plan.constraints} if plan is not None else {} for plan in plans]
    shown = []
    for name, per in dict.fromkeys(key for rules in found for key in rules):
        cases = tuple(rules.get((name, per)) for rules in found)
        there = [rule for rule in cases if rule is not None]
        label = None if _for_each(there[0]) else there[0].per_value
        written = {_written(rule, plan) for rule, plan in zip(cases, plans, strict=True) if rule and plan}
        shown.append(RuleRow(name, label, len(written) == 1, cases))
    return tuple(shown)


def _rule_key(rule: ConstraintResult) -> tuple[str, str | None]:
    return rule.name, None if rule.per_value is None or _for_each(rule) else fold(rule.per_value)


def _for_each(rule: ConstraintResult) -> bool:
    """Whether a rule holds for each creator; then `per_value` is only the one with the least room."""
    return rule.kind != "logic" and bool(rule.says)


def _written(rule: ConstraintResult, plan: Plan) -> str:
    """A rule as written, with the currency if its bounds are money."""
    group = {column: asked for column, asked in rule.group.items() if rule.per_value is None or asked != rule.per_value}
    currency = plan.currency if rule.kind != "share" and plan.units.get(rule.quantity) == MONEY else ""
    said = (rule.quantity, rule.kind, group, rule.people, rule.of, rule.at_least, rule.at_most, rule.says, currency)
    return repr(said)


def _not_compared(results: Results, base: int | None) -> Iterable[str]:
    """What cannot be compared with the base, and why."""
    if base is None:
        yield "no case has a plan, so there is nothing to compare"
        return
    name, first = results[base]
    for other in (name for name, _ in results[:base]):
        yield f"{other} has no plan: differences are taken from {name}, the first case that has one"
    if not isinstance(first, Plan):
        return
    plans = [(other, plan) for other, plan in results if isinstance(plan, Plan)]
    for other, plan in plans:
        if plan.currency != first.currency:
            yield (
                f"{other} counts money in {plan.currency}, {name} in {first.currency}: amounts stand side by side and "
                "are never subtracted"
            )
        if not same_objective(plan, first) and not _only_money_differs(plan, first):
            yield f"{other} has another objective than {name}: their values are not compared, only the totals"


def _only_money_differs(plan: Plan, base: Plan) -> bool:
    """Whether two objectives differ only in the currency, which is already reported."""
    ours, theirs = plan.objective, base.objective
    return plan.currency != base.currency and ours.sense == theirs.sense and dict(ours.of) == dict(theirs.of)
