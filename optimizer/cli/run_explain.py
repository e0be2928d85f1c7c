"""The work of `explain`: load, plan, ask, print, and exit with the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from optimizer.cli.answering import Answer, faults, interruptible, leave, progress_words, warn
from optimizer.cli.exit_codes import OK, of_outcome
from optimizer.cli.run import Question, loaded
from optimizer.results.as_json import to_json

if TYPE_CHECKING:
    from optimizer.results.explanation import Explanation
    from optimizer.results.no_plan import NoPlan
    from optimizer.solving.search import Progress


@dataclass(frozen=True)
class Wanted:
    """What is looked at: some creators, the rules, the figures; all of it if nothing is named."""

    creators: tuple[str, ...]
    rules: bool
    figures: bool


@dataclass(frozen=True)
class Search:
    """The settings of the search for the plan."""

    gap: float
    time_limit: float | None
    rounds: int | None


def run_explain(question: Question, answer: Answer, wanted: Wanted, search: Search) -> None:
    """Plan, explain and print."""
    with faults(str(question.scenario), as_json=question.as_json, debug=question.debug, done="explained"):
        from optimizer.analysis.explain import explain
        from optimizer.results.errors import InfeasibleError, NoPlanFoundError

        scenario = loaded(question)
        answer.spare(scenario, question.scenario)
        answer.check_ending()
        some = bool(wanted.creators or wanted.rules or wanted.figures)
        with interruptible("what was found so far") as interrupted, _progress() as show:
            try:
                found = explain(
                    scenario,
                    creators=wanted.creators if some else None,
                    rules=wanted.rules or not some,
                    figures=wanted.figures or not some,
                    gap=search.gap,
                    time_limit_s=search.time_limit,
                    rounds=search.rounds,
                    on_progress=show,
                    cancel=interrupted.is_set,
                )
            except (InfeasibleError, NoPlanFoundError) as error:
                result = error.result
                answer.write(to_json(result) if answer.form == "json" else _whole(result, answer))
                leave(of_outcome(result.outcome, interrupted=interrupted.is_set()))
            except ValueError as error:
                raise click.UsageError(f"--creator: {error}") from None
        answer.write(to_json(found) if answer.form == "json" else _whole(found, answer))
        warn(found.warnings)
        leave(OK)


def _whole(result: Explanation | NoPlan, answer: Answer) -> str:
    from optimizer.report.printed import printed

    if answer.form == "html":
        return result.to_html(language=answer.language)
    return printed(result, answer.width, answer.language)


@contextmanager
def _progress() -> Iterator[Callable[[str, Progress | None], None] | None]:
    """On a terminal, a line with what is looked at."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(what: str, progress: Progress | None) -> None:
        words = what if progress is None else progress_words(progress)
        click.echo(f"\r\x1b[K{words[:79]} ", nl=False, err=True)

    yield show
    click.echo("\r\x1b[K", nl=False, err=True)
