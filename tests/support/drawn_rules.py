"""Random rules. Bounds are drawn around what a random plan has, so that rules bind: met, missed by a hair, or loose."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.support.brute import LOGIC, RATIOS, Question
from tests.support.drawn_ladders import DrawnLadders
from tests.support.drawn_pools import Mapping
from tests.support.drawn_terms import ADDITIVE, WHOLE, DrawnTerms
from tests.support.draws import decimal
from tests.support.reading import exact, values_of
from tests.support.rules import LogicRule, Rule


class DrawnRules(DrawnTerms):
    """Rules of a style."""

    ladders: DrawnLadders | None = None

    def target(self, question: Question) -> list[int]:
        """A random plan that has everybody who must be in it."""
        chosen: list[int] = []
        for supply in question.supplies:
            if supply.must or self.chance(0.5):
                ways = [way for way in supply.ways if way]
                if ways:
                    chosen += self.rng.choice(ways)
        return chosen

    def rule(self, question: Question, name: str, target: list[int], more: tuple[str, ...] = ()) -> Mapping | None:
        """A rule over a quantity; `more` are quantities beside the common ones."""
        rng = self.rng
        kind = rng.choice(["absolute", "absolute", "exactly", "share", "share", "share of", "ratio", "ratio", "people"])
        rule: Mapping = {}
        groups = self.groups(question)
        names = self.countable(question, more)
        if kind == "ratio":
            ratios = self.ratios(question)
            if not ratios:
                return None
            rule["quantity"] = rng.choice(ratios)
            if self.chance(0.3):
                rule["group"] = rng.choice(groups)
        elif kind == "people":
            rule |= {"quantity": "gross_reach", "people": rng.choice([{"country": "FR"}, {"country": ["FR", "DE"]}])}
            held = {column.cell.get("country") for column in question.columns}
            if not {"FR", "DE"} <= held:
                return None
        else:
            unsigned = [q for q in names if not question.is_signed(q)]
            rule["quantity"] = rng.choice(["spend", "creators", *(unsigned if kind.startswith("share") else names)])
            if kind.startswith("share") or self.chance(0.5):
                rule["group"] = rng.choice(groups)
        if kind == "share of":
            others = [group for group in groups if group != rule["group"]]
            rule["of"] = rng.choice([*others, "plan"])
            if question.amounts_of_budget().get(rule["quantity"], 0) > 0 and self.chance(0.5):
                rule["of"] = "budget"
        if self.chance(0.25) and kind not in ("exactly", "people"):
            rule["per"] = rng.choice(self.columns_of_per(question))
        drawn = self.bounds(question, name, rule, kind, target)
        return None if drawn is None else rule | drawn

    @staticmethod
    def countable(question: Question, more: tuple[str, ...] = ()) -> list[str]:
        names = [q for q in (*ADDITIVE, *more) if all(column.amounts[q] is not None for column in question.columns)]
        return [q for q in names if q != "profit"]

    @staticmethod
    def ratios(question: Question) -> list[str]:
        return [
            ratio
            for ratio, (_, above, below) in RATIOS.items()
            if all(column.amounts[q] is not None for column in question.columns for q in (above, below))
        ]

    def columns_of_per(self, question: Question) -> list[str]:
        wanted = ["niche", "platform", "tier", "country", *(["segment"] if question.segments else [])]
        held = [name for name in wanted if any(column.cell.get(name) for column in question.columns)]
        return [*held, *(["offer"] if "offers" in question.said else [])]

    def groups(self, question: Question) -> list[Mapping]:
        groups: list[Mapping] = [
            {"niche": "yoga"},
            {"platform": "tiktok"},
            {"country": ["FR", "DE"]},
            {"followers": {"below": 9000}},
        ]
        if any(column.terms.model == "gift" for column in question.columns):
            groups.append({"model": "gift"})
        tiers = sorted({column.cell["tier"] for column in question.columns if column.cell.get("tier")})
        groups += [{"tier": tier} for tier in tiers]
        if tiers:
            groups += [{"tier": self.rng.choice(tiers), "niche": "yoga"}]
        if question.segments:
            names = sorted({column.creator for column in question.columns if column.cell.get("segment")})
            groups += [{"segment": name} for name in names] + ([{"creator": names}] if names else [])
        found = [group for group in groups if all(self._held(group, question, column) for column in group)]
        if self.ladders is not None:
            found += self.ladders.groups(question.said, list(question.reading.offers()))
        return found

    @staticmethod
    def _held(group: Mapping, question: Question, column: str) -> bool:
        asked = group[column]
        if isinstance(asked, dict) or column in ("model", "tier", "creator"):
            return not isinstance(asked, dict) or any(c.cell.get(column) is not None for c in question.columns)
        wanted = set(asked if isinstance(asked, list) else [asked])
        return wanted <= {v for c in question.columns for v in values_of(c.cell.get(column))}

    def bounds(self, question: Question, name: str, rule: Mapping, kind: str, target: list[int]) -> Mapping | None:
        rng = self.rng
        share = kind.startswith("share")
        probe = rule | ({"at_least": "0%"} if share else {"at_least": "0"})
        found = [one for one in question.rules_of(name, probe) if isinstance(one, Rule)]
        values = [(rule_.value(target), rule_) for rule_ in found]
        known = [(value, rule_) for value, rule_ in values if value is not None]
        if not known:
            return None
        value, like = rng.choice(known)
        if kind == "exactly":
            return {"exactly": self.written(question, value, like, rule["quantity"], share)}
        if share and self.chance(0.2):
            return {"exactly": rng.choice(["50%", "25%", self.written(question, value, like, rule["quantity"], share)])}
        key = rng.choice(["at_least", "at_most", "at_most", "both"])
        shift = rng.choice(
            [Fraction(1), Fraction(1), Fraction(9, 10), Fraction(11, 10), Fraction(3, 4), Fraction(5, 4)]
        )
        if share and self.chance(0.3):
            value = Fraction(rng.choice([0, 10, 30, 50, 60, 100]), 100)
        nudge = rng.choice([0, 0, 0, 1, -1])
        if key != "both":
            up = self.chance(0.5)
            return {key: self.written(question, value * shift, like, rule["quantity"], share, up=up, nudge=nudge)}
        low = self.written(question, value * Fraction(9, 10), like, rule["quantity"], share)
        high = self.written(question, value * Fraction(11, 10), like, rule["quantity"], share, up=True)
        return {"at_least": low, "at_most": high} if exact(low) <= exact(high) else {"at_least": high}

    def written(
        self,
        question: Question,
        value: Fraction,
        like: Any,
        quantity: str,
        share: bool,
        *,
        up: bool = False,
        nudge: int = 0,
    ) -> str:
        """A bound near a value, as a planner would write it."""
        if share:
            part = min(max(value, Fraction(0)), Fraction(1))
            return decimal(part * 100, self.rng.choice([0, 1, 4]), up=up) + "%"
        if quantity in WHOLE or question.is_whole(quantity):
            return decimal(value, 0, up=up)
        if quantity in RATIOS:
            most = Fraction(1) if quantity in ("engagement_rate", "authenticity") else Fraction(10**9)
            return decimal(min(value, most), self.rng.choice([1, 2, 5]))
        places = len(str(like.unit)) - 1
        moved = value + Fraction(nudge, like.unit)
        return decimal(moved if question.is_signed(quantity) else max(moved, Fraction(0)), places, up=up)

    # --- each single booking, single values of `per` ---

    def each(self, question: Question, name: str, target: list[int], more: tuple[str, ...]) -> Mapping | None:
        """A rule for each booking."""
        rng = self.rng
        rule: Mapping = {"per": "creator", "quantity": rng.choice(["spend", *self.countable(question, more)])}
        if self.chance(0.4):
            rule["group"] = rng.choice(self.groups(question))
        kind = rng.choice(["absolute", "share", "share", "ratio"])
        if kind == "ratio" and self.ratios(question):
            rule["quantity"] = rng.choice(self.ratios(question))
            return self._near(question, name, rule, target, rng.choice([["at_least"], ["at_most"], [*BOTH]]))
        if kind == "share" and not question.is_signed(rule["quantity"]):
            several = {supply.name for supply in question.supplies if any(width != 1 for width, _ in supply.steps)}
            if several or any(not supply.whole for supply in question.supplies):
                single = [one.name for one in question.supplies if one.name not in several and one.whole]
                if not single:
                    return None
                rule["group"] = {"creator": single}
            if self.chance(0.3):
                rule["of"] = rng.choice([*self.groups(question), "plan"])
            part = rng.choice(["10%", "30%", "50%", "33.3333%", "100%", "0%"])
            return (
                self._near(question, name, rule, target, ["at_most"], share=True)
                if self.chance(0.5)
                else (rule | {"at_most": part})
            )
        return self._near(question, name, rule, target, ["at_most"])

    def each_talent(self, question: Question, name: str, target: list[int], more: tuple[str, ...]) -> Mapping | None:
        """A rule for the bookings of each person."""
        rng = self.rng
        quantity = rng.choice(["spend", "creators", *self.countable(question, more)])
        rule: Mapping = {"per": "talent", "quantity": quantity}
        if self.chance(0.3):
            rule["group"] = rng.choice(self.groups(question))
        kind = rng.choice(["absolute", "absolute", "share", "ratio"])
        if kind == "ratio" and self.ratios(question):
            rule["quantity"] = rng.choice(self.ratios(question))
            return self._near(question, name, rule, target, rng.choice([["at_least"], ["at_most"], [*BOTH]]))
        nameless = {handle for handle, row in question.creators.items() if not values_of(row.get("talent"))}
        if kind == "share" and not question.is_signed(rule["quantity"]) and not nameless & {*question.segments}:
            return self._near(question, name, rule, target, ["at_most"], share=True)
        drawn = self._near(question, name, rule, target, ["at_most"])
        return None if drawn is None or exact(drawn["at_most"]) < 0 else drawn

    def _near(
        self, question: Question, name: str, rule: Mapping, target: list[int], words: list[str], *, share: bool = False
    ) -> Mapping | None:
        """The rule with bounds near what the bookings of a plan have."""
        probe = rule | {"at_most": "0%" if share else "0"}
        (each,) = question.rules_of(name, probe)
        values = sorted(value / base for _, value, base in each.single(target) if base)  # type: ignore[union-attr]
        if not values:
            return None
        ends = {"at_least": values[0], "at_most": values[-1]}
        shift = self.rng.choice([Fraction(1), Fraction(1), Fraction(9, 10), Fraction(11, 10)])
        drawn = {
            word: self.written(question, ends[word] * shift, each, rule["quantity"], share, up=word == "at_most")
            for word in words
        }
        if len(words) == 2 and exact(drawn["at_least"]) > exact(drawn["at_most"]):
            return None
        return rule | drawn

    def per_value(self, question: Question, name: str, target: list[int], more: tuple[str, ...]) -> Mapping | None:
        """A rule with bounds for single values of `per`."""
        rng = self.rng
        by = rng.choice(self.columns_of_per(question))
        rule: Mapping = {"quantity": rng.choice(["spend", "creators", *self.countable(question, more)]), "per": by}
        signed = question.is_signed(rule["quantity"])
        share = self.chance(0.3) and not signed
        word = rng.choice(["at_most", "at_most", "at_least", "exactly"])
        probe = rule | {"at_least": "0%" if share else "0"}
        found = [one for one in question.rules_of(name, probe) if isinstance(one, Rule) and one.label != "(none)"]
        values = {one.label: one.value(target) for one in found}
        own = {
            str(label): self.written(
                question, value * rng.choice([Fraction(1), Fraction(11, 10)]), like, rule["quantity"], share, up=True
            )
            for (label, value), like in zip(values.items(), found, strict=True)
            if value is not None and self.chance(0.7)
        }
        if not own:
            return None
        rule[word] = own
        if word == "at_most" and not signed and self.chance(0.3):
            rule["at_least"] = "0%" if share else "0"
            rule["among"] = [str(label) for label in values if self.chance(0.5)] or [next(iter(own))]
        return rule

    # --- who is booked together ---

    def logic(
        self, question: Question, name: str, names: list[str], target: list[int], *, filters: bool = True
    ) -> Mapping:
        """A rule about who is booked together; most often one that the target keeps."""
        rule: Mapping = {}
        for _ in range(4):
            rule = self._logic(question, names, filters)
            (found,) = question.rules_of(name, rule)
            assert isinstance(found, LogicRule)
            if found.holds(target) or self.chance(0.2):
                break
        return rule

    def _logic(self, question: Question, names: list[str], filters: bool) -> Mapping:
        rng = self.rng

        def parts(sizes: list[int]) -> list[Any]:
            return [self.part(question, names) if filters else rng.choice(names) for _ in range(rng.choice(sizes))]

        word = rng.choice(LOGIC)
        if word != "if":
            return {word: parts([2, 2, 3, 4])}
        clauses = [parts([1, 1, 2]) for _ in range(2)]
        condition, then = (clause[0] if len(clause) == 1 and self.chance(0.7) else clause for clause in clauses)
        return {"if": condition, "then": then}

    def part(self, question: Question, names: list[str]) -> Any:
        """Somebody by name (at times one who cannot be booked), or a filter (at times one that matches nobody)."""
        rng = self.rng
        if self.chance(0.5):
            return rng.choice(names)
        filters = [*self.groups(question), {"creator": rng.sample(names, min(2, len(names)))}]
        if "offers" in question.said:
            offers = [{"offer": offer} for offer in question.said["offers"]]
            filters += [*offers, {"creator": rng.choice(names), **rng.choice(offers)}]
        filters += [first | second for first in filters[:3] for second in filters[1:4] if not set(first) & set(second)]
        return rng.choice(filters)


BOTH = ("at_least", "at_most")
