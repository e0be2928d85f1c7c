"""The command `benchmarks`: the figures of the packs, their sources, and where they contradict each other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from optimizer.cli import completion


@click.command()
@click.argument("pack", required=False, shell_complete=completion.packs)
@click.option(
    "--compare",
    "figure",
    metavar="FIGURE",
    shell_complete=completion.figures,
    help="Put one figure of all packs side by side.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def benchmarks(pack: str | None, figure: str | None, as_json: bool) -> None:
    """Show the packs of market figures, or one PACK, with the source of each figure.

    \b
    Examples:
      creatormix benchmarks
      creatormix benchmarks pap-tiktok
      creatormix benchmarks --compare engagement_rate
    """
    from optimizer.domain.figures import FIGURES
    from optimizer.packs import load, names
    from optimizer.report import benchmarks as report

    if pack is not None and figure is not None:
        raise click.UsageError("give a pack or --compare, not both: --compare shows all packs")
    if pack is not None:
        one = load(_known("pack", pack, names()))
        _print(report.pack_json(one) if as_json else report.pack_text(one, _width()))
        return
    packs = [load(name) for name in names()]
    if figure is not None:
        figure = _known("figure", figure, FIGURES)
        _print(report.compare_json(figure, packs) if as_json else report.compare_text(figure, packs, _width()))
        return
    _print(report.list_json(packs) if as_json else report.list_text(packs, _width()))


def _known(what: str, asked: str, names: Iterable[str]) -> str:
    """The name if it is known; else a usage error that suggests the nearest."""
    if asked in names:
        return asked
    from optimizer.loading.slips import FIGURES, meant

    other = meant(asked, FIGURES) if what == "figure" else None
    near = [other] if other else get_close_matches(asked, names, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(names)}"
    raise click.UsageError(f'there is no {what} "{asked}"; {hint}')


def _width() -> int:
    return max(60, min(shutil.get_terminal_size((110, 24)).columns, 140))


def _print(answer: str | dict[str, Any]) -> None:
    from optimizer.cli.output import put

    put(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
