"""The file of single posts that `forecast` names: how it is read, and what the pool takes from it."""

from __future__ import annotations

import json
from datetime import date, datetime
from io import BytesIO
from typing import Any

import numpy as np
import openpyxl
import pytest

from optimizer.domain.scenario import Scenario
from optimizer.loading.load import changed_scenario
from tests.loading.desk import Desk, at, spot, text_of

POOL = """creator,platform,followers,fee,average_views
@ana,tiktok,5000,100,
@bea,instagram,20000,400,700
@cia,tiktok,8000,50,
"""
NAN = float("nan")


def loaded(
    desk: Desk, posts: str | bytes, said: str = "posts.csv", pool: str = POOL, file: str = "posts.csv", **parts: str
) -> Scenario:
    desk.write(file, posts)
    return desk.load(text_of(**{"forecast": f"{{past_posts: {said}}}", **parts}), pool)


def told(scenario: Scenario) -> list[tuple[Any, ...]]:
    past = scenario.past_posts
    assert past is not None
    columns = (past.creator, past.views, past.interactions, past.age, past.sponsored)
    return list(zip(*(one.tolist() for one in columns), strict=True))


def same(found: list[tuple[Any, ...]], asked: list[tuple[Any, ...]]) -> None:
    assert [tuple(map(repr, one)) for one in found] == [tuple(map(repr, one)) for one in asked]


def cell(scenario: Scenario, column: str, who: str) -> float | None:
    found, place = scenario.pool.columns[column], scenario.pool.position(who)
    return float(found.values[place]) if found.known[place] else None


def test_posts_are_read_by_creator_with_what_they_brought(desk: Desk) -> None:
    posts = """creator,date,views,likes,comments,shares,sponsored
@bea,2026-09-28,900,10,2,3,yes
@Ana,2026-07-01,1200,30,0,1,
ana,2026-09,100,5,,1,no
"""
    scenario = loaded(desk, posts)
    same(told(scenario), [(0, 1200.0, 31.0, 2, False), (0, 100.0, NAN, 0, False), (1, 900.0, 15.0, 0, True)])
    assert [file.path for file in scenario.inputs] == ["s.yaml", "pool.csv", "posts.csv"]


def test_a_scenario_without_the_key_has_no_posts(desk: Desk) -> None:
    assert desk.load().past_posts is None


def test_columns_are_found_in_any_case_or_as_they_are_mapped(desk: Desk) -> None:
    posts = "Profile;When;VIEWS;ad;reactions;replies\n@ana;28.09.2026 10:30;1.200;oui;1,5k;7\n@ana;3.12.2025;80;0;2;1\n"
    said = (
        "{file: posts.csv, columns: {creator: profile, date: When, sponsored: AD,"
        " interactions: {sum: [reactions, replies]}}}"
    )
    same(told(loaded(desk, posts, said)), [(0, 80.0, 3.0, 9, False), (0, 1200.0, 1507.0, 0, True)])


@pytest.mark.parametrize(
    "written", ["@ANA", "ana", "https://www.tiktok.com/@ana?lang=fr", "tiktok.com/@Ana/video/7123", "@ana on tiktok"]
)
def test_creators_are_named_as_in_pools(desk: Desk, written: str) -> None:
    assert [one[0] for one in told(loaded(desk, f"creator,views\n{written},5\n"))] == [0]


def test_the_platform_tells_equal_handles_apart(desk: Desk) -> None:
    pool = "creator,platform,followers,fee\n@ana,tiktok,5000,100\n@ana,instagram,6000,100\n@bea,,5000,10\n"
    posts = "creator,platform,views\n@ana,TT,1\nana,Insta,2\nhttps://www.tiktok.com/@ana,,3\n@bea,youtube,4\n"
    scenario = loaded(desk, posts, pool=pool)
    assert [(scenario.pool.ids[who], views) for who, views, *_ in told(scenario)] == [
        ("@ana on instagram", 2.0),
        ("@ana on tiktok", 1.0),
        ("@ana on tiktok", 3.0),
        ("@bea", 4.0),
    ]


