"""Large pools go another way than small ones; on the same program both ways lead to the same value."""

from __future__ import annotations

import pytest

from optimizer.solving import column_generation, cutting_planes, guided_mip, restricted_mip, strategies
from tests.support.amounts import times
from tests.support.brute import Question
from tests.support.programs import program_of, solved, value_of
from tests.support.scenarios import scenario

COUNT = times(19)


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restricted_mip, "WHOLE_MOST", 2)
    monkeypatch.setattr(restricted_mip, "CORE_FIRST", 3)
    monkeypatch.setattr(restricted_mip, "CORE_MOST", 6)
    monkeypatch.setattr(column_generation, "_ALL_AT_ONCE", 0)
    monkeypatch.setattr(strategies, "_IN_SOLVER", 3)
    monkeypatch.setattr(cutting_planes, "_JOINED", 2)
    monkeypatch.setattr(guided_mip, "_SCOUTED", 4)
    monkeypatch.setattr(strategies, "_LED_FIRST", 3)


def test_a_core_that_widens_finds_the_best_of_all_plans(as_if_large: None) -> None:
    wrong = []
    for number in range(COUNT):
        said, frame = scenario(f"core {number}")
        question, program = Question(said, frame), program_of(said, frame)
        best, solution = question.best().value, solved(program)
        true = None if best is None else question.sign * best * program.denominator
        if value_of(program, solution) != true or (true is None) != solution.infeasible:
            wrong.append((number, value_of(program, solution), true))
    assert wrong == []


def test_a_core_never_proves_a_bound_below_the_best_plan(as_if_large: None) -> None:
    for number in range(COUNT):
        said, frame = scenario(f"bound {number}")
        question, program = Question(said, frame), program_of(said, frame)
        best, solution = question.best().value, solved(program)
        if best is not None and solution.bound is not None:
            assert solution.bound >= question.sign * best * program.denominator


def test_unit_rows_that_join_only_when_broken_leave_the_relaxed_value_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    several = 0
    for number in range(COUNT):
        said, frame = scenario(f"relaxed {number}")
        program = program_of(said, frame)
        whole = solved(program)
        with monkeypatch.context() as patch:
            patch.setattr(column_generation, "_ALL_AT_ONCE", 0)
            lazy = solved(program)
        assert lazy.infeasible == whole.infeasible
        if whole.bound is not None and lazy.bound is not None:
            several += len(program) > len(program.available)
            assert lazy.bound == pytest.approx(whole.bound, rel=1e-7, abs=2)
    assert several > COUNT / 10
