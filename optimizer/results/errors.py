"""The errors that carry the reason why there is no plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.errors import CreatormixError

if TYPE_CHECKING:  # which loads arrays, and these errors are wanted where nothing was planned
    from optimizer.results.no_plan import NoPlan


class InfeasibleError(CreatormixError):
    """No plan can keep all rules at once; `result` is the NoPlan with the conflicts and repairs."""

    def __init__(self, result: NoPlan) -> None:
        self.result = result
        super().__init__(result.reason)


class NoPlanFoundError(CreatormixError):
    """No plan was found within the limit; one may exist. `result` is the NoPlan."""

    def __init__(self, result: NoPlan) -> None:
        self.result = result
        super().__init__(result.reason)
