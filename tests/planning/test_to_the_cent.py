"""Money to the cent where amounts of all sizes meet, against every choice: a solver's tolerance hides nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import compress, product
from typing import Any

import pytest

from optimizer import NoPlan, Plan, Scenario, load_scenario, try_optimize, verify
from tests.support.amounts import seeded, times

COUNT = times(110)
SEED = seeded("to the cent")


@dataclass(frozen=True)
class Asked:
    """Fees in cents and worths in millionths; what may be spent, how many may be booked, and which worth is best."""

    seed: str
    fees: list[int]
    worths: list[int]
    least: int | None
    most: int | None
    creators: int
    sense: str

    @property
    def scenario(self) -> Scenario:
        spend: dict[str, Any] = {"quantity": "spend"}
        if self.least is not None and self.least == self.most:
            spend["exactly"] = cents(self.least)
        else:
            bounds = {"at_least": self.least, "at_most": self.most}
            spend |= {key: cents(value) for key, value in bounds.items() if value is not None}
        rules = {"money": spend, "few": {"quantity": "creators", "at_most": self.creators}}
        return asked(list(map(cents, self.fees)), list(map(millionths, self.worths)), self.sense, constraints=rules)

    @property
    def best(self) -> Fraction | None:
        found = []
        for chosen in product([False, True], repeat=len(self.fees)):
            spent = sum(compress(self.fees, chosen))
            kept = (self.least is None or spent >= self.least) and (self.most is None or spent <= self.most)
            if kept and sum(chosen) <= self.creators:
                found.append(sum(compress(self.worths, chosen)))
        if not found:
            return None
        return Fraction(max(found) if self.sense == "maximize" else min(found), 10**6)


def asked(fees: list[str], worths: list[str], sense: str, **more: Any) -> Scenario:
    said = {"format": 1, "currency": "EUR", "quantities": {"worth": {"column": "worth"}}, "objective": {sense: "worth"}}
    frame = {"creator": [f"@c{at}" for at in range(len(fees))], "fee": fees, "worth": worths}
    return load_scenario(said | more, creators=frame)


def cents(amount: int) -> str:
    return str(Decimal(amount) / 100)


def millionths(amount: int) -> str:
    return f"{Decimal(amount) / 10**6:f}"


def drawn() -> Iterator[Asked]:
    for number in range(COUNT):
        rng = random.Random(f"{SEED} {number}")
        n = rng.randint(2, 8)
        fees = [
            rng.choice(
                [rng.randint(1, 9), rng.randint(1, 10**5), 100 * rng.randint(1, 10**7), 10**11 - rng.randint(0, 3)]
            )
            for _ in range(n)
        ]
        worths = [10 ** rng.randint(0, 6) * rng.randint(1, 10 ** rng.randint(1, 6)) for _ in range(n)]
        total = max(sum(fee for fee in fees if rng.random() < 0.5) + rng.choice([0, 0, 0, 1, -1]), 0)
        below, above = max(total - rng.randint(0, 2), 0), total + rng.randint(0, 2)
        least, most = rng.choice([(total, total), (total, total), (below, None), (None, above), (below, above)])
        sense = rng.choice(["maximize", "minimize"])
        yield Asked(f"{SEED} {number}", fees, worths, least, most, rng.choice([n, rng.randint(1, n)]), sense)


@pytest.fixture(scope="module")
def answers() -> list[tuple[Asked, Scenario, Plan | NoPlan]]:
    return [(one, one.scenario, try_optimize(one.scenario, gap=0)) for one in drawn()]


def test_small_choices_to_the_cent_are_decided_and_proved(
    answers: list[tuple[Asked, Scenario, Plan | NoPlan]],
) -> None:
    for one, _, result in answers:
        if isinstance(result, Plan):
            assert (result.claim, result.objective.value) == ("optimal", float(one.best or 0)), one.seed
        else:
            assert (result.outcome, one.best) == ("infeasible", None), one.seed
            assert result.proof != "none", one.seed
    assert COUNT / 10 < sum(isinstance(result, NoPlan) for _, _, result in answers) < COUNT * 9 / 10


def test_every_proof_to_the_cent_is_verified(answers: list[tuple[Asked, Scenario, Plan | NoPlan]]) -> None:
    for one, scenario, result in answers:
        verification = verify(result, scenario)
        assert verification.holds, f"{one.seed}: {verification}"


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_a_solver_that_stands_a_hair_above_one_booking_is_brought_back(sense: str) -> None:
    exactly = {"money": {"quantity": "spend", "exactly": "7592943.04"}}
    scenario = asked(["7592943", "0.04", "2826172"], ["3", "437630.596620", "239129"], sense, constraints=exactly)
    plan = try_optimize(scenario, gap=0)
    assert isinstance(plan, Plan)
    assert [one.creator for one in plan.allocations] == ["@c0", "@c1"]
    assert (plan.claim, plan.objective.value) == ("optimal", 437633.59662)


def test_a_solver_that_stands_a_hair_below_none_is_brought_back() -> None:
    """At a value below none, a case was split into itself, again and again."""
    fees = ["0.06", "2153887", "49921.76", "0.02", "903505", "7676679.01", "1000000000"]
    worths = ["0.000001", "4", "0.000006", "362971.271824", "0.000005", "942618.958902", "0.193791"]
    exactly = {"money": {"quantity": "spend", "exactly": "1002153887.06"}}
    plan = try_optimize(asked(fees, worths, "maximize", constraints=exactly, budget="1002153887.06"), gap=0)
    assert isinstance(plan, Plan)
    assert (plan.claim, plan.objective.value) == ("optimal", 4.193792)
