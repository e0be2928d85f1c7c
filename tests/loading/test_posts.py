"""A file with one row for each post gives means over each creator's posts."""

from __future__ import annotations

import random

import pytest

from optimizer.domain.exact import parse_number
from optimizer.domain.pool import Labels, Numbers
from tests.loading.desk import Desk, spot, text_of

COLUMNS = "average_views: Views, average_engagements: {sum: [Likes, Comments]}"
YOUTUBE = (
    'Content,Video title,Video publish time,Views,Likes,Comments\nTotal,,,"30,600","1,100",90\n'
    'abc,First one,2026-09-01,"12,400",400,30\ndef,"Second, one",2026-09-08,"18,200",700,60\n'
)
SUITE = (
    "Post ID;Account username;Publish time;Views;Likes;Comments;Followers\n"
    "1;@ana;09/28/2026 10:00;1200;100;10;5200\n2;Ana;09/03/2026 10:00;1300;120;0;5000\n"
    "3;bea;09/12/2026 10:00;;50;3;9000\n4;@ana;09/01/2026 10:00;2000;80;0;4900\n"
)


def said(columns: str, **more: str) -> str:
    keys = "".join(f", {key}: {value}" for key, value in ({"rows": "posts"} | more).items())
    return text_of(creators=f"{{file: pool.csv{keys}, columns: {{{columns}, {COLUMNS}}}}}")


def column(pool: object, name: str) -> list[float | None]:
    found = pool.columns[name]  # type: ignore[attr-defined]
    assert isinstance(found, Numbers)
    return [value if known else None for value, known in zip(found.values.tolist(), found.known, strict=True)]


def test_the_posts_of_one_account_are_one_creator_and_the_row_of_totals_is_left_out(desk: Desk) -> None:
    scenario = desk.load(said('creator: {is: "@me"}, followers: {is: 12_000}, fee: {is: 100}'), YOUTUBE)
    assert list(scenario.pool.ids) == ["@me"]
    assert column(scenario.pool, "average_views") == [15_300.0]
    assert column(scenario.pool, "average_engagements") == [595.0]
    assert column(scenario.pool, "posts_measured") == [2.0]
    assert column(scenario.pool, "fee") == [10_000]
    assert "pool.csv has 1 row called Total: left out, as it sums up the others" in scenario.warnings


def test_means_are_over_the_posts_that_have_the_figure_and_followers_are_the_newest(desk: Desk) -> None:
    pool = desk.load(said("creator: Account username, posted: Publish time, fee: {is: 100}"), SUITE).pool
    assert list(pool.keys) == ["ana", "bea"]
    assert column(pool, "average_engagements") == [(110 + 120 + 80) / 3, 53.0]
    assert column(pool, "average_views") == [1_500.0, None]
    assert column(pool, "followers") == [5_200.0, 9_000.0]
    assert column(pool, "posts_measured") == [3.0, 1.0]
    assert column(pool, "posts_measured_average_views") == [3.0, None]


def test_without_a_date_followers_are_the_most_and_this_is_told(desk: Desk) -> None:
    scenario = desk.load(said("creator: Account username, fee: {is: 100}"), SUITE)
    assert column(scenario.pool, "followers") == [5_200.0, 9_000.0]
    assert any("does not say when posts came out" in warning for warning in scenario.warnings)


@pytest.mark.parametrize(
    ("times", "newest"),
    [
        (["2026-09-28", "2026-10-03"], 2),
        (["2026-09-28T10:00:00Z", "2026-09-28T09:59:59Z"], 1),
        (["1790000000", "1780000000"], 1),
        (["28/09/2026", "03/10/2026"], 2),
        (["09/28/2026 10:00", "10/03/2026 09:00"], 2),
    ],
)
def test_the_newest_post_is_found_in_the_usual_forms_of_a_date(desk: Desk, times: list[str], newest: int) -> None:
    rows = "".join(f"ana;{time};100;10;1;{at}000\n" for at, time in enumerate(times, 1))
    columns = "creator: who, posted: when, fee: {is: 100}"
    scenario = desk.load(said(columns), "who;when;Views;Likes;Comments;followers\n" + rows)
    assert column(scenario.pool, "followers") == [newest * 1_000.0]
    assert scenario.warnings == ()


def test_a_date_that_can_be_read_in_two_ways_is_not_used(desk: Desk) -> None:
    pool = "who;when;Views;Likes;Comments;followers\nana;09/08/2026;1;1;1;2000\nana;10/07/2026;1;1;1;3000\n"
    scenario = desk.load(said("creator: who, posted: when, fee: {is: 100}"), pool)
    assert any("can be read in several ways" in warning for warning in scenario.warnings)


