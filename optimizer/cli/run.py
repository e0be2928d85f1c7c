"""What the commands do: load, plan, print, and leave with the right exit code."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from optimizer.domain.scenario import Scenario
from optimizer.errors import CheckError, Problem, ScenarioError
from optimizer.report.as_json import dumps, problems_json, to_json

if TYPE_CHECKING:
    from optimizer.planning.plan import NoPlan, Plan
    from optimizer.solving.engine import Progress

OK, OURS, FAULTY, INFEASIBLE, NONE_FOUND, INTERRUPTED = 0, 1, 3, 4, 5, 130
_LISTED = 20


@dataclass(frozen=True)
class Question:
    """What was asked on the command line."""

    scenario: Path
    variant: str | None
    changes: tuple[str, ...]
    root: Path | None
    as_json: bool
    debug: bool


@dataclass(frozen=True)
class Answer:
    """How the answer is wanted: text, json, csv or raw-csv; on stdout or in a file."""

    form: str
    out: Path | None
    everything: bool


def make_starter(folder: Path) -> None:
    """Write the starter scenario and its pool; files that exist are left alone."""
    source = resources.files("optimizer.cli") / "starter"
    names = ("scenario.yaml", "creators.csv")
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise click.UsageError(f"{folder / taken[0]} exists already and is left as it is; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_bytes((source / name).read_bytes())
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {(error.strerror or 'no access').lower()}") from None
    click.echo(f"wrote {folder / names[0]} and {folder / names[1]}")
    click.echo(f"now try: creatormix plan {folder / names[0]}")


def run_check(question: Question, resolved: bool) -> None:
    """Load and estimate; say what there is, or what is wrong."""
    with _faults(question):
        from optimizer.estimation.estimate import estimate
        from optimizer.loading.load import resolved_values

        scenario = _load(question)
        estimates = estimate(scenario)
        if resolved and question.as_json:
            values = [
                {"path": path, "value": value, "from": origin} for path, value, origin in resolved_values(scenario)
            ]
            click.echo(dumps({"format": "creatormix/resolved/1", "values": values}), nl=False)
            return
        if resolved:
            for path, value, origin in resolved_values(scenario):
                click.echo(f"{path}: {value}  # {origin}")
            return
        for warning in scenario.warnings:
            click.echo(f"warning: {warning}", err=True)
        if question.as_json:
            summary = {"creators": len(scenario.pool), "bookings": len(estimates), "rules": len(scenario.constraints)}
            warnings = list(scenario.warnings)
            click.echo(dumps({"format": "creatormix/check/1", **summary, "warnings": warnings}), nl=False)
            return
        click.echo(
            f"{question.scenario} is in order: {_count(len(scenario.pool), 'creator')} can be booked in "
            f"{_count(len(estimates), 'way')}, under {_count(len(scenario.constraints), 'rule')}"
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def run_plan(question: Question, answer: Answer, gap: float, time_limit: float) -> None:
    """Plan and print."""
    with _faults(question):
        from optimizer.planning.optimize import try_optimize
        from optimizer.planning.plan import NoPlan

        scenario = _load(question)
        _keep_inputs(scenario, question, answer.out)
        with _interruptible() as interrupted, _progress() as show:
            result = try_optimize(
                scenario, gap=gap, time_limit_s=time_limit, on_progress=show, cancel=interrupted.is_set
            )
        if isinstance(result, NoPlan):
            if answer.form in ("csv", "raw-csv"):  # there is no table: the file stays as it is
                click.echo(_text(result, answer), err=True, nl=False)
            else:
                _print(dumps(to_json(result)) if answer.form == "json" else _text(result, answer), answer.out)
            _leave(
                INFEASIBLE if result.outcome == "infeasible" else INTERRUPTED if interrupted.is_set() else NONE_FOUND
            )
        if answer.form == "json":
            _print(dumps(to_json(result)), answer.out)
        elif answer.form == "text":
            _print(_text(result, answer), answer.out)
        else:
            from optimizer.report.as_csv import to_csv

            raw = answer.form == "raw-csv"
            mark = "" if raw else "\ufeff"  # by which a spreadsheet knows UTF-8
            _print(mark + to_csv(result, raw=raw), answer.out)
        if answer.form != "text":
            for warning in result.warnings:
                click.echo(f"warning: {warning}", err=True)
        _leave(OK)


def _keep_inputs(scenario: Scenario, question: Question, out: Path | None) -> None:
    """An answer never replaces a file that the question was read from."""
    home = question.scenario.resolve().parent
    if out is not None and out.resolve() in {(home / file.path).resolve() for file in scenario.inputs}:
        raise click.UsageError(f"{out} is a file that this plan was made from; choose another name for --out")


def _load(question: Question) -> Scenario:
    from optimizer.loading.load import load_scenario
    from optimizer.loading.overlay import split_change

    changes = dict(split_change(change) for change in question.changes)
    return load_scenario(question.scenario, root=_root(question), variant=question.variant, changes=changes)


def _root(question: Question) -> Path:
    """By default the current folder where the scenario lies below it, else the scenario's own."""
    if question.root is not None:
        return question.root
    here, home = Path.cwd(), question.scenario.resolve().parent
    return here if home.is_relative_to(here) else home


