"""The file of learned overlap: what is written is read again, and nothing else is."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from optimizer import ScenarioError
from optimizer.domain.fitted import FitError, FittedAudience, FittedCurve
from optimizer.loading.fitted_audience import fitted_of, read_fitted
from optimizer.results.audience_json import audience_json

ERRORS = (FitError("sets", "one k", 12, 0.05, 0.2, -0.01),)
MADE: dict[str, int | str | float] = {"rows": 3, "creators": 2, "held_back": 1}
CURVE = FittedAudience("curve", (FittedCurve(2.5, {}, 9_000.0),), errors=ERRORS, made_from=MADE, seed=7)
BY_CELL = FittedAudience("curve", (FittedCurve(None, {"country": "FR"}), FittedCurve(0.1, {"country": "DE"}, 5.0)))
PAIRS = FittedAudience("pairs", (), (100.0, 50.5), {"@ana": {0: 60.0, 1: 50.5}, "@bea": {}}, ERRORS, MADE)
SAMPLE = FittedAudience("sample", (), (3.0, 2.0), {"@ana": {0: 3.0, 1: 2.0}, "@bea": {1: 2.0}}, ERRORS, MADE)


@pytest.mark.parametrize("fitted", [CURVE, BY_CELL, PAIRS, SAMPLE], ids=lambda one: one.method)
def test_what_is_written_is_read_again(fitted, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(audience_json(fitted)), encoding="utf-8")
    assert read_fitted(tmp_path / "a.json", "a.json") == fitted


def changed(fitted: FittedAudience, *path: Any, to: Any) -> str:
    value = copy.deepcopy(audience_json(fitted))
    inner: Any = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(value)


FAULTS = [
    (changed(CURVE, "format", to="creatormix/audience/2"), "version 2 of the format"),
    (changed(CURVE, "format", to="creatormix/plan/1"), "does not say that it is creatormix/audience/1"),
    (changed(CURVE, "method", to="guess"), "method is none of curve, pairs, sample"),
    (changed(CURVE, "method", to=["pairs"]), "method is none of"),
    (changed(CURVE, "method", to="pairs"), "has cells, creators; this one has k, people"),
    (changed(CURVE, "more", to=1), "this one has k, more, people"),
    (changed(CURVE, "k", to=0.05), "k is 0.05, and at least 0.1"),
    (changed(CURVE, "k", to=True), "not a number"),
    (changed(CURVE, "k", to="2"), "not a number"),
    (changed(CURVE, "people", to=-1), "not a number above 0"),
    (changed(CURVE, "people", to=1e300), "not a number"),
    (changed(CURVE, "people", to=10**400), "not a number"),
    (changed(CURVE, "seed", to=1.5), "seed"),
    (changed(CURVE, "seed", to=-1), "seed"),
    (changed(CURVE, "made_from", to=[]), "made_from"),
    (changed(CURVE, "made_from", "rows", to={}), "made_from, rows"),
    (changed(CURVE, "errors", to={}), "errors is missing, or is not a list"),
    (changed(CURVE, "errors", 0, "median", to=-1), "errors, number 0"),
    (changed(CURVE, "errors", 0, "sets", to=0.5), "sets is not a count"),
    (changed(CURVE, "errors", 0, "way", to="a\u202eb"), "invisible"),
    (changed(BY_CELL, "cells", 0, "cell", to={}), "cell is not an object of texts"),
    (changed(BY_CELL, "cells", 0, "cell", "country", to="DE"), "a cell appears twice"),
    (changed(BY_CELL, "cells", to=[]), "cells is empty"),
    (changed(PAIRS, "cells", 0, to=0), "cells, number 0: it is not a number above 0"),
    (changed(PAIRS, "creators", "@ana", to=[1]), "creator @ana: it is not an object of cells"),
    (changed(PAIRS, "creators", "@ana", "2", to=1), "creator @ana: there is no cell 2"),
    (changed(PAIRS, "creators", "@ana", "01", to=1), "there is no cell 01"),
    (changed(PAIRS, "creators", "@ana", "-1", to=1), "there is no cell -1"),
    (changed(PAIRS, "creators", "@ana", "9" * 5_000, to=1), "there is no cell 999"),
    (changed(PAIRS, "creators", "@ana", "0", to=101), "has 101 people in cell 0, which has 100"),
    (changed(PAIRS, "creators", "ANA", to={}), "creator ANA appears twice"),
    (changed(PAIRS, "creators", "", to={}), "a creator has no name"),
    (changed(SAMPLE, "creators", "@ana", "0", to=1), "reaches a part of cell 0"),
    ('{"format": "creatormix/audience/1", "format": "creatormix/audience/1"}', "a field appears twice"),
    ('{"format": NaN}', "NaN is not a number"),
    ("[1]", "not an object"),
    ("[" * 100_000, "not JSON"),
    ("", "not JSON"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_does_not_hold_together_is_refused_with_place_cause_and_cure(text, said):
    with pytest.raises(ScenarioError) as error:
        fitted_of(text, "a.json")
    (problem,) = error.value.problems
    assert said in problem.cause
    assert problem.place is not None
    assert problem.place.file == "a.json"
    assert "creatormix audience fit" in problem.mend


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ScenarioError, match="no such file"):
        read_fitted(tmp_path / "none.json", "none.json")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_fitted(tmp_path, "folder")
