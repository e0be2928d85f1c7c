"""Figures that are reused where only goal, rules and named creators differ are those of a fresh estimate."""

from __future__ import annotations

import random

import numpy as np
import pytest

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.estimation.estimate import Estimates, estimate
from optimizer.loading.load import changed_scenario
from tests.support.asking import asked


def equal(one: Estimates, other: Estimates) -> None:
    """Both have the same bookings with the same figures."""
    ids = (one.scenario.pool.ids, other.scenario.pool.ids)
    for name in one.columns.at:
        assert np.array_equal(one.columns.at[name], other.columns.at[name]), name
    assert [ids[0][at] for at in one.columns.creator] == [ids[1][at] for at in other.columns.creator]
    for measure in other.scenario.measures:
        assert np.array_equal(one.values[measure], other.values[measure]), str(measure)


@pytest.mark.parametrize("seed", range(60))
def test_leaving_creators_out_and_insisting_on_others_changes_no_figure(seed: int) -> None:
    rng = random.Random(f"reused {seed}")
    said, frame = asked(f"reused {seed}")
    base = load_scenario(said, creators=frame)
    known = estimate(base)
    names = [base.pool.ids[at] for at in range(len(base.pool)) if at not in {one.position for one in base.segments}]
    rng.shuffle(names)
    for changes in (
        {"exclude": [*said.get("exclude", []), *names[:2]]},
        {"include": names[2:3]},
        {"exclude": names[:1], "include": names[3:4], "budget": 77},
        {"budget": 99},
    ):
        changed = changed_or_none(base, changes)
        if changed is None:
            continue
        found = estimate(changed, known)
        equal(found, estimate(changed))
        if found.places is not None:
            for measure in known.values.keys() & found.values.keys():
                assert np.array_equal(found.values[measure], known.values[measure][found.places])


def changed_or_none(base: Scenario, changes: dict[str, object]) -> Scenario | None:
    try:
        changed = changed_scenario(base, changes)
        estimate(changed)
    except ScenarioError:  # a changed scenario may have faults: a creator who is excluded and included
        return None
    return changed


SAID = {
    "format": 1,
    "currency": "EUR",
    "budget": 90,
    "objective": {"maximize": "engagements"},
    "offers": {"post": {"deliver": {"post": 1}}, "story": {"deliver": {"story": 1}}},
}
FRAME = {"creator": ["@a", "@b", "@c"], "average_engagements": [150, 600, 90], "fee": [50, 60, 70]}


def test_of_a_creator_who_is_left_out_nothing_is_estimated_anew() -> None:
    base = load_scenario(SAID, creators=FRAME)
    known = estimate(base)
    out = estimate(changed_scenario(base, {"exclude": ["@b"]}), known)
    assert out.places is not None
    assert known.columns.creator[out.places].tolist() == [0, 0, 2, 2]
    must = estimate(changed_scenario(base, {"include": [{"creator": "@b", "offer": "story"}]}), known)
    assert must.places is not None
    assert len(must) == len(known) - 1


def test_a_fee_that_was_agreed_is_no_figure_of_before() -> None:
    base = load_scenario(SAID, creators=FRAME)
    agreed = estimate(changed_scenario(base, {"include": [{"creator": "@b", "fee": 33}]}), estimate(base))
    assert agreed.places is None
    spend = next(values for measure, values in agreed.values.items() if measure.quantity == "spend")
    assert 3_300 in spend.tolist()


def test_other_assumptions_or_filters_are_estimated_anew() -> None:
    base = load_scenario(SAID, creators={**FRAME, "followers": [5_000, 6_000, 7_000]})
    known = estimate(base)
    for changes in ({"creators.where": {"followers": {"from": 5_500}}}, {"assume.engagement_rate": "3%"}):
        changed = changed_scenario(base, changes)
        assert changed.part_of is None
        equal(estimate(changed, known), estimate(changed))


def test_what_is_too_small_without_those_who_are_left_out_is_refused_as_in_a_fresh_estimate() -> None:
    said = {**SAID, "objective": {"maximize": "score"}, "quantities": ["score"]}
    base = load_scenario(said, creators={**FRAME, "score": [0.00012345678, 5.0, 0.00022345678]})
    small = changed_scenario(base, {"exclude": ["@b"]})
    for known in (None, estimate(base)):
        with pytest.raises(ScenarioError, match="score is too small to be counted"):
            estimate(small, known)


def test_figures_are_drawn_anew_to_what_is_usual_where_tiers_say_over_how_many_posts_they_were_measured() -> None:
    rng = random.Random(1)
    frame = {
        "creator": [f"@c{at}" for at in range(60)],
        "followers": [rng.randint(1_000, 90_000) for _ in range(60)],
        "average_engagements": [rng.randint(20, 900) for _ in range(60)],
        "fee": [rng.randint(50, 300) for _ in range(60)],
    }
    said = {**SAID, "assume": {"posts_measured": [{"tier": "nano", "is": 3}, {"is": 12}]}}
    changes = {"tiers": {"nano": [1_000, 29_999], "micro": [30_000, 99_999]}}
    fresh = load_scenario(said, creators=frame, changes=changes)
    equal(estimate(changed_scenario(load_scenario(said, creators=frame), changes)), estimate(fresh))
