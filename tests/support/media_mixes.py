"""Media mixes of the textbooks, and of our own: facts alone, in one form, with the optimum where a source gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Number = int | str  # decimals as texts, so that they are exact
Row = tuple[tuple[Number, ...], str, Number]
SUPPLY = 10**6  # where a source names no limit


@dataclass(frozen=True)
class Mix:
    """A media mix.

    `worth` is what one insertion brings; without it, what is spent is minimized. `rows` are linear; `said` is the same
    row in the scenario's own words. `steps` replace a channel's worth by falling ones: (width, worth) each.
    """

    name: str
    channels: str
    worth: tuple[Number, ...] | None = None
    cost: tuple[Number, ...] | None = None
    budget: Number | None = None
    most: tuple[Number | None, ...] = ()
    least: tuple[Number, ...] = ()
    rows: Mapping[str, Row] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    steps: Mapping[str, tuple[tuple[Number, Number], ...]] = field(default_factory=dict)
    whole: bool | tuple[bool, ...] = True
    best: Number | None = None
    plan: tuple[Number, ...] | None = None  # where only one plan is the best

    @property
    def names(self) -> list[str]:
        return [name.strip() for name in self.channels.split(",")]

    def is_whole(self, at: int) -> bool:
        return self.whole if isinstance(self.whole, bool) else self.whole[at]

    def available(self, at: int) -> Number:
        return SUPPLY if not self.most or self.most[at] is None else self.most[at] or 0

    @property
    def fallen(self) -> str:
        """What the steps are about: the worth, or where there is none the first row."""
        return "worth" if self.worth is not None else next(iter(self.rows), "")

    @property
    def lines(self) -> list[tuple[str, Row]]:
        """All rows, with those of the budget and of the least that is booked."""
        lines = list(self.rows.items())
        if self.budget is not None:
            lines.append(("budget", (self.cost or (), "<=", self.budget)))
        for at, least in enumerate(self.least):
            lines.append((f"least {at}", (tuple(int(other == at) for other in range(len(self.least))), ">=", least)))
        return lines


SOURCED = [
    Mix(
        "Relax-and-Enjoy (Anderson, Sweeney and Williams)",
        "day tv, evening tv, daily, sunday, radio",
        worth=(65, 90, 40, 60, 20),
        cost=(1500, 3000, 400, 1000, 100),
        budget=30_000,
        most=(15, 10, 25, 4, 30),
        rows={
            "tv spots": ((1, 1, 0, 0, 0), ">=", 10),
            "customers": ((1000, 2000, 1500, 2500, 300), ">=", 50_000),
            "tv money": ((1500, 3000, 0, 0, 0), "<=", 18_000),
        },
        said={
            "tv spots": {"quantity": "creators", "group": {"niche": ["day tv", "evening tv"]}, "at_least": 10},
            "tv money": {"quantity": "spend", "group": {"niche": ["day tv", "evening tv"]}, "at_most": 18_000},
        },
        best=2370,
        plan=(10, 0, 25, 2, 30),
    ),
    Mix(
        "Dorian Auto, in parts (Winston)",
        "comedy, football",
        cost=(50, 100),
        rows={"women": ((7, 2), ">=", 28), "men": ((2, 12), ">=", 24)},
        whole=False,
        best=320,
        plan=("3.6", "1.4"),
    ),
    Mix(
        "Dorian Auto, whole (Winston)",
        "comedy, football",
        cost=(50, 100),
        rows={"women": ((7, 2), ">=", 28), "men": ((2, 12), ">=", 24)},
        best=400,
    ),
    Mix(
        "Super Grain, resources alone (Hillier and Hillier)",
        "tv, magazines, sunday",
        worth=(1300, 600, 500),
        cost=(300, 150, 100),
        budget=4000,
        most=(5, None, None),
        rows={"planning": ((90, 30, 40), "<=", 1000)},
        whole=False,
        best=17_000,
        plan=(0, 20, 10),
    ),
    Mix(
        "Biggs Department Store, in parts (Taylor)",
        "tv, radio, news",
        worth=(20_000, 12_000, 9_000),
        cost=(15_000, 6_000, 4_000),
        budget=100_000,
        most=(4, 10, 7),
        rows={"production": ((1, 1, 1), "<=", 15)},
        said={"production": {"quantity": "creators", "at_most": 15}},
        whole=False,
        best=185_000,
        plan=("20/11", 10, "35/11"),
    ),
    Mix(
        "Biggs Department Store, whole (Taylor)",
        "tv, radio, news",
        worth=(20_000, 12_000, 9_000),
        cost=(15_000, 6_000, 4_000),
        budget=100_000,
        most=(4, 10, 7),
        rows={"production": ((1, 1, 1), "<=", 15)},
        said={"production": {"quantity": "deliverables", "at_most": 15}},
        best=184_000,
        plan=(2, 9, 4),
    ),
    Mix(
        "Minutes and pages (AMPL book, 1-1a)",
        "tv, magazine",
        worth=(1_800_000, 1_000_000),
        cost=(20_000, 10_000),
        budget=1_000_000,
        least=(10, 0),
        whole=False,
        best=98_000_000,
        plan=(10, 80),
    ),
    Mix(
        "Minutes, pages and weeks of people (AMPL book, 1-1b)",
        "tv, magazine",
        worth=(1_800_000, 1_000_000),
        cost=(20_000, 10_000),
        budget=1_000_000,
        least=(10, 0),
        rows={"weeks": ((1, 3), "<=", 100)},
        whole=False,
        best=92_000_000,
        plan=(40, 20),
    ),
    Mix(
        "MarketUp (MIPWise)",
        "print, tv, seo, social",
        worth=("0.16", "0.09", "0.06", "0.14"),
        cost=(1, 1, 1, 1),
        budget=1_000_000,
        most=(100_000, None, None, None),
        rows={
            "conventional": ((1, 1, 0, 0), ">=", 400_000),
            "social": ((0, 0, -3, 1), "<=", 0),
            "viewers": (("2.1", "2.5", "3.0", "0.9"), ">=", 1_500_000),
        },
        said={
            "conventional": {
                "quantity": "spend",
                "group": {"niche": ["print", "tv"]},
                "at_least": "40%",
                "of": "budget",
            },
            "social": {"quantity": "spend", "group": {"niche": "social"}, "at_most": "300%", "of": {"niche": "seo"}},
        },
        whole=False,
        best=115_000,
        plan=(100_000, 300_000, 150_000, 450_000),
    ),
    Mix(  # millions of dollars; what a dollar brings, in millionths of a million
        "Returns that fall in tiers (UT Austin, RM 294)",
        "print, tv, seo, adwords, facebook, linkedin, instagram, snapchat, twitter, email",
        worth=(34_500, 60_800, 28_800, 41_900, 18_700, 25_700, 57_400, 27_800, 40_700, 49_300),
        cost=(1,) * 10,
        budget=10,
        most=(3,) * 10,
        rows={
            "print and tv": ((1, 1, 0, 0, -1, 0, 0, 0, 0, -1), "<=", 0),
            "social against search": ((0, 0, -2, -2, 1, 1, 1, 1, 1, 0), ">=", 0),
        },
        said={
            "print and tv": {
                "quantity": "spend",
                "group": {"niche": ["print", "tv"]},
                "at_most": "100%",
                "of": {"niche": ["facebook", "email"]},
            },
            "social against search": {
                "quantity": "spend",
                "group": {"niche": ["facebook", "linkedin", "instagram", "snapchat", "twitter"]},
                "at_least": "200%",
                "of": {"niche": ["seo", "adwords"]},
            },
        },
        steps={
            "print": (("0.7", 34_500), (2, 30_500), (2, 27_600), (3, 23_400)),
            "tv": (("4.3", 60_800), (3, 50_300)),
            "seo": (("3.6", 28_800), (3, 26_900)),
            "adwords": ((2, 41_900), ("0.3", 35_800), (3, 29_000)),
            "facebook": ((1, 18_700), ("0.8", 15_000), (3, 13_100)),
            "linkedin": (("0.7", 25_700), (2, 22_300), ("2.1", 20_400), (3, 19_200)),
            "instagram": (("2.9", 57_400), (3, 49_800)),
            "snapchat": (("2.2", 27_800), ("0.5", 24_300), (3, 20_300)),
            "twitter": (("2.3", 40_700), ("1.1", 35_400), (3, 29_300)),
            "email": (("5.9", 49_300), (3, 40_500)),
        },
        whole=False,
        best=543_640,
        plan=(0, 3, 0, 1, 0, 0, 3, 0, 0, 3),
    ),
    Mix(
        "Eight media for six audiences (AIMMS)",
        "glossy, tv late, tv prime, bill train, bill bus, national, financial, regional",
        cost=(20_000, 50_000, 60_000, 45_000, 30_000, 55_000, 60_000, 52_500),
        most=(1,) * 8,
        rows={
            "audience 1": ((1, 0, 0, 1, 0, 0, 0, 1), ">=", 1),
            "audience 2": ((0, 1, 1, 0, 0, 0, 1, 0), ">=", 1),
            "audience 3": ((0, 1, 0, 0, 1, 0, 0, 0), ">=", 1),
            "audience 4": ((1, 0, 0, 0, 0, 1, 0, 0), ">=", 1),
            "audience 5": ((0, 0, 0, 0, 0, 0, 1, 1), ">=", 1),
            "audience 6": ((0, 0, 1, 1, 0, 1, 0, 0), ">=", 1),
        },
        best=155_000,
        plan=(1, 0, 0, 1, 1, 0, 1, 0),
    ),
    Mix(
        "z-tube, soorchle and wassa (NL4OPT)",
        "z-tube, soorchle, wassa",
        worth=(400_000, 5_000, 3_000),
        cost=(1000, 200, 100),
        budget=10_000,
        most=(None, 15, None),
        rows={
            "wassa at most a third": ((-1, -1, 2), "<=", 0),
            "z-tube at least a twentieth": ((19, -1, -1), ">=", 0),
        },
        said={
            "wassa at most a third": {
                "quantity": "creators",
                "group": {"niche": "wassa"},
                "at_most": "50%",
                "of": {"niche": ["z-tube", "soorchle"]},
            },
            "z-tube at least a twentieth": {"quantity": "creators", "group": {"niche": "z-tube"}, "at_least": "5%"},
        },
        best=4_000_000,
        plan=(10, 0, 0),
    ),
    Mix(
        "Win Big Gambling Club (Render, Stair and Hanna)",
        "tv, newspaper, radio 30 s, radio 1 min",
        worth=(5000, 8500, 2400, 2800),
        cost=(800, 925, 290, 380),
        budget=8000,
        most=(12, 5, 25, 20),
        rows={"radio spots": ((0, 0, 1, 1), ">=", 5), "radio money": ((0, 0, 290, 380), "<=", 1800)},
        said={
            "radio spots": {
                "quantity": "creators",
                "group": {"niche": ["radio 30 s", "radio 1 min"]},
                "at_least": 5,
            },
            "radio money": {
                "quantity": "spend",
                "group": {"niche": ["radio 30 s", "radio 1 min"]},
                "at_most": 1800,
            },
        },
        whole=False,
        best="67240.301724",
        plan=("1.96875", 5, "180/29", 0),
    ),
    Mix(
        "Profit & Gambit, with a negative effect (Hillier and Lieberman)",
        "tv, print",
        cost=(1, 2),
        rows={
            "stain remover": ((0, 1), ">=", 3),
            "liquid detergent": ((3, 2), ">=", 18),
            "powder detergent": ((-1, 4), ">=", 4),
        },
        whole=False,
        best=10,
        plan=(4, 3),
    ),
    Mix(
        "Management Sciences Associates, shares of interviews (Render, Stair and Hanna)",
        "young border, middle border, old border, young, middle, old",
        cost=("7.50", "6.80", "5.50", "6.90", "7.25", "6.10"),
        rows={
            "households": ((1, 1, 1, 1, 1, 1), ">=", 2300),
            "30 or younger": ((1, 0, 0, 1, 0, 0), ">=", 1000),
            "31 to 50": ((0, 1, 0, 0, 1, 0), ">=", 600),
            "border": (("0.85", "0.85", "0.85", "-0.15", "-0.15", "-0.15"), ">=", 0),
            "old ones at the border": ((0, 0, "0.8", 0, 0, "-0.2"), "<=", 0),
        },
        said={
            "households": {"quantity": "creators", "at_least": 2300},
            "border": {
                "quantity": "creators",
                "group": {"niche": ["young border", "middle border", "old border"]},
                "at_least": "15%",
            },
            "old ones at the border": {
                "quantity": "creators",
                "group": {"niche": "old border"},
                "at_most": "20%",
                "of": {"niche": ["old border", "old"]},
            },
        },
        best="15166",
        plan=(0, 600, 140, 1000, 0, 560),
    ),
    Mix(
        "Westchester Chamber of Commerce, shares of insertions (Anderson, Sweeney and Williams)",
        "tv, radio, newspaper",
        worth=(100_000, 18_000, 40_000),
        cost=(2000, 300, 600),
        budget=18_200,
        most=(10, 20, 10),
        rows={
            "radio at most half": (("-0.5", "0.5", "-0.5"), "<=", 0),
            "tv at least a tenth": (("0.9", "-0.1", "-0.1"), ">=", 0),
        },
        said={
            "radio at most half": {"quantity": "creators", "group": {"niche": "radio"}, "at_most": "50%"},
            "tv at least a tenth": {"quantity": "creators", "group": {"niche": "tv"}, "at_least": "10%"},
        },
        best=1_052_000,
        plan=(4, 14, 10),
    ),
]

CONSTRUCTED = [
    replace(SOURCED[0], name="Relax-and-Enjoy, in parts", whole=False, best=None, plan=None),
    replace(SOURCED[12], name="Win Big, whole", whole=True, best=None, plan=None),
    replace(SOURCED[12], name="Win Big, half in parts", whole=(True, False, True, False), best=None, plan=None),
    replace(SOURCED[8], name="MarketUp, whole euros", whole=True, best=None, plan=None),
    replace(SOURCED[9], name="falling tiers, budget of 14", budget=14, best=None, plan=None),
    Mix(
        "exactly twenty insertions, radio exactly twice tv",
        "tv, radio, press, web",
        worth=(900, 310, 420, 150),
        cost=(1700, 350, 610, 140),
        budget=14_000,
        most=(8, 12, 10, 20),
        rows={"insertions": ((1, 1, 1, 1), "=", 20), "radio": ((-2, 1, 0, 0), "=", 0)},
        said={
            "insertions": {"quantity": "creators", "exactly": 20},
            "radio": {"quantity": "creators", "group": {"niche": "radio"}, "exactly": "200%", "of": {"niche": "tv"}},
        },
    ),
    Mix(
        "a thousand gross rating points, exactly, at the least cost",
        "tv, radio, press",
        cost=("812.40", "96.10", "233.75"),
        most=(60, 200, 120),
        rows={"points": (("12.5", "1.6", "3.4"), "=", 1000), "press": ((0, 0, 1), ">=", 7)},
        whole=False,
    ),
    Mix(
        "no channel over two fifths of what is spent",
        "a, b, c, d",
        worth=("5.1", "4.7", "3.9", "2.2"),
        cost=(95, 105, 88, 61),
        budget=5000,
        most=(40, 40, 40, 40),
        rows={
            "channel a": ((285, -210, -176, -122), "<=", 0),  # 3 x its own cost, less twice all others'
            "channel b": ((-190, 315, -176, -122), "<=", 0),
            "channel c": ((-190, -210, 264, -122), "<=", 0),
            "channel d": ((-190, -210, -176, 183), "<=", 0),
        },
        said={
            "channel a": {"quantity": "spend", "per": "niche", "at_most": "40%"},
            **{f"channel {name}": {} for name in "bcd"},  # the first says it for all
        },
    ),
    Mix(
        "cheapest cover of seven regions",
        "n1, n2, n3, n4, n5, n6, n7, n8, n9",
        cost=(410, 380, 295, 520, 330, 270, 445, 190, 360),
        most=(1,) * 9,
        rows={
            "r1": ((1, 0, 1, 0, 0, 0, 1, 0, 0), ">=", 1),
            "r2": ((0, 1, 0, 1, 0, 0, 0, 1, 0), ">=", 1),
            "r3": ((1, 0, 0, 1, 1, 0, 0, 0, 0), ">=", 2),
            "r4": ((0, 1, 1, 0, 0, 1, 0, 0, 1), ">=", 1),
            "r5": ((0, 0, 0, 1, 0, 1, 1, 0, 0), ">=", 1),
            "r6": ((1, 0, 0, 0, 1, 0, 0, 1, 1), ">=", 2),
            "r7": ((0, 1, 0, 0, 0, 1, 0, 0, 1), ">=", 1),
        },
    ),
    Mix(
        "a knapsack of twelve titles",
        "t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12",
        worth=(135, 139, 149, 150, 156, 163, 173, 184, 192, 201, 210, 214),
        cost=(70, 73, 77, 80, 82, 87, 90, 94, 98, 106, 110, 113),
        budget=540,
        most=(1,) * 12,
    ),
    Mix(
        "two stations and two prints, bound by logic",
        "early, late, glossy, weekly, web",
        worth=(820, 760, 540, 505, 130),
        cost=(4000, 3500, 2600, 2300, 700),
        budget=11_000,
        most=(1, 1, 1, 1, 4),
        rows={
            "one station": ((1, 1, 0, 0, 0), "<=", 1),
            "prints together": ((0, 0, 1, -1, 0), "=", 0),
            "late needs glossy": ((0, 1, -1, 0, 0), "<=", 0),
        },
        said={
            "one station": {"at_most_one_of": ["early", "late"]},
            "prints together": {"together": ["glossy", "weekly"]},
            "late needs glossy": {"if": "late", "then": "glossy"},
        },
    ),
    Mix(
        "exactly one of three covers",
        "cover a, cover b, cover c, inside",
        worth=(610, 585, 400, 90),
        cost=(3100, 2700, 1500, 420),
        budget=4000,
        most=(1, 1, 1, 9),
        rows={"one cover": ((1, 1, 1, 0), "=", 1)},
        said={"one cover": {"exactly_one_of": ["cover a", "cover b", "cover c"]}},
    ),
    Mix(
        "emissions that trees make up for",
        "flights, trains, web, trees",
        worth=(75, 41, 12, 0),
        cost=(900, 620, 210, 50),
        budget=12_000,
        most=(20, 20, 30, 60),
        rows={"carbon": (("1.25", "0.2", "0.05", "-0.4"), "<=", "0.5")},
    ),
    Mix(
        "whole steps of falling returns",
        "tv, radio",
        worth=(1000, 420),
        cost=(800, 300),
        budget=9000,
        most=(9, 16),
        rows={"spots": ((1, 1), "<=", 18)},
        said={"spots": {"quantity": "creators", "at_most": 18}},
        steps={"tv": ((3, 1000), (3, 750), (3, 400)), "radio": ((6, 420), (10, 210))},
    ),
    Mix(
        "the cheapest mix with falling returns in parts",
        "tv, radio, press",
        cost=(900, 240, 310),
        worth=None,
        most=(10, 20, 12),
        rows={"seen": ((100, 25, 35), ">=", 1200)},
        steps={"tv": ((4, 100), (6, 60)), "radio": ((8, 25), (12, 15)), "press": ((5, 35), (7, 20))},
        whole=False,
    ),
    Mix(
        "least and most of each channel",
        "tv, radio, press, web, cinema",
        worth=(88, 30, 41, 12, 55),
        cost=(1400, 380, 600, 150, 950),
        budget=25_000,
        most=(9, 20, 15, 40, 6),
        least=(2, 5, 3, 10, 1),
        rows={"young": (("0.3", "0.5", "0.1", "0.9", "0.7"), ">=", 24), "crew": ((8, 2, 3, 1, 5), "<=", 120)},
    ),
]
"""Media mixes of our own, or variations; their optimum is found by another solver."""

EVERY = [*SOURCED, *CONSTRUCTED]
