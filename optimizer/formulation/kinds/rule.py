"""What every kind of rule can do. Each kind is one file beside this one; `registry` has them by name.

A rule measures a plan without using its rows, so that a fault in deriving the rows is found.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from optimizer.domain.constraints import Constraint, Logic
from optimizer.domain.exact import Flags, Ints
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.terms import Booked, Row, Term

if TYPE_CHECKING:  # it is a rule itself
    from optimizer.formulation.kinds.amounts import AmountRule


@dataclass(frozen=True, eq=False)
class Slope:
    """How far a row moves with its bound as written: `base / lead` for each unit of the bound, or 100 of `percent`."""

    base: Fraction | Term
    lead: Fraction = Fraction(1)
    percent: bool = False


class Adding(Protocol):
    """A plan to which single bookings are added."""

    @property
    def plan(self) -> Booked: ...

    def over(self, terms: Sequence[Term], room: Fraction, columns: Ints) -> Flags:
        """Where one more booking adds more than `room` to the sum of some terms."""

    def breaks_row(self, row: Row, columns: Ints) -> Flags:
        """Where one more booking would break a row."""

    def breaks_rows(self, at: int, columns: Ints) -> Flags:
        """Where one more booking would break a row that the program has of a rule."""


@dataclass(frozen=True, eq=False)
class Rule(ABC):
    """A constraint over columns, or a part of it with a name of its own (`label`).

    A kind must say how a plan breaks the rule, and which rows enforce it. All else has an answer that holds for any
    rule whose rows are all in the program and whose bounds cannot be moved.
    """

    constraint: Constraint | Logic
    label: str | None

    @property
    def name(self) -> str:
        """The planner's name, with the label."""
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    @abstractmethod
    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""

    @abstractmethod
    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The rows of the rule at position `at`; rows that tie new indicators to bookings are added by themselves."""

    def rows_against(self, plan: Booked, at: int) -> Iterator[Row]:
        """The rows that are only added where a plan (or a solution of the relaxation) breaks them. Each has a label."""
        yield from ()

    def all_rows(self, at: int) -> Iterator[Row]:
        """All rows that `rows_against` may add."""
        yield from ()

    def of_nobody(self) -> Rule:
        """The rule when it is dropped: `rows_against` has no rows."""
        return self

    def longer(self, longer: Callable[[Term], Term]) -> Rule:
        """The rule over the columns of the finished program: each field that is a term is made longer."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        changed: dict[str, Any] = {name: longer(value) for name, value in values if isinstance(value, Term)}
        return replace(self, **changed)

    def slope(self, row: Row) -> Slope | None:
        """How far one of its rows moves with the bound as written; None if no such bound is in the row."""
        return None

    def breaks(self, at: int, adding: Adding, columns: Ints) -> Flags:
        """Which further bookings would break the rule at position `at`."""
        return adding.breaks_rows(at, columns)

    def bounded(self) -> AmountRule | None:
        """The rule as an amount or a share between bounds that can be moved; None if it can only be dropped."""
        return None
