"""A booking at another fee: every measure of it, by the same formulas."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.domain.scenario import Scenario
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.bookings import Ledger, OfferBookings
from optimizer.estimation.estimate import kept_of, measure_of

FEE = Measure("fee")


def pays_fee(scenario: Scenario, column: BookingTable) -> bool:
    """Whether a booking (the only one of `column`) has a fee that could be another one."""
    return scenario.offers[int(column.offer[0])].pay.pays_fee


def repriced(scenario: Scenario, column: BookingTable, fees: Ints, measures: Iterable[Measure]) -> dict[Measure, Ints]:
    """The measures of one booking at several fees.

    A fee here is the quantity `fee`: pieces, discount and rights; no product, shipping or commission.

    Parameters
    ----------
    column
        The booking, as the only one.
    fees
        In minor units (k,).

    Returns
    -------
    dict[Measure, Ints]
        Each measure as its integers (k,).

    Raises
    ------
    OverflowError
        If a measure cannot be counted exactly at these fees.
    """
    many = column.take(np.zeros(len(fees), dtype=np.int64))
    offer = scenario.offers[int(column.offer[0])]
    bookings = OfferBookings(
        scenario, offer, many, np.arange(len(fees)), Ledger(len(fees)), kept_of(scenario, many), {"fee": fees}
    )
    return {measure: measure_of(bookings, measure) for measure in measures}
