"""A notebook shows what is printed, as tables; nothing in it can act."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from optimizer import NoPlan, Plan, compare, load_scenario, try_optimize
from tests.docs.pages import ROOT
from tests.report.pages import Page
from tests.report.test_outputs import HOSTILE, plan_of, planned

TAGS = {*"div section h3 h4 h5 table caption thead tbody tr th td p br small ul li dl dt dd".split()}


def html(result: Plan | NoPlan) -> Page:
    return Page(result._repr_html_())


@pytest.mark.parametrize("name", ["first_test", "mix_without_names", "lyon_gifts", "gifts_or_fees"])
def test_every_word_that_is_printed_is_there(name: str) -> None:
    plan = try_optimize(load_scenario(ROOT / "scenarios" / f"{name}.yaml"), gap=0.1)
    shown = " ".join(html(plan).texts)
    printed = {word.rstrip(",") for word in re.findall(r"[\w@.,%-]{2,}", str(plan)) if word.strip("-")}
    missing = {word for word in printed if word not in shown}
    folded = {word for word in missing if word not in re.sub(r"\s", "", shown)}
    assert folded == set()


def test_no_plan_and_a_comparison_are_shown_too() -> None:
    result = planned(constraints={"many": {"quantity": "creators", "at_least": 3}})
    assert isinstance(result, NoPlan)
    assert result.conflicts[0].says in " ".join(html(result).texts)
    page = Page(compare({"<b>one</b>": planned(), "two": result})._repr_html_())
    assert page.names <= TAGS
    assert "<b>one</b>" in "".join(page.texts)
    assert result.conflicts[0].says in "".join(page.texts)


def test_headings_follow_each_other_without_a_gap() -> None:
    found = html(plan_of(planned())).headings
    assert found[0] == 3
    assert all(after <= before + 1 for before, after in pairwise(found))


@pytest.mark.parametrize("name", [*HOSTILE, "<img src=x onerror=alert(1)>", "\u202eevil", "&amp;", "a\x1b[31mred"])
def test_a_name_is_shown_and_never_acts(name: str) -> None:
    plan = plan_of(planned())
    booked = replace(plan.allocations[0], creator=name, offer=name)
    rule = replace(plan.constraints[0], name=name, note=name)
    said = replace(plan.scenario, name=name, changes={name: name})
    hostile: dict[str, Any] = {
        "scenario": said,
        "allocations": (booked,),
        "constraints": (rule,),
        "warnings": (name,),
        "currency": name,
    }
    page = html(replace(plan, **hostile))
    assert page.names <= TAGS
    assert page.attributes <= {"style", "dir", "scope", "lang", "role", "tabindex", "aria-label"}
    assert {found["style"] for _, found in page.tags if "style" in found} == {"text-align: right"}
    assert re.search("[\x00-\x08\x1b\u202e]", "".join(page.texts)) is None
    if name.isprintable():
        assert name in page.texts
