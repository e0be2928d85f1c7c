"""Rules and goals about people reached: those that can be kept exactly, and why others cannot."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.domain.audience import Audience
from optimizer.domain.constraints import Constraint
from optimizer.domain.filters import AnyOf, fold
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.domain.quantities import RATIOS, REACH
from optimizer.domain.scenario import Scenario
from optimizer.loading.distinct import written_goals
from optimizer.loading.near import nearest, some
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import Rule, ScenarioFile
from optimizer.loading.source import short

Path = tuple[str | int, ...]
REACHING = frozenset(
    {REACH, *(name for name, ratio in RATIOS.items() if REACH in (ratio.numerator, ratio.denominator))}
)
FREQUENCY = "frequency"
_WHY = "each further booking adds fewer new people, so that no best plan could be proven"


def asks_for_reach(said: ScenarioFile) -> bool:
    """Whether a goal, a rule or the key `audience` is about people reached."""
    goals = (name for _, goal in written_goals(said) for mix in (goal.maximize, goal.minimize) for name in mix or ())
    rules = (rule.quantity for rule in said.constraints.values() if isinstance(rule, Rule))
    return said.audience is not None or any(name in REACHING for name in (*goals, *rules))


def check_goal_of_reach(path: Path, sense: str, weight_sign: int, r: Resolving) -> None:
    """Refuse a goal that wants fewer people."""
    if (weight_sign > 0) != (sense == "maximize"):
        mend = "maximize reach; or minimize gross_reach, which adds audiences up"
        r.refuse(
            path, "reach-not-convex", f"as few people reached as possible cannot be planned: {_WHY}", mend, key=True
        )


def check_reach_rule(path: Path, rule: Rule, r: Resolving) -> None:
    """Refuse what a rule about people reached cannot say, with the reason."""
    if rule.quantity not in REACHING:
        return
    if rule.per is not None and fold(rule.per) in (CREATOR, TALENT):
        cause = f"{rule.quantity} for each {fold(rule.per)} is not planned: one booking alone reaches its gross_reach"
        r.refuse((*path, "per"), "reach-per", cause, "use gross_reach, or `per` with another column", key=True)
    if rule.quantity == REACH:
        _check_amount(path, rule, r)
        return
    example = "frequency at_most 3" if rule.quantity == FREQUENCY else "cost_per_person at_most 0.05"
    for key in ("at_least", "exactly"):
        if getattr(rule, key) is not None:
            cause = f"{rule.quantity} {key} cannot be kept exactly: {_WHY}"
            r.refuse((*path, key), "reach-not-convex", cause, f"write at_most, as in {example}", key=True)


def _check_amount(path: Path, rule: Rule, r: Resolving) -> None:
    for key in ("at_most", "exactly"):
        if getattr(rule, key) is not None:
            cause = f"reach {key} cannot be kept exactly: {_WHY}"
            mend = "write at_least; to reach fewer people limit spend, or gross_reach, which adds audiences up"
            r.refuse((*path, key), "reach-not-convex", cause, mend, key=True)
    said = [rule.at_least] if not isinstance(rule.at_least, dict) else list(rule.at_least.values())
    if rule.of is not None or any(bound is not None and bound.percent for bound in said):
        at = (*path, "of") if rule.of is not None else (*path, "at_least")
        cause = f"a share of people reached cannot be kept exactly: {_WHY}"
        r.refuse(at, "reach-not-convex", cause, "write how many people, or a share of gross_reach", key=True)
    if rule.or_none:
        cause = f"reach with or_none cannot be kept exactly: {_WHY}"
        mend = "remove or_none, or use gross_reach"
        r.refuse((*path, "or_none"), "reach-not-convex", cause, mend, key=True)


def check_people_reached(scenario: Scenario, audience: Audience, r: Resolving) -> None:
    """Check rules about reach against the cells: who is reached, and by whom; and that all bookings are whole."""
    asked = [rule for rule in scenario.rules if rule.measure.quantity in REACHING]
    named = {REACH} & {name for goal in scenario.objectives for name, _ in goal.weights}
    parts = [short(scenario.pool.ids[one.position]) for one in scenario.segments if not one.whole]
    if (parts or not scenario.whole) and (asked or named):
        who = f"{parts[0]} is" if scenario.whole else "here creators are"
        cause = f"people reached are counted of whole bookings; {who} booked in parts"
        path: Path = ("constraints", asked[0].name) if asked else ("objective",)
        r.refuse(path, "reach-in-parts", cause, "remove `whole: false`, or use gross_reach", key=True)
    known: dict[str, dict[str, str]] = {}
    for shown, values in zip(audience.names, audience.values, strict=True):
        for (name, value), written in zip(values.items(), written_values(shown, values), strict=True):
            known.setdefault(name, {}).setdefault(value, written)
    for rule in asked:
        _check_people(rule, audience, known, r)
        ambiguous = [column for column, _ in rule.group if column in known]
        if ambiguous and not rule.measure.people and not audience.learned.any():
            column = ambiguous[0]
            cause = f"{column} is of creators and of the people whom they reach: which is meant?"
            mend = f"for who is reached write people: {{{column}: ...}} and no group; for who is reached by whom, both"
            r.refuse(("constraints", rule.name, "group", column), "unclear-group", cause, mend, key=True)


def written_values(shown: str, values: Mapping[str, str]) -> list[str]:
    """The values of a cell as they are written, from its name; where that does not tell, as they are compared."""
    found = shown.split(", ")
    return found if list(map(fold, found)) == list(values.values()) else list(values.values())


def _check_people(rule: Constraint, audience: Audience, known: dict[str, dict[str, str]], r: Resolving) -> None:
    if not rule.measure.people:
        return
    path = ("constraints", rule.name, "people")
    if audience.learned.any():
        cause = "the overlap of audiences was learned from measurements, which do not say who the people are"
        r.refuse(path, "people", cause, "remove people, or use gross_reach", key=True)
        return
    for column, asked in rule.measure.people:
        if column not in known:
            cause = f'the audience is not parted by "{short(column)}"'
            cells = f"; it is by {some(known)}" if known else ""
            mend = f"add it: audience: {{cells: [{', '.join([*known, column])}]}}"
            r.refuse((*path, column), "unknown-people", cause + cells, mend, key=True)
        elif not isinstance(asked, AnyOf):
            r.refuse(
                (*path, column), "range", "people are chosen by values, not by a range", "name the values: [FR, BE]"
            )
        else:
            for value in asked.values:
                if fold(value) not in known[column]:
                    there = sorted(known[column].values())
                    mend = nearest(value, there) or f"values of {column} are: {some(there)}"
                    cause = f'no part of the audience has {column} "{short(value)}"'
                    r.refuse((*path, column), "unknown-people", cause, mend)
