"""The form of a question: its budget, goal and rules as they stand, and what a filled form changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from optimizer.loading.load import as_written, dotted
from optimizer.loading.overlay import steps_of
from optimizer.service.pages.case import Case, Chip
from optimizer.service.pages.phrases import Say
from optimizer.service.store.errors import RefusedError

BOUNDS: Final = ("at_least", "at_most", "exactly")
_TEXT_MOST: Final = 200
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?%?")
_DECIMAL: Final = re.compile(r"\d+,\d+%?")
Form = Mapping[str, str]


@dataclass(frozen=True)
class RuleForm:
    """A rule as its form shows it; `says` is what it is about, `bounds` those that can be edited."""

    name: str
    says: str
    bounds: tuple[tuple[str, str], ...]
    other: str  # bounds and logic that only the text can change


@dataclass(frozen=True)
class QuestionForm:
    """All that the form shows."""

    currency: str
    budget: str
    sense: str
    goal: str
    rules: tuple[RuleForm, ...]
    quantities: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    variants: tuple[str, ...]
    creators: int
    curve: tuple[str, str]  # between which budgets a curve is proposed


def form_of(outline: Mapping[str, Any]) -> QuestionForm:
    """The form of an outline."""
    budget = outline.get("budget")
    sense, goal = _goal(outline.get("objective"))
    rules = outline.get("rules") or {}
    return QuestionForm(
        str(outline["currency"]),
        _digits(budget) if isinstance(budget, str) else "",
        sense,
        goal,
        tuple(_rule(name, rule) for name, rule in rules.items() if isinstance(rule, Mapping)),
        tuple(outline["quantities"]),
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


def _rule(name: str, rule: Mapping[str, Any]) -> RuleForm:
    if "quantity" not in rule:
        return RuleForm(name, "", (), ", ".join(f"{key}: {_plain(value)}" for key, value in rule.items()))
    about = [str(rule["quantity"])]
    about += [f"{key} {_plain(rule[key])}" for key in ("group", "people", "per", "of") if key in rule]
    bounds = tuple((key, _digits(rule[key])) for key in BOUNDS if isinstance(rule.get(key), str))
    others = [f"{key}: {_plain(rule[key])}" for key in BOUNDS if isinstance(rule.get(key), Mapping)]
    return RuleForm(name, ", ".join(about), bounds, ", ".join(others))


def _digits(text: str) -> str:
    """A number without the underscores that may part its thousands in a text."""
    return text.replace("_", "")


def _plain(value: Any) -> str:
    """A value in few signs: `tier: nano`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return " or ".join(map(_plain, value))
    return value if isinstance(value, str) else as_written(value)


def chip_said(chip: Chip, say: Say) -> str:
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
        return ", ".join(f"{sense} {_plain(of)}" for sense, of in chip.value.items())
    if first == "constraints" and rest:
        name, *bound = rest
        if chip.value is None and not bound:
            return say("without the rule {name}", name=name)
        if isinstance(chip.value, Mapping) and not bound:
            form = _rule(name, chip.value)
            parts = [form.says, *(f"{say(key.replace('_', ' '))} {value}" for key, value in form.bounds), form.other]
            return f"{name}: {' '.join(filter(None, parts))}"
        said = say("none") if chip.value is None else _plain(chip.value)
        return f"{name}: {' '.join(say(one.replace('_', ' ')) for one in bound)} {said}"
    return f"{' '.join((first, *rest))}: {say('none') if chip.value is None else _plain(chip.value)}"


# --- what was filled in ---


def asked(case: Case, form: Form) -> Case:
    """The question after a form or a button; raises RefusedError."""
    for name in ("book", "leave_out", "declined", "signed"):
        if form.get(name):
            case = _of_creator(case, name, form[name], form.get("saved", ""))
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
        case = _added(case, form)
    return case


def _of_creator(case: Case, name: str, creator: str, saved: str) -> Case:
    if name == "book":
        return case.booking(creator)
    if name in ("declined", "signed") and (case.plan or saved):
        again = case if case.plan else Case(plan=saved)
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


def _added(case: Case, form: Form) -> Case:
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
    name = (
        form.get("name", "").strip()
        or f"{f'{value} ' if column else ''}{quantity} {kind.replace('_', ' ')} {rule[kind]}"
    )
    if len(name) > _TEXT_MOST or '"' in name:
        raise RefusedError("this cannot be the name of a rule", 'write up to 200 characters, without "')
    return case.changed(dotted(("constraints", name)), rule)


def _number(text: str) -> str:
    """A number or a share as a scenario has it: `3 000`, `3,000` and `12,5 %` are written as 3000, 3000 and 12.5%."""
    said = "".join(text.split())
    if len(said) > _TEXT_MOST:
        raise RefusedError("this is no number", "write a number, or a share as 40%")
    if _THOUSANDS.fullmatch(said):
        return said.replace(",", "")
    return said.replace(",", ".") if _DECIMAL.fullmatch(said) else said
