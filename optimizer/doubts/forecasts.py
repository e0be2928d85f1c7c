"""Expected figures: what they rest on where the file does not say it, and figures that stay as they are given."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.domain.doubts import KINDS, Doubt
from optimizer.domain.forecast import LEAST
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place

_ASKED = 10  # creators with a figure from which on choosing the best of them favours the lucky ones
_BY_VIEWS = frozenset({"impressions", "gross_reach", "clicks"})
_BY_EITHER = frozenset({"conversions", "revenue", "profit", "commission"})
_POOLED = "forecast: {rates: pooled}"


def posts_not_said(scenario: Scenario, _: Place | None) -> Iterator[Doubt]:
    """Ask over how many posts figures were measured: it decides how far they are drawn to what is usual."""
    if scenario.expecting is None:
        return
    found = scenario.expecting.fitted
    asked = {column: count for column, count in found.unsaid if _counts(scenario, column)}
    if not asked:
        return
    posts = {name: fit.posts for column in asked for name, fit in found.fits[column].items() if fit.rows or not name}
    named = {name: count for name, count in posts.items() if name} or posts
    usual = ", ".join(f"{named[name]:g}{f' on {name}' if name else ''}" for name in sorted(named))
    told = (
        f"nothing says over how many posts {_and(list(asked))} of {max(asked.values()):,} creators"
        f" {'is' if len(asked) == 1 else 'are'} measured: taken as {usual}"
    )
    yield _doubt("posts-not-said", told, "add the column posts_measured, or assume: {posts_measured: 12}")


def cut_pool(scenario: Scenario, _: Place | None) -> Iterator[Doubt]:
    """Ask of creators who were chosen by their rate before: the pool does not show what is usual."""
    for column, platform in () if scenario.expecting is None else scenario.expecting.fitted.cut:
        if _counts(scenario, column):
            where = f" on {platform}" if platform else ""
            told = f"{column} over followers begins at an edge{where}, as of creators who were chosen by it"
            mend = "export the list without a lowest rate; until then, our table of usual figures is used instead"
            yield _doubt("cut-pool", told, mend)


def as_given(scenario: Scenario, _: Place | None) -> Iterator[Doubt]:
    """Ask of figures that are planned with as the file has them: few creators have them, or they are the planner's."""
    yield from _own(scenario)
    few = () if scenario.expecting is None else scenario.expecting.fitted.few
    told = [
        f"{column}, which {count} creators have"
        for column, count in few
        if count >= _ASKED and _counts(scenario, column)
    ]
    if told:
        mend = f"of {LEAST} creators and more it is pooled; to pool it with our table of usual figures: {_POOLED}"
        yield _doubt("as-given", f"{_and(told)}, is taken as measured: the best of them may be lucky", mend)


def _own(scenario: Scenario) -> Iterator[Doubt]:
    """Ask of the planner's own quantities in the goal, of which nothing says that they are means of few posts."""
    if scenario.forecast.rates == "measured" or scenario.objective.sense == "minimize":
        return
    segments = {segment.position for segment in scenario.segments}
    for name, _ in scenario.objective.weights:
        column = scenario.quantities[name].column
        found = scenario.pool.columns.get(column) if column is not None else None
        if found is None or int(found.known.sum()) - len(segments) < LEAST:
            continue
        told = f"{name}, a quantity of your own, is taken as the file gives it: the best of many may be lucky"
        mend = "give views or engagements, which are pooled; or, if this is no measured figure, accept the doubt"
        yield _doubt("as-given", told, mend)


def _counts(scenario: Scenario, column: str) -> bool:
    """Whether the goal or a rule counts what follows from a column."""
    named = {measure.quantity for measure in scenario.measures}
    per_engagement = "conversions_per_engagement"
    by_engagements = per_engagement in scenario.assume or per_engagement in scenario.pool.columns
    if column.startswith("average_views"):
        return bool(named & _BY_VIEWS) or (bool(named & _BY_EITHER) and not by_engagements)
    return "engagements" in named or (bool(named & _BY_EITHER) and by_engagements)


def _and(texts: list[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _doubt(code: str, what: str, mend: str) -> Doubt:
    return Doubt(code, False, None, None, what, KINDS[code].why, mend)
