"""What a page shows of a plan, for all scenarios that are shipped: nothing of its own, nothing left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, optimize, replan, verify
from optimizer.planning.optimize import try_optimize
from optimizer.report import forecast, views
from optimizer.report.document import Cell, Document, Figures, Part, Picture, Section, Table, Words
from optimizer.report.document import shown as shown_text
from optimizer.results.common import ClashingRule, Repair
from optimizer.results.plan import Allocation
from optimizer.service.outline import outline
from optimizer.service.pages import repairs, shown
from optimizer.service.pages import roster as listing
from optimizer.service.pages.case import Case
from tests.docs.pages import ROOT
from tests.planning.test_repairs import FRAME, said

SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


@cache
def plan_of(name: str) -> Plan:
    return optimize(load_scenario(ROOT / "scenarios" / name), gap=0.2)


@pytest.mark.parametrize("name", [path.name for path in SCENARIOS])
def test_every_booking_stands_in_the_roster_with_its_figures(name: str) -> None:
    plan = plan_of(name)
    roster = listing.roster(plan)
    assert roster is not None
    every = views.biggest_first(plan)
    assert [row.creator for row in roster.rows] == [one.creator for one in every][: listing.ROWS_MOST]
    assert {len(row.cells) for row in roster.rows} == {len(roster.headings)}
    names = [heading.key for heading in roster.headings]
    quantity = forecast.quantity_of(plan)
    if quantity and f"{quantity} measured" in names:
        at = names.index(f"{quantity} measured")
        assert [heading.mark for heading in roster.headings[at - 1 : at + 1]] == ["expected", "measured"]
        for row, one in zip(roster.rows, every, strict=False):
            assert float(row.cells[at - 1].by) == one.values[quantity]
            assert row.cells[at].by == repr(
                one.forecast[quantity].measured if quantity in one.forecast else None
            ).replace("None", "")
    for heading in roster.headings:
        assert heading.choices == tuple(sorted(heading.choices))


def _measured(booking: Allocation, quantity: str) -> str:
    found = booking.forecast[quantity].measured if quantity in booking.forecast else None
    return "" if found is None else repr(found)


class Backwards:
    """Says every text backwards, to see that all of them pass a speaker; names stay."""

    def document(self, document: Document) -> Document:
        def part(one: Part) -> Part:
            if isinstance(one, Words):
                return Words(tuple(line[::-1] for line in one.lines), one.title[::-1])
            if isinstance(one, Figures):
                return Figures(one.title, tuple((name[::-1], f"~{shown_cell(cell)}") for name, cell in one.values))
            assert isinstance(one, Table)
            columns = tuple(replace(column, name=column.name[::-1]) for column in one.columns)
            rows = tuple(tuple(f"~{shown_cell(cell)}" for cell in row) for row in one.rows)
            return Table(one.title[::-1], columns, rows, one.caption[::-1])

        sections = tuple(Section(one.heading, tuple(map(part, one.parts))) for one in document.sections)
        return Document(document.title, sections, document.decimals)

    def picture(self, picture: Picture) -> Picture:
        return replace(picture, title=picture.title[::-1])


def shown_cell(cell: Cell) -> str:
    return shown_text(cell, "count", 2)


def test_every_text_of_a_plan_passes_whoever_speaks_the_language() -> None:
    plan, speaker = plan_of("booktok.yaml"), Backwards()
    english, said = shown.goal(plan), shown.goal(plan, speaker)
    assert (said.asked, said.proof, said.value) == (english.asked[::-1], english.proof[::-1], f"~{english.value}")
    assert said.likely == f"~{english.likely}"
    assert shown.rules(plan, speaker)[1] == shown.rules(plan)[1][::-1]
    assert all(row.name.startswith("~") for row in shown.rules(plan, speaker)[0])
    for one, other in zip(shown.figures(plan), shown.figures(plan, speaker), strict=True):
        assert [name[::-1] for name, _ in one] == [name for name, _ in other]
    plain, spoken = listing.roster(plan), listing.roster(plan, speaker)
    assert plain is not None
    assert spoken is not None
    assert [one.name[::-1] for one in plain.headings] == [one.name for one in spoken.headings]
    assert [(one.key, one.mark, one.numeric) for one in plain.headings] == [
        (one.key, one.mark, one.numeric) for one in spoken.headings
    ]
    for row, other_row in zip(plain.rows, spoken.rows, strict=True):
        assert row.creator == other_row.creator
        assert [cell.by for cell in row.cells] == [cell.by for cell in other_row.cells]
        assert all(cell.text.startswith("~") for cell in other_row.cells)


@pytest.mark.parametrize("name", [path.name for path in SCENARIOS])
def test_every_total_rule_and_section_is_shown(name: str) -> None:
    plan = plan_of(name)
    first, others = shown.figures(plan)
    assert {one for one, _ in [*first, *others]} == {*plan.totals}
    rules, _ = shown.rules(plan)
    assert len(rules) == len(plan.constraints)
    assert {rule.state for rule in rules} <= {"kept", "tight", "risky"}
    assert shown.goal(plan).proof.endswith(".")
    assert set(shown.sections(plan)) == {"changes", "budget", "forecast", "figures"}


def test_a_roster_that_is_too_long_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "ROWS_MOST", 3)
    roster = listing.roster(plan_of("booktok.yaml"))
    assert roster is not None
    assert len(roster.rows) == 3
    assert "more bookings" in roster.left_out


def test_an_empty_plan_has_no_roster() -> None:
    plan = plan_of("booktok.yaml")
    assert listing.roster(replace(plan, allocations=())) is None


@pytest.mark.parametrize(
    "rules",
    [
        {"many": {"quantity": "engagements", "at_least": 1_200}},
        {
            "food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "60%"},
            "travel too": {"quantity": "creators", "group": {"niche": "travel"}, "at_least": 1},
        },
        {"all": {"quantity": "creators", "exactly": 3}},
        {"each": {"quantity": "creators", "per": "niche", "at_least": 2}},
        {"each": {"quantity": "creators", "per": "niche", "at_least": {"food": 2, "travel": 2}}},
        {
            "one of them": {"exactly_one_of": ["a", "b"]},
            "both": {"quantity": "creators", "group": {"niche": "food"}, "at_least": 2},
        },
    ],
)
def test_each_repair_with_a_button_leads_to_a_plan(rules: dict[str, dict[str, object]]) -> None:
    question = said(budget=500, constraints=rules)
    scenario = load_scenario(question, creators=FRAME)
    result = try_optimize(scenario)
    assert isinstance(result, NoPlan)
    ways = repairs.ways(result, Case(), outline(scenario, ()))
    asked = [way.case for way in ways if way.case is not None]
    assert asked
    for case in asked:
        mended = load_scenario(question, creators=FRAME, changes=case.changes)
        assert isinstance(try_optimize(mended), Plan), case.changes


def test_a_creator_who_was_kept_by_a_button_is_released_by_one() -> None:
    question = said(budget=250)
    scenario = load_scenario(question, creators=FRAME, changes={"include": ["c"]})
    result = try_optimize(scenario)
    assert isinstance(result, NoPlan)
    ways = repairs.ways(result, Case(book=("c",)), outline(scenario, ()))
    assert Case() in [way.case for way in ways]


def test_answers_of_creators_are_not_for_a_button_to_take_back() -> None:
    scenario = load_scenario(said(budget=250), creators=FRAME, changes={"include": ["c"]})
    result = try_optimize(scenario)
    assert isinstance(result, NoPlan)
    ways = repairs.ways(result, Case(plan="0" * 32), outline(scenario, ()))
    assert [way.case is None for way in ways] == ["include" in way.says for way in ways]


def test_a_plan_that_is_made_again_has_buttons_that_change_its_rules() -> None:
    question = said(budget=500)
    before = optimize(load_scenario(question, creators=FRAME))
    answers = {"plan_id": [before.to_dict()["digest"]], "creator": ["c"], "status": ["declined"]}
    more = {"constraints": '{many: {quantity: engagements, at_least: "900"}}'}
    scenario = load_scenario(question, creators=FRAME)
    result = replan(before, answers, scenario=scenario, changes=more)
    assert isinstance(result, NoPlan)
    case = Case(plan="0" * 32, answers={"c": "declined"})
    outlined = outline(load_scenario(question, creators=FRAME, changes=more), ())
    asked = [way.case for way in repairs.ways(result, case, outlined) if way.case]
    assert asked
    for one in asked:
        assert (one.plan, one.answers) == (case.plan, case.answers)
        again = replan(before, answers, scenario=scenario, changes=more | one.arguments["changes"])
        assert isinstance(again, Plan), one.changes
        assert verify(again, load_scenario(question, creators=FRAME, changes=again.scenario.changes)).holds


@pytest.mark.parametrize(
    ("rule", "expected", "every"),
    [
        ({"at_least": "2"}, {"at_least": "0"}, "niche"),
        ({"at_least": {"Food": "2", "travel": "2"}}, {"at_least.Food": "1", "at_least.travel": "0"}, ""),
        (
            {"exactly": {"food": "2", "travel": "2"}},
            {"at_least": {"food": "1", "travel": "0"}, "at_most": {"food": "2", "travel": "2"}, "exactly": None},
            "",
        ),
    ],
)
def test_repairs_of_several_values_of_a_rule_are_made_together(
    rule: dict[str, Any], expected: dict[str, Any], every: str
) -> None:
    plan = plan_of("booktok.yaml")
    told = ClashingRule("each", None, "creators", "amount", None, 2.0, None)
    some = [Repair("each", name, "at_least", 2.0, to, False, 0, told) for name, to in (("food", 1.0), ("travel", 0.0))]
    outlined = {"rules": {"each": {"quantity": "creators", "per": "niche", **rule}}}
    (way,) = repairs.ways(replace(plan, repairs=tuple(some)), Case(), outlined)
    assert way.case is not None
    changes = {path.removeprefix("constraints.each."): value for path, value in way.case.changes.items()}
    assert expected.items() <= changes.items()
    assert way.every == every
