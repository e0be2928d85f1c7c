"""A clock counts rounds of work, and once it is over it stays so."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from scipy import sparse

from optimizer.solving import highs
from optimizer.solving.clock import Clock
from tests.support.models import HARD, hard_with_a_plan


def test_each_question_ends_a_round() -> None:
    clock = Clock(rounds=3)
    assert [clock.over for _ in range(5)] == [False, False, True, True, True]
    assert (clock.counted, clock.stopped) == (3, True)


def test_a_deadline_ends_it_in_the_round_in_which_it_passes() -> None:
    times = count()
    clock = Clock(2, now=lambda: float(next(times)))
    assert [clock.over for _ in range(4)] == [False, False, True, True]
    assert clock.counted == 3


def test_a_caller_who_cancels_ends_it() -> None:
    word: list[bool] = []
    clock = Clock(cancelled=lambda: bool(word))
    assert not clock.over
    word.append(True)
    assert clock.over
    word.clear()
    assert clock.over


def test_whoever_waits_may_ask_without_ending_a_round() -> None:
    clock = Clock(rounds=2)
    assert not any(clock.late for _ in range(10))
    assert clock.counted == 0


def test_a_wait_in_vain_ends_the_round_that_was_begun() -> None:
    clock = Clock()
    assert not clock.over
    clock.stop()
    clock.stop()
    assert clock.over
    assert clock.counted == 2


def test_a_part_ends_by_its_own_rounds_and_leaves_the_whole_running() -> None:
    whole = Clock(rounds=10)
    part = whole.part(3)
    assert [part.over for _ in range(4)] == [False, False, True, True]
    assert (part.counted, whole.counted, whole.stopped) == (3, 3, False)


def test_a_part_ends_with_the_whole() -> None:
    whole = Clock(rounds=2)
    part = whole.part(5)
    assert [part.over for _ in range(3)] == [False, True, True]
    assert whole.stopped
    other = Clock()
    other.part(5).stop()
    assert other.stopped


# --- a solver that hands over ---


def _found(rounds: int, stops: tuple[int, ...] = ()) -> tuple[highs.Answer, list[list[float]], int]:
    """What a solver has found after so many rounds, asked in one go or by pieces."""
    found: list[list[float]] = []
    clock = Clock(rounds=rounds)

    def seen(x: np.ndarray) -> bool:
        found.append(x.tolist())
        return False

    answer = None
    with highs.Run(hard_with_a_plan(), clock) as run:
        for some in stops:
            answer = run.go(seen, some)
            assert answer is None
        answer = run.go(seen)
    assert answer is not None
    return answer, found, clock.counted


def test_a_solver_stops_at_the_same_place_after_as_many_rounds() -> None:
    first, second = _found(12), _found(12)
    assert first[0].status == second[0].status == highs.STOPPED
    assert first[1:] == second[1:]
    assert first[1]
    assert first[0].x is not None
    assert second[0].x is not None
    assert first[0].x.tolist() == second[0].x.tolist() == first[1][-1]


def test_a_solver_that_waits_goes_on_where_it_was() -> None:
    whole, pieces = _found(15), _found(15 + 2, (3, 4))  # to take it up again ends a round
    assert whole[1] == pieces[1]


def test_a_solver_that_ended_keeps_its_answer() -> None:
    model = highs.Model(
        np.ones(2),
        sparse.csr_array([[1.0, 1.0]]),
        np.zeros(1),
        np.ones(1),
        np.zeros(2),
        np.ones(2),
        np.ones(2, np.bool_),
    )
    with highs.Run(model, Clock()) as run:
        first = run.go()
        assert first is not None
        assert first.status == highs.OPTIMAL
        assert run.go() is first


def test_a_solver_that_is_closed_while_it_waits_ends() -> None:
    run = highs.Run(HARD, Clock())
    assert run.go(rounds=2) is None
    run.close()
    run.close()


@pytest.mark.parametrize("counted", [1, 2, 7])
def test_what_a_deadline_cuts_off_is_cut_off_by_as_many_rounds(counted: int) -> None:
    found: dict[str, list[list[float]]] = {"deadline": [], "rounds": []}
    times = count()
    late = Clock(counted, now=lambda: float(next(times)))
    highs.solve(hard_with_a_plan(), late, on_solution=lambda x: bool(found["deadline"].append(x.tolist())))
    again = Clock(rounds=late.counted)
    highs.solve(hard_with_a_plan(), again, on_solution=lambda x: bool(found["rounds"].append(x.tolist())))
    assert late.stopped
    assert found["deadline"] == found["rounds"]
