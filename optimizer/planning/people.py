"""The people whom a plan reaches, as it is stated."""

from __future__ import annotations

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import MICRO
from optimizer.domain.quantities import GROSS_REACH
from optimizer.estimation.estimate import Estimates
from optimizer.estimation.reached import Reached
from optimizer.results.people import People, SharedPeople


def people_of(traced: Estimates, counts: list[int], found: Reached | None) -> People | None:
    """What bookings reach, in people; None where that is not known."""
    audience = traced.scenario.audience
    if found is None or audience is None:
        return None
    known = traced.values.get(Measure(GROSS_REACH))
    gross = found.gross
    if known is not None:
        gross = sum(a * b for a, b in zip(known.tolist(), counts, strict=True))
    names = [traced.scenario.pool.ids[creator] for creator in traced.columns.creator.tolist()]
    return People(
        reach=found.exact / MICRO,
        gross_reach=gross / MICRO,
        contacts_each=gross / found.exact if found.exact else None,
        by_two=_rounded(found.twice),
        by_three=_rounded(found.thrice),
        cells=len(audience),
        estimated=audience.estimated,
        fallback_share=None if found.fallback is None else round(found.fallback, 6),
        shared=tuple(
            SharedPeople((names[pair.first], names[pair.second]), _rounded(pair.people)) for pair in found.overlaps
        ),
    )


def _rounded(people: float) -> float:
    """People to millionths, as all of them are counted."""
    return round(people, 6)
