"""The work of `compare`: load every case, plan one after the other, print, and exit with the right code."""

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
    faults,
    interruptible,
    leave,
    progress_words,
    root_of,
    warn,
)
from optimizer.cli.cases import Asked, Wanted, asked_cases, common_changes, distinct, variants_of
from optimizer.cli.exit_codes import OK, of_outcome
from optimizer.cli.output import tell
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.report.as_csv import roster_csv
from optimizer.results.as_json import to_json
from optimizer.results.comparison import Comparison
from optimizer.unseen import visible

if TYPE_CHECKING:
    from optimizer.solving.search import Progress

_NAME_SHOWN = 40


@dataclass(frozen=True)
class Search:
    """How each case is loaded and planned."""

    root: Path | None
    gap: float
    time_limit: float | None
    rounds: int | None
    why: bool
    debug: bool


def run_compare(wanted: Wanted, answer: Answer, search: Search) -> None:
    """Plan every case and print them side by side."""
    named = ", ".join(dict.fromkeys(map(str, wanted.scenarios)))
    with faults(named, as_json=answer.form == "json", debug=search.debug):
        from optimizer.analysis.compare import compare

        cases = _loaded(wanted, answer, search.root)
        with interruptible("the plans so far") as interrupted, _progress(len(cases)) as show:
            comparison = compare(
                cases,
                gap=search.gap,
                time_limit_s=search.time_limit,
                rounds=search.rounds,
                why=search.why,
                on_progress=show,
                cancel=interrupted.is_set,
            )
        _show(comparison, answer)
        if comparison.base is not None:
            leave(OK)
        clash = all(case.outcome == "infeasible" for case in comparison.cases) and not comparison.not_planned
        leave(of_outcome("infeasible" if clash else "no_plan", interrupted=interrupted.is_set()))


def _loaded(wanted: Wanted, answer: Answer, root: Path | None) -> list[tuple[str, Scenario]]:
    """Load every case; all faults are reported at once, before anything is planned."""
    from optimizer.loading.load import variant_names

    asked = asked_cases(wanted)
    scenarios = _ready(asked, answer, root)
    answer.check_ending()
    if wanted.alone:
        first = wanted.scenarios[0]
        more = variants_of(first, variant_names(first, root=root_of(first, root)), common_changes(wanted))
        if not more:
            raise click.UsageError(
                f"there is nothing to compare: {first} has no variants; name another scenario, or add --variant, --set "
                "or --case"
            )
        asked, scenarios = asked + more, scenarios + _ready(more, answer, root)
    return list(zip(distinct(asked, [scenario.name for scenario in scenarios]), scenarios, strict=True))


def _ready(asked: list[Asked], answer: Answer, root: Path | None) -> list[Scenario]:
    from optimizer.estimation.estimate import estimate
    from optimizer.formulation.build import build
    from optimizer.loading.load import load_scenario

    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for case in asked:
        try:
            scenario = load_scenario(
                case.scenario, root=root_of(case.scenario, root), variant=case.variant, changes=case.changes
            )
            build(estimate(scenario))  # which finds missing figures now, not after an hour of planning
            answer.spare(scenario, case.scenario)
            scenarios.append(scenario)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return scenarios


def _show(comparison: Comparison, answer: Answer) -> None:
    from optimizer.report.comparison import render, warnings_of

    if answer.form == "text" or (answer.is_table and comparison.base is None):
        text = render(comparison, answer.width, answer.everything, answer.language)
        if answer.is_table:  # there is no table to write; the file is not changed
            tell(text.removesuffix("\n"))
        else:
            answer.write(text)
        return
    if answer.form == "html":
        answer.write(comparison.to_html(language=answer.language))
        return
    if answer.form == "json":
        answer.write(to_json(comparison))
    else:
        if answer.form == "xlsx":
            from optimizer.report.language import speaker
            from optimizer.report.sheets import comparison_sheets
            from optimizer.report.workbook import workbook

            decimals = max((case.plan.decimals for case in comparison.cases if case.plan), default=2)
            sheets = speaker(answer.language, comparison).tables(comparison_sheets(comparison))
            answer.write_file(workbook(sheets, decimals))
        else:
            answer.write(answer.mark + roster_csv(comparison, style=answer.style))
        warn(f"{case.name}: {case.reason}" for case in comparison.cases if case.reason)
    warn(f"{name} was not planned" for name in comparison.not_planned)
    warn(warnings_of(comparison))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str, Progress | None], None] | None]:
    """On a terminal, a line with the case that is being planned, and its progress; then which one is accounted for."""
    if not sys.stderr.isatty():
        yield None
        return
    begun = 0

    def show(name: str, progress: Progress | None) -> None:
        nonlocal begun
        begun += progress is None
        at = (
            f"({begun} of {total}) {progress_words(progress) if progress else ''}"
            if begun <= total
            else ": what differs"
        )
        words = f"planning {name[:_NAME_SHOWN]} {at}"
        click.echo(f"\r\x1b[K{visible(words)}", nl=False, err=True)

    yield show
    click.echo("\r\x1b[K", nl=False, err=True)
