"""Rules and the objective: from what the file says to constraints with exact bounds."""

from __future__ import annotations

from fractions import Fraction

from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.exact import Currency, Number
from optimizer.domain.filters import EVERYTHING, Condition, Filter, fold
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import Labels, Pool
from optimizer.domain.quantities import MONEY, NAMED, QUANTITIES, RATIOS
from optimizer.loading.fields import share_above_one
from optimizer.loading.pool import some
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import Rule, ScenarioFile

_LATER = {"reach": "people reached", "frequency": "contacts per person reached"}
BUDGET = "budget"


def filter_of(said: dict[str, Condition]) -> Filter:
    """A filter with its columns as the pool names them."""
    return Filter(tuple((fold(column), asked) for column, asked in said.items()))


def objective_of(said: ScenarioFile, r: Resolving) -> Objective:
    """The objective; any additive quantity or a weighted mix of them."""
    sense = "minimize" if said.objective.minimize is not None else "maximize"
    weights = said.objective.minimize if sense == "minimize" else said.objective.maximize
    mix = []
    for name, weight in (weights or {}).items():  # none: reported already
        node = r.document.at(("objective", sense))
        path = ("objective", sense) if node is None or isinstance(node.value, str) else ("objective", sense, name)
        if name in RATIOS:
            cause = f"{name} is a ratio, which cannot be the objective: one tiny booking could have the best of all"
            mend = f"maximize or minimize {RATIOS[name].numerator}, and hold {name} by a rule"
            r.refuse(path, "ratio-objective", cause, mend, key=True)
        elif _known(name, path, r) and weight.value:
            mix.append((name, weight.fraction))
    if weights and not mix and not r.problems:
        r.refuse(("objective",), "objective", "every weight of the objective is 0", "give a weight other than 0")
    return Objective(sense, tuple(mix) or (("creators", Fraction(1)),))


def _known(name: str, path: tuple[str | int, ...], r: Resolving) -> bool:
    """Whether a quantity is in the tables; reported where it is not."""
    if name in NAMED or name in RATIOS:
        return True
    if name in _LATER or name.startswith("deliverables."):
        what = _LATER.get(name, "one kind of deliverables")
        r.refuse(path, "not-yet", f'"{name}" ({what}) is part of the format, but not yet supported', _instead(name))
    else:
        mend = r.near(name, [*NAMED, *RATIOS]) or f"quantities are: {', '.join([*NAMED, *RATIOS])}"
        r.refuse(path, "unknown-quantity", f'"{name}" is not a quantity', mend, key=False)
    return False


def _instead(name: str) -> str:
    return "use gross_reach, which counts contacts" if name in _LATER else "use deliverables"


def constraints_of(said: ScenarioFile, r: Resolving, pool: Pool | None, currency: Currency) -> tuple[Constraint, ...]:
    """The budget and the planner's rules."""
    constraints = []
    budget = None
    if said.budget is not None:
        r.money(("budget",), said.budget, currency)
        budget = said.budget.fraction
        constraints.append(Constraint(BUDGET, Measure("spend"), at_most=budget, origin=_origin(r, ("budget",))))
    for name, rule in said.constraints.items():
        if name == BUDGET and budget is not None:
            mend = "choose another name, or remove the key budget"
            r.refuse(("constraints", name), "name-taken", "the budget is a rule of this name already", mend, key=True)
            continue
        found = _constraint(name, rule, r, pool, currency, budget)
        if found is not None:
            constraints.append(found)
    return tuple(constraints)


def _origin(r: Resolving, path: tuple[str | int, ...]) -> object:
    node = r.document.at(path)
    return None if node is None else node.key_place or node.place


def _constraint(
    name: str, rule: Rule, r: Resolving, pool: Pool | None, currency: Currency, budget: Fraction | None
) -> Constraint | None:
    path = ("constraints", name)
    before = len(r.problems)
    if not _known(rule.quantity, (*path, "quantity"), r):
        return None
    _check_shape(path, rule, r, pool)
    of = _share_of(path, rule, r, budget)
    if any(problem.code == "bounds" for problem in r.problems[before:]):
        return None  # what else is wrong follows from that
    low, high = _bounds(path, rule, r, of is not None, currency)
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
        per=None if rule.per is None else fold(rule.per),
        among=None if rule.among is None else tuple(rule.among),
        origin=_origin(r, path),
    )


def _check_shape(path: tuple[str, ...], rule: Rule, r: Resolving, pool: Pool | None) -> None:
    """What makes sense together: people with gross_reach, among with per, of with additive quantities."""
    if rule.people and rule.quantity != "gross_reach":
        cause = f"`people` says who is reached; {rule.quantity} does not count people"
        r.refuse((*path, "people"), "people", cause, "use gross_reach, or `group` for who reaches them", key=True)
    if rule.among is not None and rule.per is None:
        r.refuse(
            (*path, "among"), "among", "`among` names the values of `per`, which is not there", "add per: ...", key=True
        )
    if rule.of is not None and rule.quantity in RATIOS:
        cause = f"{rule.quantity} is a ratio: it has no share"
        r.refuse((*path, "of"), "share-of", cause, "remove `of`", key=True)
    if rule.per is None:
        return
    column = fold(rule.per)
    if column == "creator":
        mend = "each creator is booked once at the most as it is"
        r.refuse((*path, "per"), "not-yet", "`per: creator` is part of the format, but not yet supported", mend)
    elif pool is not None and column not in OFFER_COLUMNS and not isinstance(pool.columns.get(column), Labels):
        exists = column in pool.columns
        cause = f'"{rule.per}" holds numbers' if exists else f'there is no column "{rule.per}"'
        mend = "`per` needs a column of texts" if exists else _columns_mend(column, pool, r)
        r.refuse((*path, "per"), "unknown-column", cause, mend)


