"""The command `compare`: scenarios, variants and changes planned and put side by side."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import completion, options
from optimizer.results.shown import Language


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.variants,
    help="A case: this variant of the first scenario.",
)
@click.option(
    "--set", "changes", multiple=True, metavar="PATH=VALUE", help="A case: the first scenario with this one change."
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="NAME: PARTS",
    help="A case with several changes, separated by semicolons: 'small: variant=lean; budget=5_000'.",
)
@click.option("--with", "common", multiple=True, metavar="PATH=VALUE", help="Change this in every case.")
@click.option(
    "--why",
    is_flag=True,
    help="Find out what each key that differs from the first case accounts for; up to 19 more plans a case.",
)
@options.ROOT
@options.JSON
@click.option("--csv", "as_csv", is_flag=True, help="Print who is booked in which case, safe to open in a spreadsheet.")
@options.CSV_STYLE
@options.RAW_CSV
@options.OUT_BY_ENDING
@options.LANGUAGE
@click.option("--all", "everything", is_flag=True, help="List every change and every name, however many.")
@options.GAP
@options.TIME_LIMIT
@options.ROUNDS
@options.DEBUG
def compare(
    scenarios: tuple[Path, ...],
    variants: tuple[str, ...],
    changes: tuple[str, ...],
    cases: tuple[str, ...],
    common: tuple[str, ...],
    why: bool,
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
    """Plan several cases and put them side by side.

    Each SCENARIO as it stands is a case, and each --variant, --set and --case
    adds one. Differences are taken from the first. A single scenario with
    none of these is compared with all of its variants.

    \b
    Examples:
      creatormix compare scenario.yaml
      creatormix compare scenario.yaml --out compared.html
      creatormix compare spring.yaml autumn.yaml --csv --out who.csv
      creatormix compare scenario.yaml --set budget=10_000 --set budget=20_000
      creatormix compare scenario.yaml --case 'small: variant=lean; budget=5_000'
      creatormix compare scenario.yaml --variant lean --why
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.cases import Wanted
    from optimizer.cli.run_compare import Search, run_compare

    limit = options.checked_limit(time_limit, rounds)
    form, style = options.form_of(as_json, as_csv, raw_csv, style, out)
    answer = Answer(form, out, everything, style, language=language)
    search = Search(root, gap, limit, rounds, why, debug)
    run_compare(Wanted(scenarios, variants, changes, cases, common), answer, search)
