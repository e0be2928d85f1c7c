"""Options that several commands have, so that they read and mean the same everywhere."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import click

from optimizer.report.csv_styles import DEFAULT, RAW, STYLES
from optimizer.report.phrases import ENGLISH, LANGUAGES

DEFAULT_TIME_LIMIT_S = 60.0
_UNITS = {"s": 1, "sec": 1, "seconds": 1, "m": 60, "min": 60, "minutes": 60, "h": 3600, "hours": 3600}


class Seconds(click.ParamType):  # type: ignore[type-arg]
    """A number of seconds above 0."""

    name = "seconds"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            seconds = float(value)
        except ValueError:
            found = re.fullmatch(r"(\d{1,9})\s*([a-z]+)", value.strip().lower())
            unit = None if found is None else _UNITS.get(found[2])
            mend = f"; write {int(found[1]) * unit}" if found is not None and unit else ", such as 30"
            self.fail(f"{value} is not a number of seconds{mend}", param, ctx)
        if not seconds > 0:
            self.fail(f"{value} is not above 0; to stop at once is no search", param, ctx)
        return seconds


class Gap(click.ParamType):  # type: ignore[type-arg]  # older releases of click have no type arguments
    """A share from 0 up to, not including, 1; in percent too."""

    name = "share"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        text = value.strip()
        number = text.removesuffix("%").rstrip()
        try:
            share = float(number) / (1 if number == text else 100)
        except ValueError:
            mend = f"; write {number.replace(',', '.')}% with a point" if number.count(",") == 1 else ""
            self.fail(f"{value} is not a share such as 1% or 0.01{mend}", param, ctx)
        if not 0 <= share < 1:
            hint = f"; for {number} % write {number}%" if number == text and 1 <= share < 100 else ""
            self.fail(f"{value} is not a share from 0 up to below 100 %{hint}", param, ctx)
        return share


ROOT = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that paths must stay in [default: the current one, if the scenario is in it].",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
DEBUG = click.option("--debug", is_flag=True, hidden=True, help="Show tracebacks.")
GAP = click.option(
    "--gap",
    type=Gap(),
    default=1e-4,
    metavar="SHARE",
    help="How far below the proven bound the plan may stay, such as 1% or 0.01.  [default: 0.0001]",
)
TIME_LIMIT = click.option(
    "--time-limit",
    type=Seconds(),
    metavar="SECONDS",
    help=f"Return the best plan found by then.  [default: {DEFAULT_TIME_LIMIT_S:g}]",
)
ROUNDS = click.option(
    "--rounds",
    type=click.IntRange(1),
    metavar="N",
    help="Return the best plan found in N rounds of work, however long they take: the same plan on any machine.",
)
RAW_CSV = click.option("--raw-csv", is_flag=True, help="The same as --csv-style raw.")
CSV_STYLE = click.option(
    "--csv-style",
    "style",
    type=click.Choice(list(STYLES), case_sensitive=False),
    metavar="COUNTRY",
    help=f"Print CSV as spreadsheets of this country open it: {', '.join(STYLES)} (texts exactly as they are, for"
    f" programs).  [default: {DEFAULT}]",
)
OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to a file.")
OUT_BY_ENDING = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the answer to a file, in the form that its ending says: .txt, .json, .csv, .xlsx (a workbook) or"
    " .html (a page to mail).",
)
LANGUAGE = click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    show_default=True,
    help="Of the answer as text, page or workbook; JSON and CSV stay as programs read them.",
)
CARRY = click.option(
    "--carry",
    "carry",
    multiple=True,
    metavar="COLUMNS",
    help="Also export these columns of the file of creators, as in --carry email,code.",
)
_FORMS = {".json": "json", ".csv": "csv", ".xlsx": "xlsx", ".txt": "text", ".html": "html"}
ENDINGS = ("", *_FORMS)  # of files that an answer is written to


def form_of(as_json: bool, as_csv: bool, raw_csv: bool, style: str | None, out: Path | None) -> tuple[str, str]:
    """The requested form of the answer, `text`, `json`, `csv`, `xlsx` or `html`; and the style of CSV."""
    if as_json + (as_csv or style is not None) + raw_csv > 1 and not (raw_csv and style == RAW and not as_csv):
        raise click.UsageError("choose one of --json, --csv and --raw-csv")
    by_ending = None if out is None else _FORMS.get(out.suffix.lower())
    if not (as_json or as_csv or raw_csv or style):
        return by_ending or "text", DEFAULT
    asked = "json" if as_json else "csv"
    if by_ending not in (None, "text", asked):
        said = "--json asks for JSON" if as_json else "CSV is asked for"
        raise click.UsageError(f"{out} ends in {out.suffix if out else ''}, but {said}: choose one of the two")
    return asked, RAW if raw_csv else style or DEFAULT


def columns_of(carry: tuple[str, ...], form: str) -> tuple[str, ...]:
    """The names of the columns to carry; a name that holds a comma stands in quotes."""
    names = [name.strip() for row in csv.reader(carry, skipinitialspace=True) for name in row]
    if carry and form in ("text", "html"):
        raise click.UsageError("--carry is for exports: add --csv, --json or --out with .csv, .json or .xlsx")
    return tuple(dict.fromkeys(name for name in names if name))


def checked_limit(time_limit: float | None, rounds: int | None) -> float | None:
    """The time limit in seconds, None if rounds are counted."""
    if rounds is None:
        return DEFAULT_TIME_LIMIT_S if time_limit is None else time_limit
    if time_limit is not None:
        raise click.UsageError("choose one of --time-limit and --rounds")
    return None
