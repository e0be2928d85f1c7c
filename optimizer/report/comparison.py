"""A comparison as text for a terminal: a column for each case, then who comes in and who leaves."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from rich.text import Text

from optimizer.report import clash, forecast
from optimizer.report.blocks import Line, blocks
from optimizer.report.document import Words
from optimizer.report.language import Speaker, label_family, speaker
from optimizer.report.moves import moves_text
from optimizer.report.phrases import ENGLISH
from optimizer.report.tables import plain
from optimizer.report.what_differs import keys_text
from optimizer.results import words
from optimizer.results.comparison import Amount, Case, Comparison, RuleRow, TotalRow
from optimizer.results.plan import ConstraintResult, Plan

_NAMED_MOST = 40
_BLANK = "blank: the case has no such rule"
_PRICE = words.price_caption("in the case's objective", "gains")
_PROVED = {"better": "better", "worse": "worse", "equal": "as good", "open": "not decided"}


def render(comparison: Comparison, width: int | None = None, everything: bool = False, language: str = ENGLISH) -> str:
    """A comparison as plain text in a language; long lists are cut unless `everything` is asked for."""
    width = width or 100
    speak = speaker(language, comparison, held=True)

    def told(lines: Iterable[str]) -> str:
        return plain(Text("\n".join(map(speak.line, lines))), width)

    def table(title: str, lines: Sequence[Line], among: Sequence[Case]) -> str:
        return _table(title, comparison, lines, width, among, speak)

    parts = [told(heading(comparison)), table("Cases", case_lines(comparison), comparison.cases)]
    parts += [told(said) for said in clashes(comparison)]
    parts += [keys_text(comparison, case, width, everything, speak) for case in comparison.cases]
    if comparison.base is not None:
        totals, rules = list(total_lines(comparison)), list(rule_lines(comparison))
        parts.append(table("Totals", totals, planned_cases(comparison)))
        if rules:
            parts.append(table("Rules", rules, planned_cases(comparison)) + told(rule_notes(comparison)))
        based = [case for case in comparison.cases if case.against_base]
        parts += [moves_text(comparison, case, width, everything, speak) for case in based]
        parts.append("".join(told(one.lines) for one in creators(comparison, everything)))
    parts += [
        _listed("Not compared", comparison.not_compared, width, speak),
        _listed("Not planned, because it was stopped", comparison.not_planned, width, speak),
        _listed("Warnings", warnings_of(comparison), width, speak),
    ]
    return speak.release("\n".join(part for part in parts if part))


def heading(comparison: Comparison) -> list[str]:
    """How many cases there are, what they are compared with, and what was changed in all of them."""
    count = len(comparison.cases)
    cases = "1 case" if count == 1 else f"{count} cases side by side"
    against = f"; differences are taken from {comparison.base}" if comparison.base is not None and count > 1 else ""
    changes = [f"in every case: {path} = {value}" for path, value in _common(comparison).items()]
    return [f"{cases}{against}", *changes]


def _common(comparison: Comparison) -> dict[str, str]:
    """Changes that are made in every case."""
    first, *others = (case.scenario.changes for case in comparison.cases)
    return {path: value for path, value in first.items() if all(one.get(path) == value for one in others)}


def _table(
    title: str, comparison: Comparison, lines: Sequence[Line], width: int, among: Sequence[Case], speak: Speaker
) -> str:
    """A table with a column for each of some cases; the lines have cells for these."""
    lines = [
        Line(speak.line(one.label, label_family(title, one.label)), tuple(map(speak.said, one.cells)), one.texts)
        for one in lines
    ]
    names = [case.name for case in among]
    base = names.index(comparison.base) if comparison.base in names else 0
    return blocks(speak.said(title), names, lines, width, base)


def _planned(comparison: Comparison) -> list[tuple[int, Case, Plan]]:
    """The cases that have a plan, each with its position among all."""
    return [(at, case, case.plan) for at, case in enumerate(comparison.cases) if case.plan]


def planned_cases(comparison: Comparison) -> list[Case]:
    """The cases that have a plan."""
    return [case for _, case, _ in _planned(comparison)]


def case_lines(comparison: Comparison) -> list[Line]:
    """What distinguishes the cases, and what each reaches."""
    cases = comparison.cases
    lines = [Line("what differs", tuple(_differs(comparison, case) for case in cases), texts=True)]
    if any(case.plan is None for case in cases):
        lines.append(Line("outcome", tuple(map(_outcome, cases)), texts=True))
    goals = dict.fromkeys(words.goal(case.plan) for case in cases if case.plan)
    if len(goals) > 1:
        lines.append(Line("objective", tuple(words.goal(case.plan) if case.plan else "" for case in cases), texts=True))
    if goals:
        label = next(iter(goals)) if len(goals) == 1 else "  its value"
        lines += [
            Line(label, tuple(words.goal_value(c.plan, c.plan.objective.value) if c.plan else "" for c in cases)),
            *_likely(cases),
            Line("  difference", tuple(map(_goal_difference, cases))),
            Line("  proved limit", tuple(_bound(case.plan) for case in cases)),
            Line("  gap to the limit", tuple(words.shortfall(c.plan) if c.plan else "" for c in cases)),
            Line("  against base, proved", tuple(map(_proved, cases)), texts=True),
        ]
    return lines


def _likely(cases: Sequence[Case]) -> list[Line]:
    """Between which values the goal most likely comes out."""
    ends = tuple(forecast.goal_range(case.plan) if case.plan else "" for case in cases)
    return [Line("  most likely", ends)] if any(ends) else []


def _differs(comparison: Comparison, case: Case) -> str:
    """What distinguishes a case; for the first one, what not all others share."""
    if case is not comparison.cases[0]:
        return ", ".join(case.differs)
    common, said = _common(comparison), case.scenario
    own = [f"{path} = {value}" for path, value in said.changes.items() if path not in common]
    alike = all(other.scenario.variant == said.variant for other in comparison.cases)
    return ", ".join([*([f"variant {said.variant}"] if said.variant and not alike else []), *own])


def _outcome(case: Case) -> str:
    if case.plan:
        return "a plan"
    return "no plan: rules clash" if case.outcome == "infeasible" else "no plan found"


def _bound(plan: Plan | None) -> str:
    return words.goal_value(plan, plan.objective.bound) if plan else ""


def _goal_difference(case: Case) -> str:
    if case.plan is None or case.against_base is None or case.against_base.difference is None:
        return ""
    return changed(
        words.goal_value(case.plan, abs(case.against_base.difference)),
        case.against_base.difference,
        case.against_base.relative,
    )


def changed(size: str, difference: float, relative: float | None) -> str:
    """A difference with its sign, and in percent: `-6,970.00 -46.6 %`."""
    if not difference:
        return "the same"
    share = "" if relative is None else f" {100 * relative:+,.1f} %"
    return f"{'-' if difference < 0 else '+'}{size}{share}"


def _proved(case: Case) -> str:
    against = case.against_base
    return "" if against is None or against.proved is None else _PROVED[against.proved]


def clashes(comparison: Comparison) -> Iterable[list[str]]:
    """Why there is no plan, or an empty one, case by case, with the rules that clash."""
    for case in comparison.cases:
        if case.result.conflicts:
            lines = clash.conflicts(case.result)
        elif case.reason:
            lines = [case.reason]
        else:
            continue
        empty = "" if case.plan is None else "nobody is booked: "
        yield [f"{case.name}: {empty}{lines[0]}", *lines[1:]]


# --- totals ---


def total_lines(comparison: Comparison) -> Iterable[Line]:
    """The totals of the cases that have a plan."""
    return (line for row in comparison.totals for line in _total_lines(comparison, row))


def _total_lines(comparison: Comparison, row: TotalRow) -> Iterable[Line]:
    """A line of values and one of differences; the label has the currency if there is only one."""
    cells = [(plan, row.cases[at]) for at, _, plan in _planned(comparison)]
    currencies = {plan.currency for plan, _ in cells}
    in_front = row.unit == "money" and len(currencies) == 1
    show = words.bare if in_front else words.amount
    label = f"{row.quantity} ({currencies.pop()})" if in_front else row.quantity
    yield Line(label, tuple(show(plan, row.quantity, cell.value) if cell else "" for plan, cell in cells))
    yield Line("", tuple(_total_difference(plan, row, cell) if cell else "" for plan, cell in cells))


def _total_difference(plan: Plan, row: TotalRow, cell: Amount) -> str:
    if cell.difference is None:
        return ""
    if row.unit == "share":  # percent of a percentage would mislead
        points = words.percent(abs(cell.difference)).removesuffix(" %")
        return changed(f"{points} points", cell.difference, None)
    return changed(words.bare(plan, row.quantity, abs(cell.difference)), cell.difference, cell.relative)


# --- rules ---


def rule_lines(comparison: Comparison) -> Iterable[Line]:
    """How the rules stand in the cases that have a plan."""
    return (line for row in comparison.rules for line in _rule_lines(comparison, row))


def rule_notes(comparison: Comparison) -> list[str]:
    """What blanks and prices in the table of rules mean."""
    everywhere = all(row.cases[at] for row in comparison.rules for at, _, _ in _planned(comparison))
    return [_PRICE] if everywhere else [_BLANK, _PRICE]


def _rule_lines(comparison: Comparison, row: RuleRow) -> Iterable[Line]:
    """The lines of a rule: its value, its bounds if they differ, the room that is left, and the price."""
    cells = [(plan, row.cases[at]) for at, _, plan in _planned(comparison)]

    def line(label: str, shown: Callable[[Plan, ConstraintResult], str], texts: bool = False) -> Line:
        return Line(label, tuple(shown(plan, rule) if rule else "" for plan, rule in cells), texts)

    plan, rule = next((plan, rule) for plan, rule in cells if rule)
    logic = rule.kind == "logic"
    name = row.name if row.per_value is None else f"{row.name} ({row.per_value})"
    yield line(f"{name}: {rule.says}" if logic and row.alike else name, _standing, texts=bool(rule.says))
    if not row.alike:
        yield _asked([words.bounds(plan, rule) if rule else "" for plan, rule in cells])
    if not logic:
        yield line(f"  room: {words.bounds(plan, rule)}" if row.alike else "  room", words.room)
    yield line("  price", words.price)


def _asked(bounds: Sequence[str]) -> Line:
    """The bounds in each case; the label has the quantity if it is the same in all."""
    parts = [re.split(r" (?=at least |at most |exactly )", text, maxsplit=1) for text in bounds if text]
    if len({part[0] for part in parts}) > 1 or len(parts[0]) == 1:
        return Line("  asked", tuple(bounds), texts=True)
    measured = parts[0][0]
    return Line(f"  {measured}", tuple(text.removeprefix(f"{measured} ") for text in bounds), texts=True)


def _standing(plan: Plan, rule: ConstraintResult) -> str:
    """The rule's value in a case; for a rule for each creator, with the creator."""
    if rule.kind == "logic":
        return "kept"
    value = "none" if rule.value is None else words.rule_value(plan, rule, rule.value)
    return f"{value} ({rule.per_value})" if rule.says and rule.per_value else value