def test_posts_on_another_platform_are_not_the_creators(desk: Desk) -> None:
    scenario = loaded(desk, "creator,platform,views\n@ana,instagram,1\n@ana,tiktok,2\n")
    assert [one[1] for one in told(scenario)] == [2.0]
    assert "posts.csv has 1 post of 1 account that is not in the pool" in scenario.warnings


def test_posts_of_others_are_counted_in_one_warning(desk: Desk) -> None:
    scenario = loaded(desk, "creator,views\n@x,1\n@x,2\n@y,3\n@ana,4\n")
    assert [line for line in scenario.warnings if "posts.csv" in line] == [
        "posts.csv has 3 posts of 2 accounts that are not in the pool"
    ]


def test_pinned_and_boosted_posts_are_left_out_and_counted(desk: Desk) -> None:
    posts = "creator,views,pinned,paid,date\n@ana,1,yes,,2026-09-01\n@ana,2,no,1,2026-08-01\n@ana,3,,FALSE,2026-06-30\n"
    scenario = loaded(desk, posts)
    same(told(scenario), [(0, 3.0, NAN, 3, False)])
    assert "posts.csv has 1 pinned and 1 paid posts: left out" in scenario.warnings


@pytest.mark.parametrize(
    ("dates", "ages"),
    [
        (["2026-09-28", "2026-09", "2026-08-31"], [1, 0, 0]),
        (["2026-09-28T10:00:00Z", "2025-09-28 10:00", ""], [12, 0, 0]),
        (["09/28/2026", "08/03/2026", "3/1/2026"], [6, 1, 0]),
        (["28/09/2026", "03/08/2026", "1.3.2026"], [6, 1, 0]),
        (["1790553600", "1787875200000", ""], [1, 0, 0]),
        (["2026/09/28", "28/09/2026", "2026-07"], [2, 0, 0]),
        (["01/01/2026", "02/02/2026", "05/05/2026"], [4, 3, 0]),
    ],
)
def test_dates_are_read_in_several_spellings(desk: Desk, dates: list[str], ages: list[int]) -> None:
    posts = "creator,views,date\n" + "".join(f"@ana,{views},{date}\n" for views, date in enumerate(dates))
    assert [one[3] for one in told(loaded(desk, posts))] == ages


def test_workbooks_and_json_are_read_as_well(desk: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["creator", "date", "views", "sponsored"])
    book.active.append(["@ana", datetime(2026, 9, 28, 10, 30), 1200, True])
    book.active.append(["@ana", date(2026, 7, 1), 80, False])
    written = BytesIO()
    book.save(written)
    lines = [
        {"creator": "@ana", "date": "2026-09-28T10:30:00.000Z", "views": 1200, "sponsored": True},
        {"creator": "@ana", "date": "2026-07-01", "views": 80, "sponsored": False},
    ]
    for name, content in {"p.xlsx": written.getvalue(), "p.json": json.dumps(lines)}.items():
        scenario = loaded(desk, content, name, file=name)
        same(told(scenario), [(0, 80.0, NAN, 2, False), (0, 1200.0, NAN, 0, True)])


def test_dates_that_can_be_read_in_two_ways_are_not_used_and_told(desk: Desk) -> None:
    scenario = loaded(desk, "creator,views,date\n@ana,1,03/04/2026\n@ana,1,01/02/2026\n")
    assert [one[3] for one in told(scenario)] == [0, 0]
    assert "posts.csv has dates in date that can be read in several ways: they are not used" in scenario.warnings


def test_posts_without_a_date_are_taken_as_new_and_told(desk: Desk) -> None:
    scenario = loaded(desk, "creator,views,date\n@ana,1,2026-01\n@ana,2,\n@bea,2,2026-03\n")
    same(told(scenario), [(0, 1.0, NAN, 2, False), (0, 2.0, NAN, 0, False), (1, 2.0, NAN, 0, False)])
    assert "posts.csv has 1 post without a date: taken as new" in scenario.warnings


