"""What a plan says that was made again after some answers: what is committed, and what has changed. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

What = Literal["kept", "added", "dropped", "changed"]


@dataclass(frozen=True, slots=True)
class NameChange:
    """What becomes of a creator of the plan before or of this one, and why.

    `changed` is a creator who is booked on another offer. `before` and `offer` are the offers of the two plans, None
    where the creator is in one of them only.
    """

    creator: str
    what: What
    why: str
    before: str | None = None
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class AgreedBooking:
    """A booking that was agreed: its status `signed`, `posted` or `paid`; the agreed fee of the whole booking, None
    where it is as planned; and what it costs (`spend`), None if the plan counts no spend.
    """

    creator: str
    offer: str
    status: str
    fee: float | None
    spend: float | None


@dataclass(frozen=True, slots=True)
class Committed:
    """What is agreed and can no longer change: the sum of the agreed bookings' spend, exact to the smallest coin, and
    how many creators that is. `declined` are those who will not be booked.
    """

    spend: float | None
    creators: int
    bookings: tuple[AgreedBooking, ...] = ()
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replanned:
    """How a plan follows from the one before it.

    `of` is the digest of that plan, and `earlier` are those of the plans before it, of which a file of results may
    still have rows. At least the share `keep` of the `best` value was kept, which no plan is proved to pass by more
    than up to `bound`. `names` is how many open names differ from the plan before; `fewest` says whether it is proved
    that no plan that keeps as much changes fewer.
    """

    of: str
    keep: float
    best: float
    bound: float
    names: int
    fewest: bool
    earlier: tuple[str, ...] = ()
