"""An account is a handle on a platform: what is one account, what is another, and how each is named."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from optimizer import Plan, compare, load_scenario, optimize, to_json, try_optimize, verify
from optimizer.domain.accounts import account_of
from optimizer.domain.pool import Labels
from tests.loading.desk import Desk, text_of

TWO = """creator,platform,country,followers,average_engagements,fee
@ana,tiktok,FR,8000,400,100
@ana,Instagram,FR,12000,360,150
@bo,tiktok,BE,7000,280,80
"""


def text(**parts: str) -> str:
    return text_of(**{"assume": None, "budget": "500", **parts})


def ids(desk: Desk, pool: str, **parts: str) -> list[str]:
    return list(desk.load(text(**parts), pool).pool.ids)


def booked(scenario: Any) -> set[str]:
    plan = optimize(scenario, gap=0)
    assert verify(json.loads(to_json(plan)), scenario).holds
    return {one.creator for one in plan.allocations}


def test_a_handle_on_two_platforms_is_two_accounts_named_by_both(desk: Desk) -> None:
    assert ids(desk, TWO) == ["@ana on Instagram", "@ana on tiktok", "@bo"]
    assert booked(desk.load(text(), TWO)) == {"@ana on Instagram", "@ana on tiktok", "@bo"}


@pytest.mark.parametrize(
    "name",
    [
        '"@ana on tiktok"',
        "ANA on TikTok",
        "ana on tt",
        '{creator: "@ana", platform: tiktok}',
        "{creator: ana, platform: TT}",
    ],
)
def test_an_account_is_included_by_handle_and_platform(desk: Desk, name: str) -> None:
    scenario = desk.load(text(include=f"[{name}]", budget="100"), TWO)
    assert booked(scenario) == {"@ana on tiktok"}


@pytest.mark.parametrize("name", ['"@ana on tiktok"', '{creator: "@ana", platform: tiktok}'])
def test_an_account_is_excluded_by_handle_and_platform(desk: Desk, name: str) -> None:
    assert ids(desk, TWO, exclude=f"[{name}]") == ["@ana on Instagram", "@bo"]


@pytest.mark.parametrize(
    "part",
    [
        {"include": '["@ana"]'},
        {"exclude": "[ana]"},
        {"include": "[{creator: [ana, bo]}]"},
        {"constraints": "{r: {quantity: creators, group: {creator: ana}, at_most: 1}}"},
        {"constraints": '{r: {at_most_one_of: ["@ana", "@bo"]}}'},
        {"creators": "{file: pool.csv, where: {creator: ana}}"},
    ],
)
def test_the_bare_handle_of_two_accounts_is_unclear(desk: Desk, part: dict[str, str]) -> None:
    problem = desk.fault(text(**part), TWO)
    assert problem.code == "unclear-creator"
    assert '"@ana on Instagram", "@ana on tiktok"' in problem.cause
    assert '"@ana on Instagram"' in problem.mend


def test_rules_name_an_account_by_handle_and_platform(desk: Desk) -> None:
    rules = {
        "{r: {quantity: creators, group: {creator: [ana on tiktok]}, exactly: 0}}": {"@ana on Instagram", "@bo"},
        "{r: {quantity: creators, group: {creator: ana, platform: tiktok}, exactly: 0}}": {"@ana on Instagram", "@bo"},
        '{r: {if: "@bo on tiktok", then: {creator: ana, platform: instagram}}}': {
            "@ana on Instagram",
            "@ana on tiktok",
            "@bo",
        },
        '{r: {at_most_one_of: ["@ana on instagram", {creator: ana, platform: tiktok}]}}': {"@ana on tiktok", "@bo"},
    }
    for rule, expected in rules.items():
        assert booked(desk.load(text(constraints=rule), TWO)) == expected, rule


def test_a_handle_on_one_platform_keeps_its_name_and_may_be_named_with_the_platform(desk: Desk) -> None:
    assert booked(desk.load(text(include='["@bo on TikTok"]', budget="80"), TWO)) == {"@bo"}
    assert desk.fault(text(include='["@bo on instagram"]'), TWO).code == "unknown-creator"
    assert desk.fault(text(include="[{creator: bo, platform: instagram}]"), TWO).code == "unknown-creator"


def test_an_address_is_the_account_and_says_a_blank_platform(desk: Desk) -> None:
    pool = """creator,platform,followers,average_engagements,fee
