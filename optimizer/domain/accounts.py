"""Accounts: a handle on a platform, however a cell writes it: `@Ana`, `ana`, `https://www.tiktok.com/@ana/`.

Where a pool has one handle on two platforms, each account is called `@ana on tiktok`, and that is its id everywhere.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

from optimizer.domain.filters import fold

ON = " on "
_HOSTS = {
    "tiktok.com": "tiktok",
    "instagram.com": "instagram",
    "youtube.com": "youtube",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "x.com": "x",
    "twitter.com": "x",
    "twitch.tv": "twitch",
    "snapchat.com": "snapchat",
    "threads.net": "threads",
    "threads.com": "threads",
    "pinterest.com": "pinterest",
    "linkedin.com": "linkedin",
}
_ALIASES = {
    "tt": "tiktok",
    "tik tok": "tiktok",
    "tik-tok": "tiktok",
    "ig": "instagram",
    "insta": "instagram",
    "yt": "youtube",
    "you tube": "youtube",
    "fb": "facebook",
    "twitter": "x",
    "x (twitter)": "x",
}
_AT_ONLY = ("tiktok", "threads")  # whose accounts are written /@name; any other page has no @
_BEFORE = {  # what stands before the name, on platforms where something does
    "youtube": ("channel", "c", "user"),
    "snapchat": ("add",),
    "linkedin": ("in", "company"),
}
PAGES = {  # pages that are no account, on platforms where the name alone follows the host
    "instagram": "p reel reels stories explore tv accounts direct share about legal",
    "youtube": "watch shorts playlist feed results live hashtag gaming premium embed post clip about",
    "facebook": "groups pages watch events share reel photo.php story.php permalink.php people profile.php p",
    "x": "i home search hashtag intent share explore settings login",
    "twitch": "videos directory downloads p subscriptions",
    "pinterest": "pin search ideas today",
}
_URL = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*?(?P<host>" + "|".join(map(re.escape, _HOSTS)) + r")(?::\d+)?/(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)


def handle_key(text: str) -> str:
    """A handle in the form used for comparing: as `fold`, without @; of a URL of an account, the account's handle."""
    return account_of(text)[0]


def mention(key: str) -> re.Pattern[str]:
    """Where a text in small letters names a handle, and not another one that the handle is part of."""
    return re.compile(rf"(?<![\w.])@?{re.escape(key)}(?![\w]|\.\w)")


def account_of(text: str) -> tuple[str, str]:
    """The key of a handle, and the platform that a URL says; the platform is empty where it says none."""
    if "/" not in text:
        return fold(text).removeprefix("@"), ""
    found = _URL.fullmatch(text.strip())
    if found is not None:
        platform = _HOSTS[found["host"].lower()]
        handle = fold(_handle_in(platform, found["path"], found["query"] or "")).removeprefix("@")
        if handle and not re.search(r"[\s/]", handle):
            return handle, platform
    key = fold(text).removeprefix("@")
    return (key[:-1] if key.endswith("/") and key.count("/") == 1 and len(key) > 1 else key), ""


def _handle_in(platform: str, path: str, query: str) -> str:
    """The handle that the path of a URL names; empty where it names no account."""
    steps = [unquote(step) for step in path.split("/") if step]
    if platform == "facebook" and steps[:1] == ["profile.php"]:
        return (parse_qs(query).get("id") or [""])[0]
    if platform == "facebook" and steps[:1] == ["people"] and len(steps) > 2:
        return steps[2]
    if not steps or steps[0].startswith("@"):
        return steps[0] if steps else ""
    if steps[0].lower() in _BEFORE.get(platform, ()):
        return steps[1] if len(steps) > 1 else ""
    if platform in _AT_ONLY or platform not in PAGES or steps[0].lower() in PAGES[platform].split():
        return ""
    return steps[0]


def is_platform(text: str) -> bool:
    """Whether a text names a platform that URLs are known of."""
    return platform_key(text) in _HOSTS.values()


def platform_key(text: str) -> str:
    """A platform in the form used for comparing; usual short names are the platform's."""
    folded = fold(text)
    return _ALIASES.get(folded, folded)


def is_elsewhere(platform: str, said: str) -> bool:
    """Whether a cell says another platform than an address does; not where it says none that addresses are known of."""
    named = [platform_key(part) for part in platform.split("|") if is_platform(part)]
    return bool(said) and bool(named) and said not in named


def on_platform(handle: str, platform: str) -> str:
    """The name of an account whose handle another platform has as well."""
    shown = f"@{account_of(handle)[0]}" if account_of(handle)[1] else handle
    return f"{shown}{ON}{platform}"


def apart(key: str) -> tuple[str, str]:
    """The handle and the platform of a key `ana on tiktok`; the platform is empty where it says none."""
    handle, on, platform = key.rpartition(ON)
    return (handle_key(handle), platform.strip()) if on and handle.strip() and platform.strip() else (key, "")
