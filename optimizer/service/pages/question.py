"""The form of a question: its budget, goal and rules as they stand, and what a filled form changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optimizer.domain.quantities import RATIOS
from optimizer.loading.load import dotted
from optimizer.loading.overlay import steps_of
from optimizer.report.language import Speaker
from optimizer.service.pages.case import Case, Chip
from optimizer.service.pages.phrases import Say
from optimizer.service.pages.wording import BOUNDS, Wording, digits, few
from optimizer.service.store.errors import RefusedError

_TEXT_MOST: Final = 200
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?%?")
_CURRENCY: Final = re.compile(r"^(?:[$£€¥]|[A-Z]{3})(?=\d)|(?<=\d)(?:[$£€¥]|[A-Z]{3})$")
_DECIMAL: Final = re.compile(r"\d+,\d+%?")
Form = Mapping[str, str]


@dataclass(frozen=True)
class RuleForm:
    """A rule as its form shows it: all that it `says`, and the `bounds` that can be edited."""

    name: str
    says: str
    bounds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class QuestionForm:
    """All that the form shows; quantities and columns with their labels."""

    currency: str
    budget: str
    sense: str
    goal: str
    goal_said: str
    goals: tuple[tuple[str, str], ...]
    rules: tuple[RuleForm, ...]
    quantities: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    groups: Mapping[str, tuple[str, ...]]
    variants: tuple[str, ...]
    creators: int
    curve: tuple[str, str]  # between which budgets a curve is proposed


def form_of(outline: Mapping[str, Any], language: str = "en") -> QuestionForm:
    """The form of an outline, in the words of a language."""
    wording = Wording(Speaker(language, frozenset(outline["quantities"])), str(outline["currency"]))
    budget = outline.get("budget")
    sense, goal = _goal(outline.get("objective"))
    rules = outline.get("rules") or {}
    return QuestionForm(
        str(outline["currency"]),
        digits(budget) if isinstance(budget, str) else "",
        sense,
        goal,
        wording.goal(sense, goal) if goal else "",
        tuple(_goals(outline["quantities"], sense, goal, wording)),
        tuple(_rule(name, rule, wording) for name, rule in rules.items() if isinstance(rule, Mapping)),
        tuple((name, wording.quantity(name)) for name in outline["quantities"]),
        tuple((name, wording.column(name)) for name in outline["groups"]),
        {name: tuple(values) for name, values in outline["groups"].items()},
        tuple(outline["variants"]),
        int(outline["creators"]),
        _around(budget),
    )


def _around(budget: Any) -> tuple[str, str]:
    """Half a budget, and half as much again; blank where there is none."""
    try:
        amount = float(budget)
    except (TypeError, ValueError):
        return "", ""
    return f"{amount / 2:.0f}", f"{amount * 1.5:.0f}"


def _goal(objective: Any) -> tuple[str, str]:
    """The sense and the quantity of a plain goal; blank for one with weights, or for several."""
    if isinstance(objective, Mapping) and len(objective) == 1:
        ((sense, of),) = objective.items()
        if isinstance(of, str):
            return str(sense), of
    return "", ""


def _goals(names: Iterable[str], sense: str, goal: str, wording: Wording) -> Iterator[tuple[str, str]]:
    """The other goals to choose from, with their labels; a ratio can be none."""
    for one in (*(("maximize", name) for name in names if name not in RATIOS), ("minimize", "spend")):
        if one != (sense, goal):
            yield " ".join(one), wording.goal(*one)


def _rule(name: str, rule: Mapping[str, Any], wording: Wording) -> RuleForm:
    bounds = tuple((key, digits(rule[key])) for key in BOUNDS if "quantity" in rule and isinstance(rule.get(key), str))
    return RuleForm(name, wording.rule(rule), bounds)


def chip_said(chip: Chip, say: Say, wording: Wording) -> str:
    """One part of a question, in few words."""
    if chip.kind == "variant":
        return say("variant {name}", name=chip.key)
    if chip.kind == "book":
        return say("keep {name}", name=chip.key)
    if chip.kind == "leave_out":
        return say("without {name}", name=chip.key)
    if chip.kind == "answer":
        return say("{name} said no" if chip.value == "declined" else "{name} signed", name=chip.key)
    first, *rest = steps_of(chip.key) or [chip.key]
    if first == "objective" and isinstance(chip.value, Mapping) and chip.value and not rest:
        return ", ".join(wording.goal(sense, of) for sense, of in chip.value.items())
    if first == "constraints" and rest:
        return _rule_said(rest, chip.value, say, wording)
    name = say("Budget") if first == "budget" and not rest else " ".join((first, *rest))
    amount = wording.amount if first == "budget" and not rest else few
    return say("{name}: {what}", name=name, what=say("none") if chip.value is None else amount(chip.value))


def _rule_said(path: Sequence[str], value: Any, say: Say, wording: Wording) -> str:
    """A rule that was added, removed or changed."""
    name, *bound = path
    if value is None and not bound:
        return say("without the rule {name}", name=name)
    if isinstance(value, Mapping) and not bound:
        return say("{name}: {what}", name=name, what=wording.rule(value))
    said = say("none") if value is None else few(value)
    if bound and bound[0] in BOUNDS:
        key, *of = bound
        said = f"{say(key.replace('_', ' '))} {said}" if value is None else wording.bound(key, value)
        said += f" ({', '.join(of)})" if of else ""
    elif bound:
        said = f"{' '.join(bound)} {said}"
    return say("{name}: {what}", name=name, what=said)


# --- what was filled in ---


def asked(case: Case, form: Form, language: str = "en") -> Case:
    """The question after a form or a button; raises RefusedError."""
    for name in ("book", "leave_out", "declined", "signed"):
        if form.get(name):
            case = _of_creator(case, name, form[name], form.get("saved") or form.get("shown", ""))
    if form.get("drop"):
        case = case.without(*form["drop"].split(":", 1)) if ":" in form["drop"] else case
    if "variant" in form:
        case = Case(variant=form["variant"])
    for field in ("budget", "goal"):
        if form.get(field, "").strip() and form[field] != form.get(f"was_{field}"):
            case = case.changed(*_main(field, form))
    if form.get("rule"):
        case = _bounds(case, form["rule"], form)
    if form.get("remove_rule"):
        case = case.removed(dotted(("constraints", form["remove_rule"])))
    if form.get("quantity"):
        case = _added(case, form, Wording(Speaker(language)))
    return case


def _of_creator(case: Case, name: str, creator: str, plan: str) -> Case:
    if name == "book":
        return case.booking(creator)
    if name in ("declined", "signed") and (case.plan or plan):
        again = case if case.plan else Case(plan=plan)
        return again.answered(creator, name)
    return case.booking(creator) if name == "signed" else case.leaving_out(creator)


def _main(field: str, form: Form) -> tuple[str, Any]:
    if field == "budget":
        return "budget", _number(form["budget"])
    sense, _, quantity = form["goal"].partition(" ")
    if sense not in ("maximize", "minimize") or not quantity:
        raise RefusedError("this is no goal", "choose one of the list")
    return "objective", {sense: quantity}


def _bounds(case: Case, rule: str, form: Form) -> Case:
    for key in BOUNDS:
        said = form.get(key, "").strip()
        if said and said != form.get(f"was_{key}"):
            case = case.changed(dotted(("constraints", rule, key)), _number(said))
    return case


def _added(case: Case, form: Form, wording: Wording) -> Case:
    """A rule of its own: a quantity, perhaps of one group, with a bound."""
    quantity, column, value = form["quantity"], form.get("column", ""), form.get("value", "")
    kind = form.get("bound", "at_most")
    if kind not in BOUNDS or not form.get("amount", "").strip():
        raise RefusedError("a rule needs a bound", "write a number, or a share as 40%")
    if column and not value:
        raise RefusedError("a rule over a group needs the group", "choose a value, or no group")
    rule: dict[str, Any] = {"quantity": quantity}
    if column:
        rule["group"] = {column: value}
    rule[kind] = _number(form["amount"])
    told = f"{f'{value} ' if column else ''}{wording.quantity(quantity)}"
    name = form.get("name", "").strip() or f"{told} ({wording.bounded(kind)})"  # without the figure, which may change
    if len(name) > _TEXT_MOST or '"' in name:
        raise RefusedError("this cannot be the name of a rule", 'write up to 200 characters, without "')
    return case.changed(dotted(("constraints", name)), rule)


def _number(text: str) -> str:
    """A number or a share as a scenario has it: `3 000 €`, `3,000` and `12,5 %` are written as 3000, 3000 and 12.5%."""
    said = _CURRENCY.sub("", "".join(text.split()))
    if len(said) > _TEXT_MOST:
        raise RefusedError("this is no number", "write a number, or a share as 40%")
    if _THOUSANDS.fullmatch(said):
        return said.replace(",", "")
    return said.replace(",", ".") if _DECIMAL.fullmatch(said) else said
