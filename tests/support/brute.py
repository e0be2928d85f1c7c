"""Every plan of a small scenario, enumerated: the judge of planner and engine.

Written from the definitions alone, in plain Python: the scenario's mapping is read anew, estimates are floats combined
in the written order and rounded once, money is integers, rules are compared as fractions. Nothing of the package is
used.
"""

from __future__ import annotations

import itertools
from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

MICRO = 10**6
MONEY = {"spend", "cash", "revenue", "profit", "fee"}
RATIOS = {
    "cpm": (1000, "spend", "impressions"),
    "cpe": (1, "spend", "engagements"),
    "cpc": (1, "spend", "clicks"),
    "cpa": (1, "spend", "conversions"),
    "roas": (1, "revenue", "spend"),
    "engagement_rate": (1, "engagements", "follower_posts"),
    "authenticity": (1, "audience", "followers"),
}
NAMED = (
    "spend cash creators deliverables posts gifts hours impressions gross_reach engagements clicks conversions revenue"
    " profit"
).split()
DECIMALS = {"JPY": 0, "KWD": 3}
OFFER_COLUMNS = ("offer", "pay", "model")
DEFAULTS = {"authenticity": 1.0, "weight": 1.0, "repeat_keeps": 1.0, "deal_factor": 1.0, "fit": 1.0}
TIERS = {"nano": [1_000, 9_999], "micro": [10_000, 99_999]}


class MissingError(Exception):
    """A figure that nothing gives."""


def exact(said: object) -> Fraction:
    """A number as the scenario writes it, the percent sign worked in."""
    text = str(said).replace("_", "").strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def is_percent(said: object) -> bool:
    return str(said).strip().endswith("%")


def bounds_differ(said: dict[str, Any]) -> bool:
    return "at_least" not in said or exact(said["at_least"]) != exact(said["at_most"])


def key(handle: str) -> str:
    return handle.strip().lower().removeprefix("@")


def _half_even(number: int, over: int) -> int:
    whole, rest = divmod(number, over)
    return whole + (2 * rest > over or (2 * rest == over and whole % 2 == 1))


def _values(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split("|") if part.strip()]


@dataclass(frozen=True)
class Column:
    """One possible booking."""

    creator: str
    offer: str
    cell: dict[str, Any]
    terms: dict[str, Any]
    amounts: dict[str, int | None]  # minor units of money, millionths of all else; None where a figure is missing
    contacts: float | None  # gross reach, unrounded


@dataclass(frozen=True)
class Rule:
    """`lead * measured / base` between bounds; `base` is per column, or 1."""

    name: str
    label: str | None
    kind: str
    low: Fraction | None
    high: Fraction | None
    measured: list[int]
    base: list[int] | None
    lead: Fraction
    unit: int

    @property
    def title(self) -> str:
        return self.name if self.label is None else f"{self.name} ({self.label})"

    def totals(self, chosen: list[int]) -> tuple[int, int]:
        measured = sum(self.measured[at] for at in chosen)
        return measured, 1 if self.base is None else sum(self.base[at] for at in chosen)

    def value(self, chosen: list[int]) -> Fraction | None:
        measured, base = self.totals(chosen)
        return self.lead * measured / base if base else None

    def holds(self, chosen: list[int]) -> bool:
        measured, base = self.totals(chosen)
        return (self.low is None or self.lead * measured >= self.low * base) and (
            self.high is None or self.lead * measured <= self.high * base
        )

    def room(self, chosen: list[int]) -> Fraction:
        """The distance to the nearer bound, in the unit of what is measured."""
        measured, base = self.totals(chosen)
        rooms = []
        if self.low is not None:
            rooms.append(measured - self.low * base / self.lead)
        if self.high is not None:
            rooms.append(self.high * base / self.lead - measured)
        return min(rooms) / self.unit

    def integer_rows(self) -> list[tuple[list[int], int | None, int | None]]:
        """The rule as rows of integer coefficients with bounds, exactly equivalent."""
        rows = []
        for bound, sense in ((self.low, 1), (self.high, -1)):
            if bound is None:
                continue
            slope = bound / self.lead
            if self.base is None:
                limit = slope
                scaled = [value * limit.denominator for value in self.measured]
                floor_or_ceil = limit.numerator
            else:
                pairs = zip(self.measured, self.base, strict=True)
                scaled = [value * slope.denominator - other * slope.numerator for value, other in pairs]
                floor_or_ceil = 0
            rows.append((scaled, floor_or_ceil if sense > 0 else None, floor_or_ceil if sense < 0 else None))
        return rows


