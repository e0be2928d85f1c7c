"""The command `new`: a starter scenario with a pool, the small one that is shipped or an invented one of any size.

Beside them stands the format of scenario files as JSON Schema, by which an editor helps.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click

SCENARIO = "scenario.yaml"
SCHEMA = "scenario.schema.json"  # which the scenario's first line names, for editors
_MANY = 1_000  # creators; from here on 20 bookings are so few that no plan can be proved to be near the best

Files = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Invented:
    """A pool that is made for the occasion: how many creators, from which seed, as csv or parquet."""

    creators: int
    seed: int = 1
    form: str = "csv"


def make_starter(folder: Path, invented: Invented | None = None) -> None:
    """Write the starter scenario, its pool, and its format for editors; files that exist are left alone."""
    pool_file = f"creators.{invented.form if invented else 'csv'}"
    names = (SCENARIO, pool_file, SCHEMA)
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise click.UsageError(f"{folder / taken[0]} exists already and is left as it is; choose another folder")
    made = _invented(invented, pool_file) if invented else (_shipped(SCENARIO), _shipped(pool_file))
    try:
        _write(folder, list(zip(names, (*made, _shipped(SCHEMA)), strict=True)))
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {(error.strerror or 'no access').lower()}") from None
    click.echo(f"wrote {folder / SCENARIO}, {folder / pool_file} and {folder / SCHEMA}")
    click.echo(f"now try: creatormix plan {folder / SCENARIO}")


def _shipped(name: str) -> bytes:
    return (resources.files("optimizer.cli") / "starter" / name).read_bytes()


def _invented(asked: Invented, pool_file: str) -> tuple[bytes, bytes]:
    """The starter scenario, made to fit an invented pool, and the pool."""
    from optimizer.synthetic.pool import bookable, generate_pool
    from optimizer.synthetic.write import pool_bytes

    pool = generate_pool(asked.creators, seed=asked.seed)
    text = _fitted(_shipped(SCENARIO).decode("utf-8"), asked, pool_file, bookable(pool, "food"))
    return text.encode("utf-8"), pool_bytes(pool, asked.form)


def _fitted(text: str, asked: Invented, pool_file: str, food: int) -> str:
    """The starter's text over an invented pool: where it comes from, and numbers in keeping with its size.

    At most a quarter of the nano creators for food is asked for: gifts to them are cheap, so there is always a plan.
    """
    command = f"creatormix new FOLDER --creators {asked.creators} --seed {asked.seed} --format {asked.form}"
    note = f"# Nobody in this file is real: creators and figures are invented. It was made by\n#   {command}\n"
    times = 10 if asked.creators >= _MANY else 1
    some = min(5 * times, food // 4)
    rule = "  some food: {quantity: creators, group: {niche: food}, at_least: "
    changes = {
        "creators: creators.csv\n": f"{note}creators: {pool_file}\n",
        "budget: 4_000 ": f"budget: {4_000 * times:_} ",
        "lean: {budget: 2_500}": f"lean: {{budget: {2_500 * times:_}}}",
        "at_most: 20}": f"at_most: {20 * times}}}",
        f"{rule}5}}\n": f"{rule}{some}}}\n" if some else "",
    }
    for old, new in changes.items():
        before, found, after = text.partition(old)
        assert found, f"the starter scenario has no {old!r}"
        text = before + new + after
    return text


def _write(folder: Path, files: Files) -> None:
    """Write all of the files or none, and none over another; the first one last, for it names the others.

    Each is written beside its place and moved there when all are whole. The place is taken first, which fails where
    there is a file by now.
    """
    beside = {name: folder / f".{name}.{os.getpid()}" for name, _ in files}
    placed: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            beside[name].write_bytes(content)
        for name, _ in reversed(files):
            (folder / name).open("xb").close()
            placed.append(folder / name)
            beside[name].replace(folder / name)
        placed.clear()
    finally:
        for path in [*placed, *beside.values()]:
            with suppress(OSError):
                path.unlink(missing_ok=True)
