"""The presets: strict data, and exports with the headers that the tools write, read with nothing but the preset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario, optimize, to_dict
from optimizer.domain.figures import FIGURES
from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.presets import Preset, PresetError, load, names
from optimizer.presets.preset import plain
from optimizer.presets.read import parse

TEXTS = {"creator", "platform", "niche", "country", "posted"}
EXPORTS: dict[str, tuple[str, dict[str, object]]] = {
    "modash": (
        "\ufeffusername,Name,Followers,Engagement Rate,Avg. Likes,Avg. Views,Fake Followers,Country,Email\n"
        "@ana,Ana A,42.9k,11.85%,4.1k,12.5k,8%,FR,ana@example.org\n",
        {
            "followers": 42_900,
            "engagement_rate": 0.1185,
            "average_views": 12_500,
            "authenticity": 0.92,
            "country": "FR",
        },
    ),
    "modash-api": (
        "userId,fullname,username,url,followers,engagements,engagementRate\n"
        "17,Ana A,ana,https://example.org/ana,42900,120,0.0028\n",
        {"followers": 42_900, "average_engagements": 120, "engagement_rate": 0.0028},
    ),
    "hypeauditor": (
        'Influencer insta name,instagram name,category_1,category_2,Followers,Audience country(mostly),"Authentic '
        'engagement\r\n","Engagement avg\r\n"\nana,Ana A,Beauty,,85K,France,1.2K,1.9K\n',
        {"followers": 85_000, "average_engagements": 1_900, "niche": "Beauty", "country": "France"},
    ),
    "hypeauditor-api": (
        "username,full_name,posts_count,followers_count,followings_count,avg_likes,avg_comments,aqs,aqs_name\n"
        "ana,Ana A,210,42900,300,900,40,81,Excellent\n",
        {"followers": 42_900, "average_engagements": 940},
    ),
    "apify-instagram": (
        "username,followersCount,postsCount,latestPosts/0/likesCount,latestPosts/0/commentsCount\nana,42900,210,900,40\n",
        {"followers": 42_900, "platform": "instagram"},
    ),
    "apify-instagram-posts": (
        "ownerUsername,likesCount,commentsCount,type,productType,timestamp,url,videoPlayCount\n"
        "ana,900,40,Video,clips,2026-10-02T10:00:00.000Z,https://example.org/p/1,12500\n",
        {"average_engagements": 940, "average_views": 12_500, "platform": "instagram"},
    ),
    "apify-tiktok": (
        "id,text,createTimeISO,webVideoUrl,authorMeta/name,authorMeta/nickName,authorMeta/fans,authorMeta/heart,"
        "playCount,diggCount,commentCount,shareCount,collectCount,isAd\n"
        "7,new book,2026-10-02T10:00:00.000Z,https://example.org/v/7,ana,Ana A,42900,990000,12500,900,40,30,20,false\n",
        {"followers": 42_900, "average_engagements": 990, "average_views": 12_500, "platform": "tiktok"},
    ),
    "phantombuster": (
        "profileName,followersCount,followingCount,postsCount\nana,42900,300,210\n",
        {"followers": 42_900, "platform": "instagram"},
    ),
    "business-suite": (
        "Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,Post type,"
        "Date,Views,Reach,Likes,Shares,Follows,Comments,Saves\n"
        '1,2,ana,Ana A,new book,21,10/02/2026 10:00,https://example.org/p/1,IG reel,Lifetime,"12,500","9,000",900,30,2,'
        "40,20\n",
        {"average_engagements": 990, "average_views": 12_500},
    ),
    "tiktok-studio": (
        "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views,Total play time,"
        "Average watch time,Watched full video,Add to favorites\n"
        "new book,https://example.org/v/7,Oct 2,900,40,30,12500,9h,4.1s,0.31,20\n",
        {"average_engagements": 990, "average_views": 12_500, "platform": "tiktok"},
    ),
    "youtube-studio": (
        "Contenu,Titre de la vidéo,Heure de publication de la vidéo,Durée,Vues engagées,Vues,"
        "Ont continué de regarder (%)\n"
        'a1,nouveau livre,28 sept. 2026,31,"9\u202f000","12\u202f500","62,1"\n',
        {"average_views": 12_500, "platform": "youtube"},
    ),
    "impact": (
        "Creator,Creator ID,Creator Campaign Name,Event Date,Post ID,Post Type,Post URL,Social Platform,Followers,"
        "Impressions,Engagements,Comments,Clicks,Flat Fee\n"
        "ana,3,Launch,2026-10-02,1,reel,https://example.org/p/1,instagram,42900,12500,990,40,88,250\n",
        {"followers": 42_900, "average_views": 12_500, "average_engagements": 990, "fee": 25_000},
    ),
    "table-fr": (
        "Réseau;Nom d'utilisateur;Nom;Abonnés;Taux d'engagement;Engagement moyen;Vues moyennes;Score\n"
        "Instagram;@ana;Ana A;42 900;4,2;990;12 500;81\n",
        {"followers": 42_900, "engagement_rate": 0.042, "average_views": 12_500, "platform": "Instagram"},
    ),
}


def scenario(folder: Path, text: str, columns: dict[str, Any], **more: Any) -> Scenario:
    (folder / "export.csv").write_text(text, encoding="utf-8", newline="")
    said = {"format": 1, "currency": "EUR", "budget": 1_000, "objective": {"maximize": "creators"}, **more}
    return load_scenario(said | {"creators": {"file": "export.csv", "columns": columns}}, root=folder)


def value(found: Scenario, name: str) -> object:
    column = found.pool.columns[name]
    return column.vocabulary[column.codes[0]] if hasattr(column, "vocabulary") else float(column.values[0])


def test_every_preset_has_an_export_here():
    assert sorted(EXPORTS) == list(names())


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_an_export_is_read_by_its_preset_alone(name, tmp_path):
    text, expected = EXPORTS[name]
    own = {} if "creator" in load(name).names else {"creator": {"is": "@ana"}}
    found = scenario(tmp_path, text, {"preset": name, **own})
    assert found.pool.keys[0] == "ana"
    for column, wanted in expected.items():
        got = value(found, column)
        assert got == (pytest.approx(wanted) if isinstance(wanted, (int, float)) else wanted), column


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_an_export_is_told_from_all_others_by_its_marks(name):
    header = (
        EXPORTS[name][0]
        .replace("\r\n", " ")
        .splitlines()[0]
        .lstrip("\ufeff")
        .replace('"', "")
        .replace(";", ",")
        .split(",")
    )
    fitting = [other for other in names() if load(other).fits(header)]
    assert fitting == ([name] if load(name).marks else [])


def test_every_preset_says_where_its_headers_were_seen():
    for preset in map(load, names()):
        assert preset.source
        assert preset.date
        assert set(preset.names) <= TEXTS | set(FIGURES)
        for column in preset.columns:
            assert column.parts or column.constant


def test_a_column_of_ones_own_comes_before_the_preset(tmp_path):
    text = "username,Followers,Engagement Rate,ER now,Price\nana,42900,1%,5%,250\n"
    found = scenario(tmp_path, text, {"preset": "modash", "engagement_rate": "ER now", "fee": "Price"})
    assert (value(found, "engagement_rate"), value(found, "fee")) == (0.05, 25_000)
    assert "engagement_rate" not in found.definitions


def test_what_a_preset_reads_and_misses_is_noted(tmp_path):
    found = scenario(tmp_path, "username,Followers\nana,42900\n", {"preset": "modash", "platform": {"is": "tiktok"}})
    assert found.notes == (
        "preset modash reads creator from username, followers from Followers; not in the file: country, niche,"
        " engagement_rate, average_views, authenticity",
    )


def test_headers_in_any_spelling_are_the_same():
    assert {plain(name) for name in ("followersCount", "Followers_count", "followers count")} == {"followers count"}
    assert plain("authorMeta/fans") == plain("authorMeta.fans")
    assert plain("Nom d’utilisateur") == plain("nom d'utilisateur")


def test_two_columns_that_are_spelled_alike_are_passed_over():
    found = load("modash").matched(["username", "engagement rate", "Engagement_Rate ", "Engagement-Rate"])
    assert found["engagement_rate"][1] == ("engagement rate",)
    assert "engagement_rate" not in load("modash").matched(["username", "Engagement_Rate", "Engagement-Rate"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: {creator: a}\nsource: b\ndate: 2026", "p.yaml: title: is missing"),
        ("title: a\nsource: b\ndate: soon\ncolumns: {creator: a}", "p.yaml: date: is a day, a year"),
        ("title: a\nsource: b\ndate: 2026\ncolumns: {}", "p.yaml: columns: is empty"),
        ("title: a\nsource: b\ndate: 2026\nrows: videos\ncolumns: {creator: a}", "p.yaml: rows: is posts"),
        (
            "title: a\nsource: b\ndate: 2026\ncolumns: {creator: {from: a, is: b}}",
            "p.yaml: columns.creator: has one of",
        ),
        (
            "title: a\nsource: b\ndate: 2026\ncolumns: {creator: {from: a, per: b}}",
            "p.yaml: columns.creator.per: is not a",
        ),
        (
            "title: a\nsource: b\ndate: 2026\ncolumns: {fee: {from: a, unit: cents}}",
            "p.yaml: columns.fee.unit: is percent",
        ),
        ("title: a\ntitle: b\nsource: b\ndate: 2026\ncolumns: {creator: a}", '"title" stands twice'),
    ],
)
def test_a_mistake_in_a_data_file_names_its_key(text, says):
    with pytest.raises(PresetError, match=r"p\.yaml: ") as caught:
        parse(text, "p.yaml")
    assert says in str(caught.value)


def test_a_sum_takes_the_columns_that_are_there():
    preset: Preset = load("business-suite")
    way, columns = preset.matched(["Account username", "Likes", "Comments"])["average_engagements"]
    assert columns == ("Likes", "Comments")
    assert [str(one) for one in way.meaning(columns)] == ["Likes + Comments"]
    assert "average_engagements" not in preset.matched(["Account username", "Comments"])


# --- what a rate counts ---

RATES = "username,platform,Followers,Engagement Rate,fee\nana,{},42900,5%,250\n"


def test_the_definition_of_a_rate_stands_beside_it_in_a_plan(tmp_path):
    found = scenario(tmp_path, RATES.format("Instagram"), {"preset": "modash"})
    plan = optimize(found)
    told = {"engagement_rate": "median likes / followers, without comments (instagram)"}
    assert to_dict(plan)["definitions"] == told
    assert plan.definitions == told
    assert "engagement_rate counts: median likes / followers, without comments (instagram)\n" in str(plan)


def test_definitions_of_other_platforms_are_left_out(tmp_path):
    found = scenario(tmp_path, RATES.format("tiktok"), {"preset": "modash"})
    assert found.definitions["engagement_rate"] == "mean likes / mean views (tiktok, youtube)"


def test_a_definition_may_be_written_by_hand(tmp_path):
    column = {"from": "Engagement Rate", "definition": "likes and comments / followers"}
    found = scenario(tmp_path, RATES.format("tiktok"), {"creator": "username", "engagement_rate": column})
    assert found.definitions == {"engagement_rate": "likes and comments / followers"}
    assert [doubt.code for doubt in found.doubts] == []


@pytest.mark.parametrize(
    ("meaning", "asked"),
    [
        ("mean likes / mean views", "it is not counted over followers"),
        ("(likes + comments) / views", "it is not counted over followers"),
        ("interactions over impressions", "it is not counted over followers"),
        ("interactions par vue", "it is not counted over followers"),
        ("likes / followers", "it counts likes only"),
        ("median likes / followers, without comments", "it counts likes only"),
        ("j'aime / abonnés, sans commentaires", "it counts likes only"),
        ("(likes + comments) / followers", None),
        ("interactions / followers", None),
        ("interactions with one post, without views / followers", None),
        ("as the agency counts it", None),
    ],
)
def test_a_rate_of_another_kind_is_asked_about(meaning, asked, tmp_path):
    column = {"from": "Engagement Rate", "definition": meaning}
    found = scenario(tmp_path, RATES.format("tiktok"), {"creator": "username", "engagement_rate": column})
    told = [doubt.what for doubt in found.doubts if doubt.code == "rate-of-another-kind"]
    assert told == ([f"engagement_rate is {meaning}: {asked}"] if asked else [])


def test_a_rate_is_not_asked_about_where_interactions_are_known(tmp_path):
    text = "userId,fullname,username,followers,engagements,engagementRate\n1,Ana A,ana,42900,120,0.0028\n"
    found = scenario(tmp_path, text, {"preset": "modash-api"})
    assert "engagement_rate" in found.definitions
    assert [doubt.code for doubt in found.doubts] == []


def test_an_unknown_preset_is_the_only_fault(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        scenario(tmp_path, RATES.format("tiktok"), {"preset": "modahs"})
    assert [(one.code, one.mend) for one in caught.value.problems] == [("unknown-preset", 'did you mean "modash"?')]
