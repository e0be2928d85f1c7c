"""The work of `alternatives`: load, plan, look near the best plan, print, and exit with the right code."""

from __future__ import annotations

from dataclasses import dataclass

import click

from optimizer.cli.answering import Answer, faults, interruptible, leave, warn
from optimizer.cli.exit_codes import OK, of_outcome
from optimizer.cli.output import tell
from optimizer.cli.run import Question, loaded, progress
from optimizer.results.alternatives import Alternatives
from optimizer.results.as_json import to_json
from optimizer.results.errors import InfeasibleError, NoPlanFoundError


@dataclass(frozen=True)
class Near:
    """What is asked, and how it is searched for."""

    within: float | str
    count: int
    gap: float
    time_limit: float | None
    rounds: int | None


def run_alternatives(question: Question, answer: Answer, asked: Near) -> None:
    """Find alternatives and print them."""
    with faults(str(question.scenario), as_json=answer.form == "json", debug=question.debug):
        from optimizer.analysis.alternatives import alternatives
        from optimizer.report.text import render

        scenario = loaded(question)
        answer.spare(scenario, question.scenario)
        answer.check_ending()
        if asked.within == "forecast" and scenario.forecast.rates == "measured":
            raise click.UsageError(
                "--within forecast: figures are taken as measured (forecast: {rates: measured}), so nothing varies; say"
                " how much may be given up, such as --within 2%"
            )
        with interruptible("what is found so far") as interrupted, progress() as show:
            try:
                found = alternatives(
                    scenario,
                    within=asked.within,  # type: ignore[arg-type]
                    count=asked.count,
                    gap=asked.gap,
                    time_limit_s=asked.time_limit,
                    rounds=asked.rounds,
                    everybody=answer.everything,
                    on_progress=show,
                    cancel=interrupted.is_set,
                )
            except (InfeasibleError, NoPlanFoundError) as error:
                result = error.result
                text = render(result, answer.width, answer.everything, answer.language)
                if answer.is_table:  # there is no table to write; the file is not changed
                    tell(text.removesuffix("\n"))
                elif answer.form == "json":
                    answer.write(to_json(result))
                else:
                    answer.write(result.to_html(language=answer.language) if answer.form == "html" else text)
                leave(of_outcome(result.outcome, interrupted=interrupted.is_set()))
        _show(found, answer)
        leave(OK)


def _show(found: Alternatives, answer: Answer) -> None:
    from optimizer.report import alternatives as report

    if answer.form == "text":
        answer.write(report.render(found, answer.width, answer.everything, answer.language))
    elif answer.form == "html":
        answer.write(found.to_html(language=answer.language))
    else:
        if answer.form == "json":
            answer.write(to_json(found))
        elif answer.form == "xlsx":
            from optimizer.report.language import speaker
            from optimizer.report.workbook import workbook

            sheets = speaker(answer.language, found).tables(report.sheets(found))
            answer.write_file(workbook(sheets, found.best.decimals))
        else:
            from optimizer.report.as_csv import table_csv

            answer.write(answer.mark + table_csv(report.who(found), style=answer.style))
        warn(found.warnings)
