"""Whether quantities are large enough to be counted in millionths, so that rounding does not decide the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import MICRO, Floats, Ints, largest

FINE = 0.001  # a largest value from here on is rounded by a two-thousandth at most
_SAME = 1e-6  # of a millionth: what floats differ by


@dataclass
class Counting:
    """The largest value of each quantity with its booking, and the quantities that rounding to millionths changes."""

    most: dict[Measure, tuple[float, int]] = field(default_factory=dict)
    changed: set[Measure] = field(default_factory=set)

    def note(self, measure: Measure, values: Floats, at: Ints) -> None:
        """Note the values of a quantity for some bookings, at the positions `at`."""
        size = float(largest(values))
        before, _ = self.most.get(measure, (0.0, -1))
        if size > before:
            self.most[measure] = size, int(at[np.argmax(np.abs(values))]) if size < FINE else -1
        if 0 < size < FINE and measure not in self.changed:
            scaled = values * float(MICRO)
            if (np.abs(scaled - np.rint(scaled)) > _SAME).any():
                self.changed.add(measure)

    def too_small(self) -> list[tuple[Measure, float, int]]:
        """The quantities that are too small, with the largest value and the booking that has it."""
        return [(one, size, at) for one, (size, at) in self.most.items() if size < FINE and one in self.changed]