@dataclass(frozen=True)
class Best:
    """The answer: the highest (or lowest) value of the objective, None where no plan exists; one plan that has it."""

    value: Fraction | None
    chosen: tuple[int, ...] = ()
    plans: int = 0


@dataclass
class Question:
    """A scenario, read from its mapping and its columns of creators."""

    said: dict[str, Any]
    frame: dict[str, list[Any]]
    columns: list[Column] = field(init=False)
    rules: list[Rule] = field(init=False)
    required: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.scale_of_money = 10 ** DECIMALS.get(str(self.said["currency"]), 2)
        self.creators = self._creators()
        self.included = self._included()
        self.required = set(self.included)
        self.columns = self._columns()
        self.rules = [*self._budget(), *(rule for item in self._said_rules().items() for rule in self.rules_of(*item))]
        sense = "minimize" if "minimize" in self.said["objective"] else "maximize"
        weights = self.said["objective"][sense]
        self.sign = 1 if sense == "maximize" else -1
        self.weights = {weights: Fraction(1)} if isinstance(weights, str) else {q: exact(w) for q, w in weights.items()}
        per_unit = {quantity: weight / self.scale(quantity) for quantity, weight in self.weights.items()}
        self.denominator = lcm(*(value.denominator for value in per_unit.values()))
        self.cost = [
            sum(int(value * self.denominator) * self._amount(column, q) for q, value in per_unit.items())
            for column in self.columns
        ]

    # --- reading ---

    def scale(self, quantity: str) -> int:
        return self.scale_of_money if quantity in MONEY else MICRO

    def _minor(self, said: object) -> int:
        amount = exact(said) * self.scale_of_money
        assert amount.denominator == 1
        return int(amount)

    def _said_rules(self) -> dict[str, Any]:
        return self.said.get("constraints", {})

    def _creators(self) -> dict[str, dict[str, Any]]:
        rows = [dict(zip(self.frame, cells, strict=True)) for cells in zip(*self.frame.values(), strict=True)]
        kept = {}
        for row in rows:
            if "followers" in row:
                count = row["followers"]
                tiers = [
                    t
                    for t, (a, b) in self.said.get("tiers", TIERS).items()
                    if count is not None and int(a) <= count <= int(b)
                ]
                if not tiers:
                    continue
                row["tier"] = tiers[0]
            if not any(self._who(who, row) for who in self.said.get("exclude", [])):
                kept[key(row["creator"])] = row
        return dict(sorted(kept.items()))

    def _who(self, who: Any, row: dict[str, Any]) -> bool:
        return key(who) == key(row["creator"]) if isinstance(who, str) else self._matches(who, row, {})

    def _matches(self, where: dict[str, Any], row: dict[str, Any], terms: dict[str, Any]) -> bool:
        return all(self._meets(column, asked, row, terms) for column, asked in where.items())

    def _meets(self, column: str, asked: Any, row: dict[str, Any], terms: dict[str, Any]) -> bool:
        if isinstance(asked, dict):
            return self._in_range(column, asked, row.get(column))
        wanted = asked if isinstance(asked, list) else [asked]
        if column == "creator":
            return key(row["creator"]) in map(key, wanted)
        held = [terms[column]] if column in OFFER_COLUMNS and column in terms else _values(row.get(column))
        return bool({value.casefold() for value in held} & {str(value).casefold() for value in wanted})

    @staticmethod
    def _in_range(column: str, asked: dict[str, Any], cell: Any) -> bool:
        if cell is None:
            return False
        value = Fraction(cell) if column.startswith("fee") else float(cell)
        tests = {
            "from": lambda bound: value >= bound,
            "to": lambda bound: value <= bound,
            "above": lambda bound: value > bound,
            "below": lambda bound: value < bound,
        }
        return all(tests[word](exact(b) if column.startswith("fee") else float(exact(b))) for word, b in asked.items())

    def _included(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for who in self.said.get("include", []):
            if isinstance(who, dict) and "creator" not in who:
                for name, row in self.creators.items():
                    if self._matches(who, row, {}):
                        found.setdefault(name, {})
            else:
                terms = {"creator": who} if isinstance(who, str) else who
                found[key(terms["creator"])] = {word: value for word, value in terms.items() if word != "creator"}
        return found

    def _offers(self) -> dict[str, dict[str, Any]]:
        return self.said.get("offers") or {"booking": {"deliver": {"post": 1}}}

    def _terms(self, name: str, offer: dict[str, Any]) -> dict[str, Any]:
        pay = offer.get("pay", "fee")
        said = {"model": "fee"} | self.said.get("pay", {}).get(pay, {})
        return {
            "offer": name,
            "pay": pay,
            "model": said["model"],
            "deliver": {kind: int(exact(pieces)) for kind, pieces in offer["deliver"].items()},
            "price": offer.get("price"),
            "discount": exact(offer.get("discount", 0)),
            "product": self._minor(said.get("product", {}).get("cost", 0)),
            "gives": said["model"] == "gift" or any(exact(v) > 0 for v in said.get("product", {}).values()),
            "shipping": self._minor(said.get("shipping", 0)),
            "handling": self._minor(said.get("handling", 0)),
            "hours": float(exact(said.get("hours", 0))),
            "post_rate": float(exact(said.get("post_rate", 1))),
        }

    def _columns(self) -> list[Column]:
        columns = []
        for name, row in self.creators.items():
            agreed = self.included.get(name, {})
            for title, offer in self._offers().items():
                if not self._matches(offer.get("to", {}), row, {}):
                    continue
                terms = self._terms(title, offer)
                if agreed.get("offer", title) == title and (
                    terms["model"] == "fee" or not {"fee", "price"} & set(agreed)
                ):
                    columns.append(self._column(row, terms, agreed))
        return columns

    # --- estimates ---

    def _figure(self, name: str, kind: str | None, row: dict[str, Any], terms: dict[str, Any]) -> float | int | None:
        names = [name] if kind is None else [f"{name}_{kind}", name]
        money = name == "fee"
        for column in names:
            if row.get(column) is not None:
                return self._minor(row[column]) if money else float(row[column])
        for column in names:
            lines = self.said.get("assume", {}).get(column)
            for line in [] if lines is None else lines if isinstance(lines, list) else [{"is": lines}]:
                where = {word: value for word, value in line.items() if word not in ("is", "deliverable")}
                kinds = line.get("deliverable", kind)
                spoken = kind in kinds if isinstance(kinds, list) else kind == kinds
                if spoken and self._matches(where, row, terms):
                    return self._minor(line["is"]) if money else float(exact(line["is"]))
        if name == "fit" and self.said.get("fit"):
            fits = {niche: float(exact(value)) for niche, value in self.said["fit"].items()}
            found = [fits.get(niche, fits.get("other")) for niche in _values(row.get("niche")) or ["other"]]
            known = [value for value in found if value is not None]
            return max(known) if known else None
        return DEFAULTS.get(name)

    def _column(self, row: dict[str, Any], terms: dict[str, Any], agreed: dict[str, Any]) -> Column:
        estimate = Estimate(self, row, terms, agreed)
        amounts = {}
        for name in [*NAMED, "fee", "followers", "audience", "follower_posts"]:
            try:
                value = getattr(estimate, name)()
                amounts[name] = value if name in MONEY else round(value * 1e6)
            except MissingError:
                amounts[name] = None
        contacts = None if amounts["gross_reach"] is None else estimate.gross_reach()
        return Column(row["creator"], terms["offer"], row, terms, amounts, contacts)

    @staticmethod
    def _share(people: dict[str, Any], row: dict[str, Any]) -> float:
        share = 1.0
        for column, asked in people.items():
            wanted = asked if isinstance(asked, list) else [asked]
            parts = [row.get(f"audience_{value}") for value in wanted]
            known = [part for part in parts if part is not None]
            own = float(bool(set(_values(row.get(column))) & set(wanted)))
            share = share * (sum(known, 0.0) if known else own)
        return share

    @staticmethod
    def _amount(column: Column, quantity: str) -> int:
        value = column.amounts[quantity]
        assert value is not None, f"the scenario asks for {quantity}, which its figures do not give"
        return value

    # --- rules ---

    def _budget(self) -> list[Rule]:
        if "budget" not in self.said:
            return []
        high, unit = exact(self.said["budget"]), self.scale_of_money
        spend = [self._amount(column, "spend") for column in self.columns]
        return [Rule("budget", None, "absolute", None, high, spend, None, Fraction(1, unit), unit)]

    def rules_of(self, name: str, said: dict[str, Any]) -> list[Rule]:
        """One constraint as rules: one, or with `per` one for each value."""
        groups = [(None, lambda column: self._matches(said.get("group", {}), column.cell, column.terms))]
        if "per" in said:
            groups = self._groups_per(said, groups[0][1])
        low = said.get("exactly", said.get("at_least"))
        high = said.get("exactly", said.get("at_most"))
        bounds = [None if bound is None else exact(bound) for bound in (low, high)]
        quantity, percent = said["quantity"], any(bound is not None and is_percent(bound) for bound in (low, high))
        rules = []
        for label, inside in groups:
            members = [inside(column) for column in self.columns]
            limits = [None, bounds[1]] if label == "(none)" else bounds
            if quantity in RATIOS:
                factor, above, below = RATIOS[quantity]
                lead = Fraction(factor * self.scale(below), self.scale(above))
                measured, base = self._sums(above, members), self._sums(below, members)
                rules.append(Rule(name, label, "ratio", *limits, measured, base, lead, self.scale(above)))
                continue
            measured = self._sums(quantity, members, said.get("people"))
            unit, of = self.scale(quantity), said.get("of")
            if of is None and not percent:
                rules.append(Rule(name, label, "absolute", *limits, measured, None, Fraction(1, unit), unit))
            elif of == "budget":
                lead = Fraction(1, unit) / exact(self.said["budget"])
                rules.append(Rule(name, label, "share", *limits, measured, None, lead, unit))
            else:
                where = of if isinstance(of, dict) else {}
                whole = [self._matches(where, column.cell, column.terms) for column in self.columns]
                base = self._sums(quantity, whole)
                rules.append(Rule(name, label, "share", *limits, measured, base, Fraction(1), unit))
        return rules

    def _sums(self, quantity: str, members: list[bool], people: dict[str, Any] | None = None) -> list[int]:
        return [
            0 if not inside else self._reached(column, people) if people else self._amount(column, quantity)
            for column, inside in zip(self.columns, members, strict=True)
        ]

    def _reached(self, column: Column, people: dict[str, Any]) -> int:
        assert column.contacts is not None
        return round(column.contacts * self._share(people, column.cell) * 1e6)

    def _groups_per(self, said: dict[str, Any], in_group: Any) -> list[tuple[str | None, Any]]:
        by = said["per"]

        def held(column: Column) -> list[str]:
            return [column.terms[by]] if by in OFFER_COLUMNS else _values(column.cell.get(by))

        def having(value: str) -> Any:
            return lambda column: in_group(column) and value.casefold() in [v.casefold() for v in held(column)]

        spellings: dict[str, str] = {}
        for value in sorted({v for column in self.columns if in_group(column) for v in held(column)}):
            spellings.setdefault(value.casefold(), value)
        values = said.get("among") or [spellings[folded] for folded in sorted(spellings)]
        groups: list[tuple[str | None, Any]] = [(value, having(value)) for value in values]
        blank = [column for column in self.columns if in_group(column) and not held(column)]
        if blank and "among" not in said and "at_most" in said and bounds_differ(said):
            groups.append(("(none)", lambda column: in_group(column) and not held(column)))
        return groups

    # --- answers ---

    def value(self, chosen: list[int]) -> Fraction:
        """The objective of a plan, in its own unit and sense."""
        return Fraction(sum(self.cost[at] for at in chosen), self.denominator)

    def units(self) -> list[tuple[bool, list[int]]]:
        """Each creator: whether booking is a must, and the columns."""
        found: dict[str, list[int]] = {}
        for at, column in enumerate(self.columns):
            found.setdefault(key(column.creator), []).append(at)
        return [(name in self.required, columns) for name, columns in found.items()]

    def keeping(self, names: tuple[str, ...]) -> Question:
        """The question with only some of its rules; creators must be booked only where "include" is among them."""
        other = copy(self)
        other.rules = [rule for rule in self.rules if rule.title in names]
        other.required = self.required if "include" in names else set()
        return other

    def keeps_all(self, chosen: list[int]) -> bool:
        booked = [key(self.columns[at].creator) for at in chosen]
        return (
            len(set(booked)) == len(booked)
            and self.required <= set(booked)
            and all(rule.holds(chosen) for rule in self.rules)
        )

    def places(self, bookings: list[tuple[str, str]]) -> list[int]:
        """The columns of some (creator, offer)."""
        at = {(column.creator, column.offer): place for place, column in enumerate(self.columns)}
        return [at[booking] for booking in bookings]

    def plans(self) -> Any:
        """Every choice of one offer or none per creator, as tuples of columns."""
        ways = [
            [(), *((at,) for at in columns)] if not must else [(at,) for at in columns]
            for must, columns in self.units()
        ]
        for choice in itertools.product(*ways):
            yield tuple(itertools.chain.from_iterable(choice))

    def best(self) -> Best:
        """The best plan, by looking at all of them."""
        rows = [row for rule in self.rules for row in rule.integer_rows()]
        scaled_bounds = [(low, high) for _, low, high in rows]
        width = len(rows) + 1
        vectors = [(self.sign * self.cost[at], *(row[0][at] for row in rows)) for at in range(len(self.columns))]
        states: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), (0,) * width)]
        for must, columns in self.units():
            grown = [
                ((*chosen, at), tuple(map(int.__add__, sums, vectors[at]))) for chosen, sums in states for at in columns
            ]
            states = grown if must else states + grown
        best: tuple[int, tuple[int, ...]] | None = None
        plans = 0
        for chosen, sums in states:
            if all(
                (low is None or total >= low) and (high is None or total <= high)
                for total, (low, high) in zip(sums[1:], scaled_bounds, strict=True)
            ):
                plans += 1
                if best is None or sums[0] > best[0]:
                    best = sums[0], chosen
        if best is None:
            return Best(None)
        return Best(Fraction(self.sign * best[0], self.denominator), best[1], plans)


