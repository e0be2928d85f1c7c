"""Random scenarios with groups that are used properly or not at all, and different values; with all of their plans."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

Said = dict[str, Any]
Chosen = Mapping[int, str]  # the offer of each booked creator
_NICHES = ("fantasy", "romance", "thriller", "poetry")
_GOALS = ("engagements", "score", "spend", "creators", "distinct.niche", "distinct.talent", "distinct.city")
_COUNTED = ("creators", "spend", "score", "deliverables", "engagements", "distinct.niche", "distinct.talent")


def words(seed: int) -> tuple[Said, dict[str, list[Any]]]:
    """A scenario and its pool."""
    rng = random.Random(seed)
    size = rng.randint(3, 6)

    def niche() -> str:
        chance = rng.random()
        return "" if chance < 0.15 else "|".join(rng.sample(_NICHES, 2)) if chance < 0.35 else rng.choice(_NICHES)

    pool: dict[str, list[Any]] = {
        "creator": [f"@c{at}" for at in range(size)],
        "niche": [niche() for _ in range(size)],
        "city": [rng.choice(["Lyon", "Paris", "Metz"]) for _ in range(size)],
        "talent": [rng.choice(["", "Ana", "Bo", "ana", "Ana|Bo"]) for _ in range(size)],
        "average_engagements": [rng.randint(1, 300) for _ in range(size)],
        "fee": [rng.randint(0, 200) for _ in range(size)],
        "score": [-1, *(rng.randint(-3, 5) for _ in range(size - 1))],
    }
    mix = {rng.choice(_GOALS): 1}
    if rng.random() < 0.4:
        mix[rng.choice(_GOALS)] = rng.choice([1, 3, 50])
    said: Said = {
        "format": 1,
        "currency": "EUR",
        "forecast": {"rates": "measured"},
        "offers": {"one": {"deliver": {"post": 1}}},
        "quantities": ["score"],
        "objective": {rng.choice(["maximize", "maximize", "minimize"]): mix},
        "constraints": {f"rule {at}": _rule(rng) for at in range(rng.randint(1, 4))},
    }
    if rng.random() < 0.8:
        said["budget"] = rng.randint(50, 600)
    if rng.random() < 0.5:
        said["offers"]["two"] = {"deliver": {"post": 2}, "discount": "10%"}
    if rng.random() < 0.15:
        said["include"] = ["@c0"]
    return said, pool


def _rule(rng: random.Random) -> Said:
    quantity = rng.choice([*_COUNTED, "distinct.offer"])
    rule: Said = {"quantity": quantity, "or_none": rng.random() < 0.6}
    column = rng.choice(["city", "niche", "offer", "per", ""])
    if column == "per":
        rule["per"] = "city"
    elif column:
        rule["group"] = {column: {"city": "Lyon", "niche": rng.choice(_NICHES), "offer": "one"}[column]}
    low: int | str
    high: int | str
    if quantity != "score" and column and rng.random() < 0.25:
        low, high = f"{rng.randint(5, 60)}%", f"{rng.randint(61, 100)}%"
    else:
        most = {"spend": 200, "engagements": 300, "score": 4}.get(quantity, 3)
        low = rng.randint(-4 if quantity == "score" else 1, most)
        high = rng.choice([most + rng.randint(0, most), -1 if quantity == "score" else most])
    keys = rng.choice([("at_least",), ("at_least",), ("at_most",), ("at_least", "at_most"), ("exactly",)])
    if len(keys) == 2 and isinstance(low, int) and isinstance(high, int):
        high = max(low, high)
    return rule | {key: high if key == "at_most" else low for key in keys}


def value(said: Said, pool: Said, chosen: Chosen, quantity: str, inside: Callable[[int, str], bool]) -> Fraction:
    """A quantity over some bookings of a plan."""
    mine = [(at, offer) for at, offer in chosen.items() if inside(at, offer)]
    if quantity.startswith("distinct."):
        return Fraction(len(set().union(*(_values(pool, quantity.removeprefix("distinct."), *one) for one in mine))))
    total = Fraction(0)
    for at, offer in mine:
        pieces = 1 if offer == "one" else 2
        fee = 100 * pieces * pool["fee"][at]
        paid = Fraction(fee if pieces == 1 else -(-fee * 9 // 10), 100)
        each = {"creators": 1, "deliverables": pieces, "score": pool["score"][at], "spend": paid}
        total += each.get(quantity, pieces * pool["average_engagements"][at])
    return total


def _values(pool: Said, column: str, at: int, offer: str) -> set[str | int]:
    if column == "offer":
        return {offer}
    said = {one.casefold() for one in pool[column][at].split("|") if one}
    return said or ({at} if column == "talent" else set())


def _groups(pool: Said, rule: Said) -> Iterator[Callable[[int, str], bool]]:
    if "per" in rule:
        for city in sorted(set(pool["city"])):
            yield lambda at, _, city=city: pool["city"][at] == city  # type: ignore[misc]
        return
    group = rule.get("group", {})
    yield lambda at, offer: all(
        offer == asked if column == "offer" else asked in pool[column][at].split("|") for column, asked in group.items()
    )


def _number(bound: int | str) -> Fraction:
    return Fraction(bound) if isinstance(bound, int) else Fraction(bound.removesuffix("%")) / 100


def keeps(said: Said, pool: Said, chosen: Chosen) -> bool:
    """Whether a plan keeps the budget and all rules."""

    def everybody(_: int, __: str) -> bool:
        return True

    if "budget" in said and value(said, pool, chosen, "spend", everybody) > said["budget"]:
        return False
    if "include" in said and 0 not in chosen:
        return False
    for rule in said["constraints"].values():
        low, high = (rule.get("exactly", rule.get(key)) for key in ("at_least", "at_most"))
        share = isinstance(low, str) or isinstance(high, str)
        whole = value(said, pool, chosen, rule["quantity"], everybody) if share else Fraction(1)
        for inside in _groups(pool, rule):
            mine = value(said, pool, chosen, rule["quantity"], inside)
            within = (low is None or mine >= _number(low) * whole) and (high is None or mine <= _number(high) * whole)
            if not within and not (rule["or_none"] and mine == 0):
                return False
    return True


def plans(said: Said, pool: Said) -> list[Chosen]:
    """All plans that keep the rules."""
    choices = itertools.product([None, *said["offers"]], repeat=len(pool["creator"]))
    every = ({at: offer for at, offer in enumerate(choice) if offer is not None} for choice in choices)
    return [chosen for chosen in every if keeps(said, pool, chosen)]


def best(said: Said, pool: Said) -> list[Fraction]:
    """The best value of each goal in order, among the plans that keep what is kept before it; or none."""
    found, left = [], plans(said, pool)
    goals = said["objective"] if isinstance(said["objective"], list) else [said["objective"]]
    for goal in goals if left else []:
        ((sense, mix),) = ((key, mix) for key, mix in goal.items() if key != "keep")
        sign = 1 if sense == "maximize" else -1
        values = [
            sum(
                (weight * value(said, pool, one, name, lambda _, __: True) for name, weight in mix.items()), Fraction(0)
            )
            for one in left
        ]
        found.append(sign * max(sign * one for one in values))
        least = sign * found[-1] - (1 - _number(goal.get("keep", "100%"))) * abs(found[-1])
        left = [one for one, worth in zip(left, values, strict=True) if sign * worth >= least]
    return found


def goals(seed: int) -> tuple[Said, dict[str, list[Any]]]:
    """A scenario with two or three goals in order, and its pool."""
    said, pool = words(seed)
    rng = random.Random(f"goals {seed}")
    many = rng.choice([2, 2, 3])
    said["objective"] = [
        {rng.choice(["maximize", "minimize"]): {rng.choice(_GOALS): 1, rng.choice(_GOALS): rng.choice([1, 7])}}
        | ({"keep": rng.choice(["99%", "90%", "50%", "0%", "100%"])} if at + 1 < many and rng.random() < 0.8 else {})
        for at in range(many)
    ]
    return said, pool
