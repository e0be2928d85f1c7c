"""The command `new`: a starter scenario with a pool, the small one that is shipped or an invented one of any size.

The format of scenario files is written beside them as JSON Schema for editors.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click

from optimizer.cli.output import put
from optimizer.unseen import visible
from optimizer.whole_file import holds, write_new

SCENARIO = "scenario.yaml"
SCHEMA = "scenario.schema.json"  # which the scenario's first line names, for editors
_MANY = 1_000  # creators; from here on 20 bookings are so few that no plan can be proved to be near the best


@dataclass(frozen=True)
class Invented:
    """An invented pool: the number of creators, the seed, and csv or parquet."""

    creators: int
    seed: int = 1
    form: str = "csv"


def make_starter(folder: Path, invented: Invented | None = None) -> None:
    """Write the starter scenario, its pool, and its format for editors; files that exist are left alone."""
    pool_file = f"creators.{invented.form if invented else 'csv'}"
    names = (SCENARIO, pool_file, SCHEMA)
    spare(folder / SCENARIO)
    made = _invented(invented, pool_file) if invented else (_shipped(SCENARIO), _shipped(pool_file))
    files = dict(zip(names, (*made, _shipped(SCHEMA)), strict=True))
    for name, content in files.items():
        spare(folder / name, content)
    try:
        write_new(folder, list(files.items()))
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {(error.strerror or 'no access').lower()}") from None
    put(visible(f"wrote {folder / SCENARIO}, {folder / pool_file} and {folder / SCHEMA}\n"))
    put(visible(f"now try: creatormix plan {folder / SCENARIO}\n"))


def spare(path: Path, content: bytes | None = None) -> None:
    """Refuse if another file exists; one with the same content is left over from an interrupted `new`."""
    if os.path.lexists(path) and not (content is not None and holds(path, content)):
        raise click.UsageError(f"{path} exists already and is left as it is; choose another folder")


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
    """The starter's text for an invented pool: its origin, and numbers that fit its size.

    It requires at most a quarter of the nano creators for food; gifts to them are cheap, so a plan always exists.
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
