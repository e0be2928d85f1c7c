"""The proofs that results carry: of a bound, and of a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BookingAt:
    """A column of a proof: the bookings of one creator on one offer (on one step), or an indicator of the program."""

    creator: str | None = None
    offer: str | None = None
    step: int | None = None
    switch: int | None = None


@dataclass(frozen=True, slots=True)
class RelaxedBooking:
    """The value of a booking (or an indicator) in the LP relaxation."""

    at: BookingAt
    count: float


@dataclass(frozen=True, slots=True)
class SplitAt:
    """A branch: at most `at_most`, or more, of one of the certificate's `bookings` (its position, from 0)."""

    booking: int
    at_most: int


@dataclass(frozen=True, slots=True)
class ProofCase:
    """A node of the branch-and-bound tree of a proof: split in two, or closed by prices.

    A case with `split` is followed by all cases with at most so many of these bookings, then by those with more; its
    prices, if any, fix columns by reduced cost in both. A leaf has `prices` for some rows (`rows`: their positions,
    from 0, among those of the certificate and then all rounded rows; all others are 0), which bound the value of its
    plans; or, if `impossible`, prove that it has none. A price that no float equals is written as a fraction (`"1/3"`).
    """

    split: SplitAt | None = None
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class RoundedRow:
    """A cutting plane by mixed-integer rounding: the sum of the sides at some positions (`sides`) times `weights`, with
    the bookings `full` (positions among those of the certificate) complemented at their upper bounds, rounded down to
    multiples of the divisor."""

    sides: tuple[int, ...]
    weights: tuple[int, ...]
    full: tuple[int, ...]
    divisor: int


@dataclass(frozen=True, slots=True)
class ProofStage:
    """The cutting planes that follow while so many bookings are `open`, and prices (as in a case) that close some of
    them by reduced cost; none in the last stage.
    """

    open: int
    rounded: tuple[RoundedRow, ...]
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof of the bound: one price per row. Prices are float64, read as exact.

    By themselves they prove `root_bound`. If `bound` is tighter, it is proved by `stages` and `cases`, which cover the
    plans with a value of `above` or more, in the smallest unit of the objective (None: all plans), and refer to
    `bookings`.

    `relaxed` is a solution of the LP relaxation with nearly the value that the prices prove, which shows that they are
    optimal duals. It is None if no rule has a price, or the relaxation was not solved to optimality.
    """

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bound: float
    gap: float
    root_bound: float
    above: int | None = None
    bookings: tuple[BookingAt, ...] = ()
    stages: tuple[ProofStage, ...] = ()
    cases: tuple[ProofCase, ...] = ()
    relaxed: tuple[RelaxedBooking, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refutation:
    """The proof of a conflict: one price per row, or `cases` with prices of their own.

    At these prices no bookings reach what the bounds of the rows require (Farkas).
    """

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bookings: tuple[BookingAt, ...] = ()
    stages: tuple[ProofStage, ...] = ()
    cases: tuple[ProofCase, ...] = ()
