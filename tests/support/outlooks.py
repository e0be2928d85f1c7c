"""Outlooks to draw from: one where each row is alike but for what is said, and one where rows differ in everything."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from optimizer.ranges.outlook import Common, Outlook
from optimizer.verification.drawn import Errors, Expected

ALONE = Common(0, 0, 0, 0)
_WHOLE = ("fee", "fixed_cash", "product", "rate", "per_conversion", "cap", "order_value", "margin", "agency")


def alike(size: int = 1, **said: Any) -> Outlook:
    """Bookings without any error, unless it is said; single values stand for all rows."""
    values: dict[str, Any] = {
        "post_rate": 1.0,
        "impressions": 10_000.0,
        "paid": 0.0,
        "engagements": 500.0,
        "clicks": 100.0,
        "conversions": 3.0,
        "viewers": 8_000.0,
        "reach_scale": 1.0,
        **dict.fromkeys(_WHOLE, 0),
        "fee": 20_000,
        "cap": -1,
        "order_value": 2_500,
        "margin": 400_000,
    }
    values |= {name: value for name, value in said.items() if name not in ("seen", "pieces")}
    sds = {name: values.pop(name, (0.0, 0.0)) for name in ("views_sd", "engagements_sd")}
    fixed = values.pop("fixed", {})
    columns = {name: np.broadcast_to(np.asarray(value), (size,)).copy() for name, value in values.items()}
    for name in _WHOLE:
        columns[name] = columns[name].astype(np.int64)
    return Outlook(
        keys=columns.pop("keys").tolist() if "keys" in columns else [f"row {at}" for at in range(size)],
        platform=np.zeros(size, np.int64),
        platforms=("tiktok",),
        niche=np.zeros(size, np.int64),
        niches=("",),
        by_engagements=columns.pop("by_engagements", np.zeros(size, np.bool_)),
        seen=np.broadcast_to(np.asarray(said.get("seen", [4_000.0])), (size, len(said.get("seen", [0])))).copy(),
        pieces=np.broadcast_to(np.asarray(said.get("pieces", [1])), (size, len(said.get("pieces", [0])))).copy(),
        fixed={name: np.broadcast_to(np.asarray(value, float), (size,)).copy() for name, value in fixed.items()},
        **{name: tuple(np.broadcast_to(np.asarray(sd), (size,)) for sd in pair) for name, pair in sds.items()},
        **columns,
    )


def mixed(size: int, seed: int = 5) -> Outlook:
    """Bookings of all sorts, with zeros, caps, blank names and large and small figures among them."""
    random = np.random.default_rng(seed)

    def some(values: Any, share: float = 0.5) -> Any:
        return np.where(random.random(size) < share, values, 0)

    views = random.lognormal(8, 2, size)
    return Outlook(
        keys=[f"@creator{at} offer {at % 3} é" for at in range(size)],
        platform=random.integers(0, 3, size),
        platforms=("tiktok", "", "instagram"),
        niche=random.integers(0, 4, size),
        niches=("beauty", "", "food", "tiktok"),
        post_rate=np.where(random.random(size) < 0.5, 1.0, random.uniform(0.001, 1, size)),
        views_sd=(some(random.uniform(0, 1, size)), random.uniform(0, 1.5, size)),
        engagements_sd=(random.uniform(0, 1, size), some(random.uniform(0, 1.5, size))),
        impressions=views,
        paid=np.where(np.arange(size) % 3 == 0, views * (np.arange(size) % 7) / 4, 0.0),
        engagements=views * 0.05,
        clicks=some(views * random.uniform(0, 0.02, size), 0.8),
        conversions=some(views * random.uniform(0, 0.004, size), 0.9),
        by_engagements=random.random(size) < 0.5,
        viewers=some(views * random.uniform(0.5, 3, size), 0.9),
        seen=views[:, None] * random.uniform(0, 1, (size, 3)),
        pieces=random.integers(0, 6, (size, 3)),
        reach_scale=random.uniform(0, 1, size),
        fee=some(random.integers(0, 100_000, size)).astype(np.int64),
        fixed_cash=random.integers(0, 1_000, size),
        product=random.integers(0, 5_000, size),
        rate=some(random.integers(0, 1_000_000, size)).astype(np.int64),
        per_conversion=some(random.integers(0, 1_000, size)).astype(np.int64),
        cap=np.where(random.random(size) < 0.5, -1, random.integers(0, 20_000, size)),
        order_value=random.integers(0, 9_000, size),
        margin=random.integers(-100_000, 1_000_000, size),
        agency=some(random.integers(0, 200_000, size)).astype(np.int64),
        fixed={"creators": np.ones(size), "hours": random.uniform(0, 9, size)},
    )


def taken(outlook: Outlook, rows: Any) -> Outlook:
    """Some rows of an outlook, in the order given."""
    rows = np.asarray(rows)
    values = {each.name: getattr(outlook, each.name) for each in dataclasses.fields(outlook)}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            values[name] = value[rows]
    values["keys"] = [outlook.keys[row] for row in rows]
    for name in ("views_sd", "engagements_sd"):
        values[name] = tuple(sd[rows] for sd in values[name])
    values["fixed"] = {name: value[rows] for name, value in outlook.fixed.items()}
    return Outlook(**values)


def plain(outlook: Outlook) -> list[Expected]:
    """The same bookings, for the plain twin."""
    rows = []
    for at, key in enumerate(outlook.keys):
        values = {
            each.name: getattr(outlook, each.name)[at].tolist()
            for each in dataclasses.fields(Expected)
            if isinstance(getattr(outlook, each.name, None), np.ndarray)
        }
        values["platform"] = outlook.platforms[outlook.platform[at]]
        values["niche"] = outlook.niches[outlook.niche[at]]
        for name in ("views_sd", "engagements_sd"):
            values[name] = tuple(float(sd[at]) for sd in getattr(outlook, name))
        fixed = {name: float(value[at]) for name, value in outlook.fixed.items()}
        rows.append(Expected(key=key, fixed=fixed, **values))
    return rows


def errors(common: Common) -> Errors:
    """The same shared errors, for the plain twin."""
    return Errors(common.bias, common.campaign, common.platform, common.niche)
