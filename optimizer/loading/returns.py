"""Steps of falling returns, as segments and ways to boost have them."""

from __future__ import annotations

from fractions import Fraction

from optimizer.domain.exact import Number
from optimizer.loading.resolve import Resolving


def check_falling(
    path: tuple[str | int, ...],
    step: tuple[Number, Number],
    before: tuple[Fraction, Fraction],
    counted: str,
    in_order: str,
    r: Resolving,
) -> None:
    """Check that a step (its end, and what it keeps) ends after the one before, and keeps no more.

    `counted` says what ends are counted in, and `in_order` shows steps in order.
    """
    (up_to, keep), (end, kept) = step, before
    if up_to.fraction <= end:
        cause = f"up_to counts from the first {counted} on; {float(up_to.fraction):g} is not above {float(end):g}"
        r.refuse((*path, "up_to"), "returns", cause, f"write the steps in order: {in_order}")
    if keep.fraction > kept:
        cause = f"returns fall; {keep} is more than the step before keeps"
        r.refuse((*path, "keep"), "returns", cause, "write the steps so that keep falls")
