"""The command `replan`: plan again once creators have answered."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import options
from optimizer.results.shown import Language


class Kept(options.Gap):
    """A share from 0 to 1; in percent too."""

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, str) and value.strip().replace(" ", "") in ("100%", "1", "1.0"):
            return 1.0
        return super().convert(value, param, ctx)


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("results", required=False, type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    help="The scenario's file  [default: the one of this name beside the plan, here, or in scenarios/].",
)
@click.option(
    "--keep",
    type=Kept(),
    default=0.99,
    metavar="SHARE",
    help="How much of the best value to keep for fewer changes, such as 99% or 0.99.  [default: 99%]",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the file of results to fill in, as .csv or .xlsx, and do not plan.",
)
@options.ROOT
@options.JSON
@click.option("--csv", "as_csv", is_flag=True, help="Print the bookings as CSV, safe to open in a spreadsheet.")
@options.CSV_STYLE
@options.RAW_CSV
@options.OUT_BY_ENDING
@options.LANGUAGE
@click.option("--all", "everything", is_flag=True, help="List every booking and every name that is kept.")
@options.GAP
@options.TIME_LIMIT
@options.ROUNDS
@options.DEBUG
def replan(
    plan: Path,
    results: Path | None,
    scenario: Path | None,
    keep: float,
    template: Path | None,
    root: Path | None,
    as_json: bool,
    as_csv: bool,
    style: str | None,
    raw_csv: bool,
    out: Path | None,
    language: Language,
    everything: bool,
    gap: float,
    time_limit: float | None,
    rounds: int | None,
    debug: bool,
) -> None:
    """Plan again once creators have answered: keep what is signed, change few names.

    PLAN is what `creatormix plan --json` or `replan --json` printed. RESULTS
    says who signed, declined, posted or was paid, and for which fee. What is
    signed stays; of the rest, as few names change as possible.

    \b
    Examples:
      creatormix replan plan.json --template results.csv
      creatormix replan plan.json results.csv
      creatormix replan plan.json results.csv --keep 98% --json --out plan2.json
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.run_replan import Asked, run_replan, write_template

    limit = options.checked_limit(time_limit, rounds)
    if template is not None:
        if results is not None or out is not None or as_json or as_csv:
            raise click.UsageError("--template writes a file to fill in, and takes a plan alone")
        write_template(plan, template, scenario, root, style, debug)
        return
    if results is None:
        raise click.UsageError("name the file of results; --template FILE writes one to fill in")
    form, style = options.form_of(as_json, as_csv, raw_csv, style, out)
    answer = Answer(form, out, everything, style, language=language)
    run_replan(Asked(plan, results, scenario, root, keep, gap, limit, rounds, debug), answer)
