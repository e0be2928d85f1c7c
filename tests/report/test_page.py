"""A page to mail: all of the answer in one file that loads nothing, runs nothing and is the same every time."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from optimizer import Comparison, NoPlan, Plan, compare, load_scenario, optimize, to_dict
from optimizer.report import pictures
from optimizer.report.document import Picture
from optimizer.results import words
from tests.cli.hostile import CORPUS, PLAIN, acting
from tests.docs.pages import ROOT
from tests.report.pages import DRAWN, Page
from tests.report.test_outputs import plan_of, planned

TAGS = {
    *"html head meta title style body header main nav footer section h1 h2 h3 p br small".split(),
    *"ul li a dl div dt dd table caption thead tbody tr th td figure figcaption".split(),
    *DRAWN,
}
SECTIONS = [
    "The question",
    "The answer",
    "Why this plan",
    "Who is booked",
    "What may come out otherwise",
    "Where the figures come from",
    "How good it is, proved",
]


@cache
def booktok() -> Plan:
    return optimize(load_scenario(ROOT / "scenarios" / "booktok.yaml"), gap=0.05)


@cache
def clashing() -> NoPlan:
    result = planned(constraints={"many": {"quantity": "creators", "at_least": 3}})
    assert isinstance(result, NoPlan)
    return result


@cache
def compared() -> Comparison:
    return compare({"one": planned(), "two": planned(budget=150), "none": clashing()})


def pages() -> list[Any]:
    kinds = {"plan": booktok, "no plan": clashing, "comparison": compared}
    return [pytest.param(result, id=name) for name, result in kinds.items()]


def headings(html: str) -> list[str]:
    return re.findall(r"<h2>([^<]+)</h2>", html)


@pytest.mark.parametrize("result", pages())
def test_it_is_well_formed_and_loads_nothing(result: Any) -> None:
    html = result().to_html()
    page = Page(html)
    assert html.startswith("<!doctype html>\n")
    assert page.names <= TAGS
    assert page.leads_outside() == []
    assert not {name for name in page.attributes if name.startswith("on")}
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "url(" not in "".join(str(value) for _, found in page.tags for value in found.values() if value)


@pytest.mark.parametrize("result", pages())
def test_its_policy_allows_styles_and_nothing_that_runs(result: Any) -> None:
    html = result().to_html()
    policy = [meta["content"] for meta in Page(html).of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in str(policy[0]).split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert rules["style-src"] == ["'unsafe-inline'"]
    assert rules["img-src"] == ["data:"]
    assert not {name for name in rules if name.startswith(("script", "connect", "font", "frame"))}
    assert html.index("Content-Security-Policy") < html.index("<style>")


@pytest.mark.parametrize("result", pages())
def test_a_screen_reader_finds_its_way(result: Any) -> None:
    page = Page(result().to_html())
    assert page.of("html")[0]["lang"] == "en"
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(page.headings))
    assert len(page.of("table")) == len(page.of("caption")) == len(page.of("thead"))
    assert {found.get("scope") for found in page.of("th")} == ({"col", "row"} if page.of("table") else set())
    assert all(found["role"] == "img" and found["aria-label"] for found in page.of("svg"))
    assert {found["href"] for found in page.of("a")} == {f"#{found['id']}" for found in page.of("section")}


@pytest.mark.parametrize("result", pages())
def test_the_same_result_gives_the_same_bytes(result: Any) -> None:
    again = replace(result(), solver=replace(result().solver, seconds=99.0)) if result is not compared else result()
    assert again.to_html() == result().to_html()


def test_it_prints_on_a4_with_table_headers_on_each_page() -> None:
    style = clashing().to_html().split("<style>")[1].split("</style>")[0]
    assert "size: A4" in style
    printed = style.split("@media print")[1]
    assert "thead { display: table-header-group; }" in printed
    assert re.search(r"\btr\b[^{]*\{ break-inside: avoid; \}", printed)
    assert "prefers-color-scheme: dark" in style


def test_a_plan_says_question_answer_why_who_risks_sources_and_proof() -> None:
    plan = booktok()
    html = plan.to_html()
    shown = " ".join(Page(html).texts)
    assert headings(html) == SECTIONS
    assert f"Goal: {words.goal(plan)}" in shown
    for rule in plan.constraints:
        assert words.bounds(plan, rule) in shown
    for name, total in plan.totals.items():
        assert words.amount(plan, name, total) in shown
    for booking in plan.allocations:
        assert booking.creator in shown
    for file in plan.inputs:
        assert file.sha256 in shown
    assert plan.unspent is not None
    assert plan.unspent.why[1:] in shown
    assert plan.forecast is not None
    chances = [one for one in plan.forecast.rules if one.chance is not None and 0.01 < one.chance < 0.99]
    assert chances
    for one in chances:
        assert f"{one.name}: {100 * (one.chance or 0):.0f} %" in shown
    assert words.goal_value(plan, plan.objective.bound) in shown
    assert to_dict(plan)["digest"] in shown
    assert "creatormix verify plan.json" in shown


def test_an_empty_plan_says_that_nobody_is_booked() -> None:
    plan = plan_of(planned(budget=1, constraints={}))
    html = plan.to_html()
    assert plan.empty
    assert "Booked: nobody." in html
    assert "Who is booked" not in headings(html)
    Page(html)


def test_without_a_plan_it_says_what_clashes_and_what_would_mend_it() -> None:
    result = clashing()
    html = result.to_html()
    shown = " ".join(Page(html).texts)
    assert headings(html)[:3] == ["The question", "The answer", "What would mend it"]
    assert result.conflicts[0].says in shown
    for change in result.repairs:
        assert words.repair(result, change) in shown
    assert "is proved" in shown
    assert to_dict(result)["digest"] in shown


def test_a_comparison_has_a_column_for_each_case() -> None:
    html = compared().to_html()
    shown = Page(html).texts
    assert headings(html) == ["The cases", "Totals", "Rules", "Who is booked"]
    assert {"one", "two", "none"} <= set(shown)
    assert "difference from the base" in shown
    assert clashing().conflicts[0].says in " ".join(shown)


def test_a_long_list_ends_after_500_bookings_and_says_where_the_rest_is() -> None:
    plan = plan_of(planned())
    one = plan.allocations[0]
    many = tuple(replace(one, creator=f"@c{at:04}") for at in range(1_200))
    shown = " ".join(Page(replace(plan, allocations=many[:500]).to_html()).texts)
    assert "@c0499" in shown
    assert "more booking" not in shown
    shown = " ".join(Page(replace(plan, allocations=many).to_html()).texts)
    assert "@c0499" in shown
    assert "@c0500" not in shown
    assert "... and 700 more bookings with" in shown
    assert "a file that ends in .xlsx, .csv or .json lists them all" in shown


def hostile() -> Plan:
    """A plan in which every text that a planner or a file of creators gives is meant to do harm."""
    plan = booktok()
    texts = [*PLAIN, "]]>", "</svg><script>alert(1)</script>", "</style><b>", *CORPUS]
    names = iter(texts * 3)
    name = "</title><script>alert(1)</script>"
    return replace(
        plan,
        scenario=replace(plan.scenario, name=name, variant=name, changes={name: name}),
        currency="<i>",
        allocations=tuple(
            replace(
                booking, creator=next(names), offer=next(names), labels={"niche": next(names), "platform": next(names)}
            )
            for booking in plan.allocations * 5
        ),
        constraints=tuple(replace(rule, name=next(names), note=next(names)) for rule in plan.constraints),
        warnings=tuple(texts),
        definitions={text: text for text in texts},
        runners_up=tuple(texts),
        inputs=tuple(replace(file, path=name) for file in plan.inputs),
    )


def test_no_text_of_a_planner_or_a_creator_acts() -> None:
    html = hostile().to_html()
    page = Page(html)
    assert page.names <= TAGS
    assert page.leads_outside() == []
    assert acting(html, harmless="\n\t") == []
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "</title><script>alert(1)</script>" in "".join(page.texts)
    for name in ("=1+1", '" onmouseover="alert(1)', "]]>", "\u05e9\u05dc\u05d5\u05dd", "{{7*7}}"):
        assert name in page.texts


def test_a_name_in_another_direction_turns_only_its_own_cell() -> None:
    html = hostile().to_html()
    cells = re.findall(r"<(?:td|th)[^>]*>\u05e9\u05dc\u05d5\u05dd</", html)
    assert cells
    assert all('dir="auto"' in cell for cell in cells)


# --- pictures ---


def drawn(plan: Plan) -> list[Picture]:
    return [*pictures.rules(plan), *pictures.spending(plan), *pictures.bookings(plan)]


def test_there_are_pictures_of_rules_money_and_ranges() -> None:
    titles = [picture.title for picture in drawn(booktok())]
    assert titles == [
        "Each rule's value in percent of its bound (cut at 200)",
        "Spend by tier",
        "Spend by niche",
        "Spend by pay",
        "Expected conversions of each booking, and where four draws in five lie (the 20 biggest)",
    ]
    assert len(Page(booktok().to_html()).of("svg")) == len(titles)


def test_what_is_drawn_is_what_the_plan_says() -> None:
    plan = booktok()
    spend = next(picture for picture in drawn(plan) if picture.title == "Spend by niche")
    assert sum(row["value"] for row in spend.spec["data"]["values"]) == pytest.approx(plan.totals["spend"])
    ranges = drawn(plan)[-1].spec["data"]["values"]
    assert len(ranges) == 20
    assert all(row["low"] <= row["high"] for row in ranges)
    top = max(plan.allocations, key=lambda booking: booking.values["conversions"])
    assert ranges[0]["value"] == top.forecast["conversions"].expected


def test_fields_have_names_of_our_own_and_data_stands_in_the_picture() -> None:
    for picture in drawn(hostile()):
        assert set(picture.spec["data"]) == {"values"}
        assert {key for row in picture.spec["data"]["values"] for key in row} <= {
            *("name", "value", "low", "high", "kind", "bound"),
        }


def test_a_picture_is_well_formed_whatever_the_names() -> None:
    found = drawn(hostile())
    assert len(found) >= 3
    for picture in found:
        svg = pictures.draw(picture)
        root = ElementTree.fromstring(svg)
        tags = {one.tag.lower() for one in root.iter()}
        assert tags <= DRAWN
        assert acting(svg) == []
        assert not {name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name}


def test_a_long_tail_of_groups_is_drawn_as_one() -> None:
    plan = booktok()
    spread = [replace(one, labels={"niche": f"n{at:02}"}) for at, one in enumerate(plan.allocations)]
    (picture,) = pictures.spending(replace(plan, allocations=tuple(spread)))
    names = [row["name"] for row in picture.spec["data"]["values"]]
    assert len(names) == 12
    assert names[-1] == f"{len(spread) - 11} others"


def test_without_the_extra_there_are_tables_only(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = booktok().to_html()
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    plain = booktok().to_html()
    assert "<svg" in whole
    assert not {"svg", "figure"} & Page(plain).names
    assert re.sub(r"<figure>.*?</figure>\n", "", whole, flags=re.DOTALL) == plain
