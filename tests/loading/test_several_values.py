"""One cell with several values, several columns as one, and cells that may hold several values."""

from __future__ import annotations

import json
import random

import pytest

from optimizer import optimize, to_json, verify
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.pool import Labels
from tests.loading.desk import Desk, text_of

HEADER = "creator,average_engagements,fee,niche"


def text(columns: str = "", **parts: str) -> str:
    creators = f"{{file: pool.csv, columns: {{{columns}}}}}" if columns else "pool.csv"
    return text_of(**{"assume": None, "creators": creators, **parts})


def niches(desk: Desk, cells: list[str], columns: str) -> list[tuple[str, ...]]:
    """The values of each creator."""
    rows = [f'@c{at},100,50,"{cell}"' for at, cell in enumerate(cells)]
    pool = desk.load(text(columns), "\n".join([HEADER, *rows, ""])).pool
    return _values(pool.columns["niche"])


def _values(found: object) -> list[tuple[str, ...]]:
    assert isinstance(found, Labels)
    return [tuple(found.vocabulary[code].split("|")) if code >= 0 else () for code in found.codes.tolist()]


@pytest.mark.parametrize("mark", [",", ";", "/", "&", "+", " / "])
def test_a_mark_parts_the_values_of_a_cell(desk: Desk, mark: str) -> None:
    found = niches(
        desk, [f"food{mark}home", "food", f" home{mark} {mark}", ""], f'niche: {{from: niche, split: "{mark}"}}'
    )
    assert found == [("food", "home"), ("food",), ("home",), ()]


def test_several_marks_part_values_and_so_does_the_bar(desk: Desk) -> None:
    found = niches(desk, ["a/b; c", "d|e", "a, b"], 'niche: {from: niche, split: ["/", ";"]}')
    assert found == [("a", "b", "c"), ("d", "e"), ("a, b",)]


def test_a_value_that_a_cell_has_twice_counts_once(desk: Desk) -> None:
    assert niches(desk, ["Food,food,home"], 'niche: {from: niche, split: ","}') == [("Food", "home")]


def test_filters_per_fit_and_the_verifier_see_the_same_values(desk: Desk) -> None:
    pool = f'{HEADER}\n@a,400,100,"food, home"\n@b,390,100,home\n@c,380,100,"Food,sport"\n@d,370,100,sport\n'
    more = {
        "budget": "400",
        "constraints": "{each: {quantity: creators, per: niche, at_most: 1}}",
        "fit": "{food: 1, home: 0.5, sport: 0.1, other: 0}",
    }
    scenario = desk.load(text('niche: {from: niche, split: ","}', **more), pool)
    plan = optimize(scenario, gap=0)
    assert verify(json.loads(to_json(plan)), scenario).holds
    assert {one.creator for one in plan.allocations} == {"@b", "@c"}  # of several values, the highest fit counts
    assert [rule.per_value for rule in plan.constraints if rule.name == "each"] == ["Food", "home", "sport"]
    labels = scenario.pool.columns["niche"]
    assert labels.matches(AnyOf(("FOOD",))).tolist() == [True, False, True, False]


def test_several_columns_are_one_with_the_values_of_all_in_order(desk: Desk) -> None:
    pool = "creator,average_engagements,fee,n1,n2,n3\n@a,1,1,food,,home\n@b,1,1,,sport,\n@c,1,1,,,\n"
    pool += "@d,1,1,Home,food|x,home\n"
    found = desk.load(text("niche: [n1, n2, n3]"), pool).pool.columns["niche"]
    assert _values(found) == [("food", "home"), ("sport",), (), ("Home", "food", "x")]


def test_several_columns_may_be_split_too(desk: Desk) -> None:
    pool = 'creator,average_engagements,fee,main,more\n@a,1,1,food,"home, sport"\n@b,1,1,,"food,food"\n'
    found = desk.load(text('niche: {from: [main, more], split: ","}'), pool).pool.columns["niche"]
    assert _values(found) == [("food", "home", "sport"), ("food",)]


def test_values_in_columns_are_those_of_one_cell_whatever_they_are(desk: Desk) -> None:
    rng, words = random.Random("several"), ["food", "Food", "home", "art deco", "é|x", "", "", "R&B"]
    for _ in range(25):
        rows = [[rng.choice(words) for _ in range(3)] for _ in range(6)]
        joined = [f"@c{at},1,1,{'|'.join(filter(None, row))}" for at, row in enumerate(rows)]
        apart = [f"@c{at},1,1,{','.join(row)}" for at, row in enumerate(rows)]
        one = desk.load(text(), "\n".join([HEADER, *joined, ""])).pool
        three = desk.load(
            text("niche: [n1, n2, n3]"), "\n".join(["creator,average_engagements,fee,n1,n2,n3", *apart, ""])
        )
        for word in ("food", "HOME", "x", "é", "r&b", "art deco", "nothing"):
            where = Filter((("niche", AnyOf((word,))),))
            first = one.matches(where).tolist() if "niche" in one.columns else [False] * 6
            assert three.pool.matches(where).tolist() == first, (word, rows)


@pytest.mark.parametrize(
    ("columns", "cause", "mend"),
    [
        ("fee: [fee, fee2]", "fee is a number", "sum: [fee, fee2]"),
        ("creator: [creator, niche]", "a creator has one handle", "name one column"),
        ('creator: {from: creator, split: ","}', "creator is one text", "remove split"),
        ('fee: {from: fee, split: ","}', "fee is a number", "remove split"),
        ("niche: {sum: [niche, niche2]}", "niche is a text", "name one column"),
    ],
)
def test_only_texts_have_several_values(desk: Desk, columns: str, cause: str, mend: str) -> None:
    pool = "creator,average_engagements,fee,fee2,niche,niche2\n@a,1,1,2,food,home\n"
    problem = desk.fault(text(columns), pool)
    assert problem.cause.startswith(cause)
    assert mend in problem.mend


@pytest.mark.parametrize("mark", ["and", "1", '" "', '"a"', "_", '""', '"----"'])
def test_a_mark_is_no_word(desk: Desk, mark: str) -> None:
    pool = f"{HEADER}\n@a,1,1,food\n"
    assert desk.fault(text(f"niche: {{from: niche, split: {mark}}}"), pool).code in ("separator", "blank")


def test_a_column_of_several_that_the_file_lacks_is_named(desk: Desk) -> None:
    assert desk.fault(text("niche: [niche, niche2]"), f"{HEADER}\n@a,1,1,food\n").cause.endswith('no column "niche2"')


def test_a_doubt_about_parts_of_cells_says_what_parts_them(desk: Desk) -> None:
    rows = [f"@c{at},100,50,{cell}" for at, cell in enumerate(["beauty/hair", "beauty", "food; travel"])]
    (doubt,) = [one for one in desk.load(text(), "\n".join([HEADER, *rows, ""])).doubts if one.code == "parts-of-cells"]
    assert '"beauty/hair"' in doubt.what
    assert 'split: ["/"]' in doubt.mend
    columns = 'niche: {from: niche, split: ["/"]}'
    assert [one.code for one in desk.load(text(columns), "\n".join([HEADER, *rows, ""])).doubts] == []
