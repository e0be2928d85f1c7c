"""Where the creators live: cities with their country and language, and where else they are followed.

Cities weigh as much as they have inhabitants (tens of thousands, rounded), inside the share of their country. The
shares of the countries are a choice of ours: a market that speaks French, with neighbours. So are the weights of
audiences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.domain.exact import Floats, Ints

COUNTRIES: Final = {"FR": 0.40, "BE": 0.12, "CA": 0.12, "CH": 0.08, "DE": 0.14, "ES": 0.14}

# Cities by country and language, with their inhabitants in tens of thousands.
_CITIES: Final = {
    ("FR", "fr"): """Paris 210, Marseille 87, Lyon 52, Toulouse 50, Nice 34, Nantes 32, Montpellier 30, Strasbourg 29,
        Bordeaux 26, Lille 24""",
    ("BE", "nl"): "Antwerpen 53, Gent 26, Brugge 12",
    ("BE", "fr"): "Bruxelles 120, Charleroi 20, Liège 20, Namur 11",
    ("CA", "en"): "Toronto 279, Calgary 131, Ottawa 102, Vancouver 66",
    ("CA", "fr"): "Montréal 176, Québec 55",
    ("CH", "de"): "Zürich 43, Basel 17, Bern 13",
    ("CH", "fr"): "Genève 20, Lausanne 14",
    ("DE", "de"): "Berlin 366, Hamburg 185, München 149, Köln 107, Frankfurt 75, Leipzig 60",
    ("ES", "es"): "Madrid 330, Barcelona 160, Valencia 79, Sevilla 68, Zaragoza 67, Málaga 58",
}

# How those who follow from abroad spread, by the creator's language, in the order of COUNTRIES.
_ABROAD: Final = {
    "fr": (5.0, 2.0, 1.0, 1.0, 0.5, 0.5),
    "nl": (1.0, 6.0, 0.5, 0.5, 2.0, 1.0),
    "de": (1.0, 0.5, 0.5, 2.0, 5.0, 1.0),
    "en": (1.0, 0.5, 2.0, 0.5, 1.0, 1.0),
    "es": (2.0, 0.5, 0.5, 0.5, 1.0, 5.0),
}
HOME: Final = (0.50, 0.95)  # share of a creator's audience in the own country, evenly spread between
NAMED: Final = 0.6  # of the audience abroad, what lives in the other countries of the list; the rest lives elsewhere


@dataclass(frozen=True)
class City:
    """A city, the language of its creators, and their share of all creators."""

    country: str
    name: str
    language: str
    share: float


def _places() -> list[City]:
    listed = [
        City(country, name, language, float(people))
        for (country, language), cities in _CITIES.items()
        for name, _, people in (city.strip().rpartition(" ") for city in cities.split(","))
    ]
    total = {country: sum(city.share for city in listed if city.country == country) for country in COUNTRIES}
    return [
        City(city.country, city.name, city.language, COUNTRIES[city.country] * city.share / total[city.country])
        for city in listed
    ]


PLACES: Final = tuple(_places())


def audiences(place: Ints, uniform: Floats) -> dict[str, Floats]:
    """Share of each creator's audience in each country, with three decimals.

    Counted in whole thousandths and rounded down, so that the shares of a creator never add up to more than 1.
    """
    low, high = HOME
    home = (1000 * (low + (high - low) * uniform)).astype(np.int64)
    own = np.array([list(COUNTRIES).index(city.country) for city in PLACES])[place]
    weights = np.array([_abroad(city) for city in PLACES], dtype=np.int64)
    return {
        country: np.where(own == at, home, (1000 - home) * weights[place, at] // 10**6) / 1000
        for at, country in enumerate(COUNTRIES)
    }


def _abroad(city: City) -> list[int]:
    """Millionths of the audience abroad that live in each country; none in the own one."""
    spread = zip(COUNTRIES, _ABROAD[city.language], strict=True)
    weights = [0.0 if country == city.country else weight for country, weight in spread]
    return [int(1e6 * NAMED * weight / sum(weights)) for weight in weights]
