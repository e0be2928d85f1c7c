"""Learning overlap from measurements: what is chosen, how it predicts, and that it can be read again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from optimizer import ScenarioError, fit_audience, load_scenario
from optimizer.audience import curve
from optimizer.loading.fitted_audience import fitted_of
from tests.audience import planted

KNOWN = planted.followed()
SHARED = planted.overlaps(KNOWN)
NAMES = [f"@c{at:03}" for at in range(120)]
FIRST, SECOND = np.triu_indices(120, 1)
PAIRS = {
    "first": [NAMES[at] for at in FIRST],
    "second": [NAMES[at][1:].upper() for at in SECOND],
    "shared": SHARED[FIRST, SECOND].astype(int).tolist(),
}
PERSONS, CREATORS = np.nonzero(KNOWN)
SAMPLE = {"creator": [NAMES[at] for at in CREATORS], "person": [f"u{at}" for at in PERSONS]}
CAMPAIGN = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "tiers": {"any": [0, 10**9]}}


def scenario() -> Any:
    rows = {"creator": NAMES, "viewers": np.diag(SHARED).tolist(), "fee": [1] * len(NAMES)}
    return load_scenario(CAMPAIGN, creators=rows)


def first(count: int) -> dict[str, list[Any]]:
    """The pairs among the first creators."""
    some = np.flatnonzero(np.maximum(FIRST, SECOND) < count).tolist()
    return {key: [column[at] for at in some] for key, column in PAIRS.items()}


def unions(count: int = 40) -> dict[str, list[Any]]:
    rng = np.random.default_rng(4)
    sets = [rng.permutation(120)[: rng.integers(2, 30)] for _ in range(count)]
    return {
        "creators": ["|".join(NAMES[at] for at in one) for one in sets],
        "people": planted.reached(KNOWN, sets).astype(int).tolist(),
    }


def median(fit: Any, of: str, way: str) -> float:
    return next(one.median for one in fit.fitted.errors if (one.of, one.way) == (of, way))


def test_latent_cells_are_learned_from_enough_pairs_and_tell_held_back_ones_best():
    fit = fit_audience(scenario(), pairs=PAIRS)
    assert fit.fitted.method == "pairs"
    assert len(fit.fitted.cells) == 5
    assert list(fit.fitted.creators) == NAMES
    ways = ["added up", "chance", "one k", "latent cells"]
    found = [median(fit, "people whom these share", way) for way in ways]
    assert found[3] < min(found[:3]) / 2
    assert fit.fitted.made_from == {"rows": 7_140, "creators": 120, "pairs": 7_140, "held_back": 714}


def test_cells_hold_at_most_what_they_have_and_creators_what_they_reach():
    fitted = fit_audience(scenario(), pairs=PAIRS).fitted
    for at, name in enumerate(NAMES):
        mine = fitted.creators[name]
        assert all(0 < people <= fitted.cells[cell] for cell, people in mine.items())
        assert sum(mine.values()) <= SHARED[at, at]


@pytest.mark.parametrize(
    "asked", [{"pairs": PAIRS}, {"sample": SAMPLE}, {"unions": unions()}], ids=lambda one: next(iter(one))
)
def test_what_is_learned_is_read_again_and_does_not_depend_on_the_order_of_rows(asked):
    ((kind, rows),) = asked.items()
    order = np.random.default_rng(9).permutation(len(next(iter(rows.values())))).tolist()
    turned = {key: [column[at] for at in order] for key, column in rows.items()}
    fit = fit_audience(scenario(), **asked)
    assert fit.to_json() == fit_audience(scenario(), **{kind: turned}).to_json()
    assert fitted_of(fit.to_json(), "a.json") == fit.fitted
    assert json.loads(fit.to_json()) == fit.to_dict()


def test_another_seed_holds_back_other_pairs():
    one, other = (fit_audience(scenario(), pairs=PAIRS, seed=seed).fitted for seed in (0, 1))
    assert one.errors != other.errors
    assert (one.seed, other.seed) == (0, 1)


def test_from_too_few_pairs_a_curve_is_learned_and_said():
    fit = fit_audience(scenario(), pairs=first(60))
    assert fit.fitted.method == "curve"
    assert any("1,770 known pairs of 60 creators are too few for 5 cells: a curve is used" in one for one in fit.notes)
    assert fit.fitted.curves[0].k is None
    people = fit_audience(scenario(), pairs=first(60), people=20_000).fitted.curves[0]
    assert people.people == 20_000
    assert people.k is not None


def test_no_more_cells_are_learned_than_the_pairs_tell_apart():
    fit = fit_audience(scenario(), pairs=PAIRS, cells=30)
    assert len(fit.fitted.cells) <= 5
    assert "30 cells were asked for; 7,140 known pairs tell at most 5 apart" in fit.notes


def test_a_list_of_those_who_share_somebody_is_asked_about():
    some = [at for at in range(len(FIRST)) if PAIRS["shared"][at] > 20]
    listed = {key: [column[at] for at in some] for key, column in PAIRS.items()}
    assert any("--unlisted nobody" in one for one in fit_audience(scenario(), pairs=listed).warnings)
    assert fit_audience(scenario(), pairs=listed, unlisted="nobody").warnings == ()


def test_too_few_pairs_or_sets_are_refused():
    with pytest.raises(ScenarioError, match="too few pairs of creators of the pool: 6; at least 10 are needed"):
        fit_audience(scenario(), pairs=first(4))
    with pytest.raises(ScenarioError, match="too few sets of several creators of the pool: 2"):
        fit_audience(scenario(), unions=unions(2))


def test_a_curve_is_learned_from_unions():
    fit = fit_audience(scenario(), unions=unions(), people=4_000)
    assert fit.fitted.method == "curve"
    assert fit.fitted.made_from["held_back"] == 10
    assert median(fit, "sets", "one k") < 0.05 < median(fit, "sets", "added up")
    with pytest.raises(ScenarioError, match="there are to be 500 people in all, and a set or a creator reaches"):
        fit_audience(scenario(), unions=unions(), people=500)


def test_a_sample_gives_true_unions_and_predicts_the_other_half_best():
    fit = fit_audience(scenario(), sample=SAMPLE)
    one = [cell for cell in fit.fitted.creators["@c003"] if cell in fit.fitted.creators["@c007"]]
    assert sum(fit.fitted.cells[cell] for cell in one) == SHARED[3, 7]
    for of in ("random sets", "sets around one creator"):
        assert median(fit, of, "counted") < median(fit, of, "added up") / 10
        assert median(fit, of, "counted") < 0.04


def test_a_scaled_sample_stands_for_more_people_and_never_for_fewer():
    fitted = fit_audience(scenario(), sample=SAMPLE, scale_to=1_000_000).fitted
    assert sum(fitted.cells) == pytest.approx(1_000_000, rel=1e-4)
    with pytest.raises(ScenarioError, match=r"the sample has .* people, and is to stand for 10"):
        fit_audience(scenario(), sample=SAMPLE, scale_to=10)


def test_creators_without_a_row_in_the_sample_are_named():
    few = {"creator": ["@c001", "c002"], "person": ["u1", "u2"]}
    (warning,) = fit_audience(scenario(), sample=few).warnings
    assert warning.startswith("118 creators of the pool have no row in the sample, and so would reach nobody: @c000, ")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({}, TypeError, "one of pairs, unions and sample"),
        ({"pairs": PAIRS, "sample": SAMPLE}, TypeError, "one of pairs"),
        ({"pairs": PAIRS, "share_of": "half"}, ValueError, "share_of is one of"),
        ({"pairs": PAIRS, "unlisted": "zero"}, ValueError, "unlisted"),
        ({"pairs": PAIRS, "cells": 0}, ValueError, "cells"),
        ({"pairs": PAIRS, "people": float("nan")}, ValueError, "people"),
        ({"pairs": PAIRS, "columns": {"third": "x"}}, ValueError, "not third"),
        ({"pairs": PAIRS, "seed": -1}, ValueError, "seed"),
    ],
)
def test_a_wrong_call_is_refused(asked, error, said):
    with pytest.raises(error, match=said):
        fit_audience(scenario(), **asked)
    with pytest.raises(TypeError, match="load it first"):
        fit_audience("scenario.yaml", pairs=PAIRS)


def in_parts(ks: dict[str, float], count: int = 25) -> tuple[Any, dict[str, list[Any]]]:
    """A pool of two countries, each with a k of its own, and rosters that were measured in each."""
    rng = np.random.default_rng(5)
    shares = rng.uniform(0.1, 0.9, 60)
    viewers = rng.integers(200, 2_000, 60)
    names = [f"@d{at:02}" for at in range(60)]
    pool = {
        "creator": names, "viewers": viewers.tolist(), "fee": [1] * 60, "country": ["FR", "DE"] * 30,
        "audience_FR": shares.round(4).tolist(), "audience_DE": (1 - shares.round(4)).round(4).tolist(),
    }  # fmt: skip
    said = CAMPAIGN | {"audience": {"cells": ["country"], "sizes": {"FR": 12_000, "DE": 9_000}}}
    rows: dict[str, list[Any]] = {"creators": [], "people": [], "Country": []}
    for country, k in ks.items():
        people, mine = {"FR": 12_000, "DE": 9_000}[country], pool[f"audience_{country}"]
        audiences = viewers * np.array(mine)
        for _ in range(count):
            one = rng.permutation(60)[: rng.integers(3, 30)]
            rows["creators"].append("|".join(names[at] for at in one))
            rows["people"].append(round(float(curve.unions([one], audiences, people, k)[0])))
            rows["Country"].append(country.lower())
    return load_scenario(said, creators=pool), rows


def test_each_part_of_the_audience_has_a_k_of_its_own_where_its_sets_say_so():
    spring, rows = in_parts({"FR": 0.4, "DE": 5.0})
    fit = fit_audience(spring, unions=rows)
    german, french = fit.fitted.curves
    assert (german.cell, french.cell) == ({"country": "DE"}, {"country": "FR"})
    assert german.k == pytest.approx(5.0, rel=0.15)
    assert french.k == pytest.approx(0.4, rel=0.1)
    assert (german.people, french.people) == (9_000, 12_000)
    assert median(fit, "sets", "a k for each part") < median(fit, "sets", "one k") / 5
    assert any("drawn towards" in note for note in fit.notes)
    assert "A curve for each part of the audience: k from 0.40" in str(fit)
    assert fitted_of(fit.to_json(), "a.json") == fit.fitted


def test_parts_that_do_not_differ_share_one_k():
    spring, rows = in_parts({"FR": 1.5, "DE": 1.5})
    fit = fit_audience(spring, unions=rows)
    assert len({one.k for one in fit.fitted.curves}) == 1
    assert median(fit, "sets", "a k for each part") == median(fit, "sets", "one k")


def test_a_part_without_sets_has_the_k_that_the_others_share():
    spring, rows = in_parts({"FR": 0.4})
    german, french = fit_audience(spring, unions=rows).fitted.curves
    assert german.k == french.k == pytest.approx(0.4, rel=0.1)


def test_a_scenario_plans_with_the_k_of_each_part(tmp_path):
    spring, rows = in_parts({"FR": 0.4, "DE": 5.0})
    (tmp_path / "k.json").write_text(fit_audience(spring, unions=rows).to_json(), encoding="utf-8")
    pool = {
        "creator": ["@a", "@b"],
        "viewers": [900, 800],
        "fee": [1, 1],
        "country": ["FR", "DE"],
        "average_views": [90, 80],
    }
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 2,
        "objective": {"maximize": "reach"},
        "audience": {"overlap": "k.json"},
    }
    found = load_scenario(said | {"tiers": {"any": [0, 10**9]}}, creators=pool, root=tmp_path).audience
    ks = dict(zip(found.names, (float(one.k) for one in found.curves), strict=True))
    assert ks == {"DE": pytest.approx(5.0, rel=0.15), "FR": pytest.approx(0.4, rel=0.1)}


def test_rows_of_no_part_and_too_few_sets_are_refused():
    spring, rows = in_parts({"FR": 0.4, "DE": 5.0}, count=3)
    with pytest.raises(ScenarioError, match="no part of the audience has these values"):
        fit_audience(spring, unions=rows | {"Country": ["FR", "XX", *rows["Country"][2:]]})
    few = {key: values[:2] for key, values in rows.items()}
    with pytest.raises(ScenarioError, match="too few sets of several creators of the pool: 2"):
        fit_audience(spring, unions=few)
