"""How many people can see each creator's posts: `viewers` where it is known, else the real followers."""

from __future__ import annotations

import numpy as np

from optimizer.domain import formulas
from optimizer.domain.dimensions import OFFER, STEP, dimensions_of
from optimizer.domain.exact import Ints
from optimizer.domain.pool import CREATOR, Numbers
from optimizer.domain.scenario import Scenario
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.bookings import Ledger, OfferBookings


def audiences(scenario: Scenario, creators: Ints) -> Numbers:
    """The audience of some creators, by position in the pool; unknown where the file and `assume` do not give it."""
    none = np.zeros(len(creators), dtype=np.int64)
    dimensions = dimensions_of(scenario.pool, scenario.offers)
    table = BookingTable(dimensions, {CREATOR: creators, OFFER: none, STEP: none})
    ledger, at = Ledger(len(creators)), np.arange(len(creators))
    bookings = OfferBookings(scenario, scenario.offers[0], table, at, ledger, np.ones(len(creators)))
    values = formulas.viewers(bookings)
    known = np.ones(len(creators), dtype=np.bool_)
    for missing in ledger.missing.values():
        known &= ~missing
    return Numbers(np.where(known, values, 0.0), known)
