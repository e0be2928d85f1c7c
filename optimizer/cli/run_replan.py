"""The work of `replan`: read the plan, its scenario and what happened; plan again, print, and exit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from optimizer.cli.answering import SPREADSHEET_MARK, Answer, faults, interruptible, leave, real, root_of
from optimizer.cli.exit_codes import OK, of_outcome
from optimizer.cli.output import tell, writing
from optimizer.cli.plan_files import bytes_of, scenario_of
from optimizer.cli.run import progress, show_no_plan, show_plan
from optimizer.domain.scenario import Scenario
from optimizer.errors import DocumentError, Place, Problem, ScenarioError
from optimizer.report.csv_styles import DEFAULT, STYLES
from optimizer.results.plan import Plan
from optimizer.results.stated import NotAPlan, read
from optimizer.unseen import visible
from optimizer.whole_file import write_whole

_HOW = "write the plan with: creatormix plan SCENARIO --json --out plan.json"


@dataclass(frozen=True)
class Asked:
    """The arguments of the command line."""

    plan: Path
    results: Path
    scenario: Path | None
    root: Path | None
    keep: float
    gap: float
    time_limit: float | None
    rounds: int | None
    debug: bool


def run_replan(asked: Asked, answer: Answer) -> None:
    """Plan again and print."""
    with faults(str(asked.results), as_json=answer.form == "json", debug=asked.debug):
        from optimizer.analysis.replan import replan
        from optimizer.results.no_plan import NoPlan

        for path in (asked.plan, asked.results):
            if answer.out is not None and real(answer.out) == real(path):
                raise click.UsageError(f"{answer.out} is read for this plan; choose another name for --out")
        given, document = _plan(asked.plan)
        path, scenario = _scenario(given, asked.plan, asked.scenario, asked.root)
        answer.spare(scenario, path)
        answer.check_ending()
        with interruptible() as interrupted, progress() as show:
            result = replan(
                document,
                asked.results,
                scenario=scenario,
                keep=asked.keep,
                gap=asked.gap,
                time_limit_s=asked.time_limit,
                rounds=asked.rounds,
                on_progress=show,
                cancel=interrupted.is_set,
            )
        if isinstance(result, NoPlan):
            show_no_plan(result, answer)
            leave(of_outcome(result.outcome, interrupted=interrupted.is_set()))
        show_plan(result, answer)
        leave(OK)


def write_template(
    plan: Path, template: Path, scenario: Path | None, root: Path | None, style: str | None, debug: bool
) -> None:
    """Write the file of results to fill in; a file that is there may hold answers, and is never replaced."""
    with faults(str(plan), as_json=False, debug=debug, done="written"):
        from optimizer.report.as_csv import table_csv
        from optimizer.report.results_template import results_table
        from optimizer.report.workbook import workbook

        if template.suffix.lower() not in (".csv", ".xlsx"):
            raise click.UsageError(f"{template} must end in .csv or .xlsx")
        if template.exists():
            raise click.UsageError(f"{template} exists already, and may hold answers; choose another name")
        given, document = _plan(plan)
        _, loaded = _scenario(given, plan, scenario, root)
        segments = frozenset(loaded.pool.ids[segment.position] for segment in loaded.segments)
        table = results_table(given, document["digest"], segments)
        if template.suffix.lower() == ".xlsx":
            content = workbook([table], given.decimals)
        else:
            chosen = style or DEFAULT
            mark = SPREADSHEET_MARK if STYLES[chosen].guarded else ""
            content = (mark + table_csv(table, style=chosen)).encode("utf-8")
        with writing(template):
            write_whole(template, content)
        count = len(table.rows)
        many = "1 booking" if count == 1 else f"{count:,} bookings"
        tell(f"{many} to fill in: status is signed, declined, posted or paid, and blank as long as it is open")
        if segments & {one.creator for one in given.allocations}:
            tell("bookings of segments are left out: add those who answer to the file of creators, and to this one")
        leave(OK)


def _plan(path: Path) -> tuple[Plan, dict[str, str]]:
    """The plan of a file, and its JSON."""
    try:
        said = read(bytes_of(path))
        if said.get("outcome") in ("infeasible", "no_plan"):
            raise NotAPlan("it is an answer without one")
        return Plan.from_json(said), dict(said)
    except NotAPlan as error:
        problem = Problem("not-a-plan", f"this is not a plan: {error}", _HOW, Place(visible(str(path))))
    except DocumentError as error:
        problem = Problem("not-a-plan", str(error), _HOW, Place(visible(str(path))))
    raise ScenarioError([problem])


def _scenario(plan: Plan, path: Path, named: Path | None, root: Path | None) -> tuple[Path, Scenario]:
    """The scenario of a plan, with its variant and changes, as `verify` finds it."""
    from optimizer.loading.load import load_scenario

    inputs = {"inputs": [{"path": file.path} for file in plan.inputs]}
    found = named or scenario_of(inputs, path)
    asked = plan.scenario
    loaded = load_scenario(found, root=root_of(found, root), variant=asked.variant, changes=asked.changes)
    return found, loaded
