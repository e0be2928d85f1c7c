"""What a page shows of a plan, or of why there is none: parts of its report, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from optimizer.report import beside, forecast, gallery, goals, pictures, replanned, views
from optimizer.report import plan_parts as parts
from optimizer.report.document import Part, Words
from optimizer.report.doubts import doubts_words
from optimizer.report.language import Speaker
from optimizer.results import words
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import ConstraintResult, Plan
from optimizer.results.stated import read
from optimizer.service.pages import spoken
from optimizer.service.pages.spoken import ENGLISH
from optimizer.unseen import visible

_FIRST: Final = "spend creators reach gross_reach impressions engagements conversions revenue cpm cpe cpa roas".split()
_WIDE: Final = 380  # pixels of the axes of a picture: two stand side by side, and a phone shows one whole
_RISKY: Final = 0.8  # a chance below which a rule may well be broken


def read_back(content: bytes) -> Plan | NoPlan:
    """A plan, or why there is none, from its JSON."""
    kind = Plan if read(content).get("outcome") == "plan" else NoPlan
    return kind.from_json(content)


@dataclass(frozen=True)
class Goal:
    """The goal with its range and its proof, in words; goals after it in `more`."""

    asked: str
    value: str
    likely: str
    proof: str
    proved: bool
    more: tuple[tuple[str, str], ...]


def goal(plan: Plan, speaker: Speaker = ENGLISH) -> Goal:
    """What a page begins with."""
    likely = forecast.goal_range(plan)
    (asked, value), *more = spoken.figures(
        [(words.goal(plan), views.goal_valued(plan, plan.objective.value)), *goals.figures(plan)], plan, speaker
    )
    range_ = spoken.figures([("most likely", likely)], plan, speaker)[0][1] if likely else ""
    said = parts.proof_words(plan)
    (proof,) = spoken.lines([f"{said[0].upper()}{said[1:]}."], plan, speaker)
    return Goal(asked, value, range_, proof, plan.claim == "optimal", tuple(more))


def figures(plan: Plan, speaker: Speaker = ENGLISH) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The totals that planners look at first, and all others."""
    every = parts.totals(plan).values
    first = [one for one in every if one[0] in _FIRST and one[0] not in plan.objective.of]
    others = [one for one in every if one not in first]
    return spoken.figures(first, plan, speaker), spoken.figures(others, plan, speaker)


@dataclass(frozen=True)
class RuleRow:
    """A rule as it stands; `state` is kept, tight or risky."""

    name: str
    bound: str
    value: str
    room: str
    price: str
    chance: str
    state: str


def rules(plan: Plan, speaker: Speaker = ENGLISH) -> tuple[list[RuleRow], str]:
    """The rules, and what their prices are."""
    table = spoken.table(parts.rules(plan), plan, speaker)
    chances = forecast.chances(plan) or [None] * len(plan.constraints)
    texts = [tuple(map(str, row)) for row in table.rows]
    rows = [
        RuleRow(cells[0], cells[1], cells[2], cells[3], cells[4], "".join(cells[5:]), _state(rule, chance))
        for cells, rule, chance in zip(texts, plan.constraints, chances, strict=True)
    ]
    return rows, table.caption


def _state(rule: ConstraintResult, chance: float | None) -> str:
    if chance is not None and chance < _RISKY:
        return "risky"
    return "tight" if rule.binding or rule.shadow_price else "kept"


def sections(plan: Plan, speaker: Speaker = ENGLISH) -> Mapping[str, list[Part]]:
    """The rest of a plan, by what a planner asks; drawn by the same hand as its report."""
    found: dict[str, list[Part | None]] = {
        "changes": [*replanned.summary(plan), *replanned.changes(plan, everything=False)],
        "budget": [*parts.budget(plan), *parts.not_booked(plan)],
        "forecast": [parts.ranges(plan), *parts.people(plan), parts.mix(plan)],
        "figures": [*parts.sources(plan), *parts.benchmarks(plan), *parts.definitions(plan)],
    }
    return {name: spoken.told(some, plan, speaker) for name, some in found.items()}


def doubts(result: Plan | NoPlan, speaker: Speaker = ENGLISH) -> list[Part]:
    """What an experienced planner would ask, and warnings."""
    return spoken.told([*doubts_words(result.doubts), *parts.warnings(result.warnings)], result, speaker)


def nobody(plan: Plan, speaker: Speaker = ENGLISH) -> list[str]:
    """Why nobody is booked."""
    found = parts.booked(plan, ())
    return spoken.lines(found.lines, plan, speaker) if isinstance(found, Words) else []


def clashes(result: NoPlan, speaker: Speaker = ENGLISH) -> list[str]:
    """Why there is no plan."""
    return spoken.lines(parts.clashes(result), result, speaker)


def left_out(result: NoPlan, speaker: Speaker = ENGLISH) -> str:
    """Who was not considered."""
    said = beside.left_out(result.excluded, result.considered)
    return "".join(spoken.lines([said], result, speaker)) if said else ""


def drawn(plan: Plan, speaker: Speaker = ENGLISH) -> list[tuple[str, str]]:
    """The pictures of a plan with their titles."""
    found = [speaker.picture(one) for one in gallery.of_plan(plan)]
    return [(visible(one.title), pictures.draw(one, speaker.language, _WIDE)) for one in found]
