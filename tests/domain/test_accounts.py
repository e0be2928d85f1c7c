"""One account, however its handle is written."""

from __future__ import annotations

import pytest

from optimizer.domain.accounts import account_of, handle_key, on_platform, platform_key

ANA_ON_TIKTOK = [
    "https://www.tiktok.com/@ana/",
    "https://www.tiktok.com/@ana",
    "http://tiktok.com/@Ana?lang=fr",
    "tiktok.com/@ANA",
    "m.tiktok.com/@ana/",
    "https://www.tiktok.com/%40ana",
    "https://www.tiktok.com/@ana/video/7123",
    "  https://www.tiktok.com/@ana#top ",
    "HTTPS://WWW.TIKTOK.COM/@ana",
]


@pytest.mark.parametrize("text", ["@ana", "ana", "ANA", " @Ana ", "ana/", *ANA_ON_TIKTOK])
def test_all_spellings_of_a_handle_have_one_key(text: str) -> None:
    assert handle_key(text) == "ana"


@pytest.mark.parametrize("text", ANA_ON_TIKTOK)
def test_an_address_says_the_platform(text: str) -> None:
    assert account_of(text) == ("ana", "tiktok")


@pytest.mark.parametrize(
    ("text", "key", "platform"),
    [
        ("instagram.com/ana?igsh=MzRlODBiNWFlZA==", "ana", "instagram"),
        ("https://www.instagram.com/ana.lyon_/", "ana.lyon_", "instagram"),
        ("https://www.youtube.com/@ana", "ana", "youtube"),
        ("https://youtube.com/@ana/videos", "ana", "youtube"),
        ("https://www.youtube.com/channel/UCabcDEF-1_", "ucabcdef-1_", "youtube"),
        ("https://www.youtube.com/c/AnaCooks", "anacooks", "youtube"),
        ("https://www.youtube.com/user/anacooks", "anacooks", "youtube"),
        ("https://www.youtube.com/anacooks", "anacooks", "youtube"),
        ("https://twitter.com/ana", "ana", "x"),
        ("https://x.com/ana?s=21", "ana", "x"),
        ("https://www.facebook.com/ana.martin", "ana.martin", "facebook"),
        ("https://www.facebook.com/profile.php?id=1000123", "1000123", "facebook"),
        ("https://www.facebook.com/people/Ana-Martin/1000123/", "1000123", "facebook"),
        ("https://fr-fr.facebook.com/ana.martin/", "ana.martin", "facebook"),
        ("https://www.twitch.tv/ana", "ana", "twitch"),
        ("https://www.snapchat.com/add/ana", "ana", "snapchat"),
        ("https://www.threads.net/@ana", "ana", "threads"),
        ("https://www.linkedin.com/in/ana-martin/", "ana-martin", "linkedin"),
        ("https://www.youtube.com/@Cr%C3%A8me", "crème", "youtube"),
    ],
)
def test_addresses_of_accounts_are_read(text: str, key: str, platform: str) -> None:
    assert account_of(text) == (key, platform)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/@ana",
        "https://nottiktok.com/@ana",
        "https://www.tiktok.com/",
        "https://www.tiktok.com/ana",
        "https://www.tiktok.com/@",
        "https://www.instagram.com/p/C1aBcDe/",
        "https://www.instagram.com/reel/C1aBcDe/",
        "https://www.youtube.com/watch?v=abc",
        "https://www.youtube.com/shorts/abc",
        "https://youtu.be/abc",
        "https://x.com/i/flow/login",
        "https://www.facebook.com/groups/1234",
        "food/home",
        "1/2",
    ],
)
def test_what_is_no_address_of_an_account_stays_a_text(text: str) -> None:
    assert account_of(text) == (text.casefold(), "")


def test_short_names_of_platforms_are_the_platforms() -> None:
    assert [platform_key(name) for name in ("TikTok", "IG", "twitter", "YT", "Bluesky")] == [
        "tiktok",
        "instagram",
        "x",
        "youtube",
        "bluesky",
    ]


def test_an_account_is_named_by_its_handle_and_platform() -> None:
    assert on_platform("@Ana", "TikTok") == "@Ana on TikTok"
    assert on_platform("https://www.tiktok.com/@Ana/", "tiktok") == "@ana on tiktok"
