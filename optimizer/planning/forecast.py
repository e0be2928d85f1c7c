"""What a plan states of its forecast."""

from __future__ import annotations

from dataclasses import asdict

from optimizer.domain.scenario import Scenario
from optimizer.planning.plan import ForecastResult


def forecast_of(scenario: Scenario) -> ForecastResult | None:
    """The settings of the forecast and the fits that figures rest on; None where they are taken as measured."""
    if scenario.forecast.rates == "measured":
        return None
    expecting = scenario.expecting
    return ForecastResult(
        scenario.forecast.rates,
        scenario.forecast.unmeasured,
        {
            column: {platform: asdict(fit) for platform, fit in fits.items()}
            for column, fits in (expecting.fits if expecting else {}).items()
        },
        {column: asdict(fit) for column, fit in (expecting.counts if expecting else {}).items()},
    )
