"""Repairs of a conflict as changes of the question, so that one button applies one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from optimizer.loading.load import dotted
from optimizer.report.language import Speaker
from optimizer.results import words
from optimizer.results.common import Repair
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.service.pages import spoken
from optimizer.service.pages.case import Case
from optimizer.service.pages.spoken import ENGLISH

_SHARE_POINTS: Final = 6  # decimals of a percentage that a bound may have


@dataclass(frozen=True)
class Way:
    """One way to mend a conflict: what it says, and the question that follows; None where no button can ask it."""

    says: str
    case: Case | None


def ways(result: Plan | NoPlan, case: Case, outline: Mapping[str, Any], speaker: Speaker = ENGLISH) -> list[Way]:
    """The ways to mend a conflict; the repairs of one option belong together."""
    options: dict[int, list[Repair]] = {}
    for repair in result.repairs:
        options.setdefault(repair.option, []).append(repair)
    said = ["- " + ", and ".join(words.repair(result, one) for one in option) for option in options.values()]
    texts = spoken.lines(said, result, speaker)
    return [
        Way(text.removeprefix("- "), _applied(case, option, outline))
        for text, option in zip(texts, options.values(), strict=True)
    ]


def _applied(case: Case, option: Iterable[Repair], outline: Mapping[str, Any]) -> Case | None:
    if case.plan:
        return None  # what is agreed is not for a button to take back
    for repair in option:
        changed = _with(case, repair, outline)
        if changed is None:
            return None
        case = changed
    return case


def _with(case: Case, repair: Repair, outline: Mapping[str, Any]) -> Case | None:
    """The question with one repair; None where the rule is not found in the scenario."""
    if repair.constraint == "include":
        return _released(case, repair.per_value or "", outline)
    rules: Mapping[str, Any] = outline.get("rules") or {}
    rule = rules.get(repair.constraint)
    if rule is None:
        return _budget(case, repair, outline)
    path = ("constraints", repair.constraint)
    if repair.bound is None or repair.to is None or repair.rule is None:
        return case.removed(dotted(path))
    key = repair.bound if repair.bound in rule else "exactly"
    if key not in rule:
        return None
    value = bound(repair.to, share=repair.rule.kind == "share" or "%" in str(rule[key]))
    if key == "exactly":  # it may move to one side only: the other stays where it is
        other = "at_most" if repair.bound == "at_least" else "at_least"
        case = case.changed(dotted((*path, "exactly")), None).changed(dotted((*path, repair.bound)), value)
        return case.changed(dotted((*path, other)), rule[key])
    if isinstance(rule[key], Mapping):
        return case.changed(dotted((*path, key, repair.per_value or "")), value) if repair.per_value else None
    return case.changed(dotted((*path, key)), value)


def _budget(case: Case, repair: Repair, outline: Mapping[str, Any]) -> Case | None:
    first, _, wallet = repair.constraint.partition(" ")
    if first != "budget" or repair.to is None or (not wallet and outline.get("budget") is None):
        return None
    return case.changed(dotted(("wallets", wallet)) if wallet else "budget", bound(repair.to, share=False))


def _released(case: Case, creator: str, outline: Mapping[str, Any]) -> Case | None:
    if creator in case.book:
        return case.without("book", creator)
    kept = [one for one in outline.get("include") or [] if _name(one) != creator]
    return case.changed("include", kept) if len(kept) < len(outline.get("include") or []) else None


def _name(entry: Any) -> Any:
    return entry.get("creator") if isinstance(entry, Mapping) else entry


def bound(value: float, *, share: bool) -> str:
    """A bound as a scenario has it."""
    number = f"{100 * value:.{_SHARE_POINTS}f}" if share else f"{value:.6f}"
    return number.rstrip("0").rstrip(".") + ("%" if share else "")
