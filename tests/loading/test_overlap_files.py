"""Files of overlap: pairs, sets and people, however they are written; and every fault with place, cause and cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from optimizer import ScenarioError, load_scenario
from optimizer.domain.pool import Numbers, Pool
from optimizer.estimation.audiences import audiences
from optimizer.loading import overlap_files
from optimizer.loading.overlap_files import Given, read_pairs, read_people
from optimizer.loading.overlap_sets import read_sets
from optimizer.pool_file import limits

CAMPAIGN = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "tiers": {"any": [0, 10**9]}}
ROWS = {
    "creator": ["@Ana", "@bea", "@Zoë", "@dee"],
    "viewers": [1_000, 2_000, 4_000, None],
    "fee": [1, 1, 1, 1],
}


def loaded(rows: dict[str, Any] = ROWS, **more: Any) -> tuple[Pool, Numbers]:
    scenario = load_scenario(CAMPAIGN | more, creators=rows)
    return scenario.pool, audiences(scenario, np.arange(len(scenario.pool)))


POOL = loaded()


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def written(text: str) -> Given:
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        return Given(tmp_path / "f.csv")

    return written


def pairs(given: Given, base: Any = None, rows: dict[str, Any] = ROWS, **more: Any) -> dict[tuple[str, str], float]:
    pool, reached = loaded(rows, **more)
    found = read_pairs(given, pool, reached, base)
    names = [tuple(sorted((pool.ids[a], pool.ids[b]))) for a, b in zip(found.first, found.second, strict=True)]
    return dict(zip(names, found.shared.tolist(), strict=True))


def pairs_of_two(given: Given) -> Any:
    """The pairs of a pool that was read before."""
    return read_pairs(given, *POOL, None).shared.tolist()


def told(error: pytest.ExceptionInfo[ScenarioError]) -> list[tuple[str, int | None, int | None]]:
    return [(one.code, one.place and one.place.line, one.place and one.place.column) for one in error.value.problems]


HEADERS = ["Creator A,Creator B,Shared followers", "first,second,shared", "creator_1,creator_2,overlap", "a,b,count",
           "creator,other,common followers"]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_headers_are_matched_by_what_tools_call_them(file, header):
    assert pairs(file(f"{header}\n@ana,Bea,120\n")) == {("@Ana", "@bea"): 120.0}


def test_handles_match_with_or_without_at_in_any_case_composed_or_not_and_as_links(file):
    text = "first,second,shared\nANA,https://www.tiktok.com/@bea,10\nzoe\u0308,@ANA,20\n"
    assert pairs(file(text)) == {("@Ana", "@bea"): 10.0, ("@Ana", "@Zoë"): 20.0}


def test_a_column_can_be_named(file):
    given = file("streamer,rival,n\nana,bea,7\n")
    named = Given(given.source, {"first": "Streamer", "second": "rival", "shared": "n"})
    assert pairs(named) == {("@Ana", "@bea"): 7.0}
    with pytest.raises(ScenarioError, match=r"f\.csv: no column says who the first creator of a pair is"):
        pairs(given)
    with pytest.raises(ScenarioError, match='did you mean "rival"'):
        pairs(Given(given.source, {"first": "streamer", "second": "rivals", "shared": "n"}))


@pytest.mark.parametrize(
    ("base", "people"), [("smaller", 100.0), ("larger", 200.0), ("first", 200.0), ("both", 3_000 * 0.1 / 1.1)]
)
@pytest.mark.parametrize("cell", ["10%", "10 %", "0.1"])
def test_a_share_is_of_the_audience_that_is_named(file, base, people, cell):
    found = pairs(file(f"first,second,overlap\nbea,ana,{cell}\n"), base)
    assert found == {("@Ana", "@bea"): pytest.approx(people)}


@pytest.mark.parametrize(
    ("cell", "people"), [("120.5", 120.5), ('"120,25"', 120.25), ('"1,000"', 1_000), ("1.000", 1_000)]
)
def test_people_may_be_written_with_decimals_and_with_marks_between_thousands(file, cell, people):
    assert pairs(file(f"first,second,shared\nbea,zoë,{cell}\n")) == {("@Zoë", "@bea"): people}


def test_plain_percents_and_a_header_in_percent_are_percents(file):
    assert pairs(file("first,second,overlap %\nana,bea,10\nana,zoë,0.5\n"), "smaller") == {
        ("@Ana", "@bea"): pytest.approx(100), ("@Ana", "@Zoë"): pytest.approx(5),
    }  # fmt: skip
    assert pairs(file("first,second,overlap\nana,bea,10\n"), "smaller") == {("@Ana", "@bea"): pytest.approx(100)}


@pytest.mark.parametrize("text", ["first,second,overlap\nana,bea,10%\n", "first,second,overlap %\nana,bea,10\n"])
def test_a_share_of_nobody_knows_whom_is_refused(file, text):
    with pytest.raises(ScenarioError, match="not said of whose audience") as error:
        pairs(file(text))
    assert error.value.problems[0].code == "overlap-share-of"
    assert "--share-of smaller" in error.value.problems[0].mend


def test_every_fault_of_the_rows_is_told_with_its_place(file):
    text = "first,second,shared\nana,ana,5\nana,bea,1001\nana,zoë,10\nzoë,ana,11\n,bea,5\nana,dee,3\n"
    with pytest.raises(ScenarioError) as error:
        pairs(file(text))
    assert told(error) == [
        ("overlap-self", 2, 2),
        ("overlap-too-many", 3, 3),
        ("overlap-twice", 5, 3),
        ("overlap-no-creator", 6, 1),
        ("overlap-no-audience", 7, 3),
    ]
    assert all(one.mend for one in error.value.problems)


def test_a_share_above_one_hundred_percent_is_refused(file):
    with pytest.raises(ScenarioError) as error:
        pairs(file("first,second,overlap\nana,bea,110%\n"), "smaller")
    assert told(error) == [("overlap-share-above-one", 2, 3)]


def test_a_pair_twice_with_the_same_figure_counts_once_whoever_stands_first(file):
    pool, reached = loaded()
    found = read_pairs(file("first,second,shared\nana,bea,10\nbea,ana,10\n"), pool, reached, None)
    assert found.shared.tolist() == [10.0]
    assert any("1 pair twice" in one for one in found.warnings)


def test_creators_who_are_not_in_the_pool_are_counted_and_the_first_five_named(file):
    pool, reached = loaded()
    rows = "".join(f"ana,x{at},1\n" for at in range(7))
    found = read_pairs(file(f"first,second,shared\nana,bea,10\n{rows}"), pool, reached, None)
    assert found.outside == 7
    assert "names 7 creators who are not in the pool: x0, x1, x2, x3, x4 and 2 more; 7 pairs" in found.warnings[0]


def test_a_file_about_nobody_of_the_pool_is_refused(file):
    with pytest.raises(ScenarioError, match="none of the pairs is of creators in the pool; the file names x, y"):
        pairs(file("first,second,shared\nx,y,10\n"))


def test_an_empty_file_is_refused(file):
    with pytest.raises(ScenarioError) as error:
        pairs(file(""))
    assert error.value.problems[0].code == "pool-empty"
    with pytest.raises(ScenarioError) as error:
        pairs(file("first,second,shared\n"))
    assert error.value.problems[0].code == "pool-no-rows"


def test_there_may_be_more_rows_than_a_file_of_creators_has(file, monkeypatch):
    text = "first,second,shared\nana,bea,10\nana,zoë,20\n"
    monkeypatch.setattr(limits, "MAX_ROWS", 1)
    assert len(pairs_of_two(file(text))) == 2
    monkeypatch.setattr(overlap_files, "MOST_ROWS", 1)
    with pytest.raises(ScenarioError, match="there are more than 1 rows"):
        pairs_of_two(file(text))


def test_an_audience_is_the_viewers_else_the_real_followers():
    rows = {"creator": ["@a", "@b"], "followers": [1_000, 2_000], "viewers": [None, 9_000], "fee": [1, 1]}
    _, reached = loaded(rows, assume={"authenticity": "50%"})
    assert reached.values.tolist() == [500.0, 9_000.0]
    _, reached = loaded()
    assert reached.values.tolist() == [1_000.0, 2_000.0, 0.0, 4_000.0]
    assert reached.known.tolist() == [True, True, False, True]


def sets(given: Given) -> tuple[list[list[str]], list[float]]:
    pool, reached = loaded()
    found = read_sets(given, pool, reached)
    return [[pool.ids[at] for at in one.tolist()] for one in found.sets], found.people.tolist()


def test_sets_are_parted_by_a_bar_a_semicolon_or_a_comma(file):
    text = 'creators,people\n@ana | bea,2500\nbea;zoë,5000\n"ana, zoë",4500\n'
    assert sets(file(text)) == ([["@Ana", "@bea"], ["@Ana", "@Zoë"], ["@bea", "@Zoë"]], [2500, 4500, 5000])


def test_sets_that_cannot_be_are_refused(file):
    with pytest.raises(ScenarioError) as error:
        sets(file("creators,people\nana|bea,1999\nana|bea,3001\nana|dee,1100\n"))
    assert told(error) == [("overlap-too-few-people", 2, 2), ("overlap-too-many", 3, 2), ("overlap-no-audience", 4, 1)]


def people(given: Given) -> set[tuple[str, str]]:
    pool, _ = loaded()
    found = read_people(given, pool)
    return {(pool.ids[a], found.ids[b]) for a, b in zip(found.creators.tolist(), found.persons.tolist(), strict=True)}


FOLLOWED = {("@Ana", "u1"), ("@bea", "u1"), ("@bea", "u2")}


def test_a_sample_has_rows_of_creators_and_persons(file):
    assert people(file("handle,follower_id\nana,u1\nbea,u1\nBEA,u2\nnobody,u3\n")) == FOLLOWED


@pytest.mark.parametrize("yes", ["1", "yes", "x", "TRUE"])
def test_a_sample_may_have_a_row_a_respondent(file, yes):
    assert people(file(f"respondent,@ana,@bea,age\nu1,{yes},{yes},33\nu2,0,{yes},44\nu3,,no,55\n")) == FOLLOWED


def test_a_sample_may_be_parquet_or_a_data_frame(tmp_path):
    table = pa.table({"creator": ["ana", "bea", "bea"], "person": ["u1", "u1", "u2"]})
    pq.write_table(table, tmp_path / "p.parquet")
    assert people(Given(tmp_path / "p.parquet")) == people(Given(table)) == FOLLOWED


def test_an_answer_that_is_neither_yes_nor_no_is_refused(file):
    with pytest.raises(ScenarioError) as error:
        people(file("respondent,@ana,@bea\nu1,1,maybe\n"))
    assert told(error) == [("overlap-answer", 2, 3)]


def test_a_row_without_a_person_is_refused(file):
    with pytest.raises(ScenarioError) as error:
        people(file("creator,person\nana,u1\nana,\n"))
    assert told(error) == [("overlap-no-person", 3, 2)]
