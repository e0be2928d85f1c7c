"""What a plan says that was made again: what is agreed is booked, at its cost, and adds up. (Since version 0.2.)

Which names have changed since the plan before, and why, cannot be worked out from this plan alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification.differences import compared


def committed(said: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare what is committed with the bookings of the plan."""
    stated = said.get("committed")
    if stated is None:
        return
    agreed = of(stated, "bookings", list)
    booked = {(of(one, "creator", str), of(one, "offer", str)): one for one in of(said, "allocations", list)}
    mine = [booked.get((of(one, "creator", str), of(one, "offer", str)), {}) for one in agreed]
    again = [one.get("spend") for one in mine]
    yield from compared("committed > bookings > spend", [one.get("spend") for one in agreed], again)
    yield from compared(
        "committed > creators", stated.get("creators"), len({of(one, "creator", str) for one in agreed})
    )
    whole = None if None in again else float(sum((Fraction(str(one)) for one in again), Fraction(0)))
    if stated.get("spend") is not None or whole is None:
        yield from compared("committed > spend", stated.get("spend"), whole)
    lost = [one["creator"] for one, there in zip(agreed, mine, strict=True) if not there]
    if lost:
        yield Difference("committed", lost, None, "these are agreed, and not booked")
    declined = {name for name in of(stated, "declined", list) if isinstance(name, str)}
    wrong = sorted(declined & {creator for creator, _ in booked})
    if wrong:
        yield Difference("committed > declined", wrong, None, "these declined, and are booked")