# --- creators ---


def creators(comparison: Comparison, everything: bool) -> tuple[Words, ...]:
    """Who is in all plans, and how many are only in some."""
    plans = sum(case.plan is not None for case in comparison.cases)
    if plans < 2:
        return ()
    shared = comparison.creators
    in_all, of = len(shared.in_all), len(shared.in_all) + len(shared.in_some)
    lines = [f"Creators in {'both' if plans == 2 else f'all {plans}'} plans: {in_all:,} of {of:,}"]
    if in_all:
        named = shared.in_all if everything else shared.in_all[:_NAMED_MOST]
        more = f" ... and {in_all - len(named):,} more" if len(named) < in_all else ""
        lines.append(", ".join(named) + more)
    counts = Counter(len(one.cases) for one in shared.in_some)
    if counts:
        parts = [f"{count:,} in {plans_words(number)}" for number, count in sorted(counts.items(), reverse=True)]
        lines.append(f"The others: {', '.join(parts)} (--csv lists everybody).")
    return (Words(tuple(lines)),)


def plans_words(number: int) -> str:
    """`one plan`, `3 plans`."""
    return "one plan" if number == 1 else f"{number} plans"


# --- notes ---


def _listed(title: str, lines: Sequence[str], width: int, speak: Speaker) -> str:
    """A title with lines that wrap with a hanging indent."""
    wrapped = (
        textwrap.fill(f"- {speak.line(line)}", width, subsequent_indent="  ", break_on_hyphens=False) for line in lines
    )
    return plain(Text("\n".join([speak.said(title), *wrapped])), width) if lines else ""


def warnings_of(comparison: Comparison) -> list[str]:
    """Each warning once, with its cases if it does not concern all of them."""
    said: dict[str, list[str]] = {}
    for case in comparison.cases:
        for warning in dict.fromkeys(case.warnings):
            said.setdefault(warning, []).append(case.name)
    whole = len(comparison.cases)
    return [warning if len(names) == whole else f"{', '.join(names)}: {warning}" for warning, names in said.items()]
