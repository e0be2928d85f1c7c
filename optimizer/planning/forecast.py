"""What a plan states of its forecast."""

from __future__ import annotations

from dataclasses import asdict

from optimizer.domain.forecast import Fitted
from optimizer.domain.scenario import Scenario
from optimizer.planning.plan import ForecastResult


def forecast_of(scenario: Scenario) -> ForecastResult | None:
    """The settings of the forecast and the fits that figures rest on; None where they are taken as measured."""
    if scenario.forecast.rates == "measured":
        return None
    found = scenario.expecting.fitted if scenario.expecting else Fitted()
    return ForecastResult(
        scenario.forecast.rates,
        scenario.forecast.unmeasured,
        {column: {platform: asdict(fit) for platform, fit in fits.items()} for column, fits in found.fits.items()},
        {column: asdict(fit) for column, fit in found.counts.items()},
    )
