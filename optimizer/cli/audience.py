"""The command `audience`: what is known about how audiences overlap."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import completion, options
from optimizer.results.shown import Language
from optimizer.unseen import visible


@click.group()
def audience() -> None:
    """Learn how the audiences of creators overlap.

    \b
    Example:
      creatormix audience fit scenario.yaml --pairs overlaps.csv --out audience.json
    """


@audience.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--pairs", type=click.Path(path_type=Path), metavar="FILE", help="Rows of two creators and the people they share."
)
@click.option(
    "--unions", type=click.Path(path_type=Path), metavar="FILE", help="Rows of a set (a|b|c) and the people it reaches."
)
@click.option(
    "--sample",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rows of a creator and a person; or a row a person, with a column a creator.",
)
@click.option(
    "--share-of",
    type=click.Choice(["smaller", "larger", "both", "first"]),
    help="What shares in --pairs are of: the smaller audience, the larger, both (who follows one or both), or that of"
    " the first creator.",
)
@click.option(
    "--unlisted",
    type=click.Choice(["unknown", "nobody"]),
    default="unknown",
    show_default=True,
    help="What a pair that --pairs leaves out means: it is unknown, or shares nobody.",
)
@click.option("--cells", type=click.IntRange(1, 500), metavar="N", help="Learn so many cells from --pairs.")
@click.option("--people", type=click.FloatRange(1, 1e12), metavar="N", help="How many people there are, for a curve.")
@click.option("--scale-to", type=click.FloatRange(1, 1e12), metavar="N", help="How many people --sample stands for.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="MEANING=NAME",
    help="Which column is which, as in --column first=streamer: first, second, shared; creators, people; creator,"
    " person.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the random draws.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what was learned, for a scenario to refer to.",
)
@click.option(
    "--page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the errors as .html."
)
@options.LANGUAGE
@click.option("--variant", metavar="NAME", shell_complete=completion.variants, help="Of the scenario.")
@options.ROOT
@options.JSON
@options.DEBUG
def fit(
    scenario: Path,
    pairs: Path | None,
    unions: Path | None,
    sample: Path | None,
    share_of: str | None,
    unlisted: str,
    cells: int | None,
    people: float | None,
    scale_to: float | None,
    columns: tuple[str, ...],
    seed: int,
    out: Path | None,
    page: Path | None,
    language: Language,
    variant: str | None,
    root: Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Learn overlap from pairs, from sets, or from a sample of people, and show the error on what was held back.

    \b
    Examples:
      creatormix audience fit scenario.yaml --pairs overlaps.csv --out audience.json
      creatormix audience fit scenario.yaml --pairs overlaps.csv --share-of smaller
      creatormix audience fit scenario.yaml --sample followers.parquet --scale-to 9_000_000
    """
    from optimizer.cli.run_audience import Asked, run_fit

    given = {"pairs": pairs, "unions": unions, "sample": sample}
    named = {name: path for name, path in given.items() if path is not None}
    if len(named) != 1:
        raise click.UsageError("name one of --pairs, --unions and --sample")
    kind, source = next(iter(named.items()))
    for option, value, of in (
        ("--share-of", share_of, "pairs"),
        ("--cells", cells, "pairs"),
        ("--unlisted", None if unlisted == "unknown" else unlisted, "pairs"),
        ("--scale-to", scale_to, "sample"),
    ):
        if value is not None and kind != of:
            raise click.UsageError(f"{option} is about --{of}")
    if people is not None and kind == "sample":
        raise click.UsageError("--people is about a curve; how many a sample stands for is --scale-to")
    if page is not None and page.suffix.lower() != ".html":
        raise click.UsageError(f"{page} must end in .html")
    if out is not None and out.suffix.lower() != ".json":
        raise click.UsageError(f"{out} must end in .json: it is the file that a scenario refers to")
    options_ = {
        "share_of": share_of, "unlisted": unlisted, "cells": cells, "people": people, "scale_to": scale_to,
        "columns": _columns(columns), "seed": seed,
    }  # fmt: skip
    run_fit(Asked(scenario, kind, source, options_, variant, root, out, page, as_json, debug, language))


def _columns(said: tuple[str, ...]) -> dict[str, str]:
    """Meanings with the names of columns."""
    known = ("first", "second", "shared", "creators", "people", "creator", "person")
    found: dict[str, str] = {}
    for one in said:
        meaning, mark, name = one.partition("=")
        if not mark or meaning.strip() not in known or not name.strip():
            raise click.UsageError(f"--column {visible(one)}: write MEANING=NAME, where MEANING is {', '.join(known)}")
        found[meaning.strip()] = name.strip()
    return found
