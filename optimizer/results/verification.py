"""Whether a plan holds, and the differences if it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimizer.results.shown import faces


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the place in the plan, the stated value, and the recomputed one."""

    where: str
    stated: Any
    found: Any
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether everything that a plan states follows from the scenario and the plan."""

    holds: bool
    outcome: str
    says: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        shown = [f"  {difference}" for difference in self.differences[:20]]
        more = len(self.differences) - len(shown)
        return "\n".join([self.says, *shown, *([f"  and {more} more"] if more else [])])

    def to_dict(self) -> dict[str, Any]:
        """The verification as one object of plain values: `creatormix/verification/1`."""
        return faces().to_dict(self)

    def to_json(self) -> str:
        """The same as JSON text."""
        return faces().to_json(self)
