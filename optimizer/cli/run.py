"""The work of `check` and `plan`: load, plan, print, and exit with the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.answering import (
    Answer,
    doubt,
    faults,
    interruptible,
    leave,
    progress_words,
    real,
    root_of,
    warn,
)
from optimizer.cli.exit_codes import OK, of_outcome
from optimizer.cli.output import put, tell, writing
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.report.doubts import doubts_words
from optimizer.results.as_json import dumps, to_json, with_carried
from optimizer.unseen import visible

if TYPE_CHECKING:
    from optimizer.loading.carrying import Carried
    from optimizer.results.no_plan import NoPlan
    from optimizer.results.plan import Plan
    from optimizer.solving.search import Progress


@dataclass(frozen=True)
class Question:
    """The arguments of the command line."""

    scenario: Path
    variant: str | None
    changes: tuple[str, ...]
    root: Path | None
    as_json: bool
    debug: bool


@dataclass(frozen=True)
class Search:
    """The settings of the search; `model` is a file that the program is written to."""

    gap: float
    time_limit: float | None
    rounds: int | None
    solver: str
    model: Path | None


def run_check(question: Question, *, resolved: bool, solve: bool) -> None:
    """Do everything that `plan` does before its search; report the scenario or its faults."""
    with faults(str(question.scenario), as_json=question.as_json, debug=question.debug):
        from optimizer.analysis.check import check
        from optimizer.loading.load import resolved_values
        from optimizer.report.beside import left_out
        from optimizer.report.text import words_text
        from optimizer.results.no_plan import NoPlan

        scenario, idle = _load_with_variants(question)
        found = check(scenario, idle, solve=solve and not resolved)
        if isinstance(found, NoPlan):
            answer = Answer("json" if question.as_json else "text", None, False)
            answer.write(to_json(found) if question.as_json else _text(found, answer))
            leave(of_outcome(found.outcome))
        if resolved and question.as_json:
            values = [
                {"path": path, "value": value, "from": origin} for path, value, origin in resolved_values(scenario)
            ]
            put(dumps({"format": "creatormix/resolved/1", "values": values}))
            return
        if resolved:
            put(visible("".join(f"{path}: {value}  # {origin}\n" for path, value, origin in resolved_values(scenario))))
            return
        warn(found.warnings)
        if question.as_json:
            put(dumps(found.to_dict()))
            return
        for note in found.notes:
            tell(f"note: {note}")
        said = (
            f"{question.scenario} is in order: {_count(found.creators, 'creator')} can be booked in "
            f"{_count(found.bookings, 'way')}, under {_count(found.rules, 'rule')}"
        )
        aside = left_out(found.excluded, found.creators)
        width = Answer("text", None, False).width
        doubts = "".join(words_text(one, width) for one in doubts_words(found.doubts))
        kept = "" if found.found is None else _kept(found.found)
        put(visible("\n\n".join(filter(None, [doubts, "\n".join(filter(None, [f"{said}{kept}", aside]))])) + "\n"))


def _kept(found: Plan) -> str:
    """How all rules can be kept at once."""
    from optimizer.report import clash

    if not found.conflicts:
        return "; all rules can be kept at once"
    first, *lines = clash.conflicts(found)
    return "\n".join([f"; only an empty plan keeps all rules: {first}", *lines, *clash.ways(found)])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def run_plan(question: Question, answer: Answer, search: Search) -> None:
    """Plan and print."""
    if search.model is not None and answer.out is not None and real(search.model) == real(answer.out):
        raise click.UsageError("--out and --write-model name the same file; choose another name for one of them")
    with faults(str(question.scenario), as_json=question.as_json, debug=question.debug):
        from optimizer.planning.optimize import try_optimize
        from optimizer.results.no_plan import NoPlan

        scenario = loaded(question)
        answer.spare(scenario, question.scenario)
        answer.check_ending()
        carried = _carried(scenario, answer)
        _check_solver(search.solver)
        if search.model is not None:
            _write_model(scenario, question, search.model)
        with interruptible() as interrupted, progress() as show:
            result = try_optimize(
                scenario,
                gap=search.gap,
                time_limit_s=search.time_limit,
                rounds=search.rounds,
                solver=search.solver,
                on_progress=show,
                cancel=interrupted.is_set,
            )
        if isinstance(result, NoPlan):
            show_no_plan(result, answer)
            leave(of_outcome(result.outcome, interrupted=interrupted.is_set()))
        show_plan(result, answer, carried)
        leave(OK)


def _check_solver(solver: str) -> None:
    from optimizer.solving.backends import HIGHS, names

    if solver != HIGHS and solver not in names():
        raise click.UsageError(f'there is no solver "{solver}" here; there are: {", ".join(names())}')


def _write_model(scenario: Scenario, question: Question, path: Path) -> None:
    from optimizer.planning.model_file import write_model

    Answer("text", path, False).spare(scenario, question.scenario)
    with writing(path):
        try:
            write_model(scenario, path)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def _carried(scenario: Scenario, answer: Answer) -> Carried | None:
    """The columns that the export carries, read before the search, so that a slip in a name costs no time."""
    if not answer.carry:
        return None
    from optimizer.loading.carrying import carried

    try:
        return carried(scenario, answer.carry)
    except ValueError as error:
        raise click.UsageError(f"--carry: {error}") from None


def show_no_plan(result: NoPlan, answer: Answer) -> None:
    """Print why there is no plan."""
    if answer.is_table:  # there is no table to write; the file is not changed
        tell(_text(result, answer).removesuffix("\n"))
    else:
        answer.write(_whole(result, answer))


def show_plan(plan: Plan, answer: Answer, carried: Carried | None = None) -> None:
    """Print a plan in the requested form."""
    if answer.form in ("text", "html"):
        answer.write(_whole(plan, answer))
        return
    cells = None if carried is None else carried.of([booking.creator for booking in plan.allocations])
    if answer.form == "json":
        answer.write(to_json(plan) if cells is None else with_carried(plan, cells))
    elif answer.form == "xlsx":
        from optimizer.report.language import speaker
        from optimizer.report.sheets import plan_sheets
        from optimizer.report.workbook import workbook

        sheets = speaker(answer.language, plan).tables(plan_sheets(plan, cells))
        answer.write_file(workbook(sheets, plan.decimals))
    else:
        from optimizer.report.as_csv import to_csv

        answer.write(answer.mark + to_csv(plan, style=answer.style, carried=cells))
    warn(plan.warnings)
    doubt(plan.doubts)
    if answer.is_table:
        warn(conflict.says for conflict in plan.conflicts)


def loaded(question: Question) -> Scenario:
    """The scenario that is asked about."""
    from optimizer.loading.load import load_scenario
    from optimizer.loading.overlay import split_change

    changes = dict(split_change(change) for change in question.changes)
    root = root_of(question.scenario, question.root)
    return load_scenario(question.scenario, root=root, variant=question.variant, changes=changes)


def _load_with_variants(question: Question) -> tuple[Scenario, list[str]]:
    """The scenario, if it and its other variants are free of faults; and warnings about variants of other files."""
    from optimizer.loading.load import idle_variants

    scenario, warnings, problems = None, list[str](), list[Problem]()
    try:
        scenario = loaded(question)
    except ScenarioError as error:
        problems += error.problems
    try:
        root = root_of(question.scenario, question.root)
        idle, warnings = idle_variants(question.scenario, root=root, chosen=question.variant)
        problems += idle
    except ScenarioError as error:  # a file that cannot be read, which is reported once
        problems += error.problems
    if problems or scenario is None:
        raise ScenarioError(problems)
    return scenario, warnings


def _whole(result: Plan | NoPlan, answer: Answer) -> str:
    """An answer in a form that holds all of it, whether there is a plan or not."""
    if answer.form == "json":
        return to_json(result)
    return result.to_html(language=answer.language) if answer.form == "html" else _text(result, answer)


def _text(result: Plan | NoPlan, answer: Answer) -> str:
    from optimizer.report.text import render

    return render(result, answer.width, answer.everything, answer.language)


@contextmanager
def progress() -> Iterator[Callable[[Progress], None] | None]:
    """On a terminal, a line with the progress of the search."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(progress: Progress) -> None:
        if words := progress_words(progress):
            click.echo(f"\r{words} ", nl=False, err=True)

    yield show
    click.echo("\r\x1b[K", nl=False, err=True)
