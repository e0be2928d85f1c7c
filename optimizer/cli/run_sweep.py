"""The work of `sweep`: load, plan every point, print, and exit with the right code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.answering import Answer, faults, interruptible, leave, root_of, warn
from optimizer.cli.cases import changes_of
from optimizer.cli.exit_codes import OK, OURS, of_outcome
from optimizer.results.as_json import to_json
from optimizer.results.sweep import Sweep
from optimizer.unseen import visible

if TYPE_CHECKING:
    from optimizer.domain.scenario import Scenario

_BAR = 30  # characters of the progress bar
_LARGE = 200_000  # creators times points from which on further processes are worth their start


@dataclass(frozen=True)
class Asked:
    """What is asked on the command line."""

    scenario: Path
    variant: str | None
    changes: tuple[str, ...]
    root: Path | None
    vary: tuple[str, ...]
    frontier: str | None
    points: int | None


@dataclass(frozen=True)
class Search:
    """How each point is planned, and where."""

    gap: float
    time_limit: float | None
    rounds: int | None
    ranges: bool
    workers: int | None
    cluster: str | None
    debug: bool


def run_sweep(asked: Asked, answer: Answer, search: Search) -> None:
    """Plan every point and print them."""
    with faults(str(asked.scenario), as_json=answer.form == "json", debug=search.debug):
        from optimizer.analysis.sweep import POINTS, sweep
        from optimizer.loading.load import load_scenario
        from optimizer.loading.varying import asked_values, grid

        vary = asked_values(asked.vary)
        points = len(grid(vary)) if vary else asked.points or POINTS
        scenario = load_scenario(
            asked.scenario,
            root=root_of(asked.scenario, asked.root),
            variant=asked.variant,
            changes=changes_of(asked.changes),
        )
        answer.check_ending()
        answer.spare(scenario, asked.scenario)
        with _executor(search) as (executor, there), interruptible("the points so far") as interrupted, _bar() as show:
            found = sweep(
                scenario,
                vary or None,
                frontier=asked.frontier,
                points=asked.points or POINTS,
                gap=search.gap,
                time_limit_s=search.time_limit,
                rounds=search.rounds,
                ranges=search.ranges,
                workers=search.workers or there or _workers(scenario, points),
                executor=executor,
                on_progress=show,
                cancel=interrupted.is_set,
            )
        _show(found, answer)
        leave(_code(found, interrupted=interrupted.is_set()))


def _code(found: Sweep, *, interrupted: bool) -> int:
    """0 as soon as one point has a plan; else what holds of the points."""
    outcomes = {point.outcome for point in found.points}
    if "plan" in outcomes:
        return OK
    if not outcomes and found.failed:
        return OURS
    clash = outcomes == {"infeasible"} and not found.not_planned
    return of_outcome("infeasible" if clash else "no_plan", interrupted=interrupted)


def _workers(scenario: Scenario, points: int) -> int:
    """All cores for a large pool; a small one is planned before further processes have begun."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if len(scenario.pool) * len(scenario.offers) * points >= _LARGE and points > cores else 1


@contextmanager
def _executor(search: Search) -> Iterator[tuple[Executor | None, int | None]]:
    """The executor of a cluster, and how many workers it has; None without one."""
    if search.cluster is None:
        yield None, None
        return
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise click.UsageError("--cluster needs Dask: pip install 'creatormix[cluster]'") from None
    try:
        client = distributed.Client(search.cluster, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        said = str(error).strip() or type(error).__name__
        raise click.UsageError(f"no cluster answers at {search.cluster} ({said})") from None
    try:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise click.UsageError(f"the cluster at {search.cluster} has no workers; start some: dask worker ADDRESS")
        with client.get_executor(pure=False) as executor:
            yield executor, workers
    finally:
        client.close()


def _show(found: Sweep, answer: Answer) -> None:
    if answer.form == "html":
        answer.write(found.to_html(language=answer.language))
        return
    if answer.form == "json":
        answer.write(to_json(found))
        return
    if answer.form == "text":
        from optimizer.report.sweep import render

        answer.write(render(found, answer.width, answer.everything, answer.language))
        return
    from optimizer.report.sweep import failures, left_out

    if answer.form == "xlsx":
        from optimizer.report.language import speaker
        from optimizer.report.sweep_page import sweep_sheets
        from optimizer.report.workbook import workbook

        sheets = speaker(answer.language, found).tables(sweep_sheets(found))
        answer.write_file(workbook(sheets, found.decimals))
    else:
        from optimizer.report.as_csv import sweep_csv

        answer.write(answer.mark + sweep_csv(found, style=answer.style))
    warn(f"failed: {line}" for line in failures(found.failed))
    warn(f"{line} was not planned" for line in left_out(found))
    warn(found.warnings)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """On a terminal, a bar with how many points are done."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(done: int, total: int) -> None:
        full = _BAR * done // max(total, 1)
        words = f"[{'#' * full}{'.' * (_BAR - full)}] {done:,} of {total:,} points"
        click.echo(f"\r\x1b[K{visible(words)}", nl=False, err=True)

    show(0, 0)
    yield show
    click.echo("\r\x1b[K", nl=False, err=True)
