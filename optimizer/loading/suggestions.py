"""Suggestions for editors where any name is allowed: quantities, figures, columns, packs, currencies, with words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from optimizer import packs, presets
from optimizer.domain.exact import CURRENCIES
from optimizer.domain.figures import FIGURES
from optimizer.domain.pay import MODELS
from optimizer.domain.quantities import MONEY, RATIOS, Quantity, quantity_table
from optimizer.loading.near import listed

Words = dict[str, str]

_LABELS = {
    "creator": "the handle; with or without @",
    "segment": "the name of a segment",
    "tier": "nano, micro, or as tiers says",
    "platform": "tiktok, instagram, ...",
    "niche": "what the creator posts about",
    "country": "where the creator is",
    "talent": "the person behind the account, where one has several",
}
_OF_OFFERS = {
    "offer": "the name of the offer",
    "pay": "the name of the pay terms",
    "model": listed(MODELS),
}
_APART = {
    "creator": "one rule for each single booking",
    "talent": "one rule for all accounts of each person, however many persons there are",
}
_FIGURES = {name: figure.title for name, figure in FIGURES.items()}


def suggestions(table: str) -> Words:
    """The names of a table, each with what it is."""
    return _TABLES[table]()


def _quantities() -> dict[str, Quantity]:
    return {name: one for name, one in quantity_table(agency=True, boost=True).items() if not one.helper}


def _formulas(quantities: Mapping[str, Quantity]) -> Words:
    return {name: f"{'money' if one.unit == MONEY else 'a count'}: {one.text}" for name, one in quantities.items()}


def _ratios() -> Words:
    return {name: f"a ratio: {ratio.text}" for name, ratio in RATIOS.items()}


def _wallets() -> Words:
    return _formulas({name: one for name, one in _quantities().items() if not one.signed and one.additive})


def _columns_of_segments() -> Words:
    return {key: words for key, words in _LABELS.items() if key not in ("creator", "segment")} | _FIGURES


def _deliverable() -> Words:
    return {"deliverable": "a kind of deliverable, or a list of them (default: all kinds)"}


def _currencies_of_packs() -> Words:
    codes = {pack.currency for pack in map(packs.load, packs.names())}
    return {code: f"what 1 {code} is worth in the scenario's currency" for code in sorted(filter(None, codes))}


_TABLES: Mapping[str, Callable[[], Words]] = {
    "quantities": lambda: _formulas(_quantities()) | _ratios(),
    "additive quantities": lambda: _formulas(_quantities()),
    "wallets": _wallets,
    "assumed figures": lambda: {name: words for name, words in _FIGURES.items() if name != "followers"},
    "packs": lambda: {name: packs.load(name).source for name in packs.names()},
    "presets": lambda: {name: presets.load(name).title for name in presets.names()},
    "currencies": lambda: dict.fromkeys(sorted(CURRENCIES), ""),
    "currencies of packs": _currencies_of_packs,
    "pay terms": lambda: {"fee": "the terms that are always there: the creator's own fee"},
    "niches": lambda: {"other": "every niche that is not named"},
    "columns": lambda: _LABELS | _FIGURES,
    "columns of bookings": lambda: _LABELS | _OF_OFFERS | _FIGURES,
    "columns of texts": lambda: _LABELS | _OF_OFFERS | _APART,
    "columns of people": lambda: {"country": "where the people are: FR, or [FR, BE]"},
    "columns of assumptions": lambda: _deliverable() | _LABELS | _OF_OFFERS | _FIGURES,
    "columns of segments": _columns_of_segments,
}
