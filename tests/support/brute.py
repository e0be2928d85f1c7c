"""Every plan of a small scenario, enumerated: the judge of planner and engine.

Written from the definitions alone, in plain Python: the scenario's mapping is read anew, estimates are floats combined
in the written order and rounded once, money is integers, rules are compared as fractions. Nothing of the package is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm, prod
from typing import Any

from tests.support.formulas import HELPERS, NAMED, WITH_AGENCY, WITH_BOOST, Estimate, MissingError
from tests.support.reading import (
    MONEY,
    OFFER_COLUMNS,
    TIERS,
    Reading,
    Row,
    Said,
    ends_of,
    exact,
    is_share,
    key,
    no,
    row_of,
    values_named,
    values_of,
)
from tests.support.rules import AnyRule, Chosen, EachRule, LogicRule, Rule, TalentRule, counts, total
from tests.support.supplies import Column, Columns, Supply

RATIOS = {
    "cpm": (1000, "spend", "impressions"),
    "cpe": (1, "spend", "engagements"),
    "cpc": (1, "spend", "clicks"),
    "cpa": (1, "spend", "conversions"),
    "roas": (1, "revenue", "spend"),
    "engagement_rate": (1, "engagements", "follower_posts"),
    "authenticity": (1, "audience", "followers"),
}
LOGIC = ("at_most_one_of", "exactly_one_of", "together", "if")
Frame = dict[str, list[Any]]


@dataclass(frozen=True)
class Best:
    """The answer: the highest (or lowest) value of the objective, None where no plan exists; one plan that has it."""

    value: Fraction | None
    chosen: Columns = ()
    plans: int = 0


@dataclass
class Question:
    """A scenario, read from its mapping and its columns of creators (None where it has only segments)."""

    said: Said
    frame: Frame | None
    columns: list[Column] = field(init=False)
    supplies: list[Supply] = field(init=False)
    rules: list[AnyRule] = field(init=False)

    def __post_init__(self) -> None:
        self.reading = Reading(self.said)
        self.segments = {key(one["name"]): one for one in self.said.get("segments", [])}
        self.quantities = [*NAMED, *(f"deliverables.{kind}" for kind in self.reading.kinds()), *self.reading.own()]
        self.quantities += WITH_BOOST if any(one["boost"] for one in self.reading.offers().values()) else ()
        self.quantities += WITH_AGENCY if self.reading.agency() is not None else ()
        self.creators = self._creators()
        self.included = self._included()
        self.columns = self._columns()
        self.supplies = self._supplies()
        said_rules = self.said.get("constraints", {})
        self.rules = [*self._budgets(), *(rule for item in said_rules.items() for rule in self.rules_of(*item))]
        sense = "minimize" if "minimize" in self.said["objective"] else "maximize"
        weights = self.said["objective"][sense]
        self.sign = 1 if sense == "maximize" else -1
        self.weights = {weights: Fraction(1)} if isinstance(weights, str) else {q: exact(w) for q, w in weights.items()}
        per_unit = {quantity: weight / self.scale(quantity) for quantity, weight in self.weights.items()}
        self.denominator = lcm(*(value.denominator for value in per_unit.values()))
        self.cost = [
            sum(int(value * self.denominator) * self.amount(column, q) for q, value in per_unit.items())
            for column in self.columns
        ]

    # --- reading ---

    @property
    def scale_of_money(self) -> int:
        return self.reading.scale_of_money

    def scale(self, quantity: str) -> int:
        return self.reading.scale(quantity)

    def _creators(self) -> dict[str, Row]:
        """Who may be booked: creators and segments inside the tiers that are not excluded, by handle."""
        frame = self.frame or {}
        rows = [dict(zip(frame, cells, strict=True)) for cells in zip(*frame.values(), strict=True)]
        rows += [row_of(one) for one in self.segments.values()]
        kept = {}
        for row in rows:
            if not self._in_tier(row) or any(self.reading.who(who, row) for who in self.said.get("exclude", [])):
                continue
            kept[key(row["creator"])] = row
        return dict(sorted(kept.items()))

    def _in_tier(self, row: Row) -> bool:
        """Gives a creator the tier of its followers; a segment without followers has the tier it says, or none."""
        anonymous = key(row["creator"]) in self.segments
        if "followers" not in row or (anonymous and row["followers"] is None):
            return True
        bounds = self.said.get("tiers", TIERS).items()
        count = row["followers"]
        row["tier"] = next((t for t, (a, b) in bounds if count is not None and int(a) <= count <= int(b)), None)
        return row["tier"] is not None

    def _included(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for who in self.said.get("include", []):
            if isinstance(who, dict) and "creator" not in who:
                for name, row in self.creators.items():
                    if self.reading.matches(who, row):
                        found.setdefault(name, {})
            else:
                terms = {"creator": who} if isinstance(who, str) else who
                agreed = {word: value for word, value in terms.items() if word != "creator"}
                found[key(terms["creator"])] = found.get(key(terms["creator"]), {}) | agreed
        return found

    def _steps(self, name: str) -> list[tuple[Fraction, float]]:
        """How many bookings each step of a creator or segment takes, and what they keep of their outcome."""
        segment = self.segments.get(name)
        if segment is None:
            return [(Fraction(1), 1.0)]
        available, before = exact(segment["available"]), Fraction(0)
        steps = []
        for step in segment.get("returns") or [{"up_to": segment["available"], "keep": "100%"}]:
            end = min(exact(step["up_to"]), available)
            if end > before:
                steps.append((end - before, float(exact(step["keep"]))))
            before = max(end, before)
        return steps or [(Fraction(0), 1.0)]

    def _columns(self) -> list[Column]:
        columns = []
        for name, row in self.creators.items():
            agreed = self.included.get(name, {})
            for step, (_, keep) in enumerate(self._steps(name)):
                for title, offer in self.reading.offers().items():
                    terms = self.reading.terms(title, offer)
                    agrees = agreed.get("offer", title) in (title, terms.base) and (
                        terms.pays_fee or not {"fee", "price"} & set(agreed)
                    )
                    if agrees and self.reading.matches(offer.get("to", {}), row):
                        columns.append(self._column(step, Estimate(self.reading, row, terms, agreed, keep)))
        return columns

    def _column(self, step: int, estimate: Estimate) -> Column:
        amounts: dict[str, int | None] = {}
        for name in [*self.quantities, *HELPERS]:
            try:
                value = estimate.amount(name)
                amounts[name] = int(value) if name in MONEY else round(value * 1e6)
            except MissingError:
                amounts[name] = None
        contacts = None if amounts["gross_reach"] is None else estimate.gross_reach()
        row, terms = estimate.row, estimate.terms
        return Column(row["creator"], terms.offer, step, row, terms, amounts, contacts)

    def _supplies(self) -> list[Supply]:
        supplies = []
        for name in self.creators:
            mine = [at for at, column in enumerate(self.columns) if key(column.creator) == name]
            steps = tuple(
                (width, tuple(at for at in mine if self.columns[at].step == step))
                for step, (width, _) in enumerate(self._steps(name))
            )
            whole = not no(self.said | self.segments.get(name, {}))
            if mine:
                supplies.append(Supply(name, name in self.included, whole, steps))
        return supplies

    def supply_of(self, column: Column) -> Supply:
        return next(supply for supply in self.supplies if supply.name == key(column.creator))

    @staticmethod
    def amount(column: Column, quantity: str) -> int:
        value = column.amounts[quantity]
        assert value is not None, f"the scenario asks for {quantity}, which its figures do not give"
        return value

    @property
    def kinds_counted(self) -> list[str]:
        """The quantities of single kinds of deliverable."""
        return [name for name in self.quantities if name.startswith("deliverables.")]

    @property
    def shown(self) -> list[str]:
        """The quantities that a plan shows: single kinds where there are several, `cash_cost` where it is asked for."""
        rules = [rule for rule in self.said.get("constraints", {}).values() if "quantity" in rule]
        asked = {*self.weights, *(rule["quantity"] for rule in rules)}
        asked |= {"cash_cost"} if "cash" in self.said.get("wallets", {}) else set()
        idle = {"cash_cost"} - asked | ({*self.kinds_counted} if len(self.kinds_counted) == 1 else set())
        return [name for name in self.quantities if name not in idle]

    def is_whole(self, quantity: str) -> bool:
        """Whether only wholes of a quantity make sense."""
        return quantity in ("creators", "deliverables", "gifts", *self.kinds_counted)

    def is_signed(self, quantity: str) -> bool:
        """Whether a quantity may be below zero: profit, and own ones of which any row of the pool says so."""
        column, _ = self.reading.own().get(quantity, ("", False))
        cells = [*(self.frame or {}).get(column, []), *(one.get(column) for one in self.segments.values())]
        return quantity == "profit" or any(exact(cell) < 0 for cell in cells if cell is not None)

    # --- rules ---

    def amounts_of_budget(self) -> dict[str, Fraction]:
        """What `of: budget` means: the budget as written, else the wallet of spend, or of cash."""
        wallets = self.said.get("wallets", {})
        spend = self.said.get("budget", wallets.get("spend"))
        cash = self.said.get("budget", wallets.get("cash", spend))
        return {name: exact(said) for name, said in (("spend", spend), ("cash", cash)) if said is not None}

    def _budgets(self) -> list[Rule]:
        said = {"budget": ("spend", self.said["budget"])} if "budget" in self.said else {}
        said |= {f"budget {name}": (name, most) for name, most in self.said.get("wallets", {}).items()}
        return [self._budget(title, name, exact(most)) for title, (name, most) in said.items()]

    def _budget(self, title: str, name: str, most: Fraction) -> Rule:
        """The most of one quantity; of money, after reserve and fixed costs, with the agency's fee."""
        costs = self.said.get("costs", {})
        if name in ("spend", "cash"):
            most -= most * exact(costs.get("reserve", 0)) + exact(costs.get("fixed", 0))
            assert most >= 0
            if "agency" in costs:
                name = {"spend": "cost", "cash": "cash_cost"}[name]
        measured = [self.amount(column, name) for column in self.columns]
        if self.is_whole(name):
            most = Fraction(most // 1)
        unit = self.scale(name)
        return Rule(title, None, "absolute", None, most, measured, None, Fraction(1, unit), unit)

    def rules_of(self, name: str, said: Said) -> list[AnyRule]:
        """One constraint as rules: one, or with `per` one for each value."""
        logic = next((word for word in LOGIC if word in said), None)
        if logic is not None:
            return [LogicRule(name, logic, self._parts(said[logic]), self._parts(said.get("then", [])))]
        if said.get("per") == "creator":
            return [self._each(name, said)]
        if said.get("per") == "talent" and not values_named(said):
            return [self._each_talent(name, said)]
        return [self._rule(name, said, label, inside) for label, inside in self._groups(said)]

    def _parts(self, said: Any) -> list[list[bool]]:
        every = said if isinstance(said, list) else [said]
        parts = [{"creator": part} if isinstance(part, str) else part for part in every]
        return [[self._inside(part, column) for column in self.columns] for part in parts]

    def _inside(self, where: Said, column: Column) -> bool:
        return self.reading.matches(where, column.cell, column.terms)

    def _rule(self, name: str, said: Said, label: str | None, inside: Callable[[Column], bool]) -> Rule:
        members = [inside(column) for column in self.columns]
        low, high = ends_of(said, label)
        low = None if label == "(none)" else low
        quantity, of = said["quantity"], said.get("of")
        if quantity in RATIOS:
            lead, above, below = self._ratio(quantity)
            measured, base = self._sums(above, members), self._sums(below, members)
            return Rule(name, label, "ratio", low, high, measured, base, lead, self.scale(above))
        measured, unit = self._sums(quantity, members, said.get("people")), self.scale(quantity)
        if of is None and not is_share(said):
            return Rule(name, label, "absolute", low, high, measured, None, Fraction(1, unit), unit)
        if of == "budget":
            lead = Fraction(1, unit) / self.amounts_of_budget()[quantity]
            return Rule(name, label, "share", low, high, measured, None, lead, unit)
        base = self._sums(quantity, self._whole(of))
        return Rule(name, label, "share", low, high, measured, base, Fraction(1), unit)

    def _each(self, name: str, said: Said) -> EachRule:
        """A rule that holds every single booking."""
        inside = [self._inside(said.get("group", {}), column) for column in self.columns]
        everybody, owner = [True] * len(self.columns), [column.creator for column in self.columns]
        (low, high), quantity, of = ends_of(said, None), said["quantity"], said.get("of")
        if quantity in RATIOS:
            lead, above, below = self._ratio(quantity)
            sums = self._sums(above, everybody), self._sums(below, everybody)
            return EachRule(name, "ratio", low, high, sums[0], inside, owner, lead, self.scale(above), sums[1])
        measured, unit = self._sums(quantity, everybody, said.get("people")), self.scale(quantity)
        if of is None and not is_share(said):
            return EachRule(name, "absolute", low, high, measured, inside, owner, Fraction(1, unit), unit)
        if of == "budget":
            lead = Fraction(1, unit) / self.amounts_of_budget()[quantity]
            return EachRule(name, "share", low, high, measured, inside, owner, lead, unit)
        of_plan = self._sums(quantity, self._whole(of))
        return EachRule(name, "share", low, high, measured, inside, owner, Fraction(1), unit, of_plan=of_plan)

    def _each_talent(self, name: str, said: Said) -> TalentRule:
        """A rule that holds the bookings of every person together."""
        each = self._each(name, said)
        people: dict[str, list[int]] = {}
        spelled: dict[str, str] = {}
        for cell in {text for row in self.creators.values() for text in values_of(row.get("talent"))}:
            spelled[cell.casefold()] = min(cell, spelled.get(cell.casefold(), cell))
        crowds = []
        for at, column in enumerate(self.columns):
            if each.inside[at]:
                talents = {spelled[value.casefold()] for value in values_of(column.cell.get("talent"))}
                for talent in talents or {column.creator}:
                    people.setdefault(talent, []).append(at)
                if not talents and key(column.creator) in self.segments:
                    crowds.append(at)
        said_of = each.name, each.kind, each.low, each.high, each.measured, people, crowds, each.lead, each.unit
        return TalentRule(*said_of, own_base=each.own_base, of_plan=each.of_plan)

    def _ratio(self, quantity: str) -> tuple[Fraction, str, str]:
        factor, above, below = RATIOS[quantity]
        return Fraction(factor * self.scale(below), self.scale(above)), above, below

    def _whole(self, of: Any) -> list[bool]:
        """What a share is a share of: a group, or the plan."""
        return [self._inside(of if isinstance(of, dict) else {}, column) for column in self.columns]

    def _sums(self, quantity: str, members: list[bool], people: Said | None = None) -> list[int]:
        return [
            0 if not inside else self._reached(column, people) if people else self.amount(column, quantity)
            for column, inside in zip(self.columns, members, strict=True)
        ]

    @staticmethod
    def _reached(column: Column, people: Said) -> int:
        assert column.contacts is not None
        share = 1.0
        for name, asked in people.items():
            wanted = asked if isinstance(asked, list) else [asked]
            parts = [column.cell.get(f"audience_{value}") for value in wanted]
            known = [float(part) for part in parts if part is not None]
            own = float(bool(set(values_of(column.cell.get(name))) & set(wanted)))
            share = share * (sum(known, 0.0) if known else own)
        return round(column.contacts * share * 1e6)

    def _groups(self, said: Said) -> list[tuple[str | None, Callable[[Column], bool]]]:
        """The groups that a rule runs over: its own, or with `per` one for each value."""

        def in_group(column: Column) -> bool:
            return self._inside(said.get("group", {}), column)

        if "per" not in said:
            return [(None, in_group)]
        by = said["per"]

        def held(column: Column) -> list[str]:
            return [column.terms.label(by)] if by in OFFER_COLUMNS else values_of(column.cell.get(by))

        def called(column: Column) -> list[str]:
            return column.terms.answers(by) if by in OFFER_COLUMNS else held(column)

        def having(value: str) -> Callable[[Column], bool]:
            return lambda column: in_group(column) and value.casefold() in [v.casefold() for v in called(column)]

        spellings: dict[str, str] = {}
        for value in sorted({v for column in self.columns if in_group(column) for v in held(column)}):
            spellings.setdefault(value.casefold(), value)
        named = values_named(said)
        values = named or [spellings[folded] for folded in sorted(spellings)]
        groups: list[tuple[str | None, Callable[[Column], bool]]] = [(value, having(value)) for value in values]
        blank = [column for column in self.columns if in_group(column) and not held(column)]
        low, high = ends_of(said, None)
        if blank and not named and high is not None and low != high:
            groups.append(("(none)", lambda column: in_group(column) and not held(column)))
        return groups

    # --- answers ---

    def value(self, chosen: Chosen) -> Fraction:
        """The objective of a plan, in its own unit and sense."""
        return Fraction(total(self.cost, chosen)) / self.denominator

    def units(self) -> list[tuple[bool, list[int]]]:
        """Each creator: whether booking is a must, and the columns."""
        return [(supply.must, supply.columns) for supply in self.supplies]

    def keeping(self, names: tuple[str, ...]) -> Question:
        """The question with only some of its rules; creators must be booked only where "include" is among them."""
        other = copy(self)
        other.rules = [rule for rule in self.rules if rule.title in names]
        if "include" not in names:
            other.supplies = [Supply(one.name, False, one.whole, one.steps) for one in self.supplies]
        return other

    def keeps_all(self, chosen: Chosen) -> bool:
        booked = dict(counts(chosen))
        return all(supply.holds(booked) for supply in self.supplies) and all(rule.holds(chosen) for rule in self.rules)

    def places(self, bookings: list[tuple[str, str, int | None]]) -> list[int]:
        """The columns of some (creator, offer, step counted from 1, or None where there are no returns)."""
        at = {(column.creator, column.offer, column.step): place for place, column in enumerate(self.columns)}
        return [at[creator, offer, (step or 1) - 1] for creator, offer, step in bookings]

    def ways(self) -> int:
        """How many plans there are before any rule is asked."""
        return prod(len(supply.ways) for supply in self.supplies)

    def best(self) -> Best:
        """The best plan, by looking at all of them."""
        best: tuple[int, Columns] | None = None
        plans = 0
        for value, chosen in self.plans():
            plans += 1
            if best is None or value > best[0]:
                best = value, chosen
        if best is None:
            return Best(None)
        return Best(Fraction(self.sign * best[0], self.denominator), best[1], plans)

    def tied(self) -> list[Columns]:
        """All plans that are as good as the best one."""
        every = list(self.plans())
        best = max((value for value, _ in every), default=0)
        return [chosen for value, chosen in every if value == best]

    def plans(self) -> Iterator[tuple[int, Columns]]:
        """Every plan that keeps the rules, with what it is worth: the more the better."""
        rows = [row for rule in self.rules if not isinstance(rule, LogicRule) for row in rule.rows]
        limits = [(low, high) for _, low, high in rows]
        logic = [rule for rule in self.rules if isinstance(rule, LogicRule)]
        summed = [*(row for row, _, _ in rows), *(part for rule in logic for part in [*rule.parts, *rule.then])]
        vectors = [(self.sign * self.cost[at], *(int(row[at]) for row in summed)) for at in range(len(self.columns))]
        nothing = (0,) * (len(summed) + 1)
        states: list[tuple[Columns, tuple[int, ...]]] = [((), nothing)]
        for supply in self.supplies:
            ways = [
                (way, tuple(map(sum, zip(nothing, *(vectors[at] for at in way), strict=True)))) for way in supply.ways
            ]
            states = [
                (chosen + way, tuple(map(int.__add__, sums, more))) for chosen, sums in states for way, more in ways
            ]
        for chosen, sums in states:
            if not all(
                (low is None or found >= low) and (high is None or found <= high)
                for found, (low, high) in zip(sums[1:], limits, strict=False)
            ):
                continue
            after = len(limits) + 1
            for rule in logic:
                before, after = after, after + len(rule.parts) + len(rule.then)
                if not rule.allows(sums[before:after]):
                    break
            else:
                yield sums[0], chosen
