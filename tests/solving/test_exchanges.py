"""Exchanges of single bookings: what they reckon is what plans are worth, and they leave no single one that gains."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import inf
from pathlib import Path

import numpy as np

from optimizer import load_scenario
from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.exact import MICRO, Ints
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.column_generation import relax
from optimizer.solving.exchanges import Exchanges, _State, exchange
from optimizer.solving.restricted_mip import WHOLE_MOST, ranked
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search
from performance.instances import Instance
from tests.solving.test_greedy import sample
from tests.support.audiences import drawn

NEVER = highs.Clock(inf, lambda: False)


def never() -> bool:
    return False


def every(program: Program) -> Exchanges:
    """Exchanges among all bookings, without prices."""
    return Exchanges.among(program, np.arange(program.bookings), [0.0] * len(program.rows))


def of(columns: list[int]) -> Booked:
    return Booked(np.array(sorted(columns), dtype=np.int64), np.ones(len(columns), dtype=np.int64))


def test_what_a_plan_and_each_exchange_is_worth_agrees_with_the_program() -> None:
    looked_at = 0
    for seed in range(60):
        program, rng = build(estimate(drawn(f"exchange {seed}"))), random.Random(seed)
        if not program.overlaps or program.indicators:
            continue
        task = every(program)
        for _ in range(5):
            columns = [at for at in range(program.bookings) if rng.random() < 0.5]
            state = _State(task, np.array(columns, dtype=np.int64), np.ones(len(columns), dtype=np.int64))
            exactly = float(program.worth(of(columns)))
            unit = float(np.abs(task.weight[0]).max(initial=0.0)) * len(task.units)  # overlaps are rounded up to units
            assert abs(state.total[0] - exactly) <= unit + 1e-9 * abs(exactly)
            idle = np.setdiff1d(np.arange(program.bookings), columns)
            changes = state._changes(idle, 1)[0]
            for at, change in zip(idle.tolist(), changes.tolist(), strict=True):
                more = float(program.worth(of([*columns, at]))) - exactly
                assert abs(change - more) <= 2 * unit + 1e-9 * abs(exactly)
                looked_at += 1
    assert looked_at > 200


def test_of_a_sample_no_single_exchange_is_left_that_gains(tmp_path: Path) -> None:
    for seed in range(3):
        program, _, fees, ids = sample(tmp_path, seed)
        costs = [fees[ids[at]] for at in program.creator[program.unit[: program.bookings]].tolist()]
        plan = every(program).better(of([]), never)
        assert plan is not None
        assert not program.failures(plan)
        booked = plan.columns[plan.columns < program.bookings].tolist()
        value = program.worth(of(booked))
        assert value > 250 * MICRO
        idle = [at for at in range(program.bookings) if at not in booked]
        spent = sum(costs[at] for at in booked)
        for out, in_ in product([None, *booked], [None, *idle]):
            if spent - (costs[out] if out is not None else 0) + (costs[in_] if in_ is not None else 0) > 1_500:
                continue
            other = [at for at in booked if at != out] + ([] if in_ is None else [in_])
            assert program.worth(of(other)) <= value


def test_a_proposal_that_misses_a_floor_is_mended(tmp_path: Path) -> None:
    program, *_ = sample(tmp_path, 1)
    best = every(program).better(of([]), never)
    assert best is not None
    scenario = program_with_floor(tmp_path, program.worth(best) / MICRO * Fraction(97, 100))
    cheap = of([0])
    assert scenario.failures(scenario.settled(cheap))
    mended = every(scenario).better(cheap, never)
    assert mended is not None
    assert not scenario.failures(mended)


def program_with_floor(folder: Path, floor: Fraction) -> Program:
    """The program of the sample's scenario in a folder, with a floor of people and as few creators as can be."""
    scenario = load_scenario(folder / "s.yaml")
    rule = Constraint("people", Measure("reach"), at_least=floor)
    least = Objective("minimize", (("creators", Fraction(1)),))
    return build(estimate(replace(scenario, objective=least, constraints=(*scenario.constraints, rule))))