@pytest.mark.parametrize(
    ("posts", "code", "place"),
    [
        ("creator,views\n@ana,many\n", "not-a-number", (2, 2)),
        ("creator,views\n@ana,-3\n", "negative", (2, 2)),
        ("creator,views,date\n@ana,3,yesterday\n", "not-a-date", (2, 3)),
        ("creator,views,date\n@ana,3,2026-13-01\n", "not-a-date", (2, 3)),
        ("creator,views,date\n@ana,3,2206-09-01\n", "not-a-date", (2, 3)),
        ("creator,views,sponsored\n@ana,3,perhaps\n", "not-a-flag", (2, 3)),
        ("creator,views\n,3\n", "blank-handle", (2, 1)),
        ("creator,views\n@ana,3,4\n", "pool-ragged-row", (2, None)),
        ("platform,creator,views\ninstagram,https://www.tiktok.com/@ana,4\n", "other-platform", (2, 1)),
    ],
)
def test_a_faulty_cell_is_told_with_its_place(desk: Desk, posts: str, code: str, place: tuple[int, int | None]) -> None:
    desk.write("posts.csv", posts)
    found = desk.fault(text_of(forecast="{past_posts: posts.csv}"), POOL)
    assert spot(found) == (code, *place)
    assert found.place is not None
    assert found.place.file.endswith("posts.csv")


@pytest.mark.parametrize(
    ("posts", "code"),
    [
        ("creator,date,title\n@ana,2026-09,x\n", "no-post-figures"),
        ("account,views\n@ana,3\n", "no-creator-column"),
        ("shortcode,views\nabc,3\n", "no-creator-column"),
    ],
)
def test_a_file_without_creators_or_figures_is_a_fault(desk: Desk, posts: str, code: str) -> None:
    desk.write("posts.csv", posts)
    found = desk.fault(text_of(forecast="{past_posts: posts.csv}"), POOL)
    assert found.code == code
    assert at(found)[0] == 6


def test_a_post_that_may_be_of_two_accounts_is_a_fault(desk: Desk) -> None:
    pool = "creator,platform,followers,fee\n@ana,tiktok,5000,100\n@ana,instagram,6000,100\n"
    desk.write("posts.csv", "creator,views\n@bea,1\n@ana,1\n")
    found = desk.fault(text_of(forecast="{past_posts: posts.csv}"), pool)
    assert spot(found) == ("unclear-creator", 3, 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("../posts.csv", "path-outside"),
        ("no.csv", "pool-missing"),
        ("{file: posts.csv, column: {}}", "unknown-key"),
        ("{file: posts.csv, columns: {handle: x}}", "unknown-key"),
        ("{file: posts.csv, columns: {views: plays}}", "unknown-column"),
        ("{file: posts.csv, columns: {views: {from: views, unit: percent}}}", "not-percent"),
        ("{columns: {}}", "missing-key"),
    ],
)
def test_a_wrong_key_or_path_is_a_fault(desk: Desk, said: str, code: str) -> None:
    desk.write("posts.csv", "creator,views\n@ana,3\n")
    assert desk.fault(text_of(forecast=f"{{past_posts: {said}}}"), POOL).code == code


def test_where_the_pool_has_no_figure_it_is_the_mean_over_posts(desk: Desk) -> None:
    posts = "creator,views,interactions\n@ana,100,10\n@ana,301,\n@bea,5000,40\n@bea,7000,60\n"
    scenario = loaded(desk, posts)
    assert [cell(scenario, "average_views", who) for who in ("ana", "bea", "cia")] == [200.5, 700.0, None]
    assert [cell(scenario, "average_engagements", who) for who in ("ana", "bea", "cia")] == [10.0, 50.0, None]
    assert [cell(scenario, "posts_measured_average_views", who) for who in ("ana", "bea", "cia")] == [2.0, None, None]
    assert [cell(scenario, "posts_measured_average_engagements", who) for who in ("ana", "bea")] == [1.0, 2.0]


def test_interactions_are_not_filled_in_beside_their_rate(desk: Desk) -> None:
    pool = "creator,followers,fee,engagement_rate\n@ana,5000,100,3%\n@bea,6000,100,\n"
    scenario = loaded(desk, "creator,interactions\n@ana,10\n@bea,20\n", pool=pool)
    assert [cell(scenario, "average_engagements", who) for who in ("ana", "bea")] == [None, 20.0]


