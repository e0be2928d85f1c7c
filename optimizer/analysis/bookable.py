"""Why somebody cannot be booked, in the words of what loading says of an inclusion."""

from __future__ import annotations

from optimizer.domain.accounts import handle_key
from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.loading.load import changed_scenario
from optimizer.loading.near import near_name
from optimizer.unseen import visible

UNKNOWN = "unknown-creator"
_SUGGEST_MOST = 20_000
_WHY = {  # what loading says of an included creator -> why somebody cannot be booked, and how that is mended
    UNKNOWN: ("is not in the file of creators", "correct the handle, or add the creator to the file"),
    "included-and-excluded": ("`exclude` leaves this creator out", "take the creator out of `exclude`"),
    "included-unmatched": ("`creators: {where: ...}` leaves this creator out", "loosen `where`"),
    "included-outside": ("this creator is in no tier", "widen a tier"),
    "included-without-offer": ("the offer is not for this creator", "widen `to` of the offer, or correct the row"),
}


def why_not(scenario: Scenario, creator: str, offer: str | None = None) -> tuple[str, str, str]:
    """Why a creator cannot be booked (on an offer): a code of loading, the reason, and how to mend it."""
    entry = {"creator": creator} if offer is None else {"creator": creator, "offer": offer}
    code, why, mend = "", "the scenario leaves this creator out", "correct the row, or the scenario"
    try:
        changed_scenario(scenario, {"include": [entry]})
    except ScenarioError as error:
        code = next((problem.code for problem in error.problems if problem.code in _WHY), "")
        why, mend = _WHY.get(code, (why, mend))
    if code == UNKNOWN:
        mend = _nearest(scenario, creator) or mend
    return code, why, mend


def _nearest(scenario: Scenario, creator: str) -> str:
    pool = scenario.pool
    near = near_name(handle_key(creator), pool.keys) if len(pool) <= _SUGGEST_MOST else None
    at = None if near is None else pool.position(near)
    return "" if at is None else f'did you mean "{visible(pool.ids[at])}"?'
