"""The ranges of a plan, drawn again in plain Python; and what each booking's forecast rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, expm1, log1p, sqrt
from typing import Any

from optimizer.domain.accounts import platform_key
from optimizer.domain.constraints import Measure
from optimizer.domain.filters import fold
from optimizer.domain.pay import Commission
from optimizer.domain.quantities import MONEY, RATIOS, REACH
from optimizer.expectations import usual
from optimizer.results.verification import Difference
from optimizer.verification.bookings import Bookings
from optimizer.verification.differences import compared
from optimizer.verification.drawn import NAMES, Errors, Expected, Redrawn, redrawn
from optimizer.verification.drawn_people import Asked, DrawnPeople
from optimizer.verification.fields import Fields
from optimizer.verification.figures import Missing
from optimizer.verification.grounds import ENDS, ENGAGEMENTS
from optimizer.verification.kinds.rule import Group, Rule
from optimizer.verification.near import Near
from optimizer.verification.quantities import Quantities
from optimizer.verification.stated import StatedBooking

_MOST_ROWS, _THOUSAND, _MICRO = 200, 1000, 10**6
_ROUNDED = 1.5e-3  # people: by more no rounding of a draw's people, counted in thousandths, can differ
_DRAWN = {*NAMES, REACH}


@dataclass(frozen=True)
class Redrawing:
    """The bookings of a plan as they are drawn: the rows, and the booking of each."""

    bookings: Bookings
    mine: Sequence[StatedBooking]

    def differences(self, said: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Difference]:
        """All ranges and chances that a plan states, drawn again."""
        stated = said["forecast"]
        rows, of = self._rows()
        asked = self._groups(rules, of)
        errors = Errors(**{name: float(stated["common"][name]) for name in ("bias", "campaign", "platform", "niche")})
        groups = [group for mine in asked for group in mine]
        people = self._people(of) if REACH in stated else None
        see = None if people is None else people.see
        bookings = [group.bookings for group in groups]
        found = redrawn(rows, errors, bookings, draws=int(stated["draws"]), seed=int(stated["seed"]), see=see)
        found = found if people is None else _with_people(found, people, groups)
        ranges = {name: value for name, value in stated.items() if isinstance(value, Mapping) and "p10" in value}
        again = {name: self._range(name, found, value) for name, value in ranges.items()}
        yield from compared("forecast", ranges, again)
        drawn = iter(found.groups)
        chances = [
            self._chance(rule, mine, [next(drawn) for _ in mine], seen=people is not None)
            for rule, mine in zip(rules, asked, strict=True)
        ]
        yield from compared("forecast > rules", stated["rules"], list(map(Fields, chances)))
        for one, place in zip(said["allocations"], range(len(self.mine)), strict=True):
            for name, value in one.get("forecast", {}).items():
                at = of.index(place)
                ends = [end / self._unit(name) for end in found.bookings[at][name]]
                where = f"allocations > {one['creator']} > forecast > {name}"
                yield from compared(where, [value[end] for end in ENDS], ends)

    def _rows(self) -> tuple[list[Expected], list[int]]:
        rows, of = [], []
        for place, one in enumerate(self.mine):
            many = min(ceil(one.count), _MOST_ROWS)
            for number in range(many):
                rows.append(self._row(one, float(one.count / many), number))
                of.append(place)
        return rows, of

    def _row(self, one: StatedBooking, each: float, number: int) -> Expected:
        bookings = self.bookings
        creator, step, offer = bookings.columns[one.place]
        terms, scenario = bookings.scenario.offers[offer], bookings.scenario
        quantities = bookings.quantities(bookings.columns[one.place])
        posting = quantities.posting()
        scale = (1.0 / posting if posting > 0 else 0.0) if each == 1 else each
        kinds = list(dict.fromkeys(kind for terms_ in scenario.offers for kind, _ in terms_.deliver))
        pieces = dict(terms.deliver)
        posts = sum(pieces.values())
        views_of = (*(f"average_views_{kind}" for kind in pieces), "average_views")
        earns = terms.pay.part(Commission)
        return Expected(
            key=f"{_bare(scenario.pool.keys[creator])}|{_bare(terms.name)}|{step}|{number}",
            platform=platform_key(bookings.creators.text("platform", creator) or ""),
            niche=fold(bookings.creators.text("niche", creator) or ""),
            post_rate=posting if each == 1 and posting > 0 else 1.0,
            views_sd=self._sds(creator, views_of, posts, each),
            engagements_sd=self._sds(creator, ENGAGEMENTS, posts, each),
            impressions=_or_nothing(quantities.organic) * scale,
            paid=_or_nothing(quantities.paid) * scale,
            engagements=_or_nothing(partial(quantities.value, "engagements")) * scale,
            clicks=_or_nothing(partial(quantities.value, "clicks")) * scale,
            conversions=_or_nothing(partial(quantities.value, "conversions")) * scale,
            by_engagements=quantities.figures.prefers("conversions_per_engagement", "conversion_rate"),
            viewers=_or_nothing(quantities.viewers),
            seen=[_or_nothing(lambda kind=kind: quantities.views(kind)) if kind in pieces else 0.0 for kind in kinds],
            pieces=[pieces.get(kind, 0) for kind in kinds],
            reach_scale=posting * quantities.keeps * scale,
            fee=_parted(quantities.exact("fee"), each, number),
            fixed_cash=_parted(quantities.pays("cash") + sum(one.money for one in terms.boost), each, number),
            product=_parted(quantities.pays("product"), each, number),
            rate=earns.rate,
            per_conversion=earns.per_conversion,
            cap=-1 if earns.cap is None else round(earns.cap * each),
            order_value=scenario.order_value or 0,
            margin=scenario.margin or 0,
            agency=scenario.agency,
            fixed=self._fixed(quantities, each, number),
        )

    def _fixed(self, quantities: Quantities, each: float, number: int) -> dict[str, float]:
        """The quantities that are not drawn."""
        found = {}
        for name, quantity in self.bookings.scenario.quantities.items():
            if name in NAMES or not quantity.additive:
                continue
            try:
                amount = quantities.amount(Measure(name))
            except Missing:
                continue
            whole = amount / (1 if quantity.unit == MONEY else _MICRO) * _THOUSAND
            found[name] = _parted(whole, each, number) / _THOUSAND
        return found

    def _sds(self, creator: int, columns: Sequence[str], posts: int, each: float) -> tuple[float, float]:
        """Standard deviations of a creator's own mean, and of the posts of a row."""
        expected, creators = self.bookings.expected, self.bookings.creators
        spreads = [found for column in columns if (found := expected.spread(column, creator)) is not None]
        if spreads:
            own, post = spreads[0]
        else:
            platform = platform_key(creators.text("platform", creator) or "")
            table = usual.usual(platform, columns[-1])
            measured = any(creators.number(column, creator) is not None for column in columns)
            post = table.post
            own = log1p(expm1(post) / usual.posts(platform)) if measured else table.between
        return _sd(own, each), _sd(post, posts * each)

    def _groups(self, rules: Sequence[Rule], of: Sequence[int]) -> list[list[Group]]:
        """The rows of each group that is drawn for the chance of each rule."""

        def rows(group: Group) -> frozenset[int]:
            return frozenset(row for row, at in enumerate(of) if self.mine[at].place in group.bookings)

        return [[group._replace(bookings=rows(group)) for group in rule.groups()] for rule in rules]

    def _people(self, of: Sequence[int]) -> DrawnPeople | None:
        """Whom the rows reach, if people can be reached."""
        audience = self.bookings.scenario.audience
        if audience is None:
            return None
        often = [float(self.mine[at].count / many) for at, many in ((at, of.count(at)) for at in of)]
        return DrawnPeople(audience, [(self.mine[at].column[0], each) for at, each in zip(of, often, strict=True)])

    def _chance(
        self, rule: Rule, groups: Sequence[Group], totals: Sequence[Mapping[str, Sequence[int]]], *, seen: bool
    ) -> dict[str, Any]:
        """The chance of a rule. Plans that state no range of people reached state none of a rule about them either."""
        drawn = [partial(self._counted, totals=one) for one in totals]
        known = drawn and (seen or all(group.cells is None for group in groups))
        chance = rule.chance({one.place: one.count for one in self.mine}, drawn) if known else None
        return {"name": rule.said.name, "per_value": rule.label, "chance": chance}

    def _counted(self, quantity: str, totals: Mapping[str, Sequence[int]]) -> list[float]:
        """Drawn totals in the units of rows: minor units of money, millionths of all else."""
        money = self.bookings.scenario.quantities[quantity].unit == MONEY
        drawn = quantity in _DRAWN
        if money:
            return [float(value) if drawn else value / _THOUSAND for value in totals[quantity]]
        return [float(value) * (_MICRO // _THOUSAND) for value in totals[quantity]]

    def _unit(self, quantity: str) -> float:
        scenario = self.bookings.scenario
        if scenario.quantities[quantity].unit != MONEY:
            return float(_THOUSAND)
        return float(scenario.currency.scale * (1 if quantity in _DRAWN else _THOUSAND))

    def _range(self, name: str, found: Redrawn, stated: Mapping[str, Any]) -> dict[str, Any]:
        """A range; what is expected is held against the totals elsewhere."""
        with_errors, alone = (self._ends(name, totals) for totals in (found.totals, found.alone))
        return {"expected": stated.get("expected"), **with_errors, "alone": alone}

    def _ends(self, name: str, totals: Mapping[str, Sequence[int]]) -> dict[str, float | Near]:
        """The ends of a range; of people reached, which are rounded floats, to nine digits or by a rounding."""
        draws, weights = self._draws(name, totals), dict(self.bookings.scenario.objective.weights)
        ends, each, ratio = _ends(draws), 0.0, RATIOS.get(name)  # by how much one person changes it
        if name == REACH:
            each = 1.0
        elif name == "objective":
            each = abs(float(weights.get(REACH, 0)))
        elif ratio is not None and ratio.denominator == REACH:
            each = ends[1] / max(_ends(self._draws(REACH, totals))[1], 1.0)
        found = [Near(end, each * _ROUNDED / 1e-9) if each else end for end in ends]
        return dict(zip(ENDS, found, strict=True))

    def _draws(self, name: str, totals: Mapping[str, Sequence[int]]) -> list[float]:
        if name == "objective":
            parts = [
                [float(weight) * value for value in self._draws(quantity, totals)]
                for quantity, weight in self.bookings.scenario.objective.weights
            ]
            first, *others = parts
            for part in others:
                first = [one + other for one, other in zip(first, part, strict=True)]
            return first
        if name in RATIOS:
            ratio = RATIOS[name]
            above, below = (self._draws(one, totals) for one in (ratio.numerator, ratio.denominator))
            values = [ratio.factor * a / b if b > 0 else None for a, b in zip(above, below, strict=True)]
            most = max((value for value in values if value is not None), default=0.0)
            return [most if value is None else value for value in values]
        return [value / self._unit(name) for value in totals[name]]


def _ends(draws: Sequence[float]) -> tuple[float, ...]:
    ordered = sorted(draws)
    return tuple(ordered[int(end * len(ordered))] for end in (0.1, 0.5, 0.9))


def _sd(variance: float, many: float) -> float:
    """The standard deviation of the sum of so many outcomes, to six decimals, at most 3."""
    return min(round(sqrt(log1p(expm1(variance) / max(many, 1.0))), 6), 3.0)


def _bare(name: str) -> str:
    """A name without the mark that parts names."""
    return name.replace("\\", "\\\\").replace("|", "\\|")


def _parted(amount: float, each: float, number: int) -> int:
    """The amount of one row of a booking that is made often, rounded so that the rows add up to that of all."""
    return round(amount * each * (number + 1)) - round(amount * each * number)


def _or_nothing(value: Any) -> float:
    """A value, or 0 where a figure is missing."""
    try:
        return float(value())
    except Missing:
        return 0.0


def _with_people(found: Redrawn, people: DrawnPeople, groups: Sequence[Group]) -> Redrawn:
    """With the people whom the plan and the groups reach."""
    every = people.everybody()
    return replace(
        found,
        totals={**found.totals, REACH: people.reached(every)},
        alone={**found.alone, REACH: people.reached(every, alone=True)},
        groups=[
            totals if group.cells is None else {**totals, REACH: people.reached(Asked(group.bookings, group.cells))}
            for group, totals in zip(groups, found.groups, strict=True)
        ],
    )
