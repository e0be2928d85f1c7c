"""One suite that every solver passes: ours through arrays, and each that PuLP finds here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimizer.solving import highs, pulp_backend, pulp_backend_worker
from optimizer.solving.highs import FAILED, INFEASIBLE, OPTIMAL, STOPPED, Answer, Clock, Model
from tests.support.models import HARD, INF, OPTIMA, Row, best, clock, drawn, hard_with_a_plan, model_of

OWN = "highs"
BRIDGED = pulp_backend.available()
BACKENDS = (OWN, *BRIDGED)
STRICT = {OWN, "cbc"}  # of others, PuLP sometimes gets no answer about a model that has none

every_backend = pytest.mark.parametrize("backend", BACKENDS)


def solved(backend: str, model: Model, until: Clock | None = None, **more: object) -> Answer:
    until = until or clock()
    if backend == OWN:
        return highs.solve(model, until, **more)  # type: ignore[arg-type]
    return pulp_backend.solve(model, until, solver=backend, **more)  # type: ignore[arg-type]


@every_backend
@pytest.mark.parametrize("name", OPTIMA)
def test_a_model_is_solved_to_its_optimum(backend: str, name: str) -> None:
    model, value = OPTIMA[name]
    answer = solved(backend, model)
    assert answer.status == OPTIMAL
    assert answer.x is not None
    assert answer.x.dtype == np.float64
    assert float(model.cost @ answer.x) == pytest.approx(value, rel=1e-7)
    assert pulp_backend.solution(model, answer.x.tolist()) is not None


@every_backend
@pytest.mark.parametrize(
    "model",
    [
        pytest.param(model_of([1, 1], [([1, 1], 3, INF)]), id="whole"),
        pytest.param(model_of([1, 1], [([1, 1], 3, INF)], whole=False), id="linear"),
        pytest.param(model_of([1, 1], [([2, 2], 3, 3)], (0, 5)), id="only between whole numbers"),
        pytest.param(model_of([1, 1], [([0, 0], 1, INF), ([1, 1], -INF, 1)]), id="an empty row that asks for one"),
    ],
)
def test_an_infeasible_model_is_called_so_and_has_no_solution(backend: str, model: Model) -> None:
    answer = solved(backend, model)
    assert answer.x is None
    assert answer.status == INFEASIBLE or (backend not in STRICT and answer.status == FAILED)


@every_backend
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "linear"])
def test_an_unbounded_model_fails(backend: str, whole: bool) -> None:
    model = model_of([1, 1], [([1, -1], -INF, 1)], (0, INF), whole=whole)
    assert solved(backend, model).status == FAILED


@every_backend
def test_a_clock_that_is_over_stops_before_anything_begins(backend: str) -> None:
    model, _ = OPTIMA["whole"]
    for over in (clock(-1), clock(60, lambda: True)):
        answer = solved(backend, model, over)
        assert (answer.status, answer.x) == (STOPPED, None)


@every_backend
def test_a_time_limit_without_a_plan_says_stopped(backend: str) -> None:
    answer = solved(backend, HARD, clock(1))
    assert (answer.status, answer.x) == (STOPPED, None)


@every_backend
def test_a_time_limit_with_a_plan_gives_it_without_calling_it_optimal(backend: str) -> None:
    model = hard_with_a_plan()
    answer = solved(backend, model, clock(2))
    assert answer.status == STOPPED
    assert answer.x is not None
    assert pulp_backend.solution(model, answer.x.tolist()) is not None


@every_backend
def test_a_search_that_is_cancelled_ends(backend: str) -> None:
    asked = iter(range(20))
    answer = solved(backend, HARD, clock(600, lambda: next(asked, None) is None))
    assert (answer.status, answer.x) == (STOPPED, None)


@every_backend
def test_a_whole_solution_is_told_of(backend: str) -> None:
    seen: list[np.ndarray] = []
    model, value = OPTIMA["whole"]
    answer = solved(backend, model, on_solution=lambda x: bool(seen.append(x)))
    assert answer.status == OPTIMAL
    assert float(model.cost @ seen[-1]) == pytest.approx(value)
    assert backend == OWN or len(seen) == 1


@every_backend
def test_each_of_many_columns_gets_its_own_value(backend: str) -> None:
    """By name, x10 comes before x2: each column must be worth what only it can be."""
    bounds = [(0, 1 + (7 * at) % 113) for at in range(250)]
    model = model_of([1] * 250, [([1.0] * 250, -INF, 1e6), ([0.0] * 249 + [1], -INF, 2)], bounds)
    answer = solved(backend, model)
    assert answer.status == OPTIMAL
    assert answer.x is not None
    assert answer.x.tolist() == pytest.approx([high for _, high in bounds[:-1]] + [2])


@every_backend
def test_a_gap_that_is_allowed_gives_a_plan_within_it(backend: str) -> None:
    model, value = OPTIMA["whole"]
    answer = solved(backend, model, relative_gap=0.5)
    assert answer.x is not None
    assert float(model.cost @ answer.x) >= value / 2


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """PuLP at work here, without a second process for each question."""
    monkeypatch.setenv("TMP", str(tmp_path))
    monkeypatch.setattr(pulp_backend, "ask", lambda asked, _: pulp_backend_worker.run(asked))


@every_backend
@pytest.mark.usefixtures("in_this_process")
def test_small_models_have_the_value_of_all_plans_enumerated(backend: str) -> None:
    wrong, counts = [], {OPTIMAL: 0, INFEASIBLE: 0}
    for seed in range(300):
        model = drawn(seed)
        answer = solved(backend, model)
        value = None if answer.x is None else float(model.cost @ answer.x)
        true = best(model)
        counts[INFEASIBLE if true is None else OPTIMAL] += 1
        if answer.status != (INFEASIBLE if true is None else OPTIMAL) or value != pytest.approx(true):
            wrong.append((seed, answer.status, value, true))
    assert wrong == []
    assert min(counts.values()) > 50


def round_fees(*cost: float) -> Model:
    """c_0, c_1, x_0, x_1, x_2 of coin-or/Cbc#632, in the order that the fault needs. x_0 = x_1 = x_2 = 1 is a plan."""
    rows: list[Row] = [
        ([0, 1, 1, 0, 0], 1, 1),
        ([1, 0, 1, 0, 0], 1, INF),
        ([0, 1, 0, 1, 0], -INF, 1),
        ([1, 1, 0, 0, 0], -INF, 1),
        ([0, 0, 0, 0, 1], 1, 1),
        ([0, 10800, 0, 9000, 7200], 16200, INF),
    ]
    return model_of(cost, rows)


def test_infeasible_is_only_a_word_of_the_solver() -> None:
    """CBC 2.10.3 says it of a model that has plans: none of our proofs may rest on that word.

    Another CBC may be installed and be right; then its answer must be a plan.
    """
    model = round_fees(-2, -2, -3, -1, -2)
    assert best(model) == -6
    assert solved(OWN, model).status == OPTIMAL
    answer = solved("cbc", model)
    assert (answer.status, answer.x is None) in {(INFEASIBLE, True), (OPTIMAL, False)}


def test_a_plan_that_the_solver_itself_calls_infeasible_is_kept_but_proves_nothing() -> None:
    model = round_fees(-1, -1, 0, 0, 0)
    answer = solved("cbc", model)
    assert answer.status in {FAILED, OPTIMAL}
    assert answer.x is not None
    assert answer.x.tolist() == [0, 0, 1, 1, 1]
