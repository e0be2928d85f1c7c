"""The prices of a rule's rows, and what they say of its shadow price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from optimizer.verification.near import Near, Signed, Since
from optimizer.verification.terms import Booked, Row, Term

_SLACK = 2e-5  # prices of both sides are those of two further relaxations


@dataclass(frozen=True)
class Duals:
    """The rows of a rule that have a price, with the price.

    Parameters
    ----------
    unit
        How many units of the program make one of the goal.
    relaxed
        What the relaxation books; None where it is not known.
    """

    rows: Sequence[tuple[Row, float]]
    unit: int
    relaxed: Booked | None

    @property
    def gains(self) -> list[tuple[float, int]]:
        """Of each row, the gain of loosening its bound (or of raising it for `exactly`), and how often the row counts
        what the rule measures."""
        return [(d if row.exact else abs(d), row.terms[0].multiplier if row.terms else 0) for row, d in self.rows]

    def total(self, base: Term, relaxed: Booked) -> Fraction:
        """A total of the relaxation."""
        return base.total({at: count for at, count in relaxed.items() if at < len(base.values)})

    def price(self, base: Fraction | Term, lead: Fraction, *, percent: bool) -> Near | Signed:
        """The shadow price of a bound on `lead * measured / base`; per point of `percent`."""
        total = sum(gained * multiplier for gained, multiplier in self.gains)
        if isinstance(base, Term):
            if self.relaxed is None:
                return Signed((total > 0) - (total < 0))
            base = self.total(base, self.relaxed)
        each = float(base) / float(lead) / self.unit / (100 if percent else 1)
        return Near(total * each, abs(each) * sum(abs(gained * multiplier) for gained, multiplier in self.gains))

    def sides(self, price: Near | Signed) -> dict[str, Since]:
        """To which bound a price belongs, and how much raising or lowering it can gain: the relaxation is concave in a
        limit, so the price lies between those of both sides. Of a share or a ratio only the signs are known."""
        known = price.value if isinstance(price, Near) else None
        if not self.rows or known == 0:
            return {"price_of": Since((None,)), "price_up": Since((None,)), "price_down": Since((None,))}
        row, dual = self.rows[0]
        bound = "exactly" if row.exact else "at_most" if dual > 0 else "at_least"
        slack = 0.0 if known is None else _SLACK * abs(known)
        if row.exact:
            most = (inf, inf) if known is None else (known + slack, slack - known)
            up, down = (Since((None,), -inf, high) for high in most)
        else:
            looser = Since((None,), 0.0, inf if known is None else known + slack)
            tighter = Since((None,), -inf, 0.0 if known is None else slack - known)
            up, down = (looser, tighter) if bound == "at_most" else (tighter, looser)
        return {"price_of": Since((None, bound)), "price_up": up, "price_down": down}
