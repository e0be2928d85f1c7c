"""Models on which solvers gave wrong answers. Whole-number twins where the original has continuous variables."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from optimizer.formulation.program import Program
from tests.support.programs import RowOf, best_of, program_from, solved, value_of

FREE = None

MODELS: dict[str, tuple[list[int], list[RowOf], list[int] | None, str, int]] = {
    # CBC 2.10.3 calls it infeasible (coin-or/Cbc#632): x_0, x_1, x_2, c_0, c_1
    "round fees with a floor and an equality": (
        [0, 0, 0, 1, 1],
        [
            ([1, 0, 0, 0, 1], 1, 1),
            ([1, 0, 0, 1, 0], 1, FREE),
            ([0, 1, 0, 0, 1], FREE, 1),
            ([0, 0, 0, 1, 1], FREE, 1),
            ([0, 0, 1, 0, 0], 1, 1),
            ([0, 9000, 7200, 0, 10800], 16200, FREE),
        ],
        None,
        "minimize",
        0,
    ),
    # HiGHS 1.15.1 with presolve calls it infeasible; without presolve it finds the 2
    "a floor half a millionth above what one booking gives": (
        [1, 1, 1],
        [([2_000_000, 2_000_000, 2_000_000], 2_000_001, FREE), ([100, 0, 1_034_200], 372_400, FREE)],
        None,
        "minimize",
        2,
    ),
    # HiGHS 1.15.1 with presolve and its default tolerance gives 6; both floors hold at 4
    "floors that two nearly equal amounts miss by a unit": (
        [3, 1, 3],
        [([4_999_999, 4_999_999, 5_000_000], 5_000_001, FREE), ([77_464, 0, 0], 25_821, FREE)],
        None,
        "minimize",
        4,
    ),
    # HiGHS 1.15.1 with presolve and its default tolerance ends on a worse plan and calls it optimal
    "a budget that all but one booking would pass by a cent": (
        [2577722, 4895000, 4735031, 22272265, 18374094, 53869931, 2080196, 1454198],
        [
            (
                [226099442, 210112602, 362964540, 418778972, 144461450, 184982386, 86315924, 400987260],
                FREE,
                1633715314,
            )
        ],
        None,
        "maximize",
        106724043,
    ),
    # HiGHS 1.14.0 gives 15 instead of 9 (ERGO-Code/HiGHS#3043); x counts halves
    "a floor met by the dearer of two": ([1, 3], [([1, 2], 9, FREE)], [20, 10], "minimize", 9),
    # HiGHS 1.14 gives 29 instead of 28.2 (ERGO-Code/HiGHS#2957); y counts tenths above 8
    "a floor between whole steps": ([10, 2], [([10, 1], 121, FREE)], [20, 120], "minimize", 122),
    # HiGHS 1.14.0 gives 10000 instead of 8000 (ERGO-Code/HiGHS#3094); x0, x1, z0, z1, d0, d1 in thousands
    "either of two slots": (
        [0, 0, 0, 0, 10, 8],
        [
            ([-1, 0, 1, 0, 0, 0], FREE, 0),
            ([0, -1, 0, 1, 0, 0], FREE, 0),
            ([0, 0, 1, 0, 1, 0], 1, 1),
            ([0, 0, 0, 1, 0, 1], 1, 1),
            ([1, 1, 0, 0, 0, 0], FREE, 1),
        ],
        None,
        "minimize",
        8,
    ),
    # HiGHS 1.14.0 gives 11 instead of 10 (PyPSA/linopy#651); y counts from 9
    "the cheaper way to a floor": ([2, 1], [([2, 1], 1, FREE)], [10, 10], "minimize", 1),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_a_solver_got_wrong_has_the_value_of_all_plans_enumerated(name: str) -> None:
    costs, rows, available, sense, value = MODELS[name]
    program = program_from(costs, rows, available=available, sense=sense)
    solution = solved(program)
    assert best_of(program) == program.objective.sign * value
    assert value_of(program, solution) == program.objective.sign * value
    assert not solution.infeasible


def knapsack(seed: str, low: float, high: float, values: tuple[int, int]) -> tuple[list[int], list[int], int]:
    rng = random.Random(seed)
    fees = [rng.randint(int(low), int(high)) for _ in range(10)]
    gains = [rng.randint(*values) for _ in fees]
    return fees, gains, sum(rng.sample(fees, 5)) - 1


def best_choice(fees: list[int], gains: list[int], budget: int) -> int:
    choices = (choice for size in range(len(fees) + 1) for choice in combinations(range(len(fees)), size))
    return max(sum(gains[i] for i in choice) for choice in choices if sum(fees[i] for i in choice) <= budget)


@pytest.mark.parametrize(
    ("fees", "values"),
    [
        pytest.param((2_000, 200_000), (1, 1_000), id="twenty to two thousand"),
        pytest.param((1e6, 1e8), (1, 1_000), id="ten thousand to a million"),
        pytest.param((1e8, 1e10), (1, 1_000), id="a million to a hundred million"),
        pytest.param((1e9, 1e13), (1, 1_000), id="up to a hundred billion"),
        pytest.param((2_000, 200_000), (10**9, 10**15), id="values of sixteen digits"),
    ],
)
def test_a_budget_that_misses_five_fees_by_one_cent_is_never_overspent_and_well_used(
    fees: tuple[float, float], values: tuple[int, int]
) -> None:
    wrong = []
    for seed in range(40):
        paid, gains, budget = knapsack(f"{fees} {seed}", *fees, values)
        program = program_from(gains, [(paid, None, budget)])
        solution = solved(program)
        assert solution.plan is not None
        assert sum(paid[at] for at in solution.plan.columns.tolist()) <= budget
        best = best_choice(paid, gains, budget)
        assert solution.bound is not None
        assert solution.bound >= best
        if value_of(program, solution) != best:
            wrong.append((seed, value_of(program, solution), best))
    assert wrong == []


def near_equal(seed: int) -> Program:
    """Amounts that are alike but for a unit, and a floor a unit above what some of them give."""
    rng = random.Random(seed)
    base = rng.choice([10**6, 2 * 10**6, 5 * 10**6, 10**8])
    amounts = [base + rng.choice([0, 0, 1, -1]) for _ in range(rng.randint(3, 6))]
    floor = sum(sorted(amounts)[-rng.randint(1, len(amounts) - 1) :]) + 1
    others = [rng.choice([0, 0, rng.randint(1, 2 * 10**6)]) for _ in amounts]
    costs = [rng.choice([1, 1, rng.randint(1, 5)]) for _ in amounts]
    rows: list[RowOf] = [(amounts, floor, None), (others, rng.choice([sum(others) // 2, max(others) // 3]), None)]
    return program_from(costs, rows, sense=rng.choice(["minimize", "maximize"]))


def test_nearly_equal_amounts_with_a_floor_a_unit_too_high_are_planned_as_well_as_can_be() -> None:
    wrong = []
    for seed in range(200):
        program = near_equal(seed)
        solution, best = solved(program), best_of(program)
        if (value_of(program, solution), solution.infeasible) != (best, best is None):
            wrong.append((seed, value_of(program, solution), best))
    assert wrong == []


def test_a_floor_missed_by_one_unit_in_a_billion_is_not_taken_for_met() -> None:
    """Three near misses, one plan that meets the floor exactly: only that one counts."""
    amounts = [10**12 + 3, 10**12 + 2, 10**12 + 1, 10**12]
    program = program_from([1, 10, 10, 10], [(amounts, 2 * 10**12 + 5, None)], sense="minimize")
    assert value_of(program, solved(program)) == best_of(program) == -11


def test_a_sum_asked_for_to_the_last_unit_is_found() -> None:
    amounts = [10**12 + unit for unit in (1, 2, 4, 8, 16, 32)]
    program = program_from([1] * 6, [(amounts, 3 * 10**12 + 25, 3 * 10**12 + 25)])
    solution = solved(program)
    assert solution.plan is not None
    assert solution.plan.columns.tolist() == [0, 3, 4]


def test_a_ceiling_missed_by_one_unit_leaves_the_next_best_plan() -> None:
    amounts = [10**12 + unit for unit in (1, 2, 4, 8, 16, 32)]
    program = program_from(amounts, [(amounts, None, 3 * 10**12 + 55)])
    value, best = value_of(program, solved(program)), best_of(program)
    assert best == 3 * 10**12 + 52
    assert value is not None
    assert best * (1 - 1e-9) <= value <= best  # nearer than that, a solver's objective cannot tell plans apart


def test_bounds_that_cross_are_proved_infeasible() -> None:
    """An exact share of the budget that falls between two cents leaves no whole amount."""
    program = program_from([5, 7], [([100, 50], 51, 50)])
    solution = solved(program)
    assert (solution.infeasible, solution.proof) == (True, "prices")
