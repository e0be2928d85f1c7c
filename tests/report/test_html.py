"""A notebook shows what is printed, as tables; nothing in it can act."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from optimizer import NoPlan, Plan, compare, load_scenario, try_optimize
from tests.docs.pages import ROOT
from tests.report.test_outputs import HOSTILE, plan_of, planned

TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "br", "small", "pre"}


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def html(result: Plan | NoPlan) -> Page:
    return Page(result._repr_html_())


@pytest.mark.parametrize("name", ["first_test", "mix_without_names", "lyon_gifts", "gifts_or_fees"])
def test_every_word_that_is_printed_is_there(name: str) -> None:
    plan = try_optimize(load_scenario(ROOT / "scenarios" / f"{name}.yaml"), gap=0.1)
    shown = " ".join(html(plan).texts)
    missing = [word for word in re.findall(r"[\w@.,%-]{2,}", str(plan)) if word.strip("-") and word not in shown]
    folded = {part for word in missing for part in [word] if part not in re.sub(r"\s", "", shown)}
    assert folded == set()


def test_no_plan_and_a_comparison_are_shown_too() -> None:
    result = planned(constraints={"many": {"quantity": "creators", "at_least": 3}})
    assert isinstance(result, NoPlan)
    assert result.conflicts[0].says in " ".join(html(result).texts)
    comparison = compare({"<b>one</b>": planned(), "two": result})
    page = Page(comparison._repr_html_())
    assert page.tags == {"div", "pre"}
    assert "<b>one</b>" in "".join(page.texts)


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
    assert page.tags <= TAGS
    assert {key for key, _ in page.attributes} <= {"style"}
    assert {value for _, value in page.attributes} <= {"text-align: right", "text-align: left"}
    assert re.search("[\x00-\x08\x1b\u202e]", "".join(page.texts)) is None
    if name.isprintable():
        assert name in page.texts