https://www.tiktok.com/@ana/,,8000,400,100
instagram.com/ana?igsh=abc,,12000,360,150
@bo,tiktok,7000,280,80
https://www.youtube.com/watch?v=1,youtube,7000,280,80
"""
    scenario = desk.load(text(), pool)
    assert list(scenario.pool.ids)[:2] == ["@ana on instagram", "@ana on tiktok"]
    assert [scenario.pool.platform(at) for at in range(4)] == ["instagram", "tiktok", "tiktok", "youtube"]


def test_addresses_give_a_file_without_platforms_a_column_of_them(desk: Desk) -> None:
    pool = "creator,average_engagements,fee\nhttps://www.tiktok.com/@ana/,400,100\nbo,300,80\n"
    scenario = desk.load(text(constraints="{r: {quantity: creators, group: {platform: tiktok}, at_least: 1}}"), pool)
    platform = scenario.pool.columns["platform"]
    assert isinstance(platform, Labels)
    assert (platform.vocabulary, platform.known.tolist()) == (("tiktok",), [True, False])
    assert booked(desk.load(text(include='["@ana"]', budget="100"), pool)) == {"https://www.tiktok.com/@ana/"}


def test_an_address_names_the_account_on_its_platform(desk: Desk) -> None:
    address = "https://www.tiktok.com/@ana/"
    assert booked(desk.load(text(include=f"[{address}]", budget="100"), TWO)) == {"@ana on tiktok"}
    assert ids(desk, TWO, exclude=f"[{address}]") == ["@ana on Instagram", "@bo"]
    rule = f"{{r: {{quantity: creators, group: {{creator: '{address}'}}, exactly: 0}}}}"
    assert booked(desk.load(text(constraints=rule), TWO)) == {"@ana on Instagram", "@bo"}
    assert desk.fault(text(include="[instagram.com/bo]"), TWO).code == "unknown-creator"


def test_a_list_of_handles_names_accounts_in_every_way(desk: Desk) -> None:
    desk.write("list.csv", "https://www.tiktok.com/@ana/\n@bo on tiktok\n")
    assert ids(desk, TWO, exclude="[{file: list.csv}]") == ["@ana on Instagram"]
    desk.write("list.csv", "@ana\n@bo\n")
    problem = desk.fault(text(exclude="[{file: list.csv}]"), TWO)
    assert problem.code == "unclear-creator"
    assert problem.cause.startswith('list.csv: "@ana" is unclear')


def test_posts_of_one_handle_on_two_platforms_are_of_two_creators(desk: Desk) -> None:
    pool = "creator,platform,average_engagements\n@ana,tiktok,100\n@ana,instagram,300\n@ana,tiktok,200\n"
    scenario = desk.load(text(creators="{file: pool.csv, rows: posts}", assume="{fee: 50}"), pool)
    assert list(scenario.pool.ids) == ["@ana on instagram", "@ana on tiktok"]


def test_an_address_on_another_platform_than_the_row_says_is_refused(desk: Desk) -> None:
    pool = "creator,platform,average_engagements,fee\nhttps://www.tiktok.com/@ana/,Instagram,400,100\n"
    problem = desk.fault(text(), pool)
    assert problem.code == "other-platform"
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (2, 2)


@pytest.mark.parametrize("platform", ["TikTok", "TT", "tiktok|instagram", "short video", ""])
def test_a_platform_that_may_be_that_of_the_address_is_taken(desk: Desk, platform: str) -> None:
    pool = f"creator,platform,average_engagements,fee\nhttps://www.tiktok.com/@ana/,{platform},400,100\nbo,tiktok,1,1\n"
    assert len(desk.load(text(), pool).pool) == 2


def test_two_spellings_of_one_account_are_one(desk: Desk) -> None:
    pool = "creator,platform,average_engagements,fee\nhttps://www.tiktok.com/@Ana/,,400,100\n@ana,TikTok,400,100\n"
    problem = desk.fault(text(), pool)
    assert (problem.code, problem.mend) == ("duplicate-creator", "keep one of the rows")


def test_a_row_without_a_platform_is_not_told_from_one_with_it(desk: Desk) -> None:
    pool = "creator,platform,average_engagements,fee\n@ana,tiktok,400,100\n@ana,,300,100\n"
    problem = desk.fault(text(), pool)
    assert "one of the two has no platform" in problem.cause
    assert problem.mend.startswith("fill in the platform of both")


def test_rows_of_one_handle_that_are_plainly_of_different_people_are_told_so(desk: Desk) -> None:
    pool = "creator,country,followers,average_engagements,fee\n@ana,FR,8000,400,100\n@ana,US,95000,300,100\n"
    problem = desk.fault(text(), pool)
    assert "looks like another one" in problem.cause
    assert "followers 8000 there, 95000 here" in problem.cause
    assert "platform" in problem.mend
    with_platform = pool.replace("creator,", "creator,platform,").replace("@ana,", "@ana,tiktok,")
    assert "columns: {creator: ...}" in desk.fault(text(), with_platform).mend


def test_of_rows_with_faults_skipped_one_account_is_as_good_as_another(desk: Desk) -> None:
    pool = TWO + "@ana,tiktok,FR,9000,380,90\n"
    scenario = desk.load(text(creators="{file: pool.csv, bad_rows: skip}"), pool)
    assert list(scenario.pool.ids) == ["@ana on Instagram", "@bo"]


def test_a_comparison_knows_an_account_by_either_name(desk: Desk) -> None:
    one = desk.load(text(), TWO)
    other = desk.load(text(), "creator,platform,average_engagements,fee\n@ana,TikTok,400,100\n")
    plans = {"one": optimize(one), "other": optimize(other)}
    rows = [row for row in compare(plans).roster if row.creator.startswith("@ana")]
    assert [sum(case is not None for case in row.cases) for row in rows] == [1, 2]


def test_handles_written_in_any_way_are_one_account_each_whatever_the_order() -> None:
    rng = random.Random("accounts")
    names = ["ana", "bo", "cy.lyon", "dé", "ef_1"]
    ways = [
        "{}",
        "@{}",
        "https://www.tiktok.com/@{}/",
        "tiktok.com/@{}?x=1",
        "instagram.com/{}",
        "www.instagram.com/{}/",
    ]
    for _ in range(60):
        accounts: dict[tuple[str, str], str] = {}
        for name in names:
            for way in rng.sample(ways, 3):
                cell = way.format(name.upper() if rng.random() < 0.3 else name)
                platform = account_of(cell)[1] or rng.choice(["tiktok", "instagram"])
                accounts.setdefault((name, platform), cell)
        rows = list(accounts.items())
        rng.shuffle(rows)
        frame = {
            "creator": [cell for _, cell in rows],
            "platform": [None if account_of(cell)[1] else platform for (_, platform), cell in rows],
            "fee": ["1"] * len(rows),
        }
        said = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}}
        pool = load_scenario(said, creators=frame).pool
        assert list(pool.keys) == sorted(pool.keys)
        for (name, platform), _ in rows:
            at = pool.position(f"@{name} on {platform}")
            assert at is not None
            assert pool.platform(at) == platform
            several = sum(other == name for other, _ in accounts)
            assert len(pool.positions(name)) == several
        assert isinstance(try_optimize(load_scenario(said, creators=frame)), Plan)
