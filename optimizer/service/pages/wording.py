"""Rules, goals and bounds in a planner's words: made of a scenario's own text, with the labels that reports have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, TOGETHER, Logic
from optimizer.domain.exact import Number, parse_number
from optimizer.domain.filters import AnyOf, Condition, Filter, Range
from optimizer.domain.pool import CREATOR
from optimizer.domain.quantities import MONEY, RATIOS, quantity_table
from optimizer.loading.load import as_written
from optimizer.report.language import Speaker

BOUNDS: Final = ("at_least", "at_most", "exactly")
_LOGIC: Final = (AT_MOST_ONE, EXACTLY_ONE, TOGETHER, IF)
_RANGE: Final = ("from", "to", "above", "below")
_TENTHS: Final = re.compile(r"\.\d(?!\d)")  # of money, which is written to the cent
_DOTTED: Final = re.compile(r"(?<=[a-z])\.(?=[a-z])")


def plainly(name: str) -> str:
    """A key as a planner reads it: `gross_reach` as gross reach, `deliverables.video` as deliverables: video."""
    return _DOTTED.sub(": ", name.replace("_", " "))


def digits(text: str) -> str:
    """A number without the underscores that may part its thousands in a text."""
    return text.replace("_", "") if parse_number(text) else text


def few(value: Any) -> str:
    """A value in few signs: `tier: nano`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {few(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return " or ".join(map(few, value))
    return value if isinstance(value, str) else as_written(value)


@dataclass(frozen=True)
class Wording:
    """Says parts of a question in a language; amounts of money with the currency, where it is known."""

    speaker: Speaker
    currency: str = ""

    def quantity(self, name: str) -> str:
        """A quantity."""
        return plainly(self.speaker.said(name, "quantity"))

    def column(self, name: str) -> str:
        """A column by which creators are told apart."""
        return plainly(self.speaker.said(name, "column"))

    def goal(self, sense: str, of: Any) -> str:
        """A goal: `Maximize engagements`."""
        weights = of if isinstance(of, Mapping) else {str(of): "1"}
        terms = (name if weight == "1" else f"{weight} x {name}" for name, weight in weights.items())
        said = self.speaker.said(f"{sense} {' + '.join(terms)}", "goal")
        return plainly(f"{said[:1].upper()}{said[1:]}") if self.speaker.is_english else f"{said[:1].upper()}{said[1:]}"

    def rule(self, rule: Mapping[str, Any]) -> str:
        """A rule as it is written, in one line."""
        if "quantity" not in rule:
            return "; ".join(self._logic(kind, rule) for kind in _LOGIC if kind in rule)
        quantity, whole = str(rule["quantity"]), rule.get("of")
        of = [str(filter_of(rule["group"]))] if rule.get("group") else []
        of += [f"people: {filter_of(rule['people'])}"] if rule.get("people") else []
        said = [self.quantity(quantity), *(f"({self.speaker.said(one, 'asked')})" for one in of)]
        bounds = ", ".join(self._bound(key, rule[key], quantity, whole) for key in BOUNDS if rule.get(key) is not None)
        said.append(f"{bounds}, {self.speaker.said('or none', 'asked')}" if rule.get("or_none") == "true" else bounds)
        return " ".join(filter(None, said)) + self._each(rule)

    def bound(self, key: str, value: Any, quantity: str = "") -> str:
        """A bound of a rule: `at most 5`."""
        return self._bound(key, value, quantity, None)

    def bounded(self, key: str) -> str:
        """The side on which a rule has its bound: `at most`."""
        return self.speaker.said(f"{key.replace('_', ' ')} 1").removesuffix("1").rstrip()

    def amount(self, value: Any, quantity: str = "spend") -> str:
        """An amount of a quantity."""
        text = _amount(value, self.currency if is_money(quantity) else "")
        return self._told(_TENTHS.sub(r"\g<0>0", text) if is_money(quantity) else text)

    def _told(self, text: str) -> str:
        return self.speaker.said(text) if any(sign.isdigit() for sign in text) else text

    def _logic(self, kind: str, rule: Mapping[str, Any]) -> str:
        then = tuple(_parts(rule.get("then"))) if kind == IF else ()
        return self.speaker.said(str(Logic("", kind, tuple(_parts(rule[kind])), then)), "logic")

    def _bound(self, key: str, value: Any, quantity: str, whole: Any) -> str:
        if isinstance(value, Mapping):  # of single values of a column
            some = (f"{self._bound(key, inner, quantity, whole)} ({name})" for name, inner in value.items())
            return ", ".join(some)
        return self.speaker.said(f"{key.replace('_', ' ')} {self._limit(value, quantity, whole)}")

    def _limit(self, value: Any, quantity: str, whole: Any) -> str:
        """A bound with its unit; a share with what it is a share of."""
        number = parse_number(value) if isinstance(value, str) else None
        share = quantity not in RATIOS and (whole is not None or (number is not None and number.percent))
        if number is None or not share or not quantity:
            return _amount(value, self.currency if is_money(quantity) else "")
        of = " or ".join(_values(whole)) if isinstance(whole, Mapping) else str(whole or "plan")
        return f"{_amount(f'{number.value * 100:f}%', '')} of {of}"

    def _each(self, rule: Mapping[str, Any]) -> str:
        if not rule.get("per"):
            return ""
        among = rule.get("among")
        some = f": {', '.join(map(str, among))}" if isinstance(among, list) else ""
        per = plainly(str(rule["per"])) if self.speaker.is_english else rule["per"]
        return f", {self.speaker.said(f'for each {per}{some}', 'asked')}"


def is_money(quantity: str) -> bool:
    """Whether a quantity or ratio is counted in money."""
    table = quantity_table(agency=True, boost=True)
    ratio = RATIOS.get(quantity)
    if ratio is not None:
        return is_money(ratio.numerator) and not is_money(ratio.denominator)
    return quantity in table and table[quantity].unit == MONEY


def filter_of(said: Any) -> Filter:
    """A filter as a scenario has it; what cannot be one is in it as it stands."""
    if isinstance(said, Mapping):
        return Filter(tuple((str(column), _condition(asked)) for column, asked in said.items()))
    return Filter(((CREATOR, AnyOf((few(said),))),))


def _condition(asked: Any) -> Condition:
    if isinstance(asked, Mapping):
        ends = {key: _end(asked.get(key)) for key in _RANGE}
        return Range(ends["from"], ends["to"], ends["above"], ends["below"])
    return AnyOf(tuple(map(few, asked)) if isinstance(asked, list) else (few(asked),))


def _end(said: Any) -> Number | None:
    return parse_number(said) if isinstance(said, str) else None


def _parts(said: Any) -> Iterable[Filter]:
    return map(filter_of, said if isinstance(said, list) else [said])


def _values(said: Mapping[str, Any]) -> Iterable[str]:
    return (str(_condition(asked)) for asked in said.values())


def _amount(value: Any, currency: str) -> str:
    """A number as reports write it: `5,000 EUR`, `33.4 %`; what is none, as it stands."""
    number = parse_number(value) if isinstance(value, str) else None
    if number is None:
        return few(value)
    shown = number.value * 100 if number.percent else number.value
    text = f"{shown.quantize(Decimal(1)) if shown == shown.to_integral() else shown.normalize():,f}"
    return f"{text} %" if number.percent else f"{text} {currency}".rstrip()
