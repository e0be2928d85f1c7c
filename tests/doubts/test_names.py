"""Repeats and values under other spellings, parts of cells, posts, defaults, and what is accepted."""

from __future__ import annotations

import pytest

from optimizer import ScenarioError, optimize
from tests.doubts.pools import asked, invented, loaded, small


def test_the_same_account_under_another_spelling_is_named() -> None:
    pool = {name: [*column, column[0]] for name, column in small().items()}
    pool["creator"] = ["ana.reads", *pool["creator"][1:-1], "Ana_Reads"]
    (doubt,) = asked(pool)
    assert (doubt.code, doubt.creator) == ("alike-creators", "Ana_Reads")


def test_other_people_with_a_similar_name_are_not() -> None:
    pool = small()
    pool["creator"] = ["ana.reads", "ana_reads", *pool["creator"][2:]]
    assert asked(pool) == []


@pytest.mark.parametrize(
    ("common", "rare"), [("skincare", "skin care"), ("booktok", "book-tok"), ("pet", "pets"), ("beauté", "beaute")]
)
def test_two_spellings_of_a_niche_are_asked_about(common: str, rare: str) -> None:
    (doubt,) = asked(small(niche=[common] * 6 + [rare, "food"]))
    assert (doubt.code, doubt.creator) == ("alike-values", None)
    assert f'"{rare}" (1)' in doubt.what


def test_a_slip_of_a_letter_is_asked_about_where_it_is_rare() -> None:
    pool = invented(60)
    pool["niche"] = ["fitness"] * 59 + ["fitnes"]
    assert [doubt.code for doubt in asked(pool)] == ["alike-values"]
    pool["niche"] = ["family"] * 30 + ["finely"] * 30
    assert asked(pool) == []


def test_a_part_of_a_cell_that_is_a_value_elsewhere_is_asked_about() -> None:
    (doubt,) = asked(small(niche=["beauty/hair", *["beauty"] * 7]))
    assert (doubt.code, doubt.creator) == ("parts-of-cells", "@ana")
    assert doubt.mend == 'write "beauty|hair" for several values, or say under columns what parts them: split: ["/"]'
    assert asked(small(niche=["beauty/hair"] * 8)) == []


def test_means_over_few_or_pinned_posts_are_asked_about() -> None:
    pool = small(posts_measured=[12, 2, 8, 9, 1, 30, 3, 7], pinned_posts=[0, 0, 0, 2, 0, 0, 0, 0])
    assert [(doubt.code, doubt.creator) for doubt in asked(pool)] == [
        ("few-posts", "@bea"),
        ("few-posts", "@eve"),
        ("pinned-posts", "@dan"),
    ]


def test_kinds_that_weigh_the_same_by_default_are_asked_about() -> None:
    offers = {"a video": {"deliver": {"video": 1}}, "a story": {"deliver": {"story": 1}}}
    assert [doubt.code for doubt in asked(small(), offers=offers)] == ["default-weight"]
    weighed = {"weight_story": 0.2, "fee": 100, "engagement_rate": "3%"}
    assert asked(small(), offers=offers, assume=weighed) == []
    assert asked(small(), offers=offers, objective={"maximize": "creators"}) == []


def test_the_rest_of_many_is_counted() -> None:
    pool = invented(60) | {"posts_measured": [1] * 60}
    doubts = asked(pool, "few-posts")
    assert (len(doubts), doubts[-1].what, doubts[-1].creator) == (21, "and 40 more like that", None)


# --- accepted ---


def test_an_unknown_code_is_a_fault_with_the_nearest_one() -> None:
    with pytest.raises(ScenarioError, match="far-out") as raised:
        loaded(small(), accepted=[{"doubt": "far-oot", "because": "seen"}])
    assert [problem.code for problem in raised.value.problems] == ["unknown-doubt"]


def test_what_settles_nothing_is_a_warning() -> None:
    scenario = loaded(small(), accepted=[{"doubt": "far-out", "creator": "@ana", "because": "seen"}])
    assert scenario.warnings[-1] == "accepted settles nothing: there is no doubt far-out of @ana"


def test_blank_followers_are_told_as_blank() -> None:
    pool = small()
    pool["followers"] = [None, *pool["followers"][1:]]
    assert "1 of 8 creators have no followers, so no tier, and cannot be booked" in loaded(pool).warnings


# --- plans ---


def test_a_creator_who_carries_the_goal_is_named() -> None:
    rates = [0.041, 0.033, 0.35, 0.052, 0.021, 0.036, 0.03, 0.029]
    plan = optimize(loaded(small(engagement_rate=rates)))
    (doubt,) = [doubt for doubt in plan.doubts if doubt.code == "one-carries"]
    assert (doubt.creator, doubt.place is not None) == ("@cia", True)
    settled = [{"doubt": "one-carries", "creator": "@cia", "because": "measured twice"}]
    plan = optimize(loaded(small(engagement_rate=rates), accepted=settled))
    assert "one-carries" not in [doubt.code for doubt in plan.doubts]


def test_rates_far_above_the_pool_are_named() -> None:
    pool = invented(400)
    plan = optimize(loaded(pool, budget=600), gap=0.05)
    assert "rates-above-pool" not in [doubt.code for doubt in plan.doubts]
    usual = [rate or 0.03 for rate in pool["engagement_rate"]]
    pool["engagement_rate"] = [min(rate * 5, 0.9) if at % 20 == 0 else rate for at, rate in enumerate(usual)]
    plan = optimize(loaded(pool, budget=600), gap=0.05)
    assert "rates-above-pool" in [doubt.code for doubt in plan.doubts]


def test_authenticity_that_nobody_knows_is_told_with_the_totals() -> None:
    plan = optimize(loaded(small()))
    (doubt,) = [doubt for doubt in plan.doubts if doubt.code == "default-authenticity"]
    booked = len(plan.allocations)
    assert doubt.what == (
        f"authenticity of {booked} of {booked} booked creators is not known: it is taken as 100 %, also in the totals"
    )
    plan = optimize(loaded(small(authenticity=[0.9] * 8)))
    assert "default-authenticity" not in [doubt.code for doubt in plan.doubts]


def test_a_plan_states_its_doubts_in_text_and_json() -> None:
    plan = optimize(loaded(small()))
    text = str(plan)
    assert text.index("\nDoubts\n") < text.index("\nTotals\n")
    assert [doubt["code"] for doubt in plan.to_dict()["doubts"]] == [doubt.code for doubt in plan.doubts]
    assert set(plan.to_dict()["doubts"][0]) == set("code certain file line column creator what why mend".split())
