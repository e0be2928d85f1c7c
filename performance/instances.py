"""Scenarios of any size to measure planning with, their pools made in memory; the same words give the same scenario.

python performance/instances.py [--seeds 1] [--names]

prints how many bookings and rows the program of each mix has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import generate_pool, load_scenario  # noqa: E402  # the root must be known first
from optimizer.domain.scenario import Scenario  # noqa: E402
from optimizer.estimation.estimate import estimate  # noqa: E402
from optimizer.formulation.build import build  # noqa: E402
from optimizer.formulation.program import Program  # noqa: E402

Said = dict[str, Any]

CAMPAIGN: Final = 900  # bookings of a large campaign; small pools have a tenth of their creators booked
PER_BOOKING: Final = 45  # EUR of budget for each booking of `many`

ONE_OFFER: Final[Said] = {"post": {"deliver": {"post": 1}}}
THREE_OFFERS: Final[Said] = {
    "gifted post": {"deliver": {"post": 1}, "pay": "parcel", "to": {"tier": "nano"}},
    "post": {"deliver": {"post": 1}},
    "post and stories": {"deliver": {"post": 1, "story": 2}, "discount": "15%"},
}


@dataclass(frozen=True)
class Instance:
    """A scenario by its mix of rules, how many creators it has on how many offers (1 or 3), and the pool's seed."""

    mix: str
    creators: int
    offers: int = 1
    seed: int = 1

    @property
    def name(self) -> str:
        """For tables and for the command line."""
        return f"{self.mix}-{self.creators}x{self.offers}-{self.seed}"

    def said(self) -> Said:
        """The scenario as a mapping, without its pool."""
        terms: Said = {"offers": ONE_OFFER}
        if self.offers == 3:
            parcel = {"model": "gift", "product": {"cost": 22}, "shipping": 6, "post_rate": "70%", "hours": 0.5}
            terms = {"offers": THREE_OFFERS, "pay": {"parcel": parcel, "fee": {"model": "fee", "hours": 1.5}}}
        elif self.mix == "many":
            terms["pay"] = {"fee": {"model": "fee", "hours": 1.5}}
        return {"format": 1, "name": self.name, "currency": "EUR", **terms, **MIXES[self.mix](self)}

    def scenario(self) -> Scenario:
        """The scenario with its pool: every creator has a fee and an engagement rate of the own row."""
        pool = generate_pool(self.creators, seed=self.seed, without_rate=0, without_fee=0)
        return load_scenario(self.said(), creators=pool)

    def program(self) -> Program:
        """The program that ours and every other solver is given."""
        return build(estimate(self.scenario())).with_all_rows()


