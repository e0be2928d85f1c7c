"""A tightened relaxation: no plan breaks what was rounded, its prices bound all plans, and what they leave out is in no
plan of interest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.solving import lagrangian_bound
from optimizer.solving.branch import prove
from optimizer.solving.cutting_planes import Stage, Tight, tightened
from optimizer.solving.highs import Clock, Warm
from optimizer.solving.mir_cuts import Side
from optimizer.solving.reduced_problem import Box, ReducedProblem, narrowed, settle
from optimizer.solving.scaling import scaled
from tests.support.amounts import seeded, times
from tests.support.programs import program_from
from tests.support.proofs import (
    NEVER,
    PlainSide,
    Plans,
    Reader,
    drawn_program,
    inside,
    keeps,
    opened,
    plans_of,
    root,
    rounded_again,
    rounded_sides_again,
    said_program,
    sides_again,
)

COUNT, SAID = times(27), times(11)


@dataclass(frozen=True, eq=False)
class Asked:
    """A small program with all of its plans, and what prices leave open with a known plan of some values."""

    name: str
    program: Program
    plans: Plans
    opened: tuple[tuple[Fraction | None, ReducedProblem, tuple[float, ...]], ...]

    @property
    def some(self) -> Iterator[tuple[Fraction | None, ReducedProblem, tuple[float, ...], Reader, list[int], Ints]]:
        """The same with a reader, and with the plans that are worth the value: what they are worth and what they book
        of the free columns."""
        for value, cases, prices in self.opened:
            worth = [one for one in self.plans.values if value is None or one >= value]
            yield value, cases, prices, Reader(cases), worth, self.plans.worth(value)[:, cases.free]


def wanted(plans: Plans, name: str) -> list[Fraction | None]:
    """Values of a plan that is known: none, the best one, any other."""
    if plans.best is None:
        return [None]
    return [None, plans.best, Fraction(random.Random(name).choice(plans.values))]


@cache
def asked() -> tuple[Asked, ...]:
    drawn = [(f"{seeded('tighten')} {number}", drawn_program) for number in range(COUNT)]
    said = [(f"{seeded('tighten said')} {number}", said_program) for number in range(SAID)]
    found = []
    for name, draw in [*drawn, *said]:
        program = draw(name)
        if program is not None:
            plans = plans_of(program)
            every = tuple((value, *opened(program, value)) for value in wanted(plans, name))
            found.append(Asked(name, program, plans, every))
    return tuple(found)


def all_rounded(program: Program, value: Fraction | None) -> tuple[ReducedProblem, Stage, tuple[Side, ...]] | None:
    """What is open, and what was rounded over it for as long as the bound falls."""
    layout, (prices, bound) = scaled(program), root(program)
    cases = settle(layout, prices, bound, value)
    regret, _ = lagrangian_bound.regrets(program, lagrangian_bound.reduced_costs(program, prices)[0])
    found = tightened(layout, cases.free, cases.held[1], regret[cases.free], -np.inf, NEVER)
    return None if found is None else (cases, *found)


def is_open(cases: ReducedProblem, points: Ints) -> bool:
    """Whether these plans book what is fixed, and of the rest only what is free."""
    fixed = np.zeros(len(cases.program), dtype=np.int64)
    fixed[cases.fixed.columns] = cases.fixed.counts
    others = np.ones(len(cases.program), dtype=np.bool_)
    others[cases.free] = False
    return bool((points[:, others] == fixed[others]).all())


def plain(side: Side) -> PlainSide:
    return side.values.tolist(), side.limit


def is_part(box: Box, of: Box) -> bool:
    return bool((box.lower >= of.lower).all() and (box.upper <= of.upper).all())


def is_whole(x: Floats) -> bool:
    return bool((x == np.rint(x)).all())


def some_prices(rng: random.Random, cases: ReducedProblem, prices: tuple[float, ...]) -> tuple[float, ...]:
    """Prices near those of a relaxation, or any."""
    many = len(cases.program.rows) + len(cases.sides)
    base = [*prices, *[0.0] * (many - len(prices))]
    size = max(map(abs, base), default=0.0) or 1.0
    changed = [price * rng.choice([1.0, 1.0, 0.9, 1.1]) + rng.choice([0.0, 0.0, rng.gauss(0, size)]) for price in base]
    return cases.projected(changed)


def some_box(rng: random.Random, cases: ReducedProblem) -> Box:
    whole = cases.box()
    upper = np.array([rng.choice([high, high, high, rng.randint(0, high)]) for high in whole.upper.tolist()])
    lower = np.array([rng.choice([0] * 9 + [rng.randint(0, high)]) for high in upper.tolist()])
    return Box(lower.astype(np.int64), upper.astype(np.int64))


def test_every_plan_keeps_every_side_and_prices_bound_it() -> None:
    tight, lower = 0, 0
    for one in asked():
        found, (_, bound) = all_rounded(one.program, None), root(one.program)
        if found is None:
            continue
        cases, stage, sides = found
        tight += 1
        assert np.array_equal(stage.columns, cases.free)
        for side in sides:
            assert keeps(side.values.tolist(), side.limit, one.plans.points[:, cases.free]).all(), one.name
        wide = cases.wider(sides)
        assert wide.projected(stage.prices) == stage.prices, one.name
        highest = wide.bound(stage.prices, wide.box())
        assert one.plans.best is None or highest >= one.plans.best, one.name
        assert float(highest) <= float(bound) + 1e-6 * max(abs(float(bound)), 1.0), one.name
        lower += highest < bound
    assert tight > len(asked()) / 5
    assert lower > tight / 2


def test_what_the_prices_of_a_stage_leave_out_is_in_no_plan_of_interest() -> None:
    left_out = 0
    for one in asked():
        for value, cases, _ in one.opened:
            assert is_open(cases, one.plans.worth(value)), (one.name, value)
            for side in cases.sides:
                points = one.plans.worth(value)[:, cases.free]
                assert keeps(side.values.tolist(), side.limit, points).all(), (one.name, value)
            left_out += any(len(cases.free) < len(stage.columns) for stage in cases.stages)
    assert left_out > len(asked()) / 20


def test_no_prices_of_a_stage_leave_out_a_plan_of_interest() -> None:
    """Any prices, not only those of a solver."""
    narrower = 0
    for one in asked():
        rng = random.Random(one.name)
        for value, *_ in one.opened[1:]:
            found = all_rounded(one.program, value)
            if found is None:
                continue
            cases, stage, sides = found
            for _ in range(3):
                other = replace(stage, prices=some_prices(rng, cases.wider(sides), stage.prices))
                fewer = narrowed(cases, other, sides, value)
                narrower += len(fewer.free) < len(cases.free)
                assert is_open(fewer, one.plans.worth(value)), (one.name, value)
                for side in fewer.sides:
                    points = one.plans.worth(value)[:, fewer.free]
                    assert keeps(side.values.tolist(), side.limit, points).all(), (one.name, value)
                assert fewer.stages == (other,)
    assert narrower > len(asked()) / 20


def test_no_plan_in_a_box_passes_its_bound_and_floats_are_never_below_it() -> None:
    boxes = 0
    for one in asked():
        rng = random.Random(one.name)
        for _, cases, prices, reader, values, points in one.some:
            for _ in range(3):
                box, at = some_box(rng, cases), some_prices(rng, cases, prices)
                within = inside(box, points)
                if cases.is_empty(box):
                    assert not within.any(), one.name
                    assert reader.bound(at, box) is None, one.name
                    continue
                boxes += 1
                exact, high = cases.bound(at, box), cases.at_most(at, box)
                assert exact == reader.bound(at, box), one.name
                assert all(value <= exact for value, is_in in zip(values, within, strict=True) if is_in), one.name
                assert high >= exact, one.name
                assert not cases.below(at, box, exact), one.name
                for limit in (exact + 1, exact * Fraction(1_000_001, 1_000_000), Fraction(0), exact - 1):
                    assert exact < limit or not cases.below(at, box, limit), one.name
                    assert high >= limit or cases.below(at, box, limit + abs(limit) / 10**9), one.name
                if cases.bound(at, box, costs=False) < 0:
                    assert not within.any(), one.name
    assert boxes > len(asked())


def test_what_prices_leave_out_of_a_box_is_in_no_plan_of_interest() -> None:
    """And whoever reckons in fractions leaves out no less."""
    less, emptied, forced = 0, 0, 0
    for one in asked():
        rng = random.Random(one.name)
        for value, cases, prices, reader, values, points in one.some:
            for _ in range(4):
                box, at = some_box(rng, cases), some_prices(rng, cases, prices)
                if cases.is_empty(box):
                    continue
                bound = cases.bound(at, box)
                near = [bound, bound - Fraction(1, 1000), bound - abs(bound) / 50, bound + 1]
                known = [] if value is None else [value, value + lagrangian_bound.step(one.program)]
                above = rng.choice([*near, *known])
                found, exact = cases.narrower(at, box, above), reader.narrower(at, box, above)
                good = inside(box, points) & np.array([worth >= above for worth in values], dtype=np.bool_)
                assert is_part(found, box), one.name
                assert inside(found, points)[good].all(), one.name
                assert exact is not None or not good.any(), one.name
                if exact is not None:
                    assert is_part(exact, found), one.name
                    assert inside(exact, points)[good].all(), one.name
                less += bool((found.upper < box.upper).any())
                forced += bool((found.lower > box.lower).any())
                emptied += exact is None
    assert min(less, forced, emptied) > len(asked()) / 10


def test_goals_whose_terms_cancel_leave_no_plan_out() -> None:
    """Reduced costs are then smaller than what floats lose of each term."""
    for number in range(times(33)):
        rng = random.Random(f"{seeded('cancel')} {number}")
        n = rng.randint(3, 8)
        gain = [rng.randint(7 * 10**9, 9 * 10**9) for _ in range(n)]
        rows = [([rng.randint(1, 9) for _ in range(n)], None, rng.randint(5, 20)) for _ in range(2)]
        program = program_from(gain, rows)
        loss = np.array([amount - rng.randint(0, 3) for amount in gain], dtype=np.int64)
        first = program.costs[0]
        program = replace(program, costs=(first.times(550), replace(first, values=loss, multiplier=-1001)))
        plans = plans_of(program)
        assert plans.best is not None
        for value in (None, plans.best, plans.best - lagrangian_bound.step(program)):
            cases, prices = opened(program, value)
            points, reader = plans.worth(value), Reader(cases)
            assert is_open(cases, points), number
            assert cases.bound(prices, cases.box()) >= plans.best
            for _ in range(3):
                box, at = some_box(rng, cases), some_prices(rng, cases, prices)
                if cases.is_empty(box):
                    continue
                above = rng.choice([plans.best, cases.bound(at, box), plans.best - 1001])
                found, exact = cases.narrower(at, box, above), reader.narrower(at, box, above)
                if exact is not None:
                    assert is_part(exact, found), number


def test_all_sides_that_prices_rest_on_come_out_the_same_in_plain_integers() -> None:
    """Of what a proof keeps of its stages, and nothing else; where needless roundings went and the others have new
    numbers."""
    rounded_on_the_way, both = 0, 0
    for one in asked():
        for value, cases, prices in one.opened:
            assert [plain(side) for side in cases.sides] == rounded_sides_again(cases), one.name
            proof = prove(cases, prices, value, NEVER)
            if proof is None:
                continue
            again = rounded_sides_again(proof.settled)
            assert [plain(side) for side in proof.settled.sides] == again, one.name
            assert sum(len(stage.roundings) for stage in proof.settled.stages) == len(again), one.name
            points = one.plans.worth(proof.above)[:, proof.settled.free]
            assert all(keeps(values, limit, points).all() for values, limit in again), one.name
            rounded_on_the_way += len(proof.settled.stages) > len(cases.stages)
            both += len(proof.settled.stages) > 1
    assert rounded_on_the_way > 5
    assert both > 0


def test_of_all_roundings_those_are_kept_that_others_rest_on() -> None:
    """Any of them, drawn at random; what is left gives the same sides without the rest."""
    fewer = 0
    for one in asked()[:COUNT]:
        rng, program = random.Random(one.name), one.program
        columns = np.flatnonzero(program.most > 0)
        tight = Tight(scaled(program), columns, [0] * len(program.rows))
        for _ in range(6):
            answer = tight.solver.solve(NEVER)
            if (
                answer.x is None
                or not np.abs(answer.x - np.rint(answer.x)).max(initial=0.0)
                or not tight.tighten(answer.x)
            ):
                break
        if not tight.roundings:
            continue
        places = range(tight.carried, len(tight.sides))
        chosen = rng.sample(places, rng.randint(1, len(places)))
        order = tight.needed([*chosen, *range(tight.carried)])
        assert {*chosen} <= {*order}
        assert order == sorted(order)
        fewer += len(order) < len(places)
        sides = sides_again(program, columns.tolist(), [0] * len(program.rows))
        for how in tight.renumbered(order):
            sides.append(rounded_again(sides, program.most[columns].tolist(), how))
        expected = [tight.sides[place] for place in order]
        assert [plain(side) for side in expected] == sides[tight.carried :], one.name
    assert fewer > 3


def test_prices_of_a_relaxation_with_sides_bound_what_it_says() -> None:
    """A solver's duals, led back to prices, prove what the solver says is the highest value."""
    for one in asked()[:COUNT]:
        layout = scaled(one.program)
        cases = settle(layout, root(one.program)[0], Fraction(0), None)
        tight = Tight(layout, cases.free, cases.held[1])
        wide = cases
        for _ in range(4):
            answer = tight.solver.solve(NEVER)
            if answer.x is None or answer.duals is None:
                break
            exact = float(wide.bound(wide.projected(tight.prices(answer.duals)), wide.box()))
            said = answer.objective / layout.cost_scale
            assert exact == pytest.approx(said, rel=1e-6, abs=1e-6 / layout.cost_scale), one.name
            if is_whole(answer.x):
                break
            wide = wide.wider(tight.tighten(answer.x))


