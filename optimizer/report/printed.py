"""The text of any result that prints itself."""

from __future__ import annotations

from optimizer.report import alternatives, audience, comparison, explanation, sweep, text
from optimizer.report.phrases import ENGLISH
from optimizer.results.alternatives import Alternatives
from optimizer.results.audience import AudienceFit
from optimizer.results.comparison import Comparison
from optimizer.results.explanation import Explanation
from optimizer.results.sweep import Sweep
from optimizer.unseen import visible


def printed(result: object, width: int, language: str = ENGLISH) -> str:
    """A result as plain text in a language, without characters that would act on a terminal."""
    if isinstance(result, Comparison):
        return visible(comparison.render(result, width=width, language=language))
    if isinstance(result, Alternatives):
        return visible(alternatives.render(result, width=width, language=language))
    if isinstance(result, Explanation):
        return visible(explanation.render(result, width=width, language=language))
    if isinstance(result, AudienceFit):
        return visible(audience.render(result, width=width, language=language))
    if isinstance(result, Sweep):
        return visible(sweep.render(result, width=width, language=language))
    return visible(text.render(result, width=width, language=language))  # type: ignore[arg-type]
