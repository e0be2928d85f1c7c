"""What was learned about the overlap of audiences: in words, a table and a picture of the errors."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.domain.fitted import FitError, FittedAudience
from optimizer.report.document import Cell, Column, Document, Picture, Table, Valued, Words, section, words_of
from optimizer.report.phrases import ENGLISH
from optimizer.report.pictures import CONFIG, FAINT, MARK, SCHEMA, padding
from optimizer.report.text import spoken
from optimizer.results.audience import AudienceFit

_CAPTION = (
    "median and 90th percentile of how far predictions are off; the direction is the median with its sign: +10 % is"
    " too many people"
)
_WORDS = {
    "curve": "One curve for everybody",
    "pairs": "Latent cells, learned from pairs",
    "sample": "A sample of people, counted",
}
_PARTS = "A curve for each part of the audience"
_COUNTS = {"rows": "rows", "creators": "creators", "pairs": "known pairs", "sets": "sets", "people": "people"}
_HELD = {"curve": "held back to measure errors", "pairs": "pairs held back", "sample": "people in the half held back"}


def render(fit: AudienceFit, width: int | None = None, language: str = ENGLISH) -> str:
    """What was learned as plain text in a language."""
    return spoken(_document(fit, pictures=False), fit, width or 100, language)


def audience_page(fit: AudienceFit) -> Document:
    """The page of what was learned."""
    return _document(fit, pictures=True)


def _document(fit: AudienceFit, *, pictures: bool) -> Document:
    def named(heading: str) -> str:
        return heading if pictures else ""

    drawn = tuple(picture(fit.fitted.errors)) if pictures else ()
    return Document(
        f"{fit.scenario}: overlap of audiences",
        (
            *section(named("What was learned"), Words(tuple(_heading(fit)))),
            *section(named("Errors on what was held back"), *drawn, *_errors(fit.fitted)),
            *section(named("Warnings"), *words_of(*(f"- {one}" for one in fit.warnings), title="Warnings")),
        ),
    )


def _heading(fit: AudienceFit) -> list[str]:
    fitted = fit.fitted
    counts = [f"{fitted.made_from[key]:,} {name}" for key, name in _COUNTS.items() if key in fitted.made_from]
    held = fitted.made_from.get("held_back", 0)
    counts += [f"{held:,} {_HELD[fitted.method]}"] if held else []
    what = _WORDS[fitted.method] if all(not one.cell for one in fitted.curves) else _PARTS
    first = f"{what}: {'; '.join(fit.notes)}"
    return [f"{fit.scenario}: overlap of audiences", first, f"from {', '.join(counts)}"]


def _errors(fitted: FittedAudience) -> list[Table | Words]:
    """A row for each way of predicting; nothing was held back where there is none."""
    if not fitted.errors:
        return [Words(("Too little was measured to hold some of it back: the error is not known.",))]
    kinds = list(dict.fromkeys(one.of for one in fitted.errors))
    ways = list(dict.fromkeys(one.way for one in fitted.errors))
    found: list[Table | Words] = []
    for of in kinds:
        rows = [_row(one) for way in ways for one in fitted.errors if one.of == of and one.way == way]
        sets = next(one.sets for one in fitted.errors if one.of == of)
        columns = (
            Column("prediction"),
            Column("median", "words"),
            Column("90 %", "words"),
            Column("direction", "words"),
        )
        last = of == kinds[-1]
        found.append(Table(f"Errors: {of} ({sets:,})", columns, tuple(rows), _CAPTION if last else ""))
    return found


def _row(one: FitError) -> tuple[Cell, ...]:
    return (
        one.way,
        *(Valued(f"{100 * value:.1f} %", "words") for value in (one.median, one.p90)),
        f"{100 * one.bias:+.1f} %",
    )


def picture(errors: Sequence[FitError]) -> list[Picture]:
    """The errors of each way as bars (the median) and ticks (the 90th percentile), for each kind of sets."""
    found = []
    for of in dict.fromkeys(one.of for one in errors):
        mine = [one for one in errors if one.of == of]
        rows = [{"name": one.way, "value": 100 * one.median, "high": 100 * one.p90} for one in mine]
        says = "; ".join(f"{one.way} {one.median:.1%}, for one in ten above {one.p90:.1%}" for one in mine)
        x = {"field": "value", "type": "quantitative", "title": "error in percent"}
        names = {"field": "name", "type": "nominal", "sort": None, "title": None}
        spec = {
            "$schema": SCHEMA,
            "background": None,
            "padding": padding(rows),
            "width": 560,
            "height": {"step": 22},
            "data": {"values": rows},
            "layer": [
                {"mark": {"type": "bar", "color": MARK, "height": 12}, "encoding": {"x": x, "y": names}},
                {
                    "mark": {"type": "tick", "color": FAINT, "thickness": 3, "size": 16},
                    "encoding": {"x": {**x, "field": "high"}, "y": names},
                },
            ],
            "config": CONFIG,
        }
        found.append(
            Picture(f"Error of predicted people, {of}: bars are medians, ticks the 90th percentile", says, spec)
        )
    return found
