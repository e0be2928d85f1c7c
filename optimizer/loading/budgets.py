"""The budget and the wallets as rules, and the amounts that `of: budget` refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import floor

from optimizer.domain.budgets import Budget
from optimizer.domain.constraints import Constraint, Measure
from optimizer.domain.exact import Currency, Number
from optimizer.domain.quantities import MONEY, REACH
from optimizer.loading.counted import known_quantity
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ScenarioFile

BUDGET = "budget"
_PAID = ("spend", "cash")  # quantities whose budget pays the costs
Amounts = Mapping[str, tuple[str, Fraction]]


def amounts_of_budget(said: ScenarioFile) -> Amounts:
    """What `of: budget` refers to for each quantity: the budget's name, and its amount as written.

    Without a `budget`, it is the wallet of the quantity itself; for cash without a wallet, that of spend.
    """
    if said.budget is not None:
        return dict.fromkeys(_PAID, (BUDGET, said.budget.fraction))
    wallets = {name: (f"{BUDGET} {name}", amount.fraction) for name, amount in (said.wallets or {}).items()}
    amounts = {name: wallets[name] for name in _PAID if name in wallets}
    if "spend" in amounts:
        amounts.setdefault("cash", amounts["spend"])
    return amounts


def budgets_of(said: ScenarioFile, r: Resolving, currency: Currency) -> Iterator[Constraint]:
    """The budget and each wallet as rules; costs are deducted from those of spend and cash."""
    wallets = said.wallets or {}
    if said.budget is not None and "spend" in wallets:
        cause = "budget and the wallet of spend are the same limit: both are given"
        r.refuse(("wallets", "spend"), "bounds", cause, "keep one of them", key=True)
    if said.budget is None and not set(_PAID) & set(wallets) and (said.costs.fixed or said.costs.reserve):
        mend = "add budget: ..., or remove costs"
        r.refuse(("costs",), "costs", "costs come out of a budget, but there is no budget", mend, key=True)
    if said.budget is not None:
        yield _paid(BUDGET, ("budget",), "spend", said.budget, said, r, currency)
    for name, amount in wallets.items():
        path, title = ("wallets", name), f"{BUDGET} {name}"
        if not known_quantity(name, path, r):
            continue
        quantity = r.quantities.get(name)
        if name == REACH:
            cause = "people reached are no wallet: a limit on them cannot be kept exactly"
            r.refuse(path, "wallet", cause, "use gross_reach, which adds audiences up", key=True)
        elif quantity is None or quantity.signed or name == "profit":
            r.refuse(
                path, "wallet", f"a wallet limits what is used up; {name} is not", "write a rule instead", key=True
            )
        elif name in _PAID:
            yield _paid(title, path, name, amount, said, r, currency)
        else:
            if quantity.unit == MONEY:
                r.money(path, amount, currency)
            most = Fraction(floor(amount.fraction)) if quantity.whole else amount.fraction
            yield Constraint(title, Measure(name), at_most=most, origin=r.origin(path))


def _paid(
    title: str, path: tuple[str, ...], name: str, amount: Number, said: ScenarioFile, r: Resolving, currency: Currency
) -> Constraint:
    """The upper bound on spend or cash: reserve and fixed costs are deducted, and the agency's fee counts."""
    costs = said.costs
    r.money(path, amount, currency)
    if costs.fixed is not None:
        r.money(("costs", "fixed"), costs.fixed, currency)
    reserve, fixed = (Fraction(0) if said is None else said.fraction for said in (costs.reserve, costs.fixed))
    budget = Budget(amount.fraction, reserve, fixed)
    left = budget.left(budget.written)
    if left < 0:
        cause = f"reserve and fixed costs are more than the budget of {amount}"
        r.refuse(("costs",), "costs", cause, "lower them, or raise the budget", key=True)
    if costs.agency is not None:
        name = {"spend": "cost", "cash": "cash_cost"}[name]
    note = _less(amount, said, currency) if left != budget.written else ""
    most = max(left, Fraction(0))
    return Constraint(title, Measure(name), at_most=most, note=note, budget=budget, origin=r.origin(path))


def _less(amount: Number, said: ScenarioFile, currency: Currency) -> str:
    """What was deducted from a budget before creators are paid, in words."""
    costs, parts = said.costs, [f"{amount.value:,f} {currency.code}"]
    if costs.reserve is not None:
        parts.append(f"less {costs.reserve} in reserve")
    if costs.fixed is not None:
        parts.append(f"less {costs.fixed.value:,f} fixed costs")
    return ", ".join(parts)
