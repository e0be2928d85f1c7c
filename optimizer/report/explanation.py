"""What is said of a plan that is explained: what rules cost, fees of creators, figures that decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.report.document import Cell, Column, Document, Section, Table, Words, section, words_of
from optimizer.report.phrases import ENGLISH
from optimizer.report.plan_page import inputs_table
from optimizer.report.text import spoken
from optimizer.results import words
from optimizer.results.explanation import CreatorWorth, Explanation, FigureWorth, RuleWorth

_NAMES_MOST = 4
_CLAIMS = {"optimal": "proved optimal", "within_gap": "proved within the gap", "feasible": "the gap is open"}


def render(result: Explanation, width: int | None = None, language: str = ENGLISH) -> str:
    """An explanation as plain text in a language."""
    described = Document(_title(result), _sections(result), result.decimals)
    return spoken(described, result, width or 100, language)


def explanation_page(result: Explanation) -> Document:
    """The page of an explanation."""
    inputs = section("Where the figures come from", inputs_table(result.inputs))
    return Document(_title(result), (*_sections(result), *inputs), result.decimals)


def _title(result: Explanation) -> str:
    said = result.scenario
    return said.name if said.variant is None else f"{said.name} ({said.variant})"


def _sections(result: Explanation) -> tuple[Section, ...]:
    inside = [one for one in result.creators if one.is_in]
    outside = [one for one in result.creators if not one.is_in]
    return (
        *section("The plan", Words(tuple(_heading(result)))),
        *section("What rules cost", _rules(result), *_idle(result)),
        *section("Who is booked, and up to which fee", _booked(result, inside)),
        *section("Who is not booked, and why", *_others(result, outside)),
        *section("Which figures decide", _figures(result)),
        *section("Not looked at", *words_of(*(f"- {one}" for one in result.left_out), title="Not looked at")),
    )


def _heading(result: Explanation) -> Iterable[str]:
    plan = result.plan
    yield _title(result)
    yield f"{plan.goal}: {words.written(plan.value, 'count', None)}, {_CLAIMS[plan.claim]}"
    yield from (f"{path} = {value}" for path, value in result.scenario.changes.items())
    if result.unspent is not None:
        money = words.written(result.unspent.amount, "money", result.decimals)
        yield f"left of the budget: {money} {result.currency}; {result.unspent.why}"


# --- rules ---


def _matters(rule: RuleWorth) -> bool:
    return bool(rule.binding or rule.price or rule.step_value_change or rule.dropped_value_change)


def _name(rule: RuleWorth) -> str:
    return rule.name if rule.per_value is None else f"{rule.name} ({rule.per_value})"


def _rules(result: Explanation) -> Table | None:
    rows = tuple(_rule(result, rule) for rule in result.rules if _matters(rule))
    numbers = ("one more", "holds", "a step more", "without it")
    if not result.rules:
        return None
    return Table(
        "What rules cost",
        (Column("rule"), *(Column(name, "words") for name in numbers)),
        rows,
        "what the goal gains: by one unit more room in the bound, if bookings could be split, and up to which bounds "
        "that holds; by a step more, and without the rule, both planned again (>= where that is not proved)",
        empty="no rule costs anything: without any one of them the plan stays the best",
    )


def _rule(result: Explanation, rule: RuleWorth) -> tuple[Cell, ...]:
    return (
        _name(rule),
        words.short(rule.price) if rule.price else "",
        _holds(result, rule),
        "" if rule.step is None else f"{_gain(rule.step_value_change, rule.step_proved)} for {_step(result, rule)}",
        _gain(rule.dropped_value_change, rule.dropped_proved),
    )


def _gain(change: float | None, proved: bool) -> str:
    if change is None:
        return "not found"
    return f"{'' if proved else '>= '}{words.short(change)}" if change else "nothing" if proved else "nothing found"


def _step(result: Explanation, rule: RuleWorth) -> str:
    step = rule.step or 0.0
    if rule.unit == "share":
        return f"{100 * step:g} point{'' if step == 0.01 else 's'}"
    return f"{step:,g} {result.currency}" if rule.unit == "money" else f"{step:,g}"


def _bound(result: Explanation, rule: RuleWorth, bound: float) -> str:
    if rule.unit == "share":
        return words.percent(bound)
    return words.written(bound, "money", result.decimals) if rule.unit == "money" else words.short(bound)


def _holds(result: Explanation, rule: RuleWorth) -> str:
    if not rule.price or (rule.price_from is None and rule.price_to is None):
        return ""
    low = "" if rule.price_from is None else f"from {_bound(result, rule, rule.price_from)}"
    high = "" if rule.price_to is None else f"to {_bound(result, rule, rule.price_to)}"
    return " ".join(filter(None, (low, high)))


def _idle(result: Explanation) -> tuple[Words, ...]:
    idle = dict.fromkeys(rule.name for rule in result.rules if not _matters(rule))
    mattering = {rule.name for rule in result.rules if _matters(rule)}
    names = [name for name in idle if name not in mattering]
    return words_of(f"Without cost: {', '.join(names)}." if names else "")


# --- creators ---


def _fee(result: Explanation, amount: float | None) -> str:
    return "" if amount is None else words.written(amount, "money", result.decimals)


def _highest(result: Explanation, one: CreatorWorth, highest: float | None) -> str:
    """The highest fee; while it is not proved, between which it is."""
    if one.fee is None:
        return "no fee"
    if highest is None:
        return "any" if one.fee_intervals else "none"
    if one.proved or one.fee_high is None or one.fee_high == highest:
        return _fee(result, highest)
    return f"{_fee(result, one.fee_low)} to {_fee(result, one.fee_high)}"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_MOST])
    return f"{shown} and {len(names) - _NAMES_MOST} more" if len(names) > _NAMES_MOST else shown


def _booked(result: Explanation, inside: Sequence[CreatorWorth]) -> Table | None:
    if not inside:
        return None
    rows = tuple(
        (
            one.creator,
            one.offer or "",
            _names(one.replaced_by) or "nobody",
            _fee(result, one.fee),
            _highest(result, one, one.walk_away_fee),
            "" if one.loss_without is None else words.short(one.loss_without),
        )
        for one in inside
    )
    columns = (
        Column("creator"),
        Column("offer"),
        Column("in their place"),
        Column("fee", "words"),
        Column("walk-away fee", "words"),
        Column("goal loses", "words"),
    )
    caption = (
        f"walk-away fee: the highest fee ({result.currency}) at which a best plan still books them on this offer, all "
        "else as it is; in their place, and goal loses: if they cannot be booked at all"
    )
    gaps = [one for one in inside if len(one.fee_intervals) > 1]
    if gaps:
        caption += "; not at every lower fee: " + "; ".join(
            f"{one.creator} at {' or '.join(_interval(result, *ends) for ends in one.fee_intervals)}" for one in gaps
        )
    return Table("Who is booked, and up to which fee", columns, rows, caption, spare=("offer",))


def _interval(result: Explanation, low: float, high: float | None) -> str:
    return f"{_fee(result, low)} {'and more' if high is None else f'to {_fee(result, high)}'}"


def _others(result: Explanation, outside: Sequence[CreatorWorth]) -> tuple[Words, ...]:
    lines = [line for one in outside for line in _other(result, one)]
    return words_of(*lines, title="Not booked", hanging=True)


def _other(result: Explanation, one: CreatorWorth) -> Iterable[str]:
    yield f"- {one.creator}: {one.why}"
    if one.fee is not None and one.enters_at_fee is not None:
        highest = _highest(result, one, one.enters_at_fee)
        yield f"  enters at a fee of {highest} {result.currency} for {one.offer} (now {_fee(result, one.fee)})"
    elif one.fee is not None and not one.fee_intervals:
        yield "  at no fee would a best plan book them" + ("" if one.proved else " (not proved)")
    if one.insisting is not None:
        change = one.insisting.value_change
        cost = "costs the goal nothing" if not change else f"changes the goal by {words.short(change)}"
        proved = "" if one.insisting.proved else " at most"
        leaves = f"; {_names(one.insisting.leaves)} would leave" if one.insisting.leaves else ""
        yield f"  to insist {cost}{proved if change else ''}{leaves}"


# --- figures ---


def _figures(result: Explanation) -> Table | None:
    if not result.figures:
        return None
    columns = Column("figure"), Column("of"), Column("the plan"), Column("value", "words"), Column("looked at", "words")
    rows = tuple((one.figure, one.speaks_of, *_of_figure(one)) for one in result.figures)
    caption = "between which values the plan stays a best one; of packs over the range of their source"
    return Table("Which figures decide", columns, rows, caption)


def _of_figure(one: FigureWorth) -> tuple[Cell, ...]:
    flips = []
    if one.flips_below is not None:
        flips.append(f"flips below {one.flips_below:,.5g}")
    if one.flips_above is not None:
        flips.append(f"flips above {one.flips_above:,.5g}")
    holds = "holds over the whole range" if one.proved else "holds at both ends of the range"
    looked = "no range" if one.low == one.high else f"{one.low:,.5g} to {one.high:,.5g}"
    return ", ".join(flips) or holds, f"{one.value:,.5g}", looked
