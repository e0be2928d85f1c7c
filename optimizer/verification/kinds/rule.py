"""What every kind of rule can do."""

# ruff: noqa: ARG002  # every kind answers the same questions, some without looking

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from optimizer.domain.constraints import Constraint
from optimizer.domain.scenario import Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.terms import Booked, Row

Drawn = Callable[[str], Sequence[float]]  # the drawn totals of a quantity over one group of bookings, as rows count it


class Group(NamedTuple):
    """Bookings whose totals are drawn; where these are people reached, the `cells` of the audience that are asked."""

    bookings: Collection[int]
    cells: Collection[int] | None = None


class Rule(Protocol):
    """A constraint of a scenario, or a part of it with a name of its own (`label`).

    A kind must say whether a plan keeps the rule, which rows hold it, and how it is stated. All else has an answer
    that holds for any rule whose rows are always in the proof, whose bounds no repair moves, and of which no chance is
    stated.
    """

    said: Any
    label: str | None

    @property
    def name(self) -> str:
        """The planner's name, with the label in brackets. Rows are named after it."""
        return str(self.said.name) if self.label is None else f"{self.said.name} ({self.label})"

    @property
    def sound(self) -> bool:
        """Whether rows can express it; some rules need bookings that are integer, or of a single creator each."""
        return True

    def holds(self, plan: Booked) -> bool:
        """Whether a plan keeps the rule."""

    # --- the proof ---

    def over_columns(self, indicators: Indicators) -> Rule:
        """The rule with its terms over columns, of which some may be indicators."""
        return self

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The rows that every proof has of it; `at` is its place among the rules."""

    def further(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The rows that a proof has of it only if it names them."""
        yield from ()

    # --- what a plan states ---

    def standing(self, scenario: Scenario, plan: Booked, duals: Duals) -> dict[str, Any]:
        """How it stands in a plan, of a rule over columns: the fields of `constraints[]`."""

    def clashing(self) -> dict[str, Any]:
        """The rule as written, as conflicts and repairs state it."""

    @property
    def bounded(self) -> Constraint | None:
        """The constraint whose bounds repairs may move; None where they can only drop the rule."""
        return None

    # --- the forecast ---

    def groups(self) -> Sequence[Group]:
        """The groups whose totals are drawn for its chance; none where no chance is stated."""
        return ()

    def chance(self, plan: Booked, drawn: Sequence[Drawn]) -> float | None:
        """How often it is kept by the draws, of a rule with groups; `drawn` are those of each group."""
        return None


class Twin(Protocol):
    """A kind of rule as the verifier knows it: a module of this package, or anything else with this function."""

    def rules(self, bookings: Bookings, said: Any) -> list[Rule]:
        """The rules of one constraint of the scenario."""
