"""Random small scenarios that reach the shapes on which solvers and planners go wrong.

Bounds are drawn around what a random plan has, so that rules bind: exactly met, missed by the smallest unit, or loose.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.support.brute import DECIMALS, RATIOS, Question, Rule, exact

Mapping = dict[str, Any]
Frame = dict[str, list[Any]]

STYLES = ("plain", "plain", "plain", "cents", "round", "round", "ties", "zero", "large", "tiny", "odd money")
NICHES = ("yoga", "chess", "books", "yoga|books", None)
ADDITIVE = (
    "spend cash creators deliverables posts gifts hours impressions gross_reach engagements clicks conversions revenue"
    " profit"
).split()
WHOLE = ("creators", "deliverables", "gifts")
MOST_COLUMNS = 14
TIERS = {
    "large": {"nano": [1, 99_999], "micro": [100_000, 1_000_000_000]},
    "tiny": {"nano": [0, 20], "micro": [21, 99]},
}


def decimal(value: Fraction, places: int, *, up: bool = False) -> str:
    """A number cut (or lifted) to some decimals, as text."""
    scaled = value * 10**places
    whole = -int(-scaled // 1) if up else int(scaled // 1)
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def scenario(seed: int | str, *, style: str | None = None, sizes: tuple[int, int] = (3, 9)) -> tuple[Mapping, Frame]:
    """A random scenario as a mapping and columns of creators.

    Parameters
    ----------
    style
        One of `STYLES`, or `hair`: amounts that differ by less than a solver's tolerance; by default any of `STYLES`.
    sizes
        The fewest and the most creators. Up to nine of them have at most `MOST_COLUMNS` bookings to choose from.
    """
    return _Draw(random.Random(str(seed)), style).scenario(*sizes)


class _Draw:
    def __init__(self, rng: random.Random, style: str | None) -> None:
        self.rng = rng
        self.style = style or rng.choice(STYLES)
        self.currency = rng.choice(["EUR", "EUR", "EUR", "USD", "JPY", "KWD"])
        if self.style == "round":
            self.currency = "USD"
        self.places = DECIMALS.get(self.currency, 2)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def scenario(self, fewest: int, most: int) -> tuple[Mapping, Frame]:
        rng = self.rng
        count = rng.randint(fewest, most)
        offers = rng.randint(1, 3 if most > 9 else max(1, min(3, MOST_COLUMNS // count)))
        frame = self.frame(count)
        said: Mapping = {"format": 1, "name": "drawn", "currency": self.currency, "assume": self.assume()}
        if self.style in TIERS:
            said["tiers"] = TIERS[self.style]
        if offers > 1 or self.chance(0.6):
            said |= self.offers(offers)
        self.assume_of_offers(said)
        if self.chance(0.9):
            said["economics"] = {
                "order_value": self.money(5, 200),
                "margin": rng.choice(["45%", "0.333333", "100%", "0"]),
            }
        if self.chance(0.4):
            said["fit"] = {"yoga": rng.choice(["1", "0.9"]), "books": "0.35", "other": rng.choice(["0", "30%", "0.77"])}
        said["objective"] = self.objective("economics" in said)
        self.people_who(said, frame)
        question = Question(said, frame)
        target = self.target(question)
        if self.chance(0.85):
            said["budget"] = self.budget(question, target)
        names = [f"rule {number}" for number in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5]))]
        drawn = {name: self.rule(Question(said, frame), name, target) for name in names}
        rules = {name: rule for name, rule in drawn.items() if rule is not None}
        return (said | {"constraints": rules} if rules else said), frame

    def assume_of_offers(self, said: Mapping) -> None:
        """What can be assumed only of what is offered."""
        kinds = {kind for offer in said.get("offers", {}).values() for kind in offer["deliver"]}
        if "story" in kinds and self.chance(0.4):
            said["assume"]["weight_story"] = "0.25"
        if any(offer["pay"] == "gifted" for offer in said.get("offers", {}).values()) and self.chance(0.4):
            said["assume"]["deal_factor"] = [{"model": "gift", "is": "0.7"}, {"is": "1.1"}]
        if "video" in kinds and self.chance(0.5):
            said["assume"]["view_rate"] = [{"deliverable": "video", "is": "60%"}, {"is": "12.5%"}]

    # --- creators ---

    def money(self, low: float, high: float) -> str:
        return decimal(Fraction(self.rng.uniform(low, high)), self.places)

    def fee(self) -> str:
        rng = self.rng
        match self.style:
            case "round":
                return rng.choice(["9000", "7200", "10800", str(50 * rng.randint(0, 40))])
            case "ties":
                return rng.choice(["100", "200"])
            case "zero":
                return rng.choice(["0", "0", self.money(0, 50)])
            case "large":
                return self.money(1e6, 1e8)
            case "tiny":
                return self.money(0, 2)
            case "cents":
                return decimal(Fraction(rng.randint(1, 99), 10**self.places), self.places)
            case "hair":
                return decimal(Fraction(5 * 10**9 + rng.randint(0, 9), 10**self.places), self.places)
            case "odd money":
                return decimal(Fraction(rng.randint(10**7, 10**8) * 2 + 1, 10**self.places), self.places)
            case _:
                return self.money(20, 2000)

    def followers(self) -> int:
        rng = self.rng
        match self.style:
            case "large":
                return rng.randint(1, 10**9)
            case "tiny":
                return rng.randint(0, 60)
            case "ties" | "hair":
                return rng.choice([5_000, 5_000, 20_000])
            case _:
                return rng.choice([rng.randint(1_000, 99_999), rng.randint(1_000, 9_999), rng.randint(900, 120_000)])

    def views(self) -> float:
        """Views of one piece; of the style "hair" such that sums differ by a few millionths of a million."""
        if self.style == "hair":
            return 400_000 + self.rng.randint(0, 9) / 10**6
        return float(self.rng.randint(0, 50_000))

    def rate(self, most: float) -> float:
        if self.style == "hair":
            return most / 2 + self.rng.randint(0, 9) / 10**9
        if self.style == "ties":
            return most / 2
        return self.rng.choice([0.0, round(self.rng.uniform(0, most), 4), self.rng.uniform(0, most)])

    def frame(self, count: int) -> Frame:
        rng = self.rng
        names = [rng.choice(["@", ""]) + rng.choice("abcdXYZ") + f"{at}." for at in range(count)]
        frame: Frame = {"creator": names, "followers": [self.followers() for _ in names]}
        frame["followers"][0] = {"tiny": 15, "large": 5_000_000}.get(self.style, 5_000)
        frame["platform"] = [rng.choice(["tiktok", "instagram"]) for _ in names]
        frame["niche"] = [rng.choice(NICHES) for _ in names]
        frame["country"] = [rng.choice(["FR", "DE", "FR"]) for _ in names]
        blank = rng.choice([0.0, 0.0, 0.3])

        def known(value: Any) -> Any:
            return None if self.chance(blank) else value

        frame["fee"] = [known(self.fee()) for _ in names]
        drawn: list[tuple[str, float, Callable[[], Any]]] = [
            ("engagement_rate", 0.8, lambda: self.rate(0.2)),
            ("authenticity", 0.4, lambda: round(rng.uniform(0.3, 1), 3)),
            ("average_views", 0.9 if self.style == "hair" else 0.3, self.views),
            ("average_engagements", 0.2, lambda: rng.uniform(0, 500)),
            ("viewers", 0.2, lambda: rng.uniform(0, 30_000)),
            ("view_rate", 0.2, lambda: self.rate(2.0)),
            ("fee_story", 0.2, self.fee),
            ("repeat_keeps", 0.2, lambda: self.rate(1.0)),
            ("conversion_rate", 0.15, lambda: self.rate(0.2)),
            ("audience_FR", 0.2, lambda: self.rate(1.0)),
        ]
        for column, share, draw in drawn:
            if self.chance(share):
                frame[column] = [known(draw()) for _ in names]
        for cells in frame.values():  # a column of nothing but blanks has no kind
            if all(cell is None for cell in cells):
                cells[0] = "120" if cells is frame["fee"] or cells is frame.get("fee_story") else 0.5
        if all(cell is None or cell == 0.5 for cell in frame["niche"]):
            frame["niche"][0] = "yoga"
        if not {"yoga"} & set(frame["niche"]):
            frame["niche"][0] = "yoga"
        return frame

    def assume(self) -> Mapping:
        rng = self.rng
        assumed: Mapping = {
            "fee": rng.choice([self.fee(), [{"tier": "nano", "is": self.fee()}, {"is": self.fee()}]]),
            "view_rate": rng.choice(["45%", "12.5%"]),
            "engagement_rate": rng.choice(["4.1%", "0.03", [{"followers": {"above": 5000}, "is": "2%"}, {"is": "5%"}]]),
            "click_rate": rng.choice(["0.8%", "0.0123", "100%"]),
        }
        if self.chance(0.2):
            assumed["conversions_per_engagement"] = "3%"
        else:
            assumed["conversion_rate"] = rng.choice(["2.5%", "0.07", "1"])
        if self.chance(0.2):
            assumed["repeat_keeps"] = "0.8"
        return assumed

    # --- offers ---

    def offers(self, count: int) -> Mapping:
        rng = self.rng
        pay = {
            "gifted": {
                "model": "gift",
                "product": {"cost": self.money(0, 30)},
                "shipping": self.money(0, 9),
                "post_rate": rng.choice(["70%", "0.333", "1"]),
                "hours": rng.choice(["0.5", "0.1", "2"]),
            },
            "fee": {"model": "fee", "hours": rng.choice(["2", "1.75", "0"]), "handling": self.money(0, 20)},
        }
        kinds = [{"video": 1}, {"video": 3}, {"story": 2}, {"video": 1, "story": 2}]
        offers: Mapping = {}
        for number in range(count):
            offer: Mapping = {"deliver": rng.choice(kinds), "pay": rng.choice(["fee", "fee", "gifted"])}
            if offer["pay"] == "fee" and self.chance(0.3):
                offer |= rng.choice([{"discount": "10%"}, {"discount": "0.333333"}, {"price": self.fee()}])
            if number and self.chance(0.3):
                offer["to"] = rng.choice([{"tier": "nano"}, {"niche": ["yoga", "books"]}, {"country": "FR"}])
            offers[f"offer {number}"] = offer
        return {"pay": pay, "offers": offers}

    def objective(self, economics: bool) -> Mapping:
        rng = self.rng
        names = [name for name in ADDITIVE if economics or name not in ("revenue", "profit")]
        likely = ["engagements", "conversions", "impressions", "gross_reach"]
        match rng.random():
            case draw if draw < 0.45:
                return {"maximize": rng.choice([*likely, *likely, *names])}
            case draw if draw < 0.6:
                return {"minimize": rng.choice(["spend", "cash", "hours", "creators", "impressions"])}
            case _:
                weights = ["1", "-1", "0.5", "40", "-0.125", "3", "0.001", "-0.01", "17.9"]
                mixed = {name: rng.choice(weights) for name in rng.sample(names, rng.randint(2, 3))}
                return {rng.choice(["maximize", "maximize", "minimize"]): mixed}

    def people_who(self, said: Mapping, frame: Frame) -> None:
        """Who must be booked, and who may not."""
        rng = self.rng
        names = list(frame["creator"])
        if self.chance(0.25):
            out = rng.choice(names[1:])
            names.remove(out)
            said["exclude"] = [rng.choice([out, out.upper(), out.removeprefix("@")])]
        if not self.chance(0.3):
            return
        question = Question(said, frame)
        able = list(dict.fromkeys(column.creator for column in question.columns))
        include: list[Any] = []
        for handle in rng.sample(able, min(len(able), rng.randint(1, 2))):
            terms: Mapping = {"creator": handle}
            mine = [column for column in question.columns if column.creator == handle]
            if "offers" in said and self.chance(0.5):
                terms["offer"] = rng.choice(mine).offer
            paid = all(column.terms["model"] == "fee" for column in mine if terms.get("offer") in (None, column.offer))
            if self.chance(0.5) and paid:
                terms |= rng.choice([{"fee": self.fee()}, {"price": self.fee()}])
            include.append(terms if len(terms) > 1 or self.chance(0.3) else handle)
        said["include"] = include

    # --- rules ---

    def target(self, question: Question) -> list[int]:
        """A random plan that has everybody who must be in it."""
        chosen = []
        for must, columns in question.units():
            if must or self.chance(0.5):
                chosen.append(self.rng.choice(columns))
        return chosen

    def budget(self, question: Question, target: list[int]) -> str:
        rng, scale = self.rng, question.scale_of_money
        spent = sum(question._amount(question.columns[at], "spend") for at in target)
        everything = sum(question._amount(column, "spend") for column in question.columns)
        cents = rng.choice(
            [spent, spent - 1, spent + 1, spent * 9 // 10, spent * 13 // 10, everything // 2, everything, 10**11]
        )
        return decimal(Fraction(max(cents, 0), scale), self.places)

    def rule(self, question: Question, name: str, target: list[int]) -> Mapping | None:
        rng = self.rng
        kind = rng.choice(["absolute", "absolute", "exactly", "share", "share", "share of", "ratio", "ratio", "people"])
        rule: Mapping = {}
        groups = [{"niche": "yoga"}, {"platform": "tiktok"}, {"country": ["FR", "DE"]}, {"followers": {"below": 9000}}]
        if any(column.terms["model"] == "gift" for column in question.columns):
            groups.append({"model": "gift"})
        tiers = sorted({column.cell["tier"] for column in question.columns})
        groups += [{"tier": tier} for tier in tiers]
        groups += [{"tier": rng.choice(tiers), "niche": "yoga"}]
        groups = [group for group in groups if all(self._held(group, question, column) for column in group)]
        names = [q for q in ADDITIVE if all(column.amounts[q] is not None for column in question.columns)]
        names = [q for q in names if q != "profit"]
        if kind == "ratio":
            ratios = [
                ratio
                for ratio, (_, above, below) in RATIOS.items()
                if all(column.amounts[q] is not None for column in question.columns for q in (above, below))
            ]
            rule["quantity"] = rng.choice(ratios)
            if self.chance(0.3):
                rule["group"] = rng.choice(groups)
        elif kind == "people":
            rule |= {"quantity": "gross_reach", "people": rng.choice([{"country": "FR"}, {"country": ["FR", "DE"]}])}
            held = {column.cell["country"] for column in question.columns}
            if not {"FR", "DE"} <= held:
                return None
        else:
            rule["quantity"] = rng.choice(["spend", "creators", *names])
            if kind.startswith("share") or self.chance(0.5):
                rule["group"] = rng.choice(groups)
        if kind == "share of":
            others = [group for group in groups if group != rule["group"]]
            rule["of"] = rng.choice([*others, "plan"])
            if (
                rule["quantity"] in ("spend", "cash")
                and question.said.get("budget", "0").strip("0.")
                and self.chance(0.5)
            ):
                rule["of"] = "budget"
        if self.chance(0.25) and kind not in ("exactly", "people"):
            rule["per"] = rng.choice(
                ["niche", "platform", "tier", "country", *(["offer"] if "offers" in question.said else [])]
            )
        drawn = self.bounds(question, name, rule, kind, target)
        return None if drawn is None else rule | drawn

    @staticmethod
    def _held(group: Mapping, question: Question, column: str) -> bool:
        asked = group[column]
        if isinstance(asked, dict) or column in ("model", "tier"):
            return True
        wanted = set(asked if isinstance(asked, list) else [asked])
        return wanted <= {v for c in question.columns for v in (c.cell[column] or "").split("|")}

    def bounds(self, question: Question, name: str, rule: Mapping, kind: str, target: list[int]) -> Mapping | None:
        rng = self.rng
        share = kind.startswith("share")
        probe = rule | ({"at_least": "0%"} if share else {"at_least": "0"})
        found = question.rules_of(name, probe)
        values = [(rule_.value(target), rule_) for rule_ in found]
        known = [(value, rule_) for value, rule_ in values if value is not None]
        if not known:
            return None
        value, like = rng.choice(known)
        if kind == "exactly":
            return {"exactly": self.written(value, like, rule["quantity"], share)}
        if share and self.chance(0.2):
            return {"exactly": rng.choice(["50%", "25%", self.written(value, like, rule["quantity"], share)])}
        key = rng.choice(["at_least", "at_most", "at_most", "both"])
        shift = rng.choice(
            [Fraction(1), Fraction(1), Fraction(9, 10), Fraction(11, 10), Fraction(3, 4), Fraction(5, 4)]
        )
        if share and self.chance(0.3):
            value = Fraction(rng.choice([0, 10, 30, 50, 60, 100]), 100)
        nudge = rng.choice([0, 0, 0, 1, -1])
        if key != "both":
            return {key: self.written(value * shift, like, rule["quantity"], share, up=self.chance(0.5), nudge=nudge)}
        low = self.written(value * Fraction(9, 10), like, rule["quantity"], share)
        high = self.written(value * Fraction(11, 10), like, rule["quantity"], share, up=True)
        return {"at_least": low, "at_most": high} if exact(low) <= exact(high) else {"at_least": high}

    def written(
        self, value: Fraction, like: Rule, quantity: str, share: bool, *, up: bool = False, nudge: int = 0
    ) -> str:
        """A bound near a value, as a planner would write it."""
        if share:
            part = min(max(value, Fraction(0)), Fraction(1))
            return decimal(part * 100, self.rng.choice([0, 1, 4]), up=up) + "%"
        if quantity in WHOLE:
            return decimal(value, 0, up=up)
        if quantity in RATIOS:
            most = Fraction(1) if quantity in ("engagement_rate", "authenticity") else Fraction(10**9)
            return decimal(min(value, most), self.rng.choice([1, 2, 5]))
        places = len(str(like.unit)) - 1
        return decimal(max(value + Fraction(nudge, like.unit), Fraction(0)), places, up=up)
