"""Of several best plans one is shown, whoever asks and however the files are ordered."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from optimizer import Plan, load_scenario, to_dict, try_optimize
from optimizer.planning import ties as planning_ties
from optimizer.report.text import render
from tests.support.amounts import seeded, times
from tests.support.asking import as_json, reordered
from tests.support.brute import Question, counts
from tests.support.scenarios import WORDS, scenario
from tests.support.unexplained import with_brief_explanations

SCENARIOS = Path(__file__).parents[2] / "scenarios"
COUNT = times(41)


def by_names(question: Question) -> list[int]:
    """The bookings by the names of whom they book."""

    def name(at: int) -> tuple[str, int, str]:
        column = question.columns[at]
        return column.creator.removeprefix("@").casefold(), column.step, column.offer

    return sorted(range(len(question.columns)), key=name)


def preferred(question: Question) -> tuple[int, tuple[int, ...]] | None:
    """The least spend of all best plans, and how often each booking is made in the one with the first names."""
    found, order = [], by_names(question)
    for chosen in question.tied():
        booked: dict[int, Any] = dict(counts(chosen))
        spent = sum(question.amount(question.columns[at], "spend") for at in chosen)
        found.append((-spent, tuple(int(booked.get(at, 0)) for at in order)))
    return max(found, default=None)


def of_plan(question: Question, plan: Plan) -> tuple[int, tuple[int, ...]]:
    names = [(booking.creator, booking.offer, booking.step) for booking in plan.allocations]
    places = question.places(names)
    booked = dict(zip(places, (int(booking.count) for booking in plan.allocations), strict=True))
    chosen = tuple(at for at, count in booked.items() for _ in range(count))
    spent = sum(question.amount(question.columns[at], "spend") for at in chosen)
    return -spent, tuple(booked.get(at, 0) for at in by_names(question))


def test_of_all_best_plans_the_one_is_shown_that_spends_least_and_books_first_names() -> None:
    decided: Counter[str] = Counter()
    for number in range(COUNT):
        words = WORDS if number % 3 == 0 else ()
        said, frame = scenario(f"{seeded('tie')} {number}", style=("ties", "round", "zero")[number % 3], words=words)
        with with_brief_explanations():
            plan = try_optimize(load_scenario(said, creators=frame), gap=0)
        if not isinstance(plan, Plan) or plan.claim != "optimal":
            continue
        decided[plan.solver.ties] += 1
        question = Question(said, frame)
        if plan.solver.ties != "open" and "spend" in plan.totals:
            assert of_plan(question, plan) == preferred(question), number
            assert (plan.solver.ties == "only") == (len(question.tied()) == 1), number
    assert min(decided[ties] for ties in ("only", "spend", "names")) > 2
    assert decided["open"] <= COUNT // 50


def test_neither_the_order_of_rows_nor_of_keys_changes_a_plan_that_is_proved_best() -> None:
    for number in range(times(16)):
        said, frame = scenario(f"{seeded('keys')} {number}", style="ties")
        with with_brief_explanations():
            first = try_optimize(load_scenario(said, creators=frame), gap=0)
        if not isinstance(first, Plan) or first.solver.ties == "open":
            continue
        rng = random.Random(number)
        turned = {key: said[key] for key in rng.sample(list(said), len(said))}
        for key in ("offers", "constraints", "assume", "pay", "fit"):
            if isinstance(turned.get(key), dict):
                turned[key] = {name: turned[key][name] for name in rng.sample(list(turned[key]), len(turned[key]))}
        shuffled = None if frame is None else reordered(frame, rng)
        second = try_optimize(load_scenario(turned, creators=shuffled), gap=0)
        assert isinstance(second, Plan)

        def bookings(plan: Plan) -> list[tuple[Any, ...]]:
            return sorted((one.creator, one.offer, one.step or 0, one.count) for one in plan.allocations)

        assert bookings(second) == bookings(first), number
        assert second.totals == first.totals


def test_shuffles_of_a_shipped_pool_give_the_same_bytes(tmp_path: Path) -> None:
    text = (SCENARIOS / "cheapest_for_target.yaml").read_text(encoding="utf-8")
    name = text.split("pools/")[1].split(".csv")[0] + ".csv"
    head, *rows = (SCENARIOS / "pools" / name).read_text(encoding="utf-8").splitlines()
    (tmp_path / "pools").mkdir()
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    answers = set()
    for seed in range(4):
        random.Random(seed).shuffle(rows)
        (tmp_path / "pools" / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        found = to_dict(try_optimize(load_scenario(tmp_path / "scenario.yaml")))
        answers.add(as_json_of(found))
    assert len(answers) == 1


def as_json_of(found: dict[str, Any]) -> str:
    """The JSON without what names the file's bytes and rows."""
    solver = {key: value for key, value in found["solver"].items() if key != "seconds"}
    return json.dumps(found | {"solver": solver, "inputs": [], "digest": "", "doubts": []}, sort_keys=True)


