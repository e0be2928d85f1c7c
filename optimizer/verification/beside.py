"""What a plan says of those it does not book and of the money that is left. (Since version 0.2.)

A plan that was read back from what an older version wrote says nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from optimizer.domain.scenario import Scenario
from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification.bounds import Bounds
from optimizer.verification.differences import compared
from optimizer.verification.fields import Fields
from optimizer.verification.reduced import Prices
from optimizer.verification.stated import number

_BUDGETS = ("budget", "budget spend")
_SPENDS = ("spend", "cost")
_RUNNERS_UP = 10
_NEAR = 1e-9  # reduced costs are stated by floats


def excluded(said: Mapping[str, Any], scenario: Scenario) -> Iterator[Difference]:
    """Whether it is stated correctly how many creators can be booked, and by what the others are left out."""
    if said.get("considered") is not None:
        yield from compared("considered", said["considered"], len(scenario.pool))
    if said.get("excluded") is not None:
        again = [Fields({"by": by, "count": count}) for by, count in scenario.excluded]
        yield from compared("excluded", said["excluded"], again)


def unspent(said: Mapping[str, Any]) -> Iterator[Difference]:
    """Whether as much of the budget is left as is said. The reason why is not checked."""
    stated = said.get("unspent")
    if stated is None:
        return
    rooms = [
        rule["room"]
        for rule in said["constraints"]
        if rule["name"] in _BUDGETS
        and rule["quantity"] in _SPENDS
        and rule["kind"] == "absolute"
        and rule["at_most"] is not None
    ]
    amount = number(stated, "amount")
    yield from compared("unspent > amount", amount, rooms[0] if rooms else None)
    if (amount == 0) != (of(stated, "why", str) == "the budget is spent in full"):
        yield Difference("unspent > why", stated["why"], None, "this is not said of what is left")


def runners_up(said: Mapping[str, Any], bounds: Bounds, prices: Prices) -> Iterator[Difference]:
    """Whether the runners-up are not booked, and nobody else comes before them at the prices of the rules."""
    if "runners_up" not in said:
        return
    stated = of(said, "runners_up", list)
    booked = {one["creator"] for one in said["allocations"]}
    best, near = _worth(bounds, prices)
    bookings = bounds.bookings
    able = {bookings.name(column) for column in bookings.columns}
    wrong = [name for name in stated if name in booked or name not in able]
    if wrong or len(stated) > _RUNNERS_UP or len(set(stated)) < len(stated):
        yield Difference("runners_up", stated, None, f"these are no runners-up: {', '.join(map(str, wrong or stated))}")
        return
    # who breaks a row that was added while planning has no reduced cost here
    listed = [best[name] for name in stated if name in best]
    others = [worth for name, worth in best.items() if name not in booked and name not in set(stated)]
    falling = all(later <= earlier + near for earlier, later in pairwise(listed))
    left = bool(listed) and any(worth > listed[-1] + near for worth in others)
    if not falling or left or (others and 0 < len(stated) < _RUNNERS_UP):
        yield Difference("runners_up", stated, None, "others come before them at the prices of the rules")


def _worth(bounds: Bounds, prices: Prices) -> tuple[dict[str, int], float]:
    """The highest reduced cost of each creator, as integers over one denominator, and what is near in these."""
    rc, denominator = bounds.reduced(prices)
    bookings, best = bounds.bookings, dict[str, int]()
    for at, worth in rc.items():
        if at < len(bookings):
            name = bookings.name(bookings.columns[at])
            best[name] = max(best.get(name, worth), worth)
    goal = max((abs(bounds.goal_of(at)) for at in range(len(bookings))), default=0)
    return best, _NEAR * (denominator * goal + max(map(abs, rc.values()), default=0))