def test_a_search_is_offered_a_plan_that_keeps_the_rules(tmp_path: Path) -> None:
    program, *_ = sample(tmp_path, 2)
    relaxed = relax(scaled(program), NEVER)
    assert relaxed.x is not None
    assert relaxed.prices is not None
    layout = relaxed.layout
    search = Search(layout.program, layout, Fraction(0), NEVER, highs.solve, None)
    exchange(search, relaxed.x, relaxed.prices, np.arange(len(program)))
    assert search.best is not None
    assert not layout.program.failures(search.best.plan)


def test_a_small_program_without_people_counted_once_is_left_to_the_solver() -> None:
    said = {"format": 1, "currency": "EUR", "budget": 90, "objective": {"maximize": "creators"}}
    program = build(estimate(load_scenario(said, creators={"creator": ["@a"], "followers": [5_000], "fee": [50]})))
    search = Search(program, scaled(program), Fraction(0), NEVER, highs.solve, None)
    exchange(search, np.ones(len(program)), [0.0] * len(program.rows), np.arange(len(program)))
    assert search.best is None
    assert search.exchanged is None


def large() -> tuple[Program, Booked, list[float], Fraction, Ints]:
    """A large program with its rounded relaxation, prices, their bound, and the columns nearest to a tie."""
    program = Instance("many", 6_000, 1).program()
    assert len(program) > WHOLE_MOST
    relaxed = relax(scaled(program), NEVER)
    assert relaxed.x is not None
    assert relaxed.prices is not None
    prices = lagrangian_bound.project(program, relaxed.prices)
    bound = lagrangian_bound.upper_bound(program, prices)
    rounded = of(np.flatnonzero(np.rint(relaxed.x)).tolist())
    return program, rounded, list(prices), bound, ranked(program, prices, bound).order


def test_a_rounded_relaxation_of_a_large_program_becomes_a_good_plan() -> None:
    program, rounded, prices, bound, nearest = large()
    assert program.failures(rounded), "else there would be nothing to mend"
    search = Search(program, scaled(program), Fraction(0), NEVER, highs.solve, None)
    x = np.zeros(len(program))
    x[rounded.columns] = 1
    exchange(search, x, prices, nearest)
    assert search.best is not None
    assert not program.failures(search.best.plan)
    assert bound - search.best.value <= bound / 100


def test_no_pair_of_those_nearest_to_a_tie_is_left_that_gains() -> None:
    program, rounded, prices, _, nearest = large()
    task = Exchanges.among(program, np.union1d(nearest[:800], rounded.columns), prices)
    plan = task.better(rounded, never)
    assert plan is not None
    assert not program.failures(plan)
    booked, value = plan.columns.tolist(), program.value(plan)
    idle = np.setdiff1d(task.columns, plan.columns)
    near = idle[np.argsort(-task.worth[task.columns.searchsorted(idle)])][:40].tolist()
    for out, in_ in product([None, *booked], [None, *near]):
        other = of([at for at in [*booked, in_] if at not in (out, None)])
        if program.keeps_units(other) and not program.failures(other):
            assert program.value(other) <= value


def test_no_overlap_seems_smaller_than_the_program_counts_it() -> None:
    several = 0
    for seed in range(60):
        program, rng = build(estimate(drawn(f"rounding {seed}"))), random.Random(seed)
        if not program.overlaps or program.indicators:
            continue
        task = every(program)
        for _ in range(5):
            columns = [at for at in range(program.bookings) if rng.random() < 0.6]
            state = _State(task, np.array(columns, dtype=np.int64), np.ones(len(columns), dtype=np.int64))
            settled = program.settled(of(columns))
            exactly = np.zeros(len(program))
            exactly[settled.columns] = settled.counts.astype(np.float64)
            counted = np.concatenate([exactly[block.first : block.first + len(block)] for block in program.overlaps])
            assert (state.overlap >= counted).all()
            assert (state.overlap <= counted + 1).all()
            several += int(np.count_nonzero(counted))
    assert several > 200
