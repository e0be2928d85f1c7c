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


ALIKE = "creator,Followers,followers,engagement_rate,fee\nana,5200,9999,0.05,100\n"


def test_of_two_names_alike_but_for_case_the_one_that_is_spelled_out_counts(desk: Desk) -> None:
    pool = desk.load(text({"followers": "Followers"}), ALIKE).pool
    assert pool.columns["followers"].values.tolist() == [5200.0]  # type: ignore[union-attr]
    assert desk.fault(text({"followers": "FOLLOWERS"}), ALIKE).code == "pool-duplicate-header"
    assert desk.fault(text_of(), ALIKE).code == "pool-duplicate-header"


def test_nested_names_may_have_points_or_slashes(desk: Desk) -> None:
    pool = "author/name,author/fans,engagement_rate,fee\nana,5200,0.05,100\n"
    said = text({"creator": "author.name", "followers": "author.fans"})
    assert list(desk.load(said, pool).pool.keys) == ["ana"]


def test_what_another_share_leaves_and_what_is_the_same_for_all(desk: Desk) -> None:
    pool = "creator,followers,engagement_rate,fee,Fake\nana,5200,0.05,100,11.7\nbea,5200,0.05,100,\n"
    said = text({"authenticity": "{all_but: Fake, unit: percent}", "platform": "{is: tiktok}"})
    columns = desk.load(said, pool).pool.columns
    real = columns["authenticity"]
    assert (real.values.tolist()[0], real.known.tolist()) == (0.883, [True, False])  # type: ignore[union-attr]
    assert columns["platform"].vocabulary == ("tiktok",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("{from: Fake, all_but: Fake}", "from and all_but exclude each other"),
        ("{unit: percent}", "this does not say which column it is"),
    ],
)
def test_an_entry_has_one_source(desk: Desk, said: str, cause: str) -> None:
    problem = desk.fault(text({"authenticity": said}), POOL)
    assert (problem.code, problem.cause) == ("column-source", cause)


def test_amounts_of_other_currencies_are_exchanged_and_rounded_up(desk: Desk) -> None:
    pool = (
        "creator,followers,engagement_rate,fee,currency\na,5200,0.05,100,USD\nb,5200,0.05,10.01,eur\nc,5200,0.05,$7,\n"
    )
    more = "exchange: {USD: 0.923}\n"
    scenario = desk.load(
        text_of() + more, pool.replace(",currency", "").replace(",USD", "").replace(",eur", "").replace("$7,", "$7")
    )
    assert scenario.pool.columns["fee"].values.tolist() == [10_000, 1_001, 647]  # type: ignore[union-attr]
    scenario = desk.load(text_of() + more, pool.replace("$7", "7"))
    assert scenario.pool.columns["fee"].values.tolist() == [9_230, 1_001, 700]  # type: ignore[union-attr]
    assert "currency" not in scenario.pool.columns
    scenario = desk.load(text_of() + more, pool)  # a row without a currency is read by its sign
    assert scenario.pool.columns["fee"].values.tolist() == [9_230, 1_001, 647]  # type: ignore[union-attr]
    assert desk.fault(text_of(), pool.replace("$7", "7")).code == "other-currency"


def test_a_faulty_cell_of_someone_who_is_left_out_does_not_matter(desk: Desk) -> None:
    pool = "creator,niche,followers,engagement_rate,fee\na,food,5200,0.05,100\nb,home,many,0.05,100\n"
    assert desk.fault(text_of(), pool).code == "not-a-number"
    assert len(desk.load(text_of(exclude='["b"]'), pool).pool) == 1
    assert len(desk.load(text_of(creators="{file: pool.csv, where: {niche: food}}"), pool).pool) == 1
    # a filter that asks for the faulty cell itself does not excuse it
    assert desk.fault(text_of(creators="{file: pool.csv, where: {followers: {from: 1}}}"), pool).code == "not-a-number"


def test_an_impossible_share_is_passed_over_by_a_filter_on_it(desk: Desk) -> None:
    pool = "creator,followers,er,fee\na,5200,3.2,100\nb,6200,4.1,100\nc,7200,385.8,100\n"
    columns = "columns: {engagement_rate: {from: er, unit: percent}}"
    problem = desk.fault(text_of(creators=f"{{file: pool.csv, {columns}}}"), pool)
    assert (problem.code, problem.cause) == (
        "rate-over-one",
        "er is 385.8, more than 100 %; a share lies between 0 and 1",
    )
    where = "where: {engagement_rate: {to: 100%}}"
    assert len(desk.load(text_of(creators=f"{{file: pool.csv, {columns}, {where}}}"), pool).pool) == 2
    assert len(desk.load(text_of(creators=f"{{file: pool.csv, {columns}, bad_rows: skip}}"), pool).pool) == 2