def test_a_relaxation_that_begins_with_few_columns_says_what_one_with_all_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside any bounds, one after another; also that there is nothing inside."""
    monkeypatch.setattr("optimizer.solving.cutting_planes._JOINED", 1)
    joined = nothing = 0
    for one in asked()[: 3 * COUNT]:
        rng, program = random.Random(f"few {one.name}"), one.program
        columns = np.flatnonzero(program.most > 0)
        if len(columns) < 3:
            continue
        held, inside = [0] * len(program.rows), np.sort(np.array(rng.sample(range(len(columns)), 2)))
        every, few = Tight(scaled(program), columns, held), Tight(scaled(program), columns, held, columns=inside)
        starts = [None]
        for _ in range(6):
            upper = np.array([rng.randint(0, int(most)) for most in program.most[columns]])
            lower = np.array([rng.randint(0, int(most)) if rng.random() < 0.2 else 0 for most in upper])
            expected, found = every.within(lower, upper), few.within(lower, upper, rng.choice(starts))
            assert found.status == expected.status, one.name
            if found.x is None:
                nothing += 1
                continue
            starts.append(few.solver.basis)
            assert found.objective == pytest.approx(expected.objective, rel=1e-7, abs=1e-4), one.name
            x = few.spread(found.x)
            assert ((x >= lower - 1e-7) & (x <= upper + 1e-7)).all(), one.name
        joined += len(inside) < len(few.columns) < len(columns)
    assert joined > 5
    assert nothing > 20


def test_columns_that_join_late_are_rounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large pool only a part is in the solver at first; its sides hold for all columns."""
    monkeypatch.setattr("optimizer.solving.cutting_planes._NEAR", 4)
    found = 0
    for one in asked():
        name, program, plans = one.name, one.program, one.plans
        cases, prices = opened(program, None)
        found += bool(cases.stages)
        for side in cases.sides:
            assert keeps(side.values.tolist(), side.limit, plans.points[:, cases.free]).all(), name
        highest = cases.bound(cases.projected(prices), cases.box())
        assert plans.best is None or highest >= plans.best, name
        if cases.stages:
            bound = float(root(program)[1])
            assert float(highest) <= bound + 1e-6 * max(abs(bound), 1.0), name
    assert found > 2


