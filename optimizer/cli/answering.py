"""Common parts of commands that plan: faults, Ctrl-C, progress, output and exit codes."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from optimizer.cli.exit_codes import of_error
from optimizer.cli.interrupts import INTERRUPTED, ending
from optimizer.cli.options import ENDINGS
from optimizer.cli.output import put, tell, writing
from optimizer.domain.doubts import Doubt
from optimizer.domain.scenario import Scenario
from optimizer.errors import CheckError, Problem, ScenarioError
from optimizer.report.csv_styles import DEFAULT, STYLES
from optimizer.report.phrases import ENGLISH
from optimizer.results.as_json import dumps, problems_json
from optimizer.results.gap import gap_between
from optimizer.results.shown import Language
from optimizer.unseen import visible
from optimizer.whole_file import write_whole

if TYPE_CHECKING:
    from optimizer.solving.search import Progress

SPREADSHEET_MARK = "\ufeff"  # by which a spreadsheet recognizes UTF-8
_LISTED = 20


@dataclass(frozen=True)
class Answer:
    """The requested form of the answer: text, json, csv (of some style), xlsx or html; on stdout or in a file.

    `carry` names columns of the file of creators that an export has as well. Texts, pages and workbooks are in a
    `language`.
    """

    form: str
    out: Path | None
    everything: bool
    style: str = DEFAULT
    carry: tuple[str, ...] = ()
    language: Language = ENGLISH

    @property
    def is_table(self) -> bool:
        """Whether it is CSV or a workbook, which is not written without a plan."""
        return self.form in ("csv", "xlsx")

    @property
    def mark(self) -> str:
        """What a CSV begins with."""
        return SPREADSHEET_MARK if STYLES[self.style].guarded else ""

    @property
    def width(self) -> int:
        """The width of a text: that of the terminal, within limits; 110 in a file."""
        columns = 110 if self.out else shutil.get_terminal_size((110, 24)).columns
        return max(60, min(columns, 140))

    def write(self, text: str) -> None:
        """To stdout; or to a file, whole or not at all."""
        if not self.is_table:  # whose lines end in a carriage return, and whose names are held to be seen already
            text = visible(text)
        if self.out is None:
            put(text)
        else:
            self.write_file(text.encode("utf-8"))

    def write_file(self, content: bytes) -> None:
        """To the file, whole or not at all."""
        if self.out is None:
            raise click.UsageError("name a file with --out")
        with writing(self.out):
            write_whole(self.out, content)

    def check_ending(self) -> None:
        """Refuse a file whose ending says a form that we do not write."""
        if self.out is not None and self.out.suffix.lower() not in ENDINGS:
            endings = ", ".join(ending for ending in ENDINGS if ending)
            raise click.UsageError(f"{self.out} ends in {self.out.suffix}; an answer can be written to: {endings}")

    def spare(self, scenario: Scenario, path: Path) -> None:
        """Refuse to replace a file that the scenario was read from."""
        home = real(path).parent
        if self.out is not None and real(self.out) in {real(home / file.path) for file in scenario.inputs}:
            raise click.UsageError(f"{self.out} is a file that this plan was made from; choose another name for --out")


def real(path: Path) -> Path:
    """The path with links resolved; unchanged if the links form a circle."""
    return Path(os.path.realpath(path))


def root_of(scenario: Path, root: Path | None) -> Path:
    """The root: by default the current folder if the scenario is inside it, else the scenario's folder."""
    if root is not None:
        return root
    here, home = Path.cwd(), real(scenario).parent
    return here if home.is_relative_to(here) else home


def leave(code: int) -> NoReturn:
    """Exit at once: a solver that still runs in a thread must not delay the end of the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)


def warn(warnings: Iterable[str]) -> None:
    """Print the warnings for an answer that cannot contain them."""
    for warning in warnings:
        tell(f"warning: {warning}")


def doubt(doubts: Iterable[Doubt]) -> None:
    """Print the doubts for an answer that is read by a program, or that cannot contain them."""
    for one in doubts:
        where = f"{one.place}: " if one.place is not None else ""
        tell(f"doubt: {where}{one.what} ({one.code})")


def progress_words(progress: Progress) -> str:
    """The progress of a search in words; empty before there is any."""
    if progress.value is None or progress.bound is None or progress.seconds <= 1:
        return ""
    apart = gap_between(progress.value, progress.bound)
    return (
        f"{progress.seconds:.0f} s: {progress.value:,.0f} found, {progress.bound:,.0f} is the limit"
        f" ({apart:.2%} apart), {progress.columns:,} bookings looked at"
    )


@contextmanager
def interruptible(kept: str = "the best plan so far") -> Iterator[threading.Event]:
    """The first Ctrl-C stops the search with the best plan so far; the second one ends the program."""
    interrupted = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            os._exit(INTERRUPTED)
        interrupted.set()
        click.echo(f"stopping with {kept} (Ctrl-C again to end at once)", err=True)

    signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def faults(scenario: str, *, as_json: bool, debug: bool, done: str = "solved") -> Iterator[None]:
    """Report every fault in words, with its exit code; a traceback only on request."""
    try:
        with ending():
            yield
    except ScenarioError as error:
        if as_json:
            put(dumps(problems_json(error.problems)))
        else:
            _print_problems(scenario, error.problems, done)
        leave(of_error(error))
    except CheckError as error:
        tell(f"creatormix withholds this plan: {error}\nThis is a fault of creatormix, not of your scenario.")
        leave(of_error(error))
    except BrokenPipeError as error:
        os._exit(of_error(error))
    except (click.ClickException, SystemExit, click.exceptions.Exit):
        raise
    except MemoryError as error:
        tell("there is not enough memory for this pool")
        leave(of_error(error))
    except Exception as error:  # noqa: BLE001  the last resort: no planner ever sees a traceback
        if debug:
            traceback.print_exc()
        tell(f"creatormix failed ({type(error).__name__}); this is a fault of ours: run again with --debug")
        leave(of_error(error))


def _print_problems(scenario: str, problems: tuple[Problem, ...], done: str) -> None:
    for problem in problems[:_LISTED]:
        tell(f"{problem}\n")
    if len(problems) > _LISTED:
        tell(f"... and {len(problems) - _LISTED:,} more\n")
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    tell(f"{count} in {scenario}; nothing was {done}.")
