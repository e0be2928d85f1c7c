"""Frequent slips and what they mean: words of other tools, commas in numbers, missing spaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from optimizer.domain.exact import parse_number
from optimizer.domain.filters import fold

_KEYS = {  # what other tools call it -> the key, or value, that it is here
    "min": "at_least",
    "minimum": "at_least",
    ">=": "at_least",
    "max": "at_most",
    "maximum": "at_most",
    "<=": "at_most",
    "cap": "at_most",
    "limit": "at_most",
    "equals": "exactly",
    "=": "exactly",
    "==": "exactly",
    "metric": "quantity",
    "kpi": "quantity",
    "filter": "group",
    "where": "group",
    "commission": "rate",
    "path": "file",
    "count": "available",
    "units": "available",
    "supply": "available",
    "creator": "name",
}
MODELS = {
    "affiliate": "commission",
    "affiliation": "commission",
    "cpa": "commission",
    "cpl": "commission",
    "performance": "commission",
    "revenue share": "commission",
    "gifting": "gift",
    "gifted": "gift",
    "product": "gift",
    "barter": "gift",
    "cash": "fee",
    "flat": "fee",
    "paid": "fee",
    "mixed": "hybrid",
}
QUANTITIES = {
    "influencers": "creators",
    "people": "creators",
    "bookings": "creators",
    "ad spend": "boost",
    "ads": "boost",
    "paid impressions": "impressions.paid",
    "paid views": "impressions.paid",
    "organic impressions": "impressions.organic",
    "organic views": "impressions.organic",
    "accounts": "creators",
    "money": "spend",
    "budget": "spend",
    "spending": "spend",
    "likes": "engagements",
    "comments": "engagements",
    "interactions": "engagements",
    "views": "impressions",
    "plays": "impressions",
    "sales": "conversions",
    "orders": "conversions",
    "purchases": "conversions",
    "leads": "conversions",
    "turnover": "revenue",
    "content": "deliverables",
    "pieces": "deliverables",
    "videos": "deliverables",
    "time": "hours",
    "er": "engagement_rate",
    "cpv": "cpm",
    "cac": "cpa",
    "unique reach": "reach",
    "net reach": "reach",
    "people reached": "reach",
    "unique people": "reach",
    "unduplicated reach": "reach",
    "deduplicated reach": "reach",
    "total reach": "gross_reach",
    "contacts": "impressions",
    "average frequency": "frequency",
    "cost per reach": "cost_per_person",
    "cps": "cpa",
}
NOT_HERE = {  # names of quantities that are none here, and must not be taken for another
    "roi": "roi (profit over spend) is not a quantity here: use roas (revenue over spend), or a bound on profit",
    "romi": "romi (profit over spend) is not a quantity here: use roas (revenue over spend), or a bound on profit",
    "emv": "earned media value has no agreed formula: use engagements or impressions, or a column under quantities",
}
FIGURES = {  # what other tools call a figure
    "ctr": "click_rate",
    "click through rate": "click_rate",
    "cr": "conversion_rate",
    "cvr": "conversion_rate",
    "conversion": "conversion_rate",
    "er": "engagement_rate",
    "engagement": "engagement_rate",
    "reach rate": "view_rate",
    "vtr": "view_rate",
    "views": "average_views",
    "avg_views": "average_views",
    "likes": "average_engagements",
    "price": "fee",
    "rate": "fee",
    "cost": "fee",
    "credibility": "authenticity",
    "real followers": "authenticity",
}
CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "us$": "USD",
    "us": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "£": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
    "¥": "JPY",
    "yen": "JPY",
    "franc": "CHF",
    "francs": "CHF",
}
_LONGEST = 40  # characters of a word that is looked up


def key_meant(key: str, names: Iterable[str]) -> str | None:
    """The key that another tool calls by this word, if it is one of these names."""
    known = meant(key, _KEYS)
    return known if known in set(names) else None


def meant(word: str, table: Mapping[str, str]) -> str | None:
    """What another tool calls by this word, by one of the tables above."""
    return table.get(fold(word)) if len(word) <= _LONGEST else None


def before_comma(beside: object, key: str) -> str | None:
    """The number before a key without a value, if the two are one number with a comma: `{is: 400,50}`."""
    digits = key.removesuffix("%")
    if not (digits.isascii() and digits.isdigit() and isinstance(beside, str)) or parse_number(beside) is None:
        return None
    return beside


def comma_mend(before: str, after: str) -> str:
    """How to write a number whose comma was read as a separator of entries."""
    if len(after) == 3:
        return f"write {before}_{after} if thousands are meant, {before}.{after} if decimals"
    return f"write the decimals with a point: {before}.{after}"


def without_blank(key: str, names: Iterable[str]) -> str | None:
    """How to write a key that ran into its value: `at_least:5`."""
    before, colon, after = key[:_LONGEST].partition(":")
    return f"put a space after the colon: {before}: {after}" if colon and fold(before) in set(names) else None
