"""The command `explain`: why a plan is as it is."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import completion, options
from optimizer.results.shown import Language


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--variant", metavar="NAME", shell_complete=completion.variants, help="Explain the plan of this variant.")
@click.option(
    "--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as in --set budget=20_000."
)
@click.option("--creator", "creators", multiple=True, metavar="NAME", help="Look at this creator, booked or not.")
@click.option("--rules", is_flag=True, help="Look at the rules only, or beside the creators that are named.")
@click.option("--figures", is_flag=True, help="Look at the assumed figures only, or beside the others.")
@options.ROOT
@options.JSON
@options.OUT_BY_ENDING
@options.LANGUAGE
@options.GAP
@options.TIME_LIMIT
@options.ROUNDS
@options.DEBUG
def explain(
    scenario: Path,
    variant: str | None,
    changes: tuple[str, ...],
    creators: tuple[str, ...],
    rules: bool,
    figures: bool,
    root: Path | None,
    as_json: bool,
    out: Path | None,
    language: Language,
    gap: float,
    time_limit: float | None,
    rounds: int | None,
    debug: bool,
) -> None:
    """Plan, and explain the plan by planning again with single things changed.

    What each rule costs, up to which fee each creator stays booked and who
    replaces them, why somebody is not booked, and which assumed figures
    would change the plan. Without --creator, --rules or --figures: all of it.

    \b
    Examples:
      creatormix explain scenario.yaml
      creatormix explain scenario.yaml --creator @lea.lit --creator @max
      creatormix explain scenario.yaml --rules --out why.html
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.run import Question
    from optimizer.cli.run_explain import Search, Wanted, run_explain

    limit = options.checked_limit(time_limit, rounds)
    form, style = options.form_of(as_json, False, False, None, out)
    if form in ("csv", "xlsx"):
        raise click.UsageError("an explanation is text, JSON or HTML: name a file that ends in .json or .html")
    question = Question(scenario, variant, changes, root, as_json, debug)
    answer = Answer(form, out, False, style, language=language)
    run_explain(question, answer, Wanted(creators, rules, figures), Search(gap, limit, rounds))
