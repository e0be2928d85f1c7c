"""The commands. Everything heavy is imported inside them, so that `--help` is quick."""

from __future__ import annotations

import signal
from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any, TypeVar

import click

from optimizer import __version__

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = """
\b
Exit codes:
  0  done (a plan whose gap was missed carries a warning)
  1  a fault of creatormix itself
  2  wrong usage
  3  the scenario or the pool is at fault
  4  no plan can keep all rules
  5  no plan found within the limit
  130  interrupted before there was a plan
"""


def question_options(command: F) -> F:
    """The options of every command that reads a scenario."""
    options = [
        click.argument("scenario", type=click.Path(path_type=Path)),
        click.option("--variant", metavar="NAME", help="Plan this variant of the scenario."),
        click.option(
            "--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as in --set budget=20_000."
        ),
        click.option(
            "--root",
            type=click.Path(path_type=Path, file_okay=False),
            help="The folder that paths must stay in [default: the current one, if the scenario is in it].",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--debug", is_flag=True, hidden=True, help="Show tracebacks."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="creatormix")
def main() -> None:
    """Choose the mix of creators for a campaign, and prove how good it is.

    \b
    Begin with:
      creatormix new my-campaign
      creatormix plan my-campaign/scenario.yaml
    """
    if hasattr(signal, "SIGPIPE"):  # as other tools do: whoever reads our output may stop reading
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Write a commented starter scenario with a small pool into FOLDER.

    \b
    Example:
      creatormix new my-campaign
    """
    from optimizer.cli.run import make_starter

    make_starter(folder)


@main.command()
@question_options
@click.option("--resolved", is_flag=True, help="Print every value with where it came from.")
def check(
    scenario: Path,
    variant: str | None,
    changes: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    debug: bool,
    resolved: bool,
) -> None:
    """Check a scenario and its pool without planning.

    \b
    Examples:
      creatormix check scenario.yaml
      creatormix check scenario.yaml --variant lean --resolved
    """
    from optimizer.cli.run import Question, run_check

    run_check(Question(scenario, variant, changes, root, as_json, debug), resolved)


@main.command()
@question_options
@click.option(
    "--gap",
    type=click.FloatRange(0, 1, max_open=True),
    default=1e-4,
    show_default=True,
    help="How far below the proven bound the plan may stay.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Return the best plan found by then.",
)
@click.option(
    "--solver", type=click.Choice(["highs"]), default="highs", show_default=True, help="What proposes the plan."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print the bookings as CSV, safe to open in a spreadsheet.")
@click.option("--raw-csv", is_flag=True, help="Print CSV with texts exactly as they are, for programs.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to a file.")
@click.option("--all", "everything", is_flag=True, help="List every booking, however many.")
def plan(
    scenario: Path,
    variant: str | None,
    changes: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    debug: bool,
    gap: float,
    time_limit: float,
    solver: str,  # noqa: ARG001  one choice so far
    as_csv: bool,
    raw_csv: bool,
    out: Path | None,
    everything: bool,
) -> None:
    """Plan a scenario: who to book, on which offer, and how good that is, proved.

    \b
    Examples:
      creatormix plan scenario.yaml
      creatormix plan scenario.yaml --set budget=20_000 --json
      creatormix plan scenario.yaml --csv --out bookings.csv
    """
    from optimizer.cli.run import Answer, Question, run_plan

    if isnan(gap) or isnan(time_limit):  # which passes every range
        raise click.UsageError("--gap and --time-limit are numbers")
    if as_json + as_csv + raw_csv > 1:
        raise click.UsageError("choose one of --json, --csv and --raw-csv")
    form = "json" if as_json else "csv" if as_csv else "raw-csv" if raw_csv else "text"
    question = Question(scenario, variant, changes, root, as_json, debug)
    run_plan(question, Answer(form, out, everything), gap, time_limit)


if __name__ == "__main__":
    main()