@dataclass
class Estimate:
    """The formulas of one booking, each written out once more."""

    question: Question
    row: dict[str, Any]
    terms: dict[str, Any]
    agreed: dict[str, Any]

    def known(self, name: str, kind: str | None = None) -> float | None:
        found = self.question._figure(name, kind, self.row, self.terms)
        return None if found is None else float(found)

    def need(self, name: str, kind: str | None = None) -> float:
        found = self.known(name, kind)
        if found is None:
            raise MissingError(name)
        return found

    def followers(self) -> float:
        return self.need("followers")

    def audience(self) -> float:
        return self.need("followers") * self.need("authenticity")

    def own(self, name: str, kind: str | None = None) -> bool:
        """Whether the creator's own row gives a figure."""
        return any(
            self.row.get(column) is not None for column in ([name] if kind is None else [f"{name}_{kind}", name])
        )

    def takes(self, first: str, second: str, kind: str | None = None) -> bool:
        """Whether the first of two ways is taken: an own figure beats an assumed one, else the first that is known."""
        return self.own(first, kind) or (self.known(first, kind) is not None and not self.own(second, kind))

    def views(self, kind: str) -> float:
        if self.takes("average_views", "view_rate", kind):
            return self.need("average_views", kind)
        return self.need("view_rate", kind) * self.audience()

    def impressions(self) -> float:
        total = 0.0
        for kind, pieces in self.terms["deliver"].items():
            total += pieces * self.views(kind)
        return self.terms["post_rate"] * total

    def gross_reach(self) -> float:
        crowd = self.known("viewers")
        crowd = self.audience() if crowd is None else crowd
        missed = 1.0
        for kind, pieces in self.terms["deliver"].items():
            views = self.views(kind)
            seen = min(1.0, views / crowd) if crowd > 0 else 0.0
            for _ in range(pieces):
                missed *= 1.0 - seen
        return self.terms["post_rate"] * crowd * (1.0 - missed)

    def engagements(self) -> float:
        if self.takes("average_engagements", "engagement_rate"):
            each = self.need("average_engagements")
        else:
            each = self.need("engagement_rate") * self.need("followers")
        keeps, total = self.need("repeat_keeps"), 0.0
        for kind, pieces in self.terms["deliver"].items():
            series = power = 1.0
            for _ in range(pieces - 1):
                power *= keeps
                series += power
            total += self.need("weight", kind) * each * series
        return self.terms["post_rate"] * self.need("fit") * self.need("deal_factor") * total

    def clicks(self) -> float:
        return self.need("fit") * self.impressions() * self.need("click_rate")

    def conversions(self) -> float:
        if self.takes("conversions_per_engagement", "conversion_rate"):
            return self.engagements() * self.need("conversions_per_engagement")
        return self.clicks() * self.need("conversion_rate")

    def creators(self) -> float:
        return 1.0

    def deliverables(self) -> float:
        return float(sum(self.terms["deliver"].values()))

    def posts(self) -> float:
        return self.deliverables() * self.terms["post_rate"]

    def follower_posts(self) -> float:
        return self.followers() * self.posts()

    def gifts(self) -> float:
        return float(self.terms["gives"])

    def hours(self) -> float:
        return self.terms["hours"]

    def fee(self) -> int:
        if self.terms["model"] != "fee":
            return 0
        price = self.agreed.get("price", None if "fee" in self.agreed else self.terms["price"])
        if price is not None:
            return self.question._minor(price)
        total = 0
        for kind, pieces in self.terms["deliver"].items():
            each = self.agreed.get("fee")
            found = (
                self.question._figure("fee", kind, self.row, self.terms) if each is None else self.question._minor(each)
            )
            if found is None:
                raise MissingError("fee")
            total += pieces * int(found)
        discounted = total * (1 - self.terms["discount"])
        return -int(-discounted // 1)

    def cash(self) -> int:
        return self.fee() + self.terms["shipping"] + self.terms["handling"]

    def spend(self) -> int:
        return self.cash() + self.terms["product"]

    def revenue(self) -> int:
        order_value = self.question.said.get("economics", {}).get("order_value")
        if order_value is None:
            raise MissingError("order_value")
        return _half_even(round(self.conversions() * 1e6) * self.question._minor(order_value), MICRO)

    def profit(self) -> int:
        margin = self.question.said.get("economics", {}).get("margin")
        if margin is None:
            raise MissingError("margin")
        earned = exact(margin) * MICRO
        return _half_even(self.revenue() * int(earned), MICRO) - self.spend()
