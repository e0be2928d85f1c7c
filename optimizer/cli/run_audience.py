"""The work of `audience fit`: read the scenario and what was measured, learn, print, write, and exit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from optimizer.cli.answering import Answer, faults, leave, real, root_of
from optimizer.cli.exit_codes import OK
from optimizer.cli.output import tell, writing
from optimizer.results.shown import Language
from optimizer.whole_file import write_whole


@dataclass(frozen=True)
class Asked:
    """The arguments of the command line: `kind` is pairs, unions or sample, and `source` its file."""

    scenario: Path
    kind: str
    source: Path
    options: Mapping[str, Any]
    variant: str | None
    root: Path | None
    out: Path | None
    page: Path | None
    as_json: bool
    debug: bool
    language: Language


def run_fit(asked: Asked) -> None:
    """Learn and print."""
    with faults(str(asked.source), as_json=asked.as_json, debug=asked.debug, done="learned"):
        from optimizer.analysis.fit_audience import fit_audience
        from optimizer.loading.load import load_scenario

        for path in filter(None, (asked.out, asked.page)):
            if real(path) in (real(asked.source), real(asked.scenario)):
                raise click.UsageError(f"{path} is read for this; choose another name")
        root = root_of(asked.scenario, asked.root)
        scenario = load_scenario(asked.scenario, root=root, variant=asked.variant)
        answer = Answer("json" if asked.as_json else "text", None, everything=True)
        for path in filter(None, (asked.out, asked.page)):
            Answer("text", path, everything=True).spare(scenario, asked.scenario)
        given: dict[str, Any] = {asked.kind: asked.source, **asked.options}
        found = fit_audience(scenario, **given)
        if asked.as_json:
            answer.write(found.to_json())
            for warning in found.warnings:
                tell(f"warning: {warning}")
        else:
            from optimizer.report.audience import render

            answer.write(render(found, answer.width, asked.language))
        for file, content in (
            (asked.out, found.to_json),
            (asked.page, partial(found.to_html, language=asked.language)),
        ):
            if file is not None:
                with writing(file):
                    write_whole(file, content().encode("utf-8"))
        leave(OK)
