"""The message when a quantity is too small to be counted."""

from __future__ import annotations

from optimizer.domain.constraints import Measure
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place, Problem
from optimizer.estimation.missing import who_is

_SHOWN = 3  # figures


def too_small(
    scenario: Scenario, measure: Measure, size: float, who: int, offer: int, figures: dict[str, float]
) -> Problem:
    """The problem for one quantity, whose largest value `size` is that of creator `who` on `offer`."""
    quantity, row = scenario.quantities[measure.quantity], int(scenario.pool.rows[who])
    place = Place(scenario.pool.file, row) if row and scenario.pool.file else None
    counted = "quantities are counted in millionths"
    if quantity.column is not None:
        cause = f"{measure} is too small to be counted: the largest value of its column {quantity.column} that counts"
        cause += f" is {size:g}, of {who_is(scenario, who)}, and {counted}"
        mend = "write the column in a smaller unit, so that its largest value is 1 or more, and the bounds of rules too"
        return Problem("too-small", cause, mend, place)
    cause = f"{measure} is too small to be counted: the largest of all bookings is {size:g}, of {who_is(scenario, who)}"
    cause += f" on {scenario.offers[offer].name}, and {counted}"
    rates = sorted((value, name) for name, value in figures.items() if 0 < value < 1)[:_SHOWN]
    told = ", ".join(f"{name} {value:g}" for value, name in rates)
    mend = f"check what makes it small: {told}; " if told else "check the figures that it is made of; "
    return Problem("too-small", cause, f"{mend}if they are right, use a quantity that is larger", place)
