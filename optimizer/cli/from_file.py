"""The command `new --from`: a scenario for a file of creators, with guesses about its columns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click

from optimizer.cli.answering import faults, root_of
from optimizer.cli.new import SCENARIO, SCHEMA, spare
from optimizer.cli.output import put
from optimizer.errors import Problem, ScenarioError
from optimizer.guessing.guess import Guesses, guess
from optimizer.guessing.read import read_unknown
from optimizer.guessing.scenario import Draft, Writing, draft
from optimizer.unseen import visible
from optimizer.whole_file import write_new

_LISTED = 5


@dataclass(frozen=True)
class Given:
    """The file of creators, and how to read it where that is open."""

    path: Path
    sheet: str | None = None
    header: int | None = None


def make_from(folder: Path, given: Given, debug: bool = False) -> None:
    """Write a scenario for a file of creators; the file is copied beside it, unless it is in the folder already."""
    spare(folder / SCENARIO)
    with faults(str(given.path), as_json=False, debug=debug, done="written"):
        table = read_unknown(given.path, str(given.path), given.sheet, given.header)
        guesses = guess(table)
        inside = _inside(folder, given.path)
        name = given.path.name if inside is None else inside
        made = draft(Writing(name, given.path.stem, table, guesses, given.sheet, given.header))
        _write(folder, given.path if inside is None else None, made)
        put(visible("".join(f"{line}\n" for line in _told(folder, given, inside, guesses, len(table.rows)))))
        put(visible("".join(f"{line}\n" for line in _next(folder / SCENARIO, made))))


def _inside(folder: Path, path: Path) -> str | None:
    """The path of a file from the folder that it is in; None where it is elsewhere."""
    home, place = Path(os.path.realpath(folder)), Path(os.path.realpath(path))
    return place.relative_to(home).as_posix() if place.is_relative_to(home) else None


def _write(folder: Path, copied: Path | None, made: Draft) -> None:
    schema = (resources.files("optimizer.cli") / "starter" / SCHEMA).read_bytes()
    files = {SCENARIO: made.text.encode("utf-8"), SCHEMA: schema}
    if copied is not None:
        files[copied.name] = copied.read_bytes()
    for name, content in files.items():
        spare(folder / name, content)
    try:
        write_new(folder, list(files.items()))
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {(error.strerror or 'no access').lower()}") from None


def _told(folder: Path, given: Given, inside: str | None, guesses: Guesses, rows: int) -> Iterator[str]:
    yield f"wrote {folder / SCENARIO} and {folder / SCHEMA}"
    if inside is None:
        yield f"copied {given.path} to {folder / given.path.name}"
    preset = f", as preset {guesses.preset.name} reads them" if guesses.preset else ""
    yield f"{rows:,} rows{' of posts' if guesses.posts else ''}{preset}:"
    for ours in dict.fromkeys((*guesses.by_preset, *guesses.columns)):
        own = guesses.columns.get(ours)
        if own is None:
            yield from ([f"  {ours} from {' + '.join(guesses.by_preset[ours])}"] if guesses.by_preset[ours] else [])
        elif own.way == "is":
            yield f"  {ours} is {own.columns[0]} for all{_doubt(own.sure)}"
        else:
            rest = "all but " if own.way == "all_but" else ""
            yield f"  {ours} from {rest}{' + '.join(own.columns)}{_doubt(own.sure)}"


def _doubt(sure: bool) -> str:
    return "" if sure else "  (check this)"


def _next(scenario: Path, made: Draft) -> Iterator[str]:
    """What to do now: plan it, or what is missing before that."""
    problems = _problems(scenario)
    if not problems:
        yield f"now try: creatormix plan {scenario}"
        return
    yield ""
    yield "It cannot be planned yet:"
    for ask in made.asks:
        yield f"- {ask}"
    told = [one for one in problems if not (one.code == "missing-figure" and made.asks)]
    for problem in told[:_LISTED]:
        yield str(problem)
    if len(told) > _LISTED:
        yield f"... and {len(told) - _LISTED:,} more"
    yield f"change {scenario}, then run: creatormix check {scenario}"


def _problems(scenario: Path) -> Sequence[Problem]:
    """What stands between the scenario and a plan."""
    from optimizer.estimation.estimate import estimate
    from optimizer.formulation.build import build
    from optimizer.loading.load import load_scenario

    try:
        build(estimate(load_scenario(scenario, root=root_of(scenario, None))))
    except ScenarioError as error:
        return error.problems
    return ()