def _columns_mend(column: str, pool: Pool, r: Resolving) -> str:
    names = [*(name for name, one in pool.columns.items() if isinstance(one, Labels)), *OFFER_COLUMNS]
    return r.near(column, names) or f"columns of texts in use are: {some(sorted(names))}"


def _share_of(path: tuple[str, ...], rule: Rule, r: Resolving, budget: Fraction | None) -> Filter | Fraction | None:
    """What a bound in percent refers to; None where the bounds are absolute."""
    given = [bound for bound in (rule.at_least, rule.at_most, rule.exactly) if bound is not None]
    percent = any(bound.percent for bound in given)
    if percent and rule.of is None and rule.quantity not in RATIOS and not all(bound.percent for bound in given):
        mend = "write both in percent, or both as amounts, in a rule of its own each"
        r.refuse(path, "bounds", "one bound is a share in percent, the other an amount", mend, key=True)
    if rule.quantity in RATIOS or (rule.of is None and not percent):
        return None
    if QUANTITIES[rule.quantity].signed:
        cause = f"{rule.quantity} may be below zero, so a share of it means nothing"
        r.refuse(path, "share-of", cause, "write an absolute bound, or use revenue", key=True)
    if rule.of == "budget":
        if rule.quantity not in ("spend", "cash"):
            cause = f"{rule.quantity} has no share of the budget, which is money"
            r.refuse((*path, "of"), "share-of", cause, "use spend or cash, or of: plan")
        elif budget is None:
            r.refuse((*path, "of"), "share-of", "there is no budget to be a share of", "add budget: ..., or of: plan")
        elif budget == 0:
            r.refuse((*path, "of"), "share-of", "a share of a budget of 0 says nothing", "write an absolute bound")
        return budget or Fraction(1)
    if not rule.group and rule.per is None and not rule.people and (rule.of in (None, "plan")):
        cause = "a share of the whole plan without a group is always 100 %"
        r.refuse(path, "share-of", cause, "add a group: {...}, or write an absolute bound", key=True)
    return filter_of(rule.of) if isinstance(rule.of, dict) else EVERYTHING


def _bounds(
    path: tuple[str, ...], rule: Rule, r: Resolving, share: bool, currency: Currency
) -> tuple[Fraction | None, Fraction | None]:
    given = {key: getattr(rule, key) for key in ("at_least", "at_most", "exactly") if getattr(rule, key) is not None}
    if not given:
        r.refuse(path, "no-bound", "the rule has no bound", "add at_least, at_most or exactly", key=True)
    if "exactly" in given and len(given) > 1:
        r.refuse(
            (*path, "exactly"),
            "bounds",
            "exactly stands beside another bound",
            "keep one; null removes a bound that stands elsewhere",
            key=True,
        )
    for key, bound in given.items():
        _check_bound((*path, key), rule, bound, r, share, currency)
    low, high = given.get("exactly", given.get("at_least")), given.get("exactly", given.get("at_most"))
    if low is not None and high is not None and low.value > high.value:
        cause = f"at_least {low} is above at_most {high}: nothing lies between"
        r.refuse((*path, "at_least"), "bounds", cause, "swap or correct the bounds")
    return (None if low is None else low.fraction, None if high is None else high.fraction)


def _check_bound(
    path: tuple[str, ...], rule: Rule, bound: Number, r: Resolving, share: bool, currency: Currency
) -> None:
    signed = rule.quantity in QUANTITIES and QUANTITIES[rule.quantity].signed
    if bound.value < 0 and (share or not signed):
        r.refuse(
            path, "negative", f"{rule.quantity} is never below zero, the bound is {bound}", "write a bound from 0 up"
        )
    ratio = RATIOS.get(rule.quantity)
    of_all = share and not isinstance(rule.of, dict)  # a share of another group may be over 100 %
    if (of_all or (ratio is not None and ratio.share)) and bound.value > 1:
        r.refuse(path, "share-above-one", *share_above_one(bound))
    quantity = QUANTITIES.get(rule.quantity)
    if quantity is None or share:
        return
    if quantity.whole and bound.value != bound.value.to_integral_value():
        r.refuse(path, "not-whole", f"{rule.quantity} are whole; the bound is {bound}", "write a whole number")
    elif quantity.unit == MONEY:
        r.money(path, bound, currency)
        if 0 < bound.value <= 100 and (rule.group or rule.per is not None):
            r.warnings.append(f"{path[1]}: {bound} means {bound} {currency.code}; for a share write a percent sign")
    elif path[-1] == "exactly" and (bound.fraction * 10**6).denominator != 1:
        cause = f"{bound} is finer than a millionth: no plan can be exactly that"
        r.refuse(path, "finer-than-counted", cause, "round it")
