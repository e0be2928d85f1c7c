"""The command `alternatives`: other plans near the best one, who is in all of them, and who steps in for whom."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import completion, options
from optimizer.results.shown import Language

FORECAST = "forecast"


class Within(options.Gap):
    """A share, or the word `forecast`."""

    name = "share or forecast"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float | str:  # type: ignore[override]
        if isinstance(value, str) and value.strip().lower() == FORECAST:
            return FORECAST
        return super().convert(value, param, ctx)


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--within",
    type=Within(),
    default=0.02,
    metavar="SHARE",
    help="How much of the best plan's value may be given up, such as 2%; or forecast: as much as the forecast cannot"
    " tell apart.  [default: 2%]",
)
@click.option(
    "--count",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="How many other plans to look for.",
)
@click.option(
    "--variant",
    metavar="NAME",
    shell_complete=completion.variants,
    help="Plan this variant of the scenario.",
)
@click.option(
    "--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as in --set budget=20_000."
)
@options.ROOT
@options.JSON
@click.option("--csv", "as_csv", is_flag=True, help="Print who is in which plan, safe to open in a spreadsheet.")
@options.CSV_STYLE
@options.RAW_CSV
@options.OUT_BY_ENDING
@options.LANGUAGE
@click.option("--all", "everything", is_flag=True, help="List every name and every stand-in, however many.")
@options.GAP
@options.TIME_LIMIT
@options.ROUNDS
@options.DEBUG
def alternatives(
    scenario: Path,
    within: float | str,
    count: int,
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
    gap: float,
    time_limit: float | None,
    rounds: int | None,
    debug: bool,
) -> None:
    """Find other plans near the best one, and who is in all of them.

    Each other plan keeps all rules and differs from those before it as much
    as possible. Creators are core (in every plan near the best), swappable or
    never in one. For each booked creator it names who steps in.

    \b
    Examples:
      creatormix alternatives scenario.yaml
      creatormix alternatives scenario.yaml --within 5% --count 5
      creatormix alternatives scenario.yaml --within forecast
      creatormix alternatives scenario.yaml --csv --out who.csv
      creatormix alternatives scenario.yaml --out alternatives.html
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.run import Question
    from optimizer.cli.run_alternatives import Near, run_alternatives

    options.checked_limit(time_limit, rounds)
    form, style = options.form_of(as_json, as_csv, raw_csv, style, out)
    run_alternatives(
        Question(scenario, variant, changes, root, as_json, debug),
        Answer(form, out, everything, style, language=language),
        Near(within, count, gap, time_limit, rounds),
    )
