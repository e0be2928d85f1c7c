"""What was learned about the overlap of audiences, and how well it predicts."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.domain.fitted import FittedAudience
from optimizer.results.shown import Shown


@dataclass(frozen=True, slots=True)
class AudienceFit(Shown):
    """How audiences overlap, learned from measurements, with the errors on what was held back.

    `to_json` gives the text of the file that a scenario refers to. `notes` say what was chosen and why, and `warnings`
    what may be wrong with the measurements.
    """

    scenario: str
    fitted: FittedAudience
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
