"""Guesses about columns: by preset, by usual names in several languages, by what the cells hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.guessing.guess import Guesses, guess
from optimizer.guessing.names import RANKS, bare, kind_of_fee, rank
from optimizer.guessing.read import read_unknown


@pytest.fixture
def guessed(tmp_path: Path):
    def guessed(text: str, name: str = "list.csv") -> Guesses:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return guess(read_unknown(path, name, None, None))

    return guessed


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("Handle,Network,Topic,Country,Subs,Avg views,ER,Price", "EN"),
        ("Pseudo;Réseau social;Thématique;Pays;Nb abonnés;Vues moyennes;Taux d'engagement (%);Tarif HT (€)", "FR"),
        (
            "Benutzername;Plattform;Kategorie;Land;Anzahl Follower;Durchschnittliche Views;Interaktionsrate;Honorar",
            "DE",
        ),
        ("Usuario;Red social;Categoría;País;Seguidores;Visualizaciones medias;Tasa de interacción;Tarifa", "ES"),
        ("userName,socialPlatform,primaryNiche,countryCode,followerCount,avgViews,engagementRate,pricePerPost", "code"),
    ],
)
def test_usual_names_are_known_in_several_languages(header, ours, guessed):
    mark = ";" if ";" in header else ","
    rows = ["@ana,tiktok,books,FR,8200,3100,6.1,180", "@bea,instagram,food,DE,15400,5200,2.2,420"]
    found = guessed("\n".join([header, *(row.replace(",", mark) for row in rows)]) + "\n")
    order = ["creator", "platform", "niche", "country", "followers", "average_views", "engagement_rate", "fee"]
    assert {name: one.columns[0] for name, one in found.columns.items()} == dict(
        zip(order, header.split(mark), strict=True)
    )
    assert found.columns["engagement_rate"].percent
    assert found.unused == found.unclear == ()


def test_every_guess_has_a_reason(guessed):
    found = guessed("Handle,Subs,ER,Mail\n@ana,8200,6.1,ana@example.org\n")
    assert found.columns["creator"].why == '"Handle" is a usual name for it; it holds @ana'
    assert found.columns["followers"].why == '"Subs" is a usual name for it; numbers up to 8,200'
    assert found.columns["engagement_rate"].why == (
        '"ER" is a usual name for it; its numbers go to 6.1, so they are percent'
    )
    assert found.unused == ("Mail",)


def test_of_two_columns_of_the_same_rank_none_is_taken(guessed):
    found = guessed("Handle,Instagram Followers,TikTok_Followers\n@ana,8200,900\n")
    assert "followers" not in found.columns
    assert [(one.ours, one.columns) for one in found.unclear] == [
        ("followers", ("Instagram Followers", "TikTok_Followers"))
    ]


def test_the_nearer_name_is_taken_and_the_own_name_first(guessed):
    found = guessed("name,username,fee,Price\nAna A,@ana,100,200\n")
    assert (found.columns["creator"].columns, found.columns["fee"].columns) == (("username",), ("fee",))


@pytest.mark.parametrize(
    ("cells", "percent"),
    [("0.061,0.02", False), ("6.1,2.0", True), ("6.1%,2%", False), ("0.9,0.4", False)],
)
def test_the_level_of_a_rate_tells_percent_from_fractions(cells, percent, guessed):
    first, second = cells.split(",")
    found = guessed(f"Handle,ER\n@ana,{first}\n@bea,{second}\n").columns["engagement_rate"]
    assert found.percent == percent
    assert found.sure == (cells != "0.9,0.4")


def test_words_for_blank_do_not_hide_a_column(guessed):
    found = guessed("Handle,ER\n@ana,0.05\n@bea,N/A\n@cy,#N/A\n@di,nan\n").columns
    assert found["engagement_rate"].columns == ("ER",)


def test_zeros_do_not_tell_percent_from_fractions(guessed):
    assert guessed("Handle,ER\n@ana,0\n@bea,0\n@cy,0\n@di,0\n@eve,0\n@flo,5.3\n").columns["engagement_rate"].percent


def test_numbered_niches_are_one_column_of_several_values(guessed):
    found = guessed("Handle,niche1,niche2,niche3\n@ana,books,food,\n@bea,food,,\n").columns
    assert found["niche"].columns == ("niche1", "niche2", "niche3")


def test_one_impossible_rate_does_not_change_the_unit(guessed):
    cells = ["0.04", "0.05", "7.1", "0.02", "0.03", "0.06"]
    found = guessed("Handle,ER\n" + "".join(f"@a{at},{cell}\n" for at, cell in enumerate(cells))).columns
    assert (found["engagement_rate"].percent, found["engagement_rate"].sure) == (False, False)


def test_engagement_is_a_rate_or_a_count_by_its_numbers(guessed):
    assert guessed("Handle,Engagement\n@ana,4.2%\n@bea,3%\n").columns["engagement_rate"].columns == ("Engagement",)
    assert guessed("Handle,Engagement\n@ana,4200\n@bea,300\n").columns["average_engagements"].columns == ("Engagement",)


def test_fake_followers_leave_the_real_ones(guessed):
    found = guessed("Handle,Fake Followers %\n@ana,8\n@bea,12\n").columns["authenticity"]
    assert (found.way, found.percent) == ("all_but", True)
    assert "authenticity" not in guessed("Handle,Fake Followers\n@ana,800\n@bea,1200\n").columns


def test_likes_and_comments_are_added_up(guessed):
    found = guessed("Handle,likesAvg,commentsAvg\n@ana,800,40\n").columns
    assert (found["average_engagements"].way, found["average_engagements"].columns) == (
        "sum",
        ("likesAvg", "commentsAvg"),
    )
    assert found["average_engagements"].definition == "likesAvg + commentsAvg"
    alone = guessed("Handle,likesAvg\n@ana,800\n").columns["average_engagements"]
    assert (alone.columns, alone.sure, alone.definition) == (("likesAvg",), False, "likesAvg, without comments")
    assert "average_engagements" not in guessed("Handle,ER,likesAvg\n@ana,4%,800\n").columns


def test_a_fee_for_each_kind_of_piece(guessed):
    found = guessed("Handle,Tarif story,Tarif réel,Prix Reel,Price per video\n@ana,50,60,100,200\n")
    assert {name: one.columns for name, one in found.columns.items() if name != "creator"} == {
        "fee_story": ("Tarif story",),
        "fee_reel": ("Prix Reel",),
        "fee_video": ("Price per video",),
    }
    assert guessed("Handle,Price per post\n@ana,50\n").columns["fee"].columns == ("Price per post",)


def test_the_platform_is_told_by_its_cells_and_addresses(guessed):
    assert guessed("Handle,Where\n@ana,Instagram\n@bea,TikTok\n").columns["platform"].columns == ("Where",)
    found = guessed("Link,Followers\nhttps://www.tiktok.com/@ana,8200\nhttps://www.tiktok.com/@bea,900\n").columns
    assert (found["platform"].way, found["platform"].columns) == ("is", ("tiktok",))
    assert found["creator"].columns == ("Link",)
    assert guessed("TikTok handle,Subs\nana,8200\n").columns["platform"].columns == ("tiktok",)
    assert "platform" not in guessed("Handle,Subs\nana,8200\n").columns


@pytest.mark.parametrize(
    "text",
    ["Followers,Handle\nmany,@ana\nsome,@bea\n", "Price,Handle\n,@ana\n,@bea\n", "ER,Handle\n4200,@ana\n300,@bea\n"],
)
def test_cells_that_do_not_fit_a_name_are_not_taken(text, guessed):
    assert set(guessed(text).columns) <= {"creator"}


def test_an_address_of_mail_is_no_creator(guessed):
    assert "creator" not in guessed("Account,Followers\nana@example.org,8200\nbea@example.org,900\n").columns


def test_a_preset_is_found_by_its_header(guessed):
    text = "Rank,Nick,Name,Category,Followers,Country,Eng (Auth.),Eng (Avg.)\n1,ana,Ana A,Beauty,85K,France,1.2K,1.9K\n"
    found = guessed(text)
    assert found.preset is not None
    assert found.preset.name == "hypeauditor"
    assert found.by_preset["average_engagements"] == ("Eng (Avg.)",)
    assert found.unused == ("Rank", "Name", "Eng (Auth.)")


def test_modash_is_found_by_the_name_of_the_file(guessed):
    text = "username,Followers,Engagement Rate\nana,42.9k,5%\n"
    assert guessed(text).preset is None
    found = guessed(text, "Modash export 2026.csv")
    assert found.preset is not None
    assert found.why_preset == "the file's name says modash"


def test_a_preset_in_another_unit_is_corrected(guessed):
    text = "Réseau;Nom d'utilisateur;Abonnés;Taux d'engagement\nInstagram;@ana;42900;0,042\nInstagram;@bea;9000;0,06\n"
    found = guessed(text)
    assert found.columns["engagement_rate"].columns == ("Taux d'engagement",)
    assert not found.columns["engagement_rate"].percent
    assert "engagement_rate" not in found.by_preset


def test_rows_of_posts_are_told(guessed):
    rows = "".join(f"ana,https://example.org/p/{at},{at * 10}\n" for at in range(8))
    assert guessed(f"username,Post URL,Likes\n{rows}").posts
    assert not guessed("username,Followers\nana,8200\nbea,900\n").posts


def test_columns_that_differ_in_capitals_only_are_left_alone(guessed):
    found = guessed("Handle,ER,er,Followers\n@ana,3,4,8200\n")
    assert "engagement_rate" not in found.columns
    assert set(found.unused) == {"ER", "er"}


def test_the_words_of_one_of_ours_stand_in_one_rank():
    for ours, lines in RANKS.items():
        assert sum(map(len, lines)) == len(frozenset().union(*lines)), ours
    assert bare("Tarif HT (€)") == "tarif"
    assert rank("NICHE", "niche") == 0
    assert kind_of_fee("engagement rate video") is None
