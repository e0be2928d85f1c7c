"""Mapped columns: only what is used is asked for, so that a rule can be laid aside and its column stay mapped."""

from __future__ import annotations

import pytest

from tests.loading.desk import Desk, text_of

POOL = """creator,followers,engagement_rate,fee,Women,FR,Story ER,Notes,Story fee
ana,5000,0.03,100,61,40,150,\u202e,x
bea,6000,0.03,40,44,50,160,b,y
"""
MAPPED = {
    "women": "{from: Women, unit: percent}",
    "audience_FR": "{from: FR, unit: percent}",
    "view_rate_story": "{from: Story ER, unit: percent}",
    "our notes": "Notes",
    "reach_rate": "{from: Notes, unit: percent}",
    "fee_story": "Story fee",
}
USES = {
    "women": "constraints: {w: {quantity: spend, group: {women: {above: 50%}}, at_least: 10}}",
    "audience_FR": "constraints: {w: {quantity: gross_reach, people: {country: FR}, at_least: 10}}",
}


def text(columns: dict[str, str], more: str = "") -> str:
    said = ", ".join(f"{name}: {one}" for name, one in columns.items())
    return text_of(creators=f"{{file: pool.csv, columns: {{{said}}}}}", assume="{view_rate: 30%}") + more + "\n"


@pytest.mark.parametrize("name", MAPPED)
def test_a_mapped_column_that_nothing_uses_is_left_alone(desk: Desk, name: str) -> None:
    scenario = desk.load(text({name: MAPPED[name]}), POOL)
    assert len(scenario.pool) == 2
    assert name.lower() not in scenario.pool.columns


@pytest.mark.parametrize("name", USES)
def test_the_rule_that_uses_a_mapped_column_may_be_laid_aside(desk: Desk, name: str) -> None:
    said = text({name: MAPPED[name]}, USES[name])
    assert name.lower() in desk.load(said, POOL).pool.columns
    assert desk.load(said, POOL, changes={"constraints.w": "null"}).pool


def test_a_quantity_in_percent_may_be_laid_aside(desk: Desk) -> None:
    said = text({"women": MAPPED["women"]}, "quantities: {her: women}\nobjective: {maximize: her}").replace(
        "objective: {maximize: engagements}\n", ""
    )
    assert desk.load(said, POOL).pool
    assert desk.load(said, POOL, changes={"quantities": "null", "objective": "{maximize: creators}"}).pool


def test_a_mapped_column_that_is_not_read_is_still_suggested(desk: Desk) -> None:
    said = text({"women": MAPPED["women"]}, "exclude: [{womn: {above: 50%}}]")
    assert desk.fault(said, POOL).mend == 'did you mean "women"?'


@pytest.mark.parametrize("name", ["view_rat", "folowers", "nich"])
def test_a_mapped_name_that_looks_like_a_slip_is_told(desk: Desk, name: str) -> None:
    assert desk.fault(text({name: "Notes"}), POOL).code == "unknown-column"


def test_a_column_that_is_asked_for_as_a_text_cannot_be_in_percent(desk: Desk) -> None:
    said = text({"women": MAPPED["women"]}, "exclude: [{women: a}]")
    assert [problem.code for problem in desk.faults(said, POOL)] == ["not-percent"]