def test_a_clock_that_runs_out_at_any_moment_leaves_what_is_true() -> None:
    for number, one in enumerate(asked()):
        name, program, plans, left = one.name, one.program, one.plans, [number % 12]

        def over(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        layout, (prices, bound) = scaled(program), root(program)
        cases = settle(layout, prices, bound, None)
        regret = np.zeros(len(cases.free))
        found = tightened(layout, cases.free, cases.held[1], regret, -np.inf, Clock(cancelled=over))
        if found is not None:
            cases = narrowed(cases, *found, None)
            for side in cases.sides:
                assert keeps(side.values.tolist(), side.limit, plans.points[:, cases.free]).all(), name
            assert plans.best is None or cases.bound(found[0].prices, cases.box()) >= plans.best, name


def test_a_relaxation_whose_rows_count_nothing_singles_nothing_out() -> None:
    """A solver that had nothing to do has no basis to ask for: it once ended the process."""
    program = program_from([5, 1], [([0, 0], None, 1)])
    tight = Tight(scaled(program), np.arange(2), [0])
    answer = tight.solver.solve(NEVER)
    assert answer.x is not None
    assert tight.tighten(answer.x) == []
    assert isinstance(tight.solver, Warm)


def test_where_nothing_is_open_nothing_is_rounded() -> None:
    program = program_from([5, 1], [([1, 1], None, 2)])
    cases = settle(scaled(program), (0.0,), Fraction(6), Fraction(6))
    assert len(cases.free) == 0
    nothing = np.zeros(0)
    assert tightened(scaled(program), cases.free, cases.held[1], nothing, -np.inf, NEVER) is None
