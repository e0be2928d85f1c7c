"""What a check of a scenario finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.domain.doubts import Doubt
from optimizer.results.as_json import clash_json, doubts_json
from optimizer.results.common import Excluded
from optimizer.results.plan import Plan


@dataclass(frozen=True)
class Checked:
    """A scenario that is in order: how many creators can be booked in how many ways under how many rules.

    `found` is any plan that keeps all rules, if one was looked for.
    """

    creators: int
    bookings: int
    rules: int
    excluded: Sequence[Excluded]
    warnings: Sequence[str]
    doubts: Sequence[Doubt]
    notes: Sequence[str]
    found: Plan | None = None

    def to_dict(self) -> dict[str, Any]:
        """As one object of plain values."""
        clash: dict[str, object] = {"empty": None, "conflict": [], "conflicts": [], "repairs": []}
        if self.found is not None:  # a plan may be empty although somebody can be booked
            clash = {"empty": bool(self.found.conflicts), **clash_json(self.found)}
        return {
            "format": "creatormix/check/1",
            "creators": self.creators,
            "bookings": self.bookings,
            "rules": self.rules,
            "possible": None if self.found is None else True,
            **clash,
            "excluded": [{"by": one.by, "count": one.count} for one in self.excluded],
            "runners_up": [],
            "unspent": None,
            "warnings": list(self.warnings),
            "doubts": doubts_json(self.doubts),
            "notes": list(self.notes),
        }
