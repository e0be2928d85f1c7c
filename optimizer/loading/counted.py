"""Which names are quantities, and the message for those that are not."""

from __future__ import annotations

from optimizer.domain.formulas import BOOST, ORGANIC, PAID
from optimizer.domain.quantities import RATIOS
from optimizer.loading.resolve import Resolving
from optimizer.loading.slips import NOT_HERE, QUANTITIES, meant

_BOOST = "it follows from a boost: give an offer boost: {spark: 200}, and the scenario boost: {spark: {cpm: 6}}"


def known_quantity(name: str, path: tuple[str | int, ...], r: Resolving) -> bool:
    """Whether a quantity is in the tables; if not, that is reported."""
    named = [quantity.name for quantity in r.quantities.values() if not quantity.helper]
    if name in named or name in RATIOS:
        return True
    other = meant(name, QUANTITIES)
    mend = meant(name, NOT_HERE) or (f"write {other}" if other else r.near(name, [*named, *RATIOS]))
    if other in (BOOST, ORGANIC, PAID) and other not in named:
        mend = f"write {other}; {_BOOST}"
    mend = mend or f"quantities are: {', '.join([*named, *RATIOS])}"
    kind = name.removeprefix("deliverables.")
    if kind != name and not r.near(kind, r.kinds):
        mend = f"no offer delivers {kind}: add one, with deliver: {{{kind}: 1}}"
    if name in ("agency", "cost", "cash_cost"):
        mend = "add costs: {agency: ...}, from which it follows"
    if name in (BOOST, ORGANIC, PAID):
        mend = _BOOST
    r.refuse(path, "unknown-quantity", f'"{name}" is not a quantity', mend, key=False)
    return False
