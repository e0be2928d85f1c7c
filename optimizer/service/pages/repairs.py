"""Repairs of a conflict as changes of the question, so that one button applies one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optimizer.domain.accounts import handle_key
from optimizer.loading.load import dotted
from optimizer.report.language import Speaker
from optimizer.results import words
from optimizer.results.common import Repair
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.service.pages import spoken
from optimizer.service.pages.case import Case
from optimizer.service.pages.spoken import ENGLISH
from optimizer.service.pages.wording import BOUNDS

_SHARE_POINTS: Final = 6  # decimals of a percentage that a bound may have


@dataclass(frozen=True)
class Way:
    """One way to mend a conflict: what it says, and the question that follows; None where no button can ask it.

    `every` is the column of a rule of which each value has the same bound: the button moves it for all of them.
    """

    says: str
    case: Case | None
    every: str = ""


def ways(result: Plan | NoPlan, case: Case, outline: Mapping[str, Any], speaker: Speaker = ENGLISH) -> list[Way]:
    """The ways to mend a conflict; the repairs of one option belong together."""
    options: dict[int, list[Repair]] = {}
    for repair in result.repairs:
        options.setdefault(repair.option, []).append(repair)
    said = ["- " + ", and ".join(words.repair(result, one) for one in option) for option in options.values()]
    texts = spoken.lines(said, result, speaker)
    return [
        Way(text.removeprefix("- "), _applied(case, option, outline), _every(option, outline))
        for text, option in zip(texts, options.values(), strict=True)
    ]


def _every(option: Iterable[Repair], outline: Mapping[str, Any]) -> str:
    """The column of a rule whose one bound holds for each value, if a repair is about one of them."""
    rules: Mapping[str, Any] = outline.get("rules") or {}
    for repair in option:
        rule = rules.get(repair.constraint)
        if repair.per_value is not None and isinstance(rule, Mapping) and not _by_value(rule):
            return str(rule.get("per") or "")
    return ""


def _applied(case: Case, option: Sequence[Repair], outline: Mapping[str, Any]) -> Case | None:
    for repair in _loosest(option, outline):
        changed = _with(case, repair, outline)
        if changed is None:
            return None
        case = changed
    return case


def _loosest(option: Sequence[Repair], outline: Mapping[str, Any]) -> list[Repair]:
    """The repairs of an option, of those that move the same bound of all values only the one that moves it furthest."""
    rules: Mapping[str, Any] = outline.get("rules") or {}
    found: dict[tuple[str | None, ...], Repair] = {}
    for at, repair in enumerate(option):
        rule = rules.get(repair.constraint)
        one = isinstance(rule, Mapping) and repair.bound is not None and repair.to is not None and not _by_value(rule)
        key = (repair.constraint, repair.bound) if one else (str(at),)
        before = found.get(key)
        if before is None or _looser(repair, before):
            found[key] = repair
    return list(found.values())


def _looser(repair: Repair, other: Repair) -> bool:
    if repair.to is None or other.to is None:
        return False
    return repair.to < other.to if repair.bound == "at_least" else repair.to > other.to


def _by_value(rule: Mapping[str, Any]) -> bool:
    """Whether a rule has bounds of its own for some values."""
    return any(isinstance(rule.get(key), Mapping) for key in BOUNDS)


def _with(case: Case, repair: Repair, outline: Mapping[str, Any]) -> Case | None:
    """The question with one repair; None where the rule is not found in the scenario."""
    if repair.constraint == "include":  # what is agreed is not for a button to take back
        return None if case.plan else _released(case, repair.per_value or "", outline)
    rules: Mapping[str, Any] = outline.get("rules") or {}
    rule = rules.get(repair.constraint)
    if rule is None:
        return _budget(case, repair, outline)
    path = ("constraints", repair.constraint)
    if repair.bound is None or repair.to is None or repair.rule is None:
        return _dropped(case, path, rule, repair)
    key = repair.bound if repair.bound in rule else "exactly"
    if key not in rule:
        return None
    share = repair.rule.kind == "share" or "%" in str(rule[key])
    value: Any = bound(repair.to, share=share)
    if isinstance(rule[key], Mapping):
        if repair.per_value is None:
            return None
        name = _named(rule[key], repair.per_value)
        if key != "exactly":
            return case.changed(dotted((*path, key, name)), value)
        before = case.changes.get(dotted((*path, repair.bound)))  # by another repair of the same option
        value = {**(before if isinstance(before, Mapping) else rule[key]), name: value}
    if key == "exactly":  # it may move to one side only: the other stays where it is
        other = "at_most" if repair.bound == "at_least" else "at_least"
        case = case.changed(dotted((*path, "exactly")), None).changed(dotted((*path, repair.bound)), value)
        known = dotted((*path, other)) in case.changes
        return case if known else case.changed(dotted((*path, other)), rule[key])
    return case.changed(dotted((*path, key)), value)


def _dropped(case: Case, path: tuple[str, str], rule: Mapping[str, Any], repair: Repair) -> Case:
    """Without a rule, or without its bounds for one value where it has others."""
    value = repair.per_value
    if value is None or not _by_value(rule):
        return case.removed(dotted(path))
    bounds = {key: rule[key] for key in BOUNDS if isinstance(rule.get(key), Mapping)}
    left = {
        key: {name: one for name, one in said.items() if name != _named(said, value)} for key, said in bounds.items()
    }
    if not any(left.values()):
        return case.removed(dotted(path))
    for key, said in bounds.items():
        gone = dotted((*path, key)) if not left[key] else dotted((*path, key, _named(said, value)))
        case = case.changed(gone, None) if _named(said, value) in said else case
    return case


def _named(bounds: Mapping[str, Any], value: str) -> str:
    """How a mapping of bounds writes a value."""
    return next((name for name in bounds if name.casefold() == value.casefold()), value)


def _budget(case: Case, repair: Repair, outline: Mapping[str, Any]) -> Case | None:
    first, _, wallet = repair.constraint.partition(" ")
    if first != "budget" or repair.to is None or (not wallet and outline.get("budget") is None):
        return None
    return case.changed(dotted(("wallets", wallet)) if wallet else "budget", bound(repair.to, share=False))


def _released(case: Case, creator: str, outline: Mapping[str, Any]) -> Case | None:
    booked = next((one for one in case.book if handle_key(one) == handle_key(creator)), None)
    if booked is not None:
        return case.without("book", booked)
    said = outline.get("include") or []
    listed = said if isinstance(said, list) else [said]
    kept = [one for one in listed if handle_key(_name(one)) != handle_key(creator)]
    return case.changed("include", kept) if len(kept) < len(listed) else None


def _name(entry: Any) -> str:
    """The creator that an entry of `include` names; blank for a filter."""
    return str(entry.get("creator") or "") if isinstance(entry, Mapping) else str(entry)


def bound(value: float, *, share: bool) -> str:
    """A bound as a scenario has it."""
    number = f"{100 * value:.{_SHARE_POINTS}f}" if share else f"{value:.6f}"
    return number.rstrip("0").rstrip(".") + ("%" if share else "")
