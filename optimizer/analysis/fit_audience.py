"""Learning how audiences overlap, from pairs, from sets, or from a sample of people."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final, Literal

import numpy as np

from optimizer.analysis.audience_fit_parts import fit_parts
from optimizer.analysis.audience_fits import Measured, fit_pairs, fit_sample, fit_sets
from optimizer.audience.pairs import pairs_of
from optimizer.audience.sample import merged
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.estimation.audiences import audiences
from optimizer.loading.overlap_cells import BASES
from optimizer.loading.overlap_files import Given, read_pairs, read_people
from optimizer.loading.overlap_sets import read_sets
from optimizer.results.audience import AudienceFit

Base = Literal["smaller", "larger", "both", "first"]
Unlisted = Literal["unknown", "nobody"]
MEANINGS: Final = ("first", "second", "shared", "creators", "people", "creator", "person")
_MOST_SEED: Final = 2**32


def fit_audience(
    scenario: Scenario,
    *,
    pairs: object | None = None,
    unions: object | None = None,
    sample: object | None = None,
    share_of: Base | None = None,
    unlisted: Unlisted = "unknown",
    cells: int | None = None,
    people: float | None = None,
    scale_to: float | None = None,
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
) -> AudienceFit:
    """Learn how the audiences of creators overlap, and measure the error on what was held back.

    Give one of `pairs`, `unions` and `sample`, each the path of a file or a data frame.

    Parameters
    ----------
    scenario
        The scenario, from `load_scenario`: its creators, and how many people each reaches alone (`viewers`, else real
        followers).
    pairs
        Rows of two creators and the people whom they share. Latent cells are learned; from too few pairs, a curve.
    unions
        Rows of a set of creators, parted by `|`, and how many people it reaches. A curve is learned. With the columns
        by which the scenario's audience is parted, a row counts the people of that part, and each part has a k of its
        own where its sets tell it from the one that all share.
    sample
        Rows of a creator and a person who follows them; or one row a respondent, with a column a creator (1 or 0). It
        is counted, not modelled.
    share_of
        What the shares of `pairs` are of: the `smaller` audience, the `larger`, `both` (people who follow at least one
        of the two), or that of the `first` creator. None: `pairs` has numbers of people.
    unlisted
        What a pair that `pairs` does not list means: it is `unknown`, or shares `nobody`.
    cells
        How many cells to learn from `pairs`. By default as many as tell held-back pairs best.
    people
        How many people there are, for a curve. By default as many as the measurements make likeliest.
    scale_to
        How many people the `sample` stands for. By default as many as are in it.
    columns
        Which column is which, where the headers do not say it: `first`, `second`, `shared`; `creators`, `people`;
        `creator`, `person`.
    seed
        Of the random draws: what is held back, and what the search begins from.

    Returns
    -------
    AudienceFit
        What was learned: `fitted`, with `errors`; `to_json()` is the text of the file that a scenario refers to.

    Raises
    ------
    ScenarioError
        If the measurements cannot be read, contradict themselves or the pool, or are too few. `problems` holds all.
    TypeError
        If none or several of `pairs`, `unions` and `sample` are given.
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "followers": [1_000, 2_000], "average_engagements": [15, 60]}
    >>> scenario = load_scenario(campaign, creators=pool | {"fee": [100, 250]})
    >>> people = {"creator": ["ana", "ana", "bea"], "person": ["u1", "u2", "u1"]}
    >>> fit_audience(scenario, sample=people).fitted.cells
    (1.0, 1.0)
    """
    check_loaded(scenario, "fit_audience")
    if sum(one is not None for one in (pairs, unions, sample)) != 1:
        raise TypeError("fit_audience takes one of pairs, unions and sample")
    _check(share_of, unlisted, cells, people, scale_to, columns, seed)
    pool, named = scenario.pool, dict(columns or {})
    audience = audiences(scenario, np.arange(len(pool)))
    measured = Measured(scenario.name, pool.ids, audience.values.astype(np.float64), people, seed)
    if pairs is not None:
        given = Given(pairs, named)
        read = read_pairs(given, pool, audience, share_of)
        known = pairs_of(len(pool), read.first, read.second, read.shared, others_share_nobody=unlisted == "nobody")
        return fit_pairs(measured, known, cells, given.name, read.rows, read.warnings)
    if unions is not None:
        given = Given(unions, named)
        sets = read_sets(given, pool, audience, scenario.audience)
        if sets.cells is not None and scenario.audience is not None:
            return fit_parts(measured, sets, scenario.audience, given.name)
        return fit_sets(measured, sets.sets, sets.people, given.name, sets.rows, sets.warnings)
    given = Given(sample, named)
    rows = read_people(given, pool)
    counted = merged(len(pool), rows.creators, rows.persons)
    if scale_to is not None and scale_to < counted.everybody:
        cause = f"the sample has {counted.everybody:,.0f} people, and is to stand for {scale_to:,.0f}"
        mend = "let it stand for as many people as it has, or more (--scale-to)"
        raise ScenarioError([Problem("overlap-scale", cause, mend, Place(given.name))])
    return fit_sample(measured, rows, scale_to, given.name)


def _check(
    share_of: object,
    unlisted: object,
    cells: int | None,
    people: float | None,
    scale_to: float | None,
    columns: Mapping[str, str] | None,
    seed: int,
) -> None:
    """Refuse options out of their range, as a wrong call."""
    if share_of is not None and share_of not in BASES:
        raise ValueError(f"share_of is one of {', '.join(BASES)}, or None")
    if unlisted not in ("unknown", "nobody"):
        raise ValueError("unlisted is unknown or nobody")
    if cells is not None and not 1 <= cells <= 500:
        raise ValueError("cells lies between 1 and 500")
    for name, value in (("people", people), ("scale_to", scale_to)):
        if value is not None and not (isfinite(value) and 0 < value <= 1e12):
            raise ValueError(f"{name} is a number above 0")
    odd = [name for name in columns or {} if name not in MEANINGS]
    if odd:
        raise ValueError(f"columns names one of {', '.join(MEANINGS)}, not {odd[0]}")
    if not 0 <= seed < _MOST_SEED:
        raise ValueError("seed is a whole number from 0 on")