def _text(result: Plan | NoPlan, answer: Answer) -> str:
    from optimizer.report.text import render

    width = 110 if answer.out else max(60, min(_columns(), 140))
    return render(result, width, answer.everything)


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size((110, 24)).columns


def _print(text: str, out: Path | None) -> None:
    """To stdout; or to a file, whole or not at all."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=out.parent or Path(), prefix=f".{out.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {(error.strerror or 'no access').lower()}") from None
    click.echo(f"wrote {out}", err=True)


def _leave(code: int) -> NoReturn:
    """Leave at once: a solver that was left behind in a thread must not hold the process up."""
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """The first Ctrl-C asks the search to stop with what it has; the second one ends the program."""
    interrupted = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            os._exit(INTERRUPTED)
        interrupted.set()
        click.echo("stopping with the best plan so far (Ctrl-C again to end at once)", err=True)

    signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """On a terminal, a line about how far the search has come."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(progress: Progress) -> None:
        if progress.value is not None and progress.bound is not None and progress.seconds > 1:
            line = f"{progress.seconds:.0f} s: {progress.value:,.0f} found, {progress.bound:,.0f} is the limit"
            click.echo(f"\r{line} ", nl=False, err=True)

    yield show
    click.echo("\r\x1b[K", nl=False, err=True)


@contextmanager
def _faults(question: Question) -> Iterator[None]:
    """Every fault in words, on the right stream, with the right exit code; no traceback unless asked for."""
    try:
        yield
    except ScenarioError as error:
        if question.as_json:
            click.echo(dumps(problems_json(error.problems)), nl=False)
        else:
            _print_problems(question.scenario, error.problems)
        _leave(FAULTY)
    except CheckError as error:
        click.echo(
            f"creatormix withholds this plan: {error}\nThis is a fault of creatormix, not of your scenario.", err=True
        )
        _leave(OURS)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        _leave(INTERRUPTED)
    except BrokenPipeError:
        os._exit(OK)
    except (click.ClickException, SystemExit, click.exceptions.Exit):
        raise
    except MemoryError:
        click.echo("there is not enough memory for this pool", err=True)
        _leave(OURS)
    except Exception as error:  # noqa: BLE001  the last resort: no planner ever sees a traceback
        if question.debug:
            traceback.print_exc()
        click.echo(
            f"creatormix failed ({type(error).__name__}); this is a fault of ours: run again with --debug", err=True
        )
        _leave(OURS)


def _print_problems(scenario: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems[:_LISTED]:
        click.echo(f"{problem}\n", err=True)
    if len(problems) > _LISTED:
        click.echo(f"... and {len(problems) - _LISTED:,} more\n", err=True)
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    click.echo(f"{count} in {scenario}; nothing was solved.", err=True)
