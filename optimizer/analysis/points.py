"""The points of a sweep, in the process that plans them: the scenario is loaded once there, and neighbours follow.

Which points make a chunk does not depend on who plans them, and each chunk begins where the same first search ended:
so a sweep has the same answer on one core, on many, and on a cluster.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.domain.scenario import Scenario
from optimizer.errors import CheckError, ScenarioError
from optimizer.estimation.estimate import Estimates
from optimizer.loading.load import changed_scenario
from optimizer.planning.optimize import Terms
from optimizer.planning.point import Pointed, pointed
from optimizer.results.sweep import SweepPoint
from optimizer.solving.engine import Beginning

Changes = Mapping[str, str]


@dataclass(frozen=True)
class Work:
    """What all chunks have in common: the scenario by its key, and how each point is planned."""

    key: str
    gap: float
    time_limit_s: float | None
    rounds: int | None
    ranges: bool
    version: str

    def terms(self, cancel: Callable[[], bool] | None) -> Terms:
        """The settings of the search for one point."""
        return Terms(self.gap, self.time_limit_s, cancel=cancel, rounds=self.rounds, more_budget=False)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Neighbours, each by its place among all points, and where the first of them begins."""

    points: tuple[tuple[int, Changes], ...]
    beginning: Beginning | None


@dataclass(frozen=True)
class Done:
    """What came of one point: the point, or the cause of its failure."""

    place: int
    point: SweepPoint | None
    cause: str = ""


@dataclass(eq=False)
class _Loaded:
    """A scenario in this process, and the estimates that its points have in common."""

    scenario: Scenario
    estimates: Estimates | None = None


_KEPT = 2  # scenarios in a process that lives longer than a sweep
_loaded: dict[str, _Loaded] = {}
_lock = threading.Lock()
loads: list[str] = []  # the keys of scenarios that were sent to this process, in order


def version() -> str:
    """The version of the package, which lies above this module."""
    return str(sys.modules[__name__.partition(".")[0]].__version__)


def keep(key: str, scenario: Scenario) -> None:
    """Keep a scenario in this process, where chunks will ask for it."""
    with _lock:
        _loaded[key] = _Loaded(scenario)
        for old in list(_loaded)[:-_KEPT]:
            del _loaded[old]


def has(key: str, scenario: Scenario | None) -> bool:
    """Whether the scenario is here; it is kept where it was not, and was sent along."""
    if key in _loaded:
        return True
    if scenario is None:
        return False
    loads.append(key)
    keep(key, scenario)
    return True


def plan_chunk(
    work: Work,
    chunk: Chunk,
    scenario: Scenario | None = None,
    attempt: int = 0,  # noqa: ARG001  it makes each call another one
    cancel: Callable[[], bool] | None = None,
) -> list[Done] | None:
    """Plan the points of a chunk, one after the other; None where this process has no such scenario yet.

    Executors that remember answers are asked with another `attempt`. Once `cancel` returns True, the points that are
    done are returned.
    """
    if work.version != version():
        raise RuntimeError(f"this worker has creatormix {version()}, the sweep was begun by {work.version}")
    return list(planned_points(work, chunk, cancel)) if has(work.key, scenario) else None


def planned_points(work: Work, chunk: Chunk, cancel: Callable[[], bool] | None) -> Iterator[Done]:
    """The points of a chunk as they are done, each begun where the one before it ended."""
    one, beginning = _loaded[work.key], chunk.beginning
    for place, changes in chunk.points:
        if cancel is not None and cancel():
            return
        found = attempted(one.scenario, changes, work, one.estimates, beginning, cancel)
        if isinstance(found, str):
            yield Done(place, None, found)
            continue
        if cancel is not None and cancel() and found.point.stopped:
            return  # it was not planned to its end
        one.estimates = one.estimates or found.estimates
        if found.estimates.columns is one.estimates.columns:  # a beginning is over these bookings
            beginning = found.beginning or beginning
        yield Done(place, found.point)


def attempted(
    scenario: Scenario,
    changes: Changes,
    work: Work,
    known: Estimates | None,
    beginning: Beginning | None,
    cancel: Callable[[], bool] | None = None,
) -> Pointed | str:
    """One point; or why it failed, which is no reason to lose the others."""
    try:
        changed = changed_scenario(scenario, changes)
        return pointed(changed, work.terms(cancel), known, beginning, ranges=work.ranges)
    except ScenarioError as error:
        return "; ".join(f"{one.cause} ({one.mend})" if one.mend else one.cause for one in error.problems)
    except CheckError as error:
        return f"creatormix withholds this plan: {error}; this is a fault of creatormix"
    except MemoryError:
        return "there is not enough memory for it"
    except Exception as error:  # noqa: BLE001  whatever it is, the other points are planned
        return f"creatormix failed ({type(error).__name__}: {error}); this is a fault of creatormix"


def chunks_of(points: Sequence[tuple[int, Changes]], beginning: Beginning | None) -> list[Chunk]:
    """Neighbours together: few enough in a chunk to share the work out, and to lose little where a worker dies."""
    size = max(1, min(_CHUNK, -(-len(points) // _CHUNKS)))
    return [Chunk(tuple(points[at : at + size]), beginning) for at in range(0, len(points), size)]


_CHUNK, _CHUNKS = 8, 8  # points of a chunk, and how many chunks a small sweep has


def placed(point: SweepPoint, at: Mapping[str, int | float | str], changes: Changes) -> SweepPoint:
    """A point at its place."""
    return replace(point, at=at, changes=dict(changes))
