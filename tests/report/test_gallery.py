"""The pictures of a plan that are looked at beside its tables."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from optimizer import Plan, load_scenario, optimize
from optimizer.report import gallery, pictures
from optimizer.report.document import Picture
from optimizer.report.language import speaker
from optimizer.report.phrases import NO_BREAK
from tests.cli.hostile import CORPUS
from tests.docs.pages import ROOT
from tests.report.test_outputs import plan_of, planned


@cache
def reached() -> Plan:
    return optimize(load_scenario(ROOT / "scenarios" / "people_once.yaml"), gap=0.1)


def titled(plan: Plan, begin: str) -> Picture:
    return next(one for one in gallery.of_plan(plan) if one.title.startswith(begin))


def rows(picture: Picture) -> list[dict[str, Any]]:
    return list(picture.spec["data"]["values"])


def test_the_shares_of_each_group_add_up_to_the_whole() -> None:
    for picture in gallery.groups(reached()):
        for kind in {row["kind"] for row in rows(picture)}:
            assert sum(row["value"] for row in rows(picture) if row["kind"] == kind) == pytest.approx(100)


def test_spend_and_outcome_stand_side_by_side_and_in_words_with_their_amounts() -> None:
    plan = plan_of(planned())
    for picture in gallery.groups(plan):
        assert {row["kind"] for row in rows(picture)} == {"spend", "engagements"}
        assert "EUR" in picture.says
        assert "engagements" in picture.says


def test_people_are_shown_beside_contacts_and_only_where_they_are_known() -> None:
    people = reached().people
    assert people is not None
    values = {row["name"]: row["value"] for row in rows(titled(reached(), "Contacts"))}
    assert values["contacts"] == people.gross_reach
    assert values["people reached"] == people.reach
    assert gallery.people(replace(reached(), people=None)) == []


def test_ranges_are_in_percent_of_what_is_expected() -> None:
    plan = reached()
    for row in rows(titled(plan, "Where four")):
        one = plan.forecast.ranges[row["name"]]  # type: ignore[union-attr]
        assert row["low"] == pytest.approx(100 * one.p10 / one.expected)
        assert row["high"] == pytest.approx(100 * one.p90 / one.expected)


def test_many_groups_are_gathered_under_others() -> None:
    plan = plan_of(planned())
    one = plan.allocations[0]
    many = tuple(replace(one, offer=f"offer {number:02}") for number in range(30))
    picture = next(p for p in gallery.groups(replace(plan, allocations=many)) if p.title.endswith("by offer"))
    assert len({row["name"] for row in rows(picture)}) == 12
    assert rows(picture)[-1]["name"] == "19 others"


def test_an_empty_plan_has_no_picture_of_groups() -> None:
    assert gallery.groups(replace(plan_of(planned()), allocations=())) == []


@pytest.mark.parametrize("name", CORPUS[:40])
def test_hostile_names_are_drawn_as_text(name: str) -> None:
    pytest.importorskip("vl_convert")
    plan = plan_of(planned())
    bookings = [replace(one, offer=f"{name} {number}") for number, one in enumerate(plan.allocations * 2)]
    for picture in gallery.groups(replace(plan, allocations=tuple(bookings))):
        svg = pictures.draw(picture)
        assert svg.startswith("<svg")
        assert "<script" not in svg.lower()


def test_bars_of_a_group_stand_in_the_order_of_the_legend_in_every_language() -> None:
    plan = plan_of(planned())
    for language in ("en", "fr"):
        for picture in map(speaker(language, plan).picture, gallery.groups(plan)):
            encoding = picture.spec["encoding"]
            assert encoding["yOffset"]["sort"] is None  # as the rows stand
            kinds = list(dict.fromkeys(row["kind"] for row in rows(picture)))
            assert kinds == encoding["color"]["scale"]["domain"]


def test_long_names_that_begin_alike_keep_bars_of_their_own() -> None:
    plan = plan_of(planned())
    one = plan.allocations[0]
    many = tuple(replace(one, offer=f"{'a very long name of an offer ' * 3}{number}") for number in range(3))
    picture = next(p for p in gallery.groups(replace(plan, allocations=many)) if p.title.endswith("by offer"))
    assert len({row["name"] for row in rows(picture)}) == 3


def test_a_rule_with_a_long_name_is_french_in_a_picture() -> None:
    plan = plan_of(planned())
    rule = replace(
        plan.constraints[0], name="a rule with a rather long name", per_value="@some.long.handle", says="each creator"
    )
    (picture,) = pictures.rules(replace(plan, constraints=(*plan.constraints, rule)))
    spoken = speaker("fr", replace(plan, constraints=(*plan.constraints, rule))).picture(picture)
    name = rows(spoken)[-1]["name"]
    assert name.endswith(f". a rule with a rather long name (au plus près{NO_BREAK}: @some.long.handle)")


def test_a_picture_is_drawn_narrower_where_a_page_asks_for_it() -> None:
    pytest.importorskip("vl_convert")
    picture = gallery.groups(reached())[0]
    wide, narrow = (
        float(pictures.draw(picture, width=width).partition('style="width: ')[2].partition("px")[0])
        for width in (None, 300)
    )
    assert wide - narrow == pytest.approx(260, abs=2)


def test_long_names_have_room_for_another_font() -> None:
    assert pictures.padding([{"name": "ana"}])["left"] < pictures.padding([{"name": "a" * 30}])["left"]
    assert pictures.padding([{"name": "a" * 100}]) == pictures.padding([{"name": "a" * 1_000}])
