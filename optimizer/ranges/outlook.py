"""What is drawn from: the expected outcomes of single bookings, and how far they may err."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.domain.exact import LIMIT, MICRO, Flags, Floats, Ints
from optimizer.domain.quantities import REACH
from optimizer.ranges.people import People
from optimizer.ranges.tables import MOST_SD

THOUSANDTHS: Final = 1000  # what is no money is drawn in thousandths
MONEY: Final = ("revenue", "commission", "cash", "spend", "agency", "cost", "profit")
OUTCOMES: Final = (
    *("impressions", "impressions.organic", "impressions.paid", "gross_reach"),
    *("engagements", "clicks", "conversions", "posts"),
)
COUNTS: Final = ("clicks", "conversions")
QUANTITIES: Final = OUTCOMES + MONEY


def unit(quantity: str) -> int:
    """How many of what is drawn make one: 1 for money in minor units, 1000 for all else."""
    return 1 if quantity in MONEY else THOUSANDTHS


def ceiling(bookings: int) -> float:
    """The largest magnitude that is drawn for one of so many bookings: sums of them are exact in float64."""
    return float(LIMIT // max(bookings, 1))


@dataclass(frozen=True, slots=True)
class Common:
    """Log standard deviations of the errors that bookings share.

    `bias` is of the figures (one for views, one for engagements), `campaign` of all bookings, `platform` and `niche` of
    those with the same name.
    """

    bias: float = 0.3
    campaign: float = 0.2
    platform: float = 0.1
    niche: float = 0.1

    def __post_init__(self) -> None:
        for each in fields(self):
            _within(each.name, np.asarray(getattr(self, each.name), np.float64), 0, MOST_SD)


@dataclass(frozen=True, slots=True)
class Group:
    """Some bookings, as a mask or as positions, and the quantities whose totals over them are asked; of people reached
    those in some `cells` (None: in all).
    """

    bookings: Flags | Ints
    quantities: tuple[str, ...]
    cells: Flags | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """One row per single booking: arrays of shape (n,), `seen` and `pieces` of shape (n, kinds).

    All outcomes are expected given that the booking is posted; `post_rate`, above 0 and at most 1, is how likely that
    is. Money is in minor units and never negative; `rate`, `margin` and `agency` are in millionths.

    Parameters
    ----------
    keys
        A text for each booking, unlike all others. What is drawn for a booking depends on its key alone.
    platform, niche
        Positions in `platforms` and `niches`; a blank name is a group of its own.
    views_sd, engagements_sd
        Log standard deviations, 0 to 3, of the creator's average and of the posts.
    by_engagements
        Whether conversions follow the engagements, not the views.
    impressions, paid
        Those of the creator, and those that are bought, which vary only with whether the booking is posted. Clicks
        follow both.
    viewers, seen, pieces, reach_scale
        The reach curve: who can see it, views of one piece of each kind, how many pieces, and a factor.
    fixed_cash, product
        What is paid beside the fee; what is given.
    cap
        The largest commission; -1 for none.
    fixed
        Further quantities, which do not vary.
    people
        Whom the bookings may reach, so that people reached can be asked: the quantity `reach`.
    """

    keys: Sequence[str]
    platform: Ints
    platforms: tuple[str, ...]
    niche: Ints
    niches: tuple[str, ...]
    post_rate: Floats
    views_sd: tuple[Floats, Floats]
    engagements_sd: tuple[Floats, Floats]
    impressions: Floats
    paid: Floats
    engagements: Floats
    clicks: Floats
    conversions: Floats
    by_engagements: Flags
    viewers: Floats
    seen: Floats
    pieces: Ints
    reach_scale: Floats
    fee: Ints
    fixed_cash: Ints
    product: Ints
    rate: Ints
    per_conversion: Ints
    cap: Ints
    order_value: Ints
    margin: Ints
    agency: Ints
    fixed: Mapping[str, Floats] = field(default_factory=dict)
    people: People | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn from: ValueError with the name of the field."""
        if len(set(self.keys)) != len(self):
            raise ValueError("keys: two bookings with the same key")
        for name, low, high in _BOUNDS:
            _within(name, self._shaped(name, getattr(self, name), (len(self),)), low, high)
        for name in ("views_sd", "engagements_sd"):
            for values in getattr(self, name):
                _within(name, self._shaped(name, values, (len(self),)), 0, MOST_SD)
        for name in ("seen", "pieces"):
            _within(name, self._shaped(name, getattr(self, name), (len(self), self.pieces.shape[-1])), 0, LIMIT)
        self._check_further()
        if not (self.post_rate > 0).all():
            raise ValueError("post_rate: must be above 0")
        for name, of in (("platform", self.platforms), ("niche", self.niches)):
            _within(name, getattr(self, name), 0, len(of) - 1)

    def _check_further(self) -> None:
        for name, values in self.fixed.items():
            _within(name, self._shaped(name, values, (len(self),)), -LIMIT, LIMIT)
            if name in QUANTITIES or name == REACH:
                raise ValueError(f"{name}: this quantity is drawn")
        if self.people is not None:
            self._shaped("people", self.people.stands_for, (len(self),))

    def __len__(self) -> int:
        return len(self.keys)

    def knows(self, quantity: str) -> bool:
        """Whether a quantity is drawn or fixed."""
        return quantity in QUANTITIES or quantity in self.fixed or (quantity == REACH and self.people is not None)

    def _shaped(self, name: str, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        if values.shape != shape:
            raise ValueError(f"{name}: shape {values.shape} where {shape} is asked")
        return values


_BOUNDS: Final[tuple[tuple[str, float, float], ...]] = (
    *((name, 0, LIMIT) for name in ("impressions", "paid", "engagements", "clicks", "conversions")),
    *((name, 0, LIMIT) for name in ("viewers", "reach_scale")),
    *((name, 0, LIMIT) for name in ("fee", "fixed_cash", "product", "per_conversion", "order_value")),
    *((name, 0, MICRO) for name in ("rate", "agency")),
    ("cap", -1, LIMIT),
    ("margin", -LIMIT, LIMIT),
    ("post_rate", 0, 1),
    ("platform", 0, LIMIT),
    ("niche", 0, LIMIT),
    ("by_engagements", 0, 1),
)


def _within(name: str, values: NDArray[Any], low: float, high: float) -> None:
    if not ((values >= low) & (values <= high)).all():
        raise ValueError(f"{name}: must be between {low} and {high}")