def many(instance: Instance) -> Said:
    """A large campaign under some thirty rules of all kinds."""
    bookings = min(CAMPAIGN, instance.creators // 10)
    budget = PER_BOOKING * bookings
    rules: Said = {
        "team": {"quantity": "creators", "at_least": bookings // 2, "at_most": bookings},
        "niches": {"quantity": "spend", "per": "niche", "at_most": "24%"},
        "platforms": {"quantity": "spend", "per": "platform", "at_most": "55%"},
        "nano keep a share": {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "35%"},
        "micro keep a share": {"quantity": "spend", "group": {"tier": "micro"}, "at_least": "25%"},
        "micro in number": {"quantity": "creators", "group": {"tier": "micro"}, "at_least": bookings // 30},
        "countries": {"quantity": "spend", "per": "country", "among": ["FR", "BE", "CH"], "at_least": "12%"},
        "seen in France": {"quantity": "gross_reach", "people": {"country": "FR"}, "at_least": 900 * bookings},
        "seen in Belgium": {"quantity": "gross_reach", "people": {"country": "BE"}, "at_least": 300 * bookings},
        "views": {"quantity": "impressions", "at_least": 4_000 * bookings},
        "cost of an engagement": {"quantity": "cpe", "at_most": 0.25},
        "cost of views": {"quantity": "cpm", "group": {"platform": "instagram"}, "at_most": 25},
        "real followers": {"quantity": "authenticity", "at_least": "84%"},
        "Dutch": {"quantity": "creators", "group": {"language": "nl"}, "at_least": bookings // 25},
        "Paris": {"quantity": "spend", "group": {"city": "Paris"}, "at_most": "10%"},
    }
    wallets: Said = {"hours": 1.4 * bookings}
    if instance.offers == 3:
        wallets["gifts"] = bookings // 3
        rules["stories"] = {"quantity": "deliverables.story", "at_least": bookings // 5}
    return {"budget": budget, "wallets": wallets, "objective": {"maximize": "engagements"}, "constraints": rules}


def tight(_: Instance) -> Said:
    """Tight shares: nine niches that may take an eighth of the spend each, so nearly all of them are full."""
    rules = {
        "niches": {"quantity": "spend", "per": "niche", "at_most": "12%"},
        "nano": {"quantity": "creators", "group": {"tier": "nano"}, "at_least": 40},
        "team": {"quantity": "creators", "at_most": 120},
        "views": {"quantity": "impressions", "at_least": 300_000},
    }
    return {"budget": 60_000, "objective": {"maximize": "engagements"}, "constraints": rules}


def equal(_: Instance) -> Said:
    """Counts and shares that must be met exactly."""
    rules = {
        "nano": {"quantity": "creators", "group": {"tier": "nano"}, "exactly": 30},
        "micro": {"quantity": "creators", "group": {"tier": "micro"}, "exactly": 18},
        "food": {"quantity": "creators", "group": {"niche": "food"}, "exactly": 10},
        "three of eight in France": {"quantity": "creators", "group": {"country": "FR"}, "exactly": "37.5%"},
        "as many in Spain as in Germany": {
            "quantity": "posts",
            "group": {"country": "ES"},
            "of": {"country": "DE"},
            "exactly": "100%",
        },
        "platforms": {"quantity": "creators", "per": "platform", "exactly": {"tiktok": 20, "youtube": 4}},
        "travel": {"quantity": "spend", "group": {"niche": "travel"}, "at_most": "15%"},
    }
    return {"budget": 15_000, "objective": {"maximize": "engagements"}, "constraints": rules}


def few(_: Instance) -> Said:
    """Narrow filters: about one creator in a hundred can be booked."""
    where = {"country": "CH", "niche": ["fitness", "pet", "interior"], "authenticity": {"from": "80%"}}
    rules = {
        "niches": {"quantity": "spend", "per": "niche", "among": ["fitness", "pet", "interior"], "at_most": "45%"},
        "nano": {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "30%"},
        "in French": {"quantity": "impressions", "group": {"language": "fr"}, "at_least": "30%"},
        "team": {"quantity": "creators", "at_most": 12},
    }
    return {
        "budget": 2_500,
        "creators": {"where": where},
        "objective": {"maximize": "engagements"},
        "constraints": rules,
    }


def impossible(_: Instance) -> Said:
    """Nine niches of which none may take a tenth of the spend: no plan of one creator or more keeps that."""
    rules = {
        "niches": {"quantity": "spend", "per": "niche", "at_most": "10%"},
        "team": {"quantity": "creators", "at_least": 20, "at_most": 120},
        "views": {"quantity": "impressions", "at_least": 100_000},
    }
    return {"budget": 20_000, "objective": {"maximize": "engagements"}, "constraints": rules}


MIXES: Final[dict[str, Callable[[Instance], Said]]] = {
    "many": many,
    "tight": tight,
    "equal": equal,
    "few": few,
    "impossible": impossible,
}


def instances(seeds: int = 1) -> Iterator[Instance]:
    """The instances of the table, each with so many seeds."""
    kinds = [
        *(("tight", creators, 1) for creators in (1_000, 10_000, 20_000)),
        *(("equal", creators, 1) for creators in (1_000, 10_000)),
        ("few", 10_000, 1),
        ("impossible", 10_000, 1),
        *(("many", creators, offers) for creators in (1_000, 10_000, 100_000) for offers in (1, 3)),
    ]
    for mix, creators, offers in kinds:
        for seed in range(1, seeds + 1):
            yield Instance(mix, creators, offers, seed)


def named(name: str) -> Instance:
    """An instance by its name, such as `tight-1000x1-1`.

    Raises
    ------
    ValueError
        Where the name is none.
    """
    mix, _, sizes = name.partition("-")
    creators, _, rest = sizes.partition("x")
    offers, _, seed = rest.partition("-")
    if mix not in MIXES or offers not in {"1", "3"}:
        raise ValueError(f"{name} is no instance: write MIX-CREATORSxOFFERS-SEED, with a mix of {', '.join(MIXES)}")
    return Instance(mix, int(creators), int(offers), int(seed))


def main() -> None:
    """Print the size of every instance's program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--names", action="store_true", help="print the names alone")
    given = parser.parse_args()
    if given.names:
        print("\n".join(instance.name for instance in instances(given.seeds)))
        return
    print("| instance | bookings | rows |")
    print("|---|---|---|")
    for instance in instances(given.seeds):
        program = instance.program()
        print(f"| {instance.name} | {len(program):,} | {len(program.rows)} |", flush=True)


if __name__ == "__main__":
    main()