def test_means_can_be_asked_for_in_filters(desk: Desk) -> None:
    posts = "creator,views\n@ana,100\n@ana,300\n@cia,20\n"
    creators = "{file: pool.csv, where: {average_views: {from: 150}}}"
    scenario = loaded(desk, posts, creators=creators)
    assert list(scenario.pool.ids) == ["@ana", "@bea"]
    assert [one[0] for one in told(scenario)] == [0, 0]


def test_segments_have_no_posts(desk: Desk) -> None:
    segments = "[{name: typical, available: 2, followers: 3000, fee: 10}]"
    scenario = loaded(desk, "creator,views\ntypical,1\n@ana,2\n", segments=segments)
    assert [(scenario.pool.ids[one[0]], one[1]) for one in told(scenario)] == [("@ana", 2.0)]


def test_the_order_of_the_file_changes_nothing(desk: Desk) -> None:
    rng = np.random.default_rng(3)
    pool = "creator,platform,followers,fee\n" + "".join(f"@c{one},tiktok,{1_000 + one},10\n" for one in range(50))
    lines = [
        f"@c{rng.integers(0, 50)},{rng.integers(0, 9_999)},{rng.integers(0, 99)},2026-0{rng.integers(1, 9)},"
        f"{rng.choice(['', 'yes'])}\n"
        for _ in range(600)
    ]
    found = []
    for order in (range(600), rng.permutation(600)):
        posts = "creator,interactions,views,date,sponsored\n" + "".join(lines[one] for one in order)
        scenario = loaded(desk, posts, pool=pool)
        assert scenario.expecting is not None
        figure = scenario.figure("average_engagements", np.arange(50))
        assert figure is not None
        found.append((told(scenario), scenario.expecting.fitted, figure.values.tolist()))
    assert found[0] == found[1]


def test_the_fit_looks_at_the_posts_of_creators_who_are_left_out(desk: Desk) -> None:
    rng = np.random.default_rng(4)
    pool = "creator,platform,followers,fee\n" + "".join(f"@c{one},tiktok,{1_000 + one},10\n" for one in range(60))
    posts = "creator,interactions\n" + "".join(f"@c{one % 60},{rng.integers(0, 999)}\n" for one in range(600))
    every = loaded(desk, posts, pool=pool)
    few = loaded(desk, posts, pool=pool, creators="{file: pool.csv, where: {followers: {to: 1004}}}")
    assert every.expecting is not None
    assert few.expecting is not None
    assert few.expecting.fitted == every.expecting.fitted
    mine, other = (one.figure("average_engagements", np.arange(5)) for one in (few, every))
    names = [[one.pool.ids[at] for at in range(5)] for one in (few, every)]
    assert mine is not None
    assert other is not None
    assert names[0] == ["@c0", "@c1", "@c2", "@c3", "@c4"]
    assert names[1][:2] == ["@c0", "@c1"]
    assert mine.values[:2].tolist() == other.values[:2].tolist()
    assert len(told(few)) == 50


def test_a_changed_scenario_reads_the_posts_once_and_can_name_others(desk: Desk) -> None:
    scenario = loaded(desk, "creator,views\n@ana,1\n@cia,2\n")
    desk.write("more.csv", "creator,views\n@ana,7\n")
    again = changed_scenario(scenario, {"objective": "{maximize: impressions}", "assume.view_rate": "20%"})
    same(told(again), told(scenario))
    assert again.inputs == scenario.inputs
    other = changed_scenario(scenario, {"forecast.past_posts": "more.csv"})
    assert [one[1] for one in told(other)] == [7.0]
    assert cell(other, "average_views", "cia") is None


def test_a_row_that_sums_up_the_posts_is_no_post(desk: Desk) -> None:
    scenario = loaded(desk, "creator,views\n@ana,1\nTotal,1\n")
    assert len(told(scenario)) == 1
    assert any("sums up the others" in line for line in scenario.warnings)
