"""Sweep: the best plan over ranges of one or two inputs, or between two goals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

from optimizer.analysis import fan_out
from optimizer.analysis import frontier as between
from optimizer.analysis.marginal import varied, with_neighbours
from optimizer.analysis.points import Changes, Chunk, Done, Work, attempted, chunks_of, keep, placed, version
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.errors import ScenarioError
from optimizer.loading.load import as_written, changed_scenario
from optimizer.loading.varying import grid, shown_value, values_of
from optimizer.planning.optimize import Terms
from optimizer.planning.outcome import units_of
from optimizer.planning.point import Pointed
from optimizer.results.common import ScenarioName
from optimizer.results.sweep import At, FailedPoint, Frontier, Sweep, SweepPoint
from optimizer.solving.engine import Beginning

GAP = 1e-3  # a curve needs no more, and its points take a fraction of the time
ROUNDS = 3_000  # of work for each point
POINTS = 11  # of a frontier
_WIDTH = 4  # chunks under way on an executor that does not say how many workers it has

Vary = Mapping[str, str | Iterable[object]]


def sweep(
    scenario: Scenario,
    vary: Vary | None = None,
    *,
    frontier: str | None = None,
    points: int = POINTS,
    gap: float = GAP,
    time_limit_s: float | None = None,
    rounds: int | None = None,
    ranges: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Sweep:
    """Plan a scenario again and again, over ranges of one or two inputs; or find the best plans between two goals.

    The answer does not depend on how many workers there are, unless a time limit ends searches.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`.
    vary
        Up to two paths, as `load_scenario` takes them in `changes`, each with its values or with a range as text:
        `{"budget": range(10_000, 50_001, 5_000)}`, `{"assume.click_rate": "0.5%:2%:0.5%"}`.
    frontier
        Instead: a second goal, as `gross_reach` or `minimize spend`. A cost alone is minimized, all else maximized.
    points
        How many points a frontier has at most, at least 2.
    gap
        As for `try_optimize`, for each point.
    time_limit_s, rounds
        As for `try_optimize`, for each point; without them, 3,000 rounds.
    ranges
        Whether to draw the range that each goal most likely lies in.
    workers
        How many processes of this machine share the work; 1 if it is None. Each of them gets the scenario once. A
        program that asks for more than one needs `if __name__ == "__main__":` around what it runs. With an `executor`:
        how many chunks of points are under way there at once.
    executor
        Any `concurrent.futures.Executor` that takes functions of this package, as that of a cluster.
    on_progress
        Called with how many points are done, and how many there are.
    cancel
        Once it returns True, what is done is returned; the other points are named in `not_planned`.

    Raises
    ------
    ScenarioError
        If what is varied is no part of a scenario. A point that has faults of its own is among `failed`.
    ValueError
        If there is nothing to vary, or a number is outside its range.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> found = sweep(load_scenario(campaign, creators=pool), {"budget": [50, 100, 250]})
    >>> [(point.at["budget"], point.value, point.comes_in) for point in found.points]
    [(50, 0.0, None), (100, 150.0, ('@ana',)), (250, 600.0, ('@bea',))]
    """
    check_loaded(scenario, "sweep")
    if (vary is None) == (frontier is None):
        raise ValueError("say either which inputs to vary, or the second goal of a frontier")
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    if points < 2:
        raise ValueError(f"points must be at least 2, not {points}")
    limit = ROUNDS if rounds is None and time_limit_s is None else rounds
    Terms(gap, time_limit_s, rounds=limit)  # which refuses numbers outside their ranges
    run = _Run(scenario, gap, time_limit_s, limit, ranges, on_progress, cancel or (lambda: False))
    with run.on(executor, workers):
        if frontier is not None:
            return run.frontier(between.second_goal(scenario, frontier), points)
        return run.over({path: _values(path, said) for path, said in (vary or {}).items()})


def _values(path: str, said: str | Iterable[object]) -> tuple[str, ...]:
    """The values of one input as they are written."""
    if isinstance(said, str):
        return values_of(path, said)
    found = tuple(dict.fromkeys(one if isinstance(one, str) else as_written(one) for one in said))
    if not found:
        raise ValueError(f"there are no values of {path}")
    return found


@dataclass(eq=False)
class _Run:
    """One sweep: what is asked, and what is done so far."""

    scenario: Scenario
    gap: float
    time_limit_s: float | None
    rounds: int | None
    ranges: bool
    on_progress: Callable[[int, int], None] | None
    cancel: Callable[[], bool]
    total: int = 0
    done: dict[int, Done] = field(default_factory=dict)
    _go: Callable[[Sequence[Chunk]], None] | None = None
    _work: Work | None = None

    @contextmanager
    def on(self, executor: Executor | None, workers: int | None) -> Iterator[None]:
        """Where chunks are planned: here, in processes of our own, or on an executor."""

        def work(key: str) -> Work:
            return Work(key, self.gap, self.time_limit_s, self.rounds, self.ranges, version())

        if executor is None and workers in (None, 1):
            mine = work(f"here: {id(self.scenario)}")
            keep(mine.key, self.scenario)
            self._go = lambda chunks: fan_out.in_turn(chunks, mine, self.cancel, self.took)
            self._work = mine
            yield
            return
        self._work = work(token_hex())
        if executor is not None:
            width = workers or getattr(executor, "_max_workers", None) or _WIDTH
            there = fan_out.Elsewhere(executor, width, self._work, self.scenario)
            self._go = lambda chunks: there.go(chunks, self.cancel, self.took)
            yield
            return
        with fan_out.crew(workers or 1, self._work, self.scenario) as crew:
            self._go = lambda chunks: crew.go(chunks, self.cancel, self.took)
            yield

    # --- over ranges ---

    def over(self, values: Mapping[str, tuple[str, ...]]) -> Sweep:
        """The best plan at each point of a grid."""
        points = grid(values)
        self.total = len(points)
        begun = self._begun(points)
        rest = [(place, point) for place, point in enumerate(points) if place not in self.done]
        self._plan(rest, begun)
        (*_, last), width = values, len(list(values.values())[-1])
        what = varied(self.scenario, last, values[last][0])
        placed_: list[SweepPoint | None] = []
        for start in range(0, len(points), width):
            row = [self._point(place, points[place]) for place in range(start, start + width)]
            placed_ += with_neighbours(row, what)
        return self._stated(tuple(values), points, [one for one in placed_ if one is not None])

    def _begun(self, points: Sequence[Changes]) -> Beginning | None:
        """Plan the point in the middle, where the searches of all chunks begin; where it has no plan, another one.

        Raises
        ------
        ScenarioError
            If what is varied is refused wherever it is tried.
        """
        places = list(dict.fromkeys([len(points) // 2, 0, len(points) - 1]))
        for place in places:
            found = self._attempt(place, points[place])
            if isinstance(found, Pointed) and found.beginning is not None:
                return found.beginning
            if self.cancel():
                return None
        if all(place in self.done and self.done[place].point is None for place in places):
            self._refuse([points[place] for place in places])
        return None

    def _refuse(self, points: Sequence[Changes]) -> None:
        """Raise the fault of the first of some points, if all of them have faults."""
        faults: list[ScenarioError] = []
        for changes in points:
            try:
                changed_scenario(self.scenario, changes)
            except ScenarioError as error:
                faults.append(error)
        if len(faults) == len(points):
            raise faults[0]

    def _attempt(self, place: int, changes: Changes, beginning: Beginning | None = None) -> Pointed | str:
        """Plan one point here."""
        if self._work is None:
            raise RuntimeError("the sweep has not begun")
        found = attempted(self.scenario, changes, self._work, None, beginning, self.cancel)
        if isinstance(found, str):
            self.took(Done(place, None, found))
        elif not (self.cancel() and found.point.stopped):
            self.took(Done(place, found.point))
        return found

    def _plan(self, points: Sequence[tuple[int, Changes]], beginning: Beginning | None) -> None:
        if self._go is not None and points and not self.cancel():
            self._go(chunks_of(points, beginning))

    def took(self, done: Done) -> None:
        """Take what came of one point, once."""
        if done.place in self.done:
            return
        self.done[done.place] = done
        if self.on_progress is not None:
            self.on_progress(len(self.done), self.total)

    def _point(self, place: int, changes: Changes) -> SweepPoint | None:
        done = self.done.get(place)
        return None if done is None or done.point is None else placed(done.point, _at(changes), changes)

    # --- between two goals ---

    def frontier(self, second: Frontier, count: int) -> Sweep:
        """The best plans between two goals, those first that are best in the scenario's own."""
        name, self.total = second.quantity, count
        ends = [between.first_end(self.scenario, second), between.last_end(self.scenario, second)]
        first = self._attempt(0, ends[0])
        if isinstance(first, str) or first.point.outcome != "plan" or self.cancel():
            if isinstance(first, str):
                self._refuse(ends[:1])
            only = [] if isinstance(first, str) or 0 not in self.done else [placed(first.point, {}, ends[0])]
            return self._stated((name,), [ends[0]], only, second)
        last = self._attempt(1, ends[1], first.beginning)
        points: list[Changes] = [*ends]
        found = [between.at_level(placed(first.point, {}, ends[0]), second)]
        if isinstance(last, Pointed) and last.point.outcome == "plan":
            reached = found[0].totals[name], last.point.totals[name]
            points += between.levels(self.scenario, second, reached, count)
            self.total = len(points)
            self._plan(list(enumerate(points))[2:], first.beginning)
            found.append(between.at_last_end(_placed(last, ends[1]), second))
        for place in range(2, len(points)):
            one = self._point(place, points[place])
            if one is not None:
                found.append(between.at_level(one, second))
        planned = [one for one in found if one.outcome == "plan"]
        kept = with_neighbours(between.not_dominated(planned, second), None)
        return self._stated((name,), points, [one for one in kept if one is not None], second)

    # --- the answer ---

    def _stated(
        self,
        vary: tuple[str, ...],
        points: Sequence[Changes],
        planned: Sequence[SweepPoint],
        second: Frontier | None = None,
    ) -> Sweep:
        scenario = self.scenario
        return Sweep(
            scenario=ScenarioName(scenario.name, scenario.variant, dict(scenario.changes)),
            inputs=scenario.inputs,
            currency=scenario.currency.code,
            decimals=scenario.currency.decimals,
            units=units_of(scenario),
            vary=vary,
            points=tuple(planned),
            gap=self.gap,
            failed=tuple(
                FailedPoint(_at(points[place]), dict(points[place]), done.cause)
                for place, done in sorted(self.done.items())
                if done.point is None
            ),
            not_planned=tuple(_at(point) for place, point in enumerate(points) if place not in self.done),
            frontier=second,
            warnings=scenario.warnings,
        )


def _at(changes: Changes) -> At:
    return {path: shown_value(value) for path, value in changes.items()}


def _placed(found: Pointed, changes: Changes) -> Pointed:
    return Pointed(placed(found.point, {}, changes), found.estimates, found.beginning, found.steps)
