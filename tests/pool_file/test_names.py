"""A name means the column of its spelling; without one, all that are alike."""

from __future__ import annotations

import pytest

from optimizer.pool_file.names import meant

HEADER = ("Followers", "followers", "Engagement  rate", "authorMeta/fans", "Score.net", "Score/net", "", "café")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Followers", ["Followers"]),
        ("followers", ["followers"]),
        ("FOLLOWERS", ["Followers", "followers"]),
        (" engagement rate", ["Engagement  rate"]),
        ("authormeta.fans", ["authorMeta/fans"]),
        ("authorMeta/fans", ["authorMeta/fans"]),
        ("score.net", ["Score.net"]),
        ("cafe\u0301", ["café"]),
        ("", [""]),
        (" ", []),
        ("fee", []),
    ],
)
def test_a_name_means_its_own_spelling_or_all_that_are_alike(name: str, found: list[str]) -> None:
    assert meant(name, HEADER) == found