def test_hash_seeds_and_languages_change_no_byte() -> None:
    program = (
        "import locale, sys\n"
        "locale.setlocale(locale.LC_ALL, '')\n"
        "from optimizer import load_scenario, optimize, to_dict\n"
        "from optimizer.results.as_json import dumps\n"
        "found = to_dict(optimize(load_scenario(sys.argv[1])))\n"
        "found['solver']['seconds'] = 0\n"
        "sys.stdout.buffer.write(dumps(found).encode())\n"
    )
    answers = set()
    for seed, language in (("0", "C"), ("1", "C.UTF-8"), ("4242", "POSIX")):
        run = subprocess.run(
            [sys.executable, "-c", program, str(SCENARIOS / "cheapest_for_target.yaml")],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": language, "LANG": language},
            capture_output=True,
            check=True,
        )
        answers.add(run.stdout)
    assert len(answers) == 1


def test_as_json_sees_ties() -> None:
    """The relations of other tests compare all bytes; that needs what decided to be among them."""
    said, frame = scenario("tie 1", style="ties")
    assert "ties" in json.dumps(as_json(try_optimize(load_scenario(said, creators=frame))))


EQUALS: dict[str, list[Any]] = {"creator": list("abcdef"), "average_engagements": [100] * 6, "fee": [50] * 6}
SAID = {"format": 1, "currency": "EUR", "budget": 150, "objective": {"maximize": "engagements"}}


@pytest.mark.parametrize("moment", ["before", "within"])
def test_a_choice_among_equals_that_was_cut_short_counts_as_stopped(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody cancels once the best value is proved: the plan is best, and another run may show another one."""
    asked = False
    do = planning_ties.with_ties_decided if moment == "before" else planning_ties.decide
    where = "optimizer.planning.goals.with_ties_decided" if moment == "before" else "optimizer.planning.ties.decide"

    def cancelling(*arguments: Any) -> Any:
        nonlocal asked
        asked = True
        return do(*arguments)

    monkeypatch.setattr(where, cancelling)
    plan = try_optimize(load_scenario(SAID, creators=EQUALS), gap=0, cancel=lambda: asked)
    assert isinstance(plan, Plan)
    assert (plan.claim, plan.solver.ties, plan.solver.stopped) == ("optimal", "open", True)
    assert any("gives this plan again" in warning for warning in plan.warnings)
    assert "proved optimal, by the expected figures: no plan does better\n" in render(plan)


def test_a_choice_among_equals_that_is_left_open_by_itself_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solving.ties.OPEN_MOST", 2)
    plan = try_optimize(load_scenario(SAID, creators=EQUALS), gap=0)
    assert isinstance(plan, Plan)
    assert (plan.claim, plan.solver.ties, plan.solver.stopped) == ("optimal", "open", False)
