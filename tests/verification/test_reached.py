"""People reached, verified: curves, overlaps and tangents worked out a second time, and no false figure believed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from math import log, prod
from typing import Any

import numpy as np
import pytest

from optimizer import load_scenario, verify
from optimizer.domain.audience import audience_of
from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.curves import UNIT, Curve, exposure_of
from optimizer.domain.filters import EVERYTHING, AnyOf, Filter
from optimizer.domain.quantities import REACH
from optimizer.domain.scenario import Scenario
from optimizer.estimation.contacts import contacts
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.planning.certificate import row_names
from optimizer.verification import curves
from optimizer.verification.bookings import Bookings
from optimizer.verification.kinds.registry import rules_of
from optimizer.verification.people import Seen
from optimizer.verification.rows import Rows
from optimizer.verification.terms import Row
from tests.support.amounts import seeded, times
from tests.support.audiences import MICRO, ByHand, answer, drawn, every_plan, in_words, sealed

DRAWS = times(60)
KS = (None, Fraction("0.1"), Fraction("0.3"), Fraction(1), Fraction(5, 2), Fraction(50))


@cache
def answers() -> list[tuple[Scenario, dict[str, Any]]]:
    scenarios = [drawn(seeded(f"verified {number}")) for number in range(DRAWS)]
    return [(scenario, answer(scenario)) for scenario in scenarios]


def plans() -> list[tuple[Scenario, dict[str, Any]]]:
    return [(scenario, said) for scenario, said in answers() if said["outcome"] == "plan" and said["allocations"]]


def rows_of(scenario: Scenario) -> Rows:
    bookings = Bookings(scenario, {})
    return Rows(bookings, rules_of(bookings))


def test_every_answer_is_verified() -> None:
    seen = Counter[str]()
    for number, (scenario, said) in enumerate(answers()):
        verification = verify(said, scenario)
        assert verification.holds, f"{number}: {verification}"
        seen[said["outcome"]] += 1
        seen["cases"] += bool((said.get("certificate") or {}).get("cases"))
        seen["reach"] += "reach" in said.get("totals", {})
    assert min(seen["plan"], seen["infeasible"], seen["cases"], seen["reach"]) > DRAWS // 20


# --- curves ---


def test_both_curves_are_the_same_to_the_millionth() -> None:
    rng = random.Random(seeded("both curves"))
    for _ in range(times(3_000)):
        curve = Curve(
            rng.choice([MICRO * rng.randint(1, 999), 10 ** rng.randint(6, 15)]), rng.choice(KS), rng.random() < 0.1
        )
        e = rng.choice([rng.randint(0, 10**15), int(10 ** rng.uniform(0, 15)), UNIT * rng.randint(0, 9)])
        assert curves.reached(curve, e) == curve.reached(e), (curve, e)
        slope = Fraction(rng.randint(0, 2 ** rng.randint(1, 40)), 1 << rng.randint(0, 24))
        assert curves.beyond(curve, slope) == curve.above(slope), (curve, slope)
        if not curve.all_of_it:
            part = rng.choice([rng.randint(1, curve.people), curve.people * rng.randint(1, 10) // 10])
            assert curves.exposure(curve, part) == exposure_of(part, curve.people, curve.k), (curve, part)


def test_both_find_the_same_people_reached_by_each_booking() -> None:
    for number in range(DRAWS):
        scenario = drawn(seeded(f"contacts {number}"))
        bookings, by_hand = Bookings(scenario, {}), ByHand(scenario)
        found = contacts(by_hand.estimates)
        again = replace(scenario, objective=Objective("maximize", ((REACH, Fraction(1)),)))
        mine = Bookings(again, {}).contacts
        every = [(at, cell, *contact) for at, parts in enumerate(mine) for cell, contact in sorted(parts.items())]
        columns = (found.booking, found.cell, found.gross, found.exposure)
        assert every == list(zip(*(column.tolist() for column in columns), strict=True)), number
        assert len(mine) == len(bookings)


def test_people_reached_by_two_and_by_three_are_those_of_all_ways_to_be_reached() -> None:
    """Of people who follow creators by chance, each way that some of the bookings reach and the others do not."""
    rng = random.Random(seeded("by two"))
    for _ in range(times(60)):
        shares = [rng.uniform(0.01, 0.9) for _ in range(rng.randint(1, 5))]
        seen = Seen(Curve(1_000 * MICRO), {at: (-log(1 - share), 1) for at, share in enumerate(shares)})
        ways = dict.fromkeys(range(6), 0.0)
        for reach in product((0, 1), repeat=len(shares)):
            ways[sum(reach)] += prod(p if one else 1 - p for one, p in zip(reach, shares, strict=True))
        for many in (2, 3):
            assert seen.at_least(many) == pytest.approx(1_000 * sum(ways[one] for one in range(many, 6)), abs=1e-9)
        for at, more in seen.added().items():
            others = prod(1 - share for other, share in enumerate(shares) if other != at)
            assert more == pytest.approx(1_000 * shares[at] * others)
        for (one, other), both in seen.shared().items():
            assert both == pytest.approx(1_000 * shares[one] * shares[other])


def test_people_who_follow_unequally_are_reached_twice_more_often() -> None:
    """By as much as their inclinations say, drawn from a gamma distribution."""
    k, rng = Fraction(1, 2), np.random.default_rng(3)
    exposed = [0.2, 0.5, 1.0]
    inclined = rng.gamma(0.5, 2.0, 400_000)
    reached = np.array([1 - np.exp(-e * inclined) for e in exposed])
    two = (
        1
        - np.prod(1 - reached, axis=0)
        - sum(reached[at] * np.prod(1 - np.delete(reached, at, axis=0), axis=0) for at in range(3))
    )
    seen = Seen(Curve(MICRO, k), {at: (e, 1) for at, e in enumerate(exposed)})
    assert seen.at_least(2) == pytest.approx(float(two.mean()), abs=2e-3)
    assert seen.at_least(3) == pytest.approx(float(np.prod(reached, axis=0).mean()), abs=2e-3)
    assert seen.at_least(2) > Seen(Curve(MICRO), {0: (0.2, 1), 1: (0.2, 1), 2: (0.2, 1)}).at_least(2)


def test_one_booking_made_thrice_reaches_by_three() -> None:
    for curve in (Curve(MICRO), Curve(MICRO, Fraction(1)), Curve(MICRO, all_of_it=True)):
        often, apart = Seen(curve, {0: (0.7, 3)}), Seen(curve, {0: (0.7, 1), 1: (0.7, 1), 2: (0.7, 1)})
        assert [often.at_least(many) for many in (2, 3)] == pytest.approx([apart.at_least(many) for many in (2, 3)])
    assert Seen(Curve(MICRO, all_of_it=True), {0: (1.0, 2)}).at_least(3) == 0


def test_people_stated_of_a_scenario_without_an_audience_are_found() -> None:
    plain = replace(campaign(), audience=None, objective=Objective("maximize", (("engagements", Fraction(1)),)))
    said = answer(plain)
    assert verify(said, plain).holds
    verification = verify(sealed(said | {"people": {"reach": 5.0}}), plain)
    assert "people: is stated, but does not follow from the scenario" in map(str, verification.differences)


# --- columns and rows ---


def as_numbers(row: Row) -> dict[int, int]:
    found: dict[int, int] = {}
    for term in row.terms:
        for at in term.members:
            found[at] = found.get(at, 0) + term.multiplier * term.values[at]
    return {at: value for at, value in found.items() if value}


def with_tangents(program: Program, rng: np.random.Generator) -> Program:
    """With the rows that some solutions make."""
    for size in (0.1, 0.5, 1.0, 1.0):
        x = np.concatenate([rng.random(program.bookings) * size, np.zeros(len(program) - program.bookings)])
        program = program.relaxed([*program.rows, *program.tangents(x, 0.0)])
    return program


def test_both_make_the_same_columns_and_rows() -> None:
    rng, tangents, blocks = np.random.default_rng(6), 0, 0
    for number in range(DRAWS):
        scenario = drawn(seeded(f"rows {number}"))
        program, rows = with_tangents(build(estimate(scenario)), rng), rows_of(scenario)
        assert [one * program.parts for one in rows.largest] == program.available[
            len(program.available) - (len(program) - program.bookings) :
        ].tolist(), number
        for name, row in zip(row_names(program), program.rows, strict=True):
            mine = rows.named(name)
            assert mine is not None, (number, name)
            assert (mine.lower, mine.upper) == (row.lower, row.upper), (number, name)
            assert as_numbers(mine) == {at: v for at in range(len(program)) if (v := row.coefficient(at))}, (
                number,
                name,
            )
            tangents += ": slope " in name
        blocks += len(program.overlaps)
    assert tangents > 5 * DRAWS
    assert blocks > DRAWS


def test_every_tangent_that_can_be_named_is_kept_by_every_plan() -> None:
    """Whatever slope a certificate names; so none proves a bound that is false."""
    rng = random.Random(seeded("named"))
    named = 0
    for number in range(times(25)):
        scenario = drawn(seeded(f"named {number}"))
        program, rows = build(estimate(scenario)), rows_of(scenario)
        every = [
            dict(zip(plan.columns.tolist(), map(Fraction, plan.counts.tolist()), strict=True))
            for plan in every_plan(program)
        ]
        for block in program.overlaps:
            for at in range(len(block)):
                steep = block.steepness(at, 0.0)
                for slope in {0, 1, steep, 10 * steep, *(int(steep * rng.random() ** 4) for _ in range(4))}:
                    row = rows.named(block.label(at, slope))
                    assert row is not None
                    assert row.lower is not None
                    for plan in every[:: 1 + len(every) // 60]:
                        total = sum((term.total(plan) for term in row.terms), Fraction(0))
                        assert total >= row.lower, (number, row.name, plan)
                    named += 1
    assert named > 100


@pytest.mark.parametrize("slope", ["-1", "01", "+1", "1e3", "1.0", "", "٣", "1" * 40])
def test_a_slope_that_is_not_written_as_a_whole_number_makes_no_row(slope: str) -> None:
    rows = rows_of(campaign())
    assert rows.named("people of north by all: slope 1") is not None
    assert rows.named(f"people of north by all: slope {slope}") is None


def test_a_tangent_of_nobody_makes_no_row() -> None:
    rows = rows_of(campaign())
    assert rows.named("people of nowhere by all: slope 1") is None
    assert rows.named("people of north by others: slope 1") is None


# --- false figures ---


def broken(said: dict[str, Any], path: Sequence[str | int], value: Any) -> dict[str, Any]:
    """A plan with one other value, and a digest that fits."""
    if not path:
        raise ValueError("a place is needed")
    changed: Any = list(said) if isinstance(said, list) else dict(said)
    changed[path[0]] = value if len(path) == 1 else broken(said[path[0]], path[1:], value)  # type: ignore[index]
    return sealed(changed) if isinstance(changed, dict) and "format" in changed else changed


def test_one_person_more_or_less_is_found_in_every_place() -> None:
    checked, rng = Counter[str](), random.Random(seeded("one person"))
    for scenario, said in plans():
        places: list[tuple[str | int, ...]] = [("totals", name) for name in ("reach", "frequency", "cost_per_person")]
        asked = [at for at, rule in enumerate(said["constraints"]) if rule["quantity"] == REACH]
        places += [("constraints", at, name) for at in asked for name in ("value", "room")]
        if "people" in said:
            places += [("people", name) for name in ("reach", "gross_reach", "by_two", "by_three", "cells")]
            places += [("people", "shared", at, "people") for at in range(len(said["people"]["shared"]))]
            places += [("allocations", at, "adds_people") for at in range(len(said["allocations"]))]
        places += [("objective", name) for name in ("value", "bound") if REACH in said["objective"]["of"]]
        for path in rng.sample(places, min(len(places), 9)):
            value: Any = said
            for step in path:
                value = value[step]
            bit = 1e-6 if path[0] != "people" and path[-1] != "adds_people" else 1e-3  # those are worked out in floats
            for other in (value + 1, value - 1, value + bit * max(abs(value), 1), value * 1.01 + bit):
                if path == ("objective", "bound") and other > value:
                    continue  # that is a weaker claim, and a true one but for its gap
                assert not verify(broken(said, path, other), scenario).holds, path
                checked[str(path[-1])] += 1
    assert min(checked[name] for name in ("reach", "frequency", "cost_per_person", "room", "bound")) > 10


def test_a_plan_whose_people_are_too_few_breaks_its_rule() -> None:
    """One booking fewer, where the plan has no more people than a rule asks for."""
    found = 0
    for scenario, said in plans():
        for at in range(len(said["allocations"])):
            fewer = [*said["allocations"][:at], *said["allocations"][at + 1 :]]
            verification = verify(broken(said, ("allocations",), fewer), scenario)
            assert not verification.holds
            found += any("breaks the rule floor" in one.text for one in verification.differences)
    assert found > 10


def north_and_south() -> dict[str, list[Any]]:
    return {
        "creator": ["@a", "@b", "@c", "@d"],
        "followers": [10_000, 9_000, 8_000, 7_000],
        "average_views": [6_000, 6_000, 5_000, 4_000],
        "average_engagements": [100, 110, 120, 130],
        "platform": ["tiktok", "tiktok", "youtube", "youtube"],
        "fee": [100, 100, 100, 100],
    }


def campaign(*rules: Constraint, budget: int = 200, whole: bool = True, people: int = 9_000, **more: Any) -> Scenario:
    """Four creators, of whom the first two are mostly seen in the north and the others in the south."""
    said = {"format": 1, "currency": "EUR", "budget": budget, "objective": {"maximize": "engagements"}}
    said |= {} if whole else {"whole": False}
    plain = load_scenario(said, creators=north_and_south())
    shares = [(0, 0, 0.9), (0, 1, 0.1), (1, 0, 0.8), (1, 1, 0.2), (2, 1, 1.0), (3, 1, 0.9), (3, 0, 0.1)]
    columns = tuple(np.array(column) for column in zip(*shares, strict=True))
    names = more.get("names", ["north", "south"])
    values = [{"country": "fr"}, {"country": "de"}]
    kinds = [Curve(people * MICRO), Curve(people * MICRO, Fraction(1, 2))]
    audience = audience_of(names, kinds, values, columns, 4)
    objective = Objective("maximize", ((REACH, Fraction(1)),))
    return replace(plain, audience=audience, objective=objective, constraints=(*plain.constraints, *rules))


def test_a_plan_of_another_rule_is_found_to_break_it() -> None:
    french = Filter((("country", AnyOf(("FR",))),))
    asked = [
        campaign(Constraint("french", Measure(REACH, french), at_least=Fraction(least))) for least in (4_000, 7_900)
    ]
    said = answer(asked[0])
    assert verify(said, asked[0]).holds
    verification = verify(said, asked[1])
    assert "allocations: the plan breaks the rule french" in map(str, verification.differences)


@pytest.mark.parametrize("budget", [100, 200, 300])
def test_no_slope_and_no_price_prove_that_a_poor_plan_is_the_best(budget: int) -> None:
    """The plan of a smaller budget, with other slopes in the names of the rows of its proof."""
    scenario, poor = campaign(budget=400), answer(campaign(budget=budget))
    rng, value = random.Random(budget), poor["objective"]["value"]
    best = max(float(build(estimate(scenario)).value(plan)) for plan in every_plan(build(estimate(scenario))))
    assert value * MICRO < best
    told = poor["objective"] | {"bound": value, "gap": 0.0, "gap_absolute": 0.0}
    for _ in range(200):
        rows: dict[str, float] = {}
        for name, price in poor["certificate"]["rows"].items():
            what, slope, steep = name.partition(": slope ")
            other = int(int(steep) * rng.choice([0, 0.01, 0.5, 0.99, 1.01, 2, 100])) if slope else 0
            rows[f"{what}{slope}{other}" if slope else name] = price * rng.choice([0.5, 1.0, 1.0, 2.0])
        proof = poor["certificate"] | {"rows": rows, "bound": value, "root_bound": value, "gap": 0.0, "relaxed": None}
        proof |= {"bookings": [], "stages": [], "cases": [], "above": None}
        forged = sealed(
            poor | {"certificate": proof, "objective": told, "claim": "optimal", "scenario": poor["scenario"]}
        )
        verification = verify(forged, scenario)
        assert any(one.where.startswith(("objective", "certificate")) for one in verification.differences)


def test_a_slope_that_is_changed_proves_no_bound_that_is_false() -> None:
    """What is proved with another slope is worked out anew: mostly less, and never less than the best plan is worth."""
    seen = Counter[bool]()
    for scenario, said in plans():
        rows = said["certificate"]["rows"]
        program = build(estimate(scenario))
        keeping = [plan for plan in every_plan(program) if not any(rule.failure(plan) for rule in program.rules)]
        best = max(float(program.value(plan)) for plan in keeping) / program.denominator
        for name in [name for name, price in rows.items() if price and ": slope " in name]:
            what, _, slope = name.partition(": slope ")
            for other in (int(slope) // 3, 3 * int(slope) + 1):
                new = {(f"{what}: slope {other}" if one == name else one): price for one, price in rows.items()}
                holds = verify(broken(said, ("certificate", "rows"), new), scenario).holds
                assert not holds or program.objective.sign * said["objective"]["bound"] >= best * (1 - 1e-12), name
                seen[holds] += 1
    assert seen[False] > 100 > seen[True] / 10


# --- names ---


def test_rules_and_cells_may_have_any_names() -> None:
    """Also such that rows of two groups would have one name."""
    tiktok, youtube = (Filter((("platform", AnyOf((name,))),)) for name in ("tiktok", "youtube"))
    rules = [
        Constraint("all", Measure(REACH), tiktok, at_least=Fraction(3_000)),
        Constraint("south by all", Measure(REACH), youtube, at_least=Fraction(3_000)),
        Constraint("each", Measure(REACH), EVERYTHING, at_least=Fraction(3_000), per="platform"),
        Constraint("often", Measure("frequency"), tiktok, at_most=Fraction(3)),
        Constraint("x: slope 5", Measure(REACH), youtube, at_least=Fraction(2_000)),
    ]
    for names in (["north", "south"], ["a", "a"], ["north", "north by south"], [": slope 5", ": slope 5 #2"]):
        for order in (rules, rules[::-1]):
            scenario = campaign(*order, budget=300, names=names)
            said, program = answer(scenario), build(estimate(scenario))
            labels = [block.label(at, 5) for block in program.overlaps for at in range(len(block))]
            assert len(labels) == len(set(labels))
            rows = rows_of(scenario)
            assert all(rows.named(label) is not None for label in labels)
            assert said["outcome"] == "plan"
            assert str(verify(said, scenario)).startswith("verified")


# --- what is refused ---


def test_an_audience_that_is_too_small_is_refused() -> None:
    said = answer(campaign())
    verification = verify(said, campaign(people=5_000))
    assert not verification.holds
    assert "a booking reaches more people of north than there are" in str(verification)


def test_bookings_in_parts_and_a_scenario_without_an_audience_are_refused() -> None:
    said = answer(campaign())
    for other in (campaign(whole=False), replace(campaign(), audience=None)):
        verification = verify(said, other)
        assert not verification.holds
        assert "people reached are counted of whole bookings, and of an audience" in str(verification)


def test_a_plan_that_books_in_parts_is_no_plan_of_whole_bookings() -> None:
    said = answer(campaign())
    half = said["allocations"][0] | {"count": 0.5, "exact_count": "1/2"}
    verification = verify(broken(said, ("allocations", 0), half), campaign())
    assert not verification.holds
    assert "is booked in parts" in str(verification)


def test_totals_of_reach_follow_from_the_bookings_even_if_nothing_asks_for_it() -> None:
    scenario = campaign()
    plain = replace(scenario, objective=Objective("maximize", (("engagements", Fraction(1)),)))
    said = answer(plain)
    assert said["totals"]["reach"] == pytest.approx(
        ByHand(plain).reach({2: 1, 3: 1}, range(4)), rel=1e-9
    )  # the two with the most engagements
    assert verify(said, plain).holds
    assert not verify(broken(said, ("totals", "reach"), said["totals"]["reach"] + 1), plain).holds


def test_nobody_is_reached_where_nobody_is_booked() -> None:
    scenario = campaign(budget=50)
    said = answer(scenario)
    assert said["allocations"] == []
    assert said["totals"]["reach"] == 0
    assert verify(said, scenario).holds


def test_the_tests_of_plans_look_at_plans_in_words() -> None:
    program = build(estimate(campaign()))
    every = [in_words(program, plan) for plan in every_plan(program)]
    assert len(every) == 16
    assert {0: 1, 3: 1} in every
