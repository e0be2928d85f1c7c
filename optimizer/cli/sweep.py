"""The command `sweep`: plans over ranges of one or two inputs, or between two goals."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import completion, options
from optimizer.results.shown import Language


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--vary",
    "vary",
    multiple=True,
    metavar="PATH=FROM:TO:STEP",
    help="Vary this input over a range, or over a list PATH=V1,V2; up to twice.",
)
@click.option(
    "--frontier",
    metavar="QUANTITY",
    help="Instead, the best plans between the scenario's goal and a second one, as gross_reach or 'minimize spend'.",
)
@click.option(
    "--points",
    type=click.IntRange(2, 1_000),
    metavar="N",
    help="How many points a frontier has at most.  [default: 11]",
)
@click.option(
    "--variant", metavar="NAME", shell_complete=completion.variants, help="Plan this variant of the scenario."
)
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change this at every point.")
@options.ROOT
@options.JSON
@click.option("--csv", "as_csv", is_flag=True, help="Print one row per point, safe to open in a spreadsheet.")
@options.CSV_STYLE
@options.RAW_CSV
@options.OUT_BY_ENDING
@options.LANGUAGE
@click.option("--all", "everything", is_flag=True, help="List every change of the roster, however many.")
@click.option("--ranges", is_flag=True, help="Also say within which values the goal most likely lies.")
@click.option(
    "--gap",
    type=options.Gap(),
    default=1e-3,
    metavar="SHARE",
    help="How far below the proven bound the plans may stay, such as 1% or 0.01.  [default: 0.001]",
)
@click.option(
    "--time-limit",
    type=options.Seconds(),
    metavar="SECONDS",
    help="End the search for each point by then.  [default: no limit]",
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    metavar="N",
    help="End the search for each point after N rounds of work: the same answer on any machine.  [default: 3000]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 1_000),
    metavar="N",
    help="Share the work out among N processes, or on a cluster, have N chunks of points under way.  [default: all"
    " cores for large pools, else 1]",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Plan on the Dask cluster whose scheduler is here, as tcp://10.0.0.5:8786.",
)
@options.DEBUG
def sweep(
    scenario: Path,
    vary: tuple[str, ...],
    frontier: str | None,
    points: int | None,
    variant: str | None,
    changes: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    as_csv: bool,
    style: str | None,
    raw_csv: bool,
    out: Path | None,
    language: Language,
    everything: bool,
    ranges: bool,
    gap: float,
    time_limit: float | None,
    rounds: int | None,
    workers: int | None,
    cluster: str | None,
    debug: bool,
) -> None:
    """Plan a scenario over ranges of one or two inputs, or between two goals.

    \b
    Examples:
      creatormix sweep scenario.yaml --vary budget=10_000:50_000:5_000
      creatormix sweep scenario.yaml --vary 'constraints."nano share".at_least=0%:60%:10%'
      creatormix sweep scenario.yaml --vary budget=5_000,8_000 --vary assume.click_rate=0.5%:1%:0.1%
      creatormix sweep scenario.yaml --frontier gross_reach --out frontier.html
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.run_sweep import Asked, Search, run_sweep

    if not vary and frontier is None:
        raise click.UsageError("say what to vary, as in --vary budget=10_000:50_000:5_000, or give a --frontier")
    if vary and frontier is not None:
        raise click.UsageError("choose one of --vary and --frontier; set other values with --set")
    if points is not None and frontier is None:
        raise click.UsageError("--points is about a frontier; add --frontier QUANTITY")
    if time_limit is not None and rounds is not None:
        raise click.UsageError("choose one of --time-limit and --rounds")
    form, style = options.form_of(as_json, as_csv, raw_csv, style, out)
    answer = Answer(form, out, everything, style, language=language)
    asked = Asked(scenario, variant, changes, root, vary, frontier, points)
    run_sweep(asked, answer, Search(gap, time_limit, rounds, ranges, workers, cluster, debug))
