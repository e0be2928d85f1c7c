"""Results as HTML: the part that a notebook shows, and a page of its own."""

from __future__ import annotations

from functools import partial

from optimizer.report import html, pictures
from optimizer.report.document import Document
from optimizer.report.language import speaker
from optimizer.report.phrases import ENGLISH
from optimizer.report.plan_page import no_plan_page, plan_page
from optimizer.results.alternatives import Alternatives
from optimizer.results.audience import AudienceFit
from optimizer.results.comparison import Comparison
from optimizer.results.explanation import Explanation
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.results.sweep import Sweep

Result = Plan | NoPlan | Comparison | Alternatives | AudienceFit | Explanation | Sweep


def to_html(result: Result, language: str = ENGLISH) -> str:
    """The whole page of a result in a language, with pictures where what draws them is installed."""
    speak = speaker(language, result)
    return html.page(speak.document(_described(result)), partial(pictures.draw, language=language), language)


def to_fragment(result: Result) -> str:
    """A result for a notebook."""
    return html.fragment(_described(result))


def _described(result: Result) -> Document:
    if isinstance(result, Comparison):
        from optimizer.report.comparison_page import comparison_page

        return comparison_page(result)
    if isinstance(result, Alternatives):
        from optimizer.report.alternatives import page

        return page(result)
    if isinstance(result, Explanation):
        from optimizer.report.explanation import explanation_page

        return explanation_page(result)
    if isinstance(result, AudienceFit):
        from optimizer.report.audience import audience_page

        return audience_page(result)
    if isinstance(result, Sweep):
        from optimizer.report.sweep_page import sweep_page

        return sweep_page(result)
    return plan_page(result) if isinstance(result, Plan) else no_plan_page(result)
