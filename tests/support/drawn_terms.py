"""Random terms: pay, offers, what is to be as high as possible, budgets and costs, who must be booked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.support.brute import Column, Question
from tests.support.drawn_pools import DrawnPools, Frame, Mapping
from tests.support.draws import decimal

ADDITIVE = (
    "spend cash creators deliverables posts gifts hours impressions gross_reach engagements clicks conversions revenue"
    " profit"
).split()
WHOLE = ("creators", "deliverables", "gifts")


class DrawnTerms(DrawnPools):
    """Terms of a style."""

    def offers(self, count: int, *, every_model: bool = False) -> Mapping:
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
        names = ["fee", "fee", "gifted"]
        if every_model:
            pay |= self.commissions()
            names = ["fee", "gifted", "by sale", "by sale", "mixed", "mixed"]
        offers: Mapping = {}
        for number in range(count):
            offer: Mapping = {"deliver": rng.choice(kinds), "pay": rng.choice(names)}
            if offer["pay"] in ("fee", "mixed") and self.chance(0.3):
                offer |= rng.choice([{"discount": "10%"}, {"discount": "0.333333"}, {"price": self.fee()}])
            if every_model and offer["pay"] in ("fee", "mixed") and self.chance(0.3):
                offer["rights"] = self.rights()
            if number and self.chance(0.3):
                offer["to"] = rng.choice([{"tier": "nano"}, {"niche": ["yoga", "books"]}, {"country": "FR"}])
            offers[f"offer {number}"] = offer
        if every_model:
            self.more_terms(pay)
        return {"pay": pay, "offers": offers}

    def rights(self) -> str:
        """A share of the fee, or an amount (which is at least 1, lest a share be meant)."""
        amount = self.fee()
        return self.rng.choice(["20%", "0.3333%", "150%", "1" if 0 < float(amount) < 1 else amount])

    def commissions(self) -> Mapping:
        """Pay by what is sold, alone and beside a part of the fee."""
        rng = self.rng
        terms: Mapping = {"by sale": {"model": "commission"}, "mixed": {"model": "hybrid"}}
        for said in terms.values():
            earns = [{"rate": rng.choice(["12%", "0.333333", "100%"])}, {"per_conversion": self.money(0, 9)}]
            said.update(rng.choice(earns))
            if self.chance(0.5):
                said["cap"] = rng.choice([self.fee(), self.money(0, 40)])
        terms["mixed"]["fee"] = rng.choice(["50%", "0.333333", "100%"])
        if self.chance(0.4):
            terms["mixed"]["rights"] = self.rights()
        return terms

    def more_terms(self, pay: Mapping) -> None:
        """What any terms may have: a least fee, who posts, a product beside the money."""
        rng = self.rng
        for said in pay.values():
            if self.chance(0.3):
                said["minimum_fee"] = rng.choice([self.fee(), self.money(0, 200)])
            if said["model"] == "gift" and self.chance(0.4):
                del said["post_rate"]
            elif said["model"] != "gift" and self.chance(0.3):
                said["post_rate"] = rng.choice(["80%", "0.5", "0"])
            if said["model"] != "gift" and self.chance(0.2):
                said["product"] = {"cost": self.money(0, 30), "value": self.money(0, 60)}
        if self.chance(0.3):
            pay["fee"]["rights"] = self.rights()

    def posting(self, said: Mapping, frame: Frame | None) -> None:
        """How many post, where the terms do not say it."""
        rng = self.rng
        if frame is not None and self.chance(0.3):
            frame["post_rate"] = [0.5, *self.post_rates(len(frame["creator"]) - 1)]
        if self.chance(0.4):
            by_model = [{"model": "gift", "is": "60%"}, {"offer": "offer 0", "is": "0.9"}, {"is": "85%"}]
            said["assume"]["post_rate"] = rng.choice(["75%", by_model])

    def economics(self) -> Mapping:
        return {"order_value": self.money(5, 200), "margin": self.rng.choice(["45%", "0.333333", "100%", "0"])}

    def fit(self) -> Mapping:
        rng = self.rng
        return {"yoga": rng.choice(["1", "0.9"]), "books": "0.35", "other": rng.choice(["0", "30%", "0.77"])}

    def objective(self, economics: bool, more: tuple[str, ...] = ()) -> Mapping:
        rng = self.rng
        names = [name for name in ADDITIVE if economics or name not in ("revenue", "profit")] + list(more)
        likely = ["engagements", "conversions", "impressions", "gross_reach"]
        match rng.random():
            case draw if draw < 0.45:
                return {"maximize": rng.choice([*likely, *likely, *names, *more])}
            case draw if draw < 0.6:
                return {"minimize": rng.choice(["spend", "cash", "hours", "creators", "impressions", *more])}
            case _:
                weights = ["1", "-1", "0.5", "40", "-0.125", "3", "0.001", "-0.01", "17.9"]
                mixed = {name: rng.choice(weights) for name in rng.sample(names, rng.randint(2, 3))}
                return {rng.choice(["maximize", "maximize", "minimize"]): mixed}

    # --- who ---

    def people_who(self, said: Mapping, names: list[str], frame: Frame | None) -> None:
        """Who must be booked, and who may not."""
        rng = self.rng
        if self.chance(0.25) and len(names) > 1:
            out = rng.choice(names[1:])
            names.remove(out)
            said["exclude"] = [rng.choice([out, out.upper(), out.removeprefix("@")])]
        if not self.chance(0.3):
            return
        question = Question(said, frame)
        able = list(dict.fromkeys(column.creator for column in question.columns if self.available(question, column)))
        include: list[Any] = []
        for handle in rng.sample(able, min(len(able), rng.randint(1, 2))):
            terms: Mapping = {"creator": handle}
            mine = [column for column in question.columns if column.creator == handle]
            if "offers" in said and self.chance(0.5):
                terms["offer"] = rng.choice(mine).offer
            paid = all(column.terms.pays_fee for column in mine if terms.get("offer") in (None, column.offer))
            if self.chance(0.5) and paid:
                terms |= rng.choice([{"fee": self.fee()}, {"price": self.fee()}])
            include.append(terms if len(terms) > 1 or self.chance(0.3) else handle)
        said["include"] = include

    @staticmethod
    def available(question: Question, column: Column) -> bool:
        return any(width > 0 for width, _ in question.supply_of(column).steps)

    # --- budgets ---

    def budget(self, question: Question, target: list[int]) -> str:
        rng, scale = self.rng, question.scale_of_money
        spent = sum(question.amount(question.columns[at], "spend") for at in target)
        everything = sum(question.amount(column, "spend") for column in question.columns)
        cents = rng.choice(
            [spent, spent - 1, spent + 1, spent * 9 // 10, spent * 13 // 10, everything // 2, everything, 10**11]
        )
        return decimal(Fraction(max(cents, 0), scale), self.places)

    def wallets(self, said: Mapping, frame: Frame | None, target: list[int]) -> None:
        """Several budgets, and costs that come out of them; near what a plan uses."""
        rng = self.rng
        said.pop("budget", None)
        if self.chance(0.6):
            said["costs"] = costs = rng.choice([{}, {"agency": rng.choice(["15%", "0.333333"])}])
            if self.chance(0.4):
                costs["fixed"] = self.money(0, 300)
            if self.chance(0.4):
                costs["reserve"] = rng.choice(["5%", "33.3%"])
        question = Question(said, frame)
        usual = ["cash", "hours", "gifts", "posts", "creators", "deliverables", *question.kinds_counted, "women"]
        usual += ["boost", "boost", "impressions.paid"] if "boost" in question.quantities else []
        names = [
            name
            for name in usual
            if name in question.quantities and all(column.amounts[name] is not None for column in question.columns)
        ]
        chosen = rng.sample(names, min(rng.randint(0, 2), len(names)))
        budget = rng.choice(["budget", "spend", ""])
        wallets = {name: self.most(question, name, target) for name in chosen}
        if budget == "budget":
            said["budget"] = self.most(question, "spend", target)
        elif budget == "spend":
            wallets["spend"] = self.most(question, "spend", target)
        if wallets:
            said["wallets"] = wallets
        if "budget" not in said and not {"spend", "cash"} & set(wallets):
            for word in ("fixed", "reserve"):
                said.get("costs", {}).pop(word, None)
        if not said.get("costs"):
            said.pop("costs", None)

    def most(self, question: Question, name: str, target: list[int]) -> str:
        """An amount near what a plan uses; of money, with the costs that come out of it first."""
        rng, costs = self.rng, question.said.get("costs", {})
        measured = {"spend": "cost", "cash": "cash_cost"}.get(name, name) if "agency" in costs else name
        used = sum(question.amount(question.columns[at], measured) for at in target)
        found = Fraction(max(rng.choice([used, used, used - 1, used + 1, used * 9 // 10, used * 13 // 10]), 0))
        found /= question.scale(measured)
        if name not in ("spend", "cash"):
            places = 0 if self.chance(0.3) or question.is_whole(name) else 6
            return decimal(found, places, up=self.chance(0.7))
        left = 1 - Fraction(str(costs.get("reserve", "0")).rstrip("%")) / 100
        gross = (found + Fraction(costs.get("fixed", "0"))) / left
        return decimal(gross, self.places, up=True)