def test_the_order_of_posts_changes_no_figure(desk: Desk) -> None:
    rng = random.Random(4)
    rows = [
        f"c{rng.randrange(20)};{rng.uniform(1, 9e4):.2f};{rng.randrange(999)};{rng.randrange(99)};5000"
        for _ in "x" * 400
    ]
    head = "creator;Views;Likes;Comments;followers\n"
    text = text_of(creators=f"{{file: pool.csv, rows: posts, decimal: point, columns: {{{COLUMNS}, fee: {{is: 9}}}}}}")
    first = desk.load(text, head + "\n".join(rows)).pool
    rng.shuffle(rows)
    second = desk.load(text, head + "\n".join(rows)).pool
    assert list(first.keys) == list(second.keys)
    for name, found in first.columns.items():
        if isinstance(found, Numbers):
            assert column(first, name) == column(second, name), name


def test_texts_of_several_posts_are_all_kept(desk: Desk) -> None:
    pool = "creator;niche;Views;Likes;Comments;followers\na;food;1;1;1;2000\na;home;1;1;1;2000\nb;;1;1;1;2000\n"
    niche = desk.load(said("fee: {is: 100}"), pool).pool.columns["niche"]
    assert isinstance(niche, Labels)
    assert [None if code < 0 else niche.vocabulary[code] for code in niche.codes] == ["food|home", None]


def test_a_row_that_is_no_number_is_told_or_left_out_of_the_mean(desk: Desk) -> None:
    pool = "creator;Views;Likes;Comments;followers\na;100;1;1;2000\na;many;1;1;2000\n"
    assert spot(desk.fault(said("fee: {is: 100}"), pool)) == ("not-a-number", 3, 2)
    scenario = desk.load(said("fee: {is: 100}", bad_rows="skip"), pool)
    assert (column(scenario.pool, "average_views"), column(scenario.pool, "posts_measured")) == ([100.0], [1.0])


def test_a_fee_that_differs_between_the_posts_of_a_creator_is_asked_about(desk: Desk) -> None:
    pool = "creator;fee;Views;Likes;Comments;followers\na;100;1;1;1;2000\na;120;1;1;1;2000\n"
    assert desk.fault(said("niche: {is: food}"), pool).code == "amounts-differ"


def test_posts_that_are_given_as_creators_are_asked_about_as_a_whole(desk: Desk) -> None:
    pool = "creator;Views;Likes;Comments;followers;fee\n" + "".join(f"c{at % 2};{at};1;1;2000;9\n" for at in range(8))
    problem = desk.fault(text_of(), pool)
    assert problem.code == "rows-of-posts"
    assert "rows: posts" in problem.mend
    problem = desk.fault(text_of(), YOUTUBE)
    assert (problem.code, "rows: posts" in problem.mend) == ("no-creator-column", True)


def test_a_sum_of_which_a_part_is_blank_is_unknown_and_this_is_told(desk: Desk) -> None:
    pool = "creator;Views;Likes;Comments;followers\na;100;10;2;2000\na;100;40;;2000\n"
    scenario = desk.load(said("fee: {is: 100}"), pool)
    assert column(scenario.pool, "average_engagements") == [12.0]
    assert column(scenario.pool, "posts_measured_average_engagements") == [1.0]
    assert any(
        "only some of the columns that average_engagements sums up in 1 rows" in one for one in scenario.warnings
    )


@pytest.mark.parametrize("rows", [2, 5, 9])
def test_one_creator_for_all_rows_means_that_rows_are_posts(desk: Desk, rows: int) -> None:
    pool = "Views;Likes;Comments;followers;fee\n" + "1;1;1;2000;9\n" * rows
    said_ = text_of(creators='{file: pool.csv, columns: {creator: {is: "@me"}}}')
    assert desk.fault(said_, pool).code == "rows-of-posts"


@pytest.mark.parametrize("text", ["12_000", "1.2e4", "12000"])
def test_a_number_for_all_rows_is_written_as_in_a_scenario(desk: Desk, text: str) -> None:
    found = parse_number(text)
    assert found is not None
    columns = f"creator: Account username, followers: {{is: {text}}}, fee: {{is: 100}}"
    assert column(desk.load(said(columns), SUITE).pool, "followers") == [float(found.value)] * 2
