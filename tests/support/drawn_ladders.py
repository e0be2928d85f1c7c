"""Random ladders: offers with several numbers of pieces or amounts of boost, and the ways to boost."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.support.drawn_pools import Mapping
from tests.support.draws import decimal
from tests.support.reading import exact, key

WITH_LADDERS = ("boost", "impressions.organic", "impressions.paid")


class DrawnLadders:
    """Ladders of a scenario, with amounts of money of so many decimals."""

    def __init__(self, rng: random.Random, places: int) -> None:
        self.rng, self.places = rng, places

    def into(self, said: Mapping, ways: Callable[[], int], most: int) -> bool:
        """Make ladders of a scenario's offers, as far as there are at most so many plans; whether there is a boost."""
        rng = self.rng
        said.setdefault("offers", {"booking": {"deliver": {"post": 1}}})
        said["boost"] = {name: self._way() for name in rng.sample(["spark", "Meta ads"], rng.choice([1, 1, 2]))}
        for name in rng.sample(list(said["offers"]), len(said["offers"])):
            offer = said["offers"][name]
            for change in rng.sample([self._pieces, self._boost], 2):
                before = dict(offer)
                if rng.random() < 0.7:
                    offer |= change(offer, said["boost"])
                    if ways() > most:
                        offer.clear()
                        offer.update(before)
        boosted = any("boost" in offer for offer in said["offers"].values())
        if not boosted and rng.random() < 0.5:
            del said["boost"]
        return boosted

    def agree(self, said: Mapping) -> None:
        """Include some creators on a ladder by its written name, where a step of it was agreed."""
        bases = self.bases(said)
        for terms in said.get("include", []):
            if isinstance(terms, dict) and "offer" in terms and self.rng.random() < 0.5:
                terms["offer"] = next(
                    (base for base in bases if terms["offer"].startswith(f"{base}, ")), terms["offer"]
                )

    def groups(self, said: Mapping, names: list[str]) -> list[Mapping]:
        """Groups of ladders, and of single steps."""
        bases = self.bases(said)
        steps = [name for name in names if key(name) not in map(key, bases)]
        found: list[Mapping] = [{"offer": self.rng.choice(bases)}] if bases else []
        return found + ([{"offer": self.rng.sample(steps, min(len(steps), 2))}] if steps else [])

    @staticmethod
    def bases(said: Mapping) -> list[str]:
        return [
            name
            for name, offer in said.get("offers", {}).items()
            if any(isinstance(steps, list) for word in ("deliver", "boost") for steps in offer.get(word, {}).values())
        ]

    def _way(self) -> Mapping:
        rng = self.rng
        way: Mapping = {"cpm": rng.choice(["6", "7.35", "0.333333", "12"])}
        if rng.random() < 0.5:
            way["rights"] = rng.choice(["10%", "0.3333%", "25", "150%"])
        if rng.random() < 0.7:
            ends = sorted(rng.sample(range(1, 600), rng.choice([1, 2, 3])))
            keeps = sorted([rng.choice(["100%", "0.6", "33.3%", "0", "0.125"]) for _ in ends], key=exact, reverse=True)
            way["keeps"] = [{"up_to": str(end), "keep": keep} for end, keep in zip(ends, keeps, strict=True)]
        return way

    def _pieces(self, offer: Mapping, _: Mapping) -> Mapping:
        deliver = dict(offer["deliver"])
        kind = self.rng.choice(list(deliver))
        steps = [1, 2] if "price" not in offer else [2]
        deliver[kind] = self.rng.choice([steps, [3], steps])
        return {"deliver": deliver}

    def _boost(self, _: Mapping, ways: Mapping) -> Mapping:
        rng = self.rng
        return {"boost": {way: self._amounts(ways[way]) for way in rng.sample(list(ways), rng.choice([1, len(ways)]))}}

    def _amounts(self, way: Mapping) -> Any:
        """An amount, or some that rise, none beyond the last step of the way."""
        rng = self.rng
        most = Fraction(way["keeps"][-1]["up_to"]) if "keeps" in way else Fraction(500)
        shares = sorted(rng.sample([Fraction(0), Fraction(1, 7), Fraction(1, 2), Fraction(1)], rng.choice([1, 2, 3])))
        rising = dict.fromkeys(_plain(decimal(most * share, self.places)) for share in shares)
        amounts = list(rising)
        return amounts if rng.random() < 0.8 else amounts[-1]


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
