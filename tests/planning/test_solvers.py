"""Another solver proposes, and nothing else changes: the check, the prices and the proof are ours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import highspy
import pytest

from optimizer import Plan, load_scenario, optimize, try_optimize, verify, write_model
from optimizer.solving import highs
from optimizer.solving.engine import solve
from optimizer.solving.highs import Answer, Clock, Model
from tests.support.programs import best_of, program_from, program_of
from tests.support.scenarios import WORDS, scenario
from tests.support.unexplained import plan_alone

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_plans_that_cbc_proposes_are_worth_the_same_and_are_verified() -> None:
    for number in range(24):
        said, frame = scenario(f"cbc {number}", words=WORDS if number % 2 else ())
        loaded = load_scenario(said, creators=frame)
        ours, theirs = plan_alone(loaded, gap=0), try_optimize(loaded, gap=0, solver="cbc", rounds=250)
        assert ours.outcome == theirs.outcome
        assert theirs.solver.engine == "cbc"
        assert verify(theirs, loaded).holds
        if isinstance(ours, Plan) and isinstance(theirs, Plan):
            assert ours.certificate.rows == theirs.certificate.rows
            assert ours.claim != "optimal" or theirs.objective.value == ours.objective.value


def test_a_wrong_infeasible_of_another_solver_is_not_passed_on() -> None:
    """CBC 2.10.3 calls some ordinary models infeasible; HiGHS is asked before anything is said."""

    def says_infeasible(model: Model, clock: Clock, **_: object) -> Answer:
        return Answer(highs.INFEASIBLE)

    program = program_from([7, 9, 4, 6], [([3, 5, 2, 4], 6, 7), ([4, 3, 5, 1], 4, 8)])
    found = solve(program, gap=0, clock=Clock(), backend=says_infeasible)
    assert found.plan is not None
    assert program.value(found.plan) == best_of(program)
    assert found.solver_claim == "infeasible, which is wrong"


def test_a_solver_that_is_not_here_is_refused_before_anything_is_done() -> None:
    with pytest.raises(ValueError, match=r'there is no solver "nobody" here; through PuLP there are: .*cbc'):
        optimize(load_scenario(SCENARIOS / "first_test.yaml"), solver="nobody")


@pytest.mark.parametrize("suffix", [".lp", ".mps"])
def test_the_written_program_has_the_same_best_plan(suffix: str, tmp_path: Path) -> None:
    compared = 0
    for number in range(16):
        said, frame = scenario(f"written {number}", words=WORDS if number % 2 else (), style="plain")
        loaded = load_scenario(said, creators=frame)
        path = tmp_path / f"program{suffix}"
        write_model(loaded, path)
        reader = highspy.Highs()
        reader.setOptionValue("output_flag", False)
        assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
        reader.setOptionValue("mip_rel_gap", 0.0)
        reader.run()
        result = plan_alone(loaded, gap=0)
        if not isinstance(result, Plan) or result.claim != "optimal":
            continue
        compared += 1
        sign = 1 if result.objective.sense == "maximize" else -1
        value = sign * reader.getInfo().objective_function_value
        assert value == pytest.approx(result.objective.value, rel=1e-6, abs=1e-5)
    assert compared > 6


def test_the_written_program_says_who_is_who(tmp_path: Path) -> None:
    write_model(load_scenario(SCENARIOS / "lyon_gifts.yaml"), tmp_path / "program.lp")
    text = (tmp_path / "program.lp").read_text(encoding="utf-8")
    assert text.startswith("\\ Gifts for a tea shop in Lyon: maximize impressions\n\\ x0 = city guides, paid reel\n")
    assert "\\ x2 = foodies, box, step 2\n" in text
    assert "\\ r0 = budget gifts: at_most\n" in text


def test_rules_for_single_creators_are_written_whole(tmp_path: Path) -> None:
    """Shares of a single creator are rows that the search adds when they are broken; a file has all of them."""
    said, frame = (
        {
            "format": 1,
            "currency": "EUR",
            "objective": {"maximize": "engagements"},
            "budget": 100,
            "constraints": {"spread": {"quantity": "spend", "per": "creator", "at_most": "40%"}},
        },
        {"creator": list("abcdef"), "fee": [50, 40, 30, 20, 10, 10], "average_engagements": [90, 60, 40, 30, 12, 11]},
    )
    program = program_of(said, frame)
    assert len(program.with_all_rows().rows) == len(program.rows) + 6
    path = tmp_path / "program.mps"
    write_model(load_scenario(said, creators=frame), path)
    reader = highspy.Highs()
    reader.setOptionValue("output_flag", False)
    reader.readModel(str(path))
    reader.run()
    plan = optimize(load_scenario(said, creators=frame), gap=0)
    assert Fraction(round(reader.getInfo().objective_function_value)) == plan.objective.value
