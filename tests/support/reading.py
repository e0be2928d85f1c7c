"""What the words of a scenario mean: numbers, handles, cells, filters. Plain Python, nothing of the package."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MICRO = 10**6
MONEY = {"spend", "cash", "boost", "revenue", "profit", "fee", "commission", "agency", "cost", "cash_cost"}
DECIMALS = {"JPY": 0, "KWD": 3}
OFFER_COLUMNS = ("offer", "pay", "model")
DEFAULTS = {
    "authenticity": 1.0,
    "weight": 1.0,
    "repeat_keeps": 1.0,
    "deal_factor": 1.0,
    "fit": 1.0,
    "post_rate": 1.0,
}
TIERS = {"nano": [1_000, 9_999], "micro": [10_000, 99_999]}

Said = dict[str, Any]
Row = dict[str, Any]


def exact(said: object) -> Fraction:
    """A number as the scenario writes it, the percent sign worked in."""
    text = str(said).replace("_", "").strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def is_percent(said: object) -> bool:
    return str(said).strip().endswith("%")


def key(handle: str) -> str:
    return handle.strip().lower().removeprefix("@")


def half_even(number: int, over: int) -> int:
    whole, rest = divmod(number, over)
    return whole + (2 * rest > over or (2 * rest == over and whole % 2 == 1))


def values_of(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split("|") if part.strip()]


def no(said: Said) -> bool:
    """Whether `whole` is said to be false."""
    return str(said.get("whole", "true")).lower() == "false"


@dataclass(frozen=True)
class Bought:
    """A boost: money in minor units, the impressions it buys, and the rights, as written."""

    money: int
    impressions: float
    rights: str


@dataclass(frozen=True)
class Terms:
    """An offer on its pay terms; money in minor units."""

    offer: str
    pay: str
    model: str
    deliver: dict[str, int]
    price: int | None
    discount: Fraction
    rights: str
    fee_share: Fraction
    minimum_fee: int
    rate: Fraction
    per_conversion: int
    cap: int | None
    product: int
    gives: bool
    shipping: int
    handling: int
    hours: float
    post_rate: float | None
    base: str = ""
    boost: tuple[Bought, ...] = ()

    @property
    def pays_fee(self) -> bool:
        return self.fee_share > 0

    def label(self, column: str) -> str:
        return {"offer": self.offer, "pay": self.pay, "model": self.model}[column]

    def answers(self, column: str) -> list[str]:
        """What a filter may call the offer: a step of a ladder by the written name too."""
        return [self.label(column), *([self.base] if column == "offer" else [])]


@dataclass(frozen=True)
class Reading:
    """A scenario's mapping, asked for what it says."""

    said: Said

    @property
    def scale_of_money(self) -> int:
        return int(10 ** DECIMALS.get(str(self.said["currency"]), 2))

    def scale(self, quantity: str) -> int:
        return self.scale_of_money if quantity in MONEY else MICRO

    def minor(self, said: object) -> int:
        amount = exact(said) * self.scale_of_money
        assert amount.denominator == 1
        return int(amount)

    def offers(self) -> dict[str, Said]:
        """All that can be booked, each step of a ladder apart, with the name that is written as `base`."""
        found: dict[str, Said] = {}
        for name, offer in (self.said.get("offers") or {"booking": {"deliver": {"post": 1}}}).items():
            made = [(name, offer | {"deliver": {}, "boost": {}, "base": name})]
            for word in ("deliver", "boost"):
                for what, steps in offer.get(word, {}).items():
                    made = [
                        (
                            f"{title}, {what} {step}" if isinstance(steps, list) else title,
                            one | {word: one[word] | {what: step}},
                        )
                        for title, one in made
                        for step in (steps if isinstance(steps, list) else [steps])
                    ]
            found |= dict(made)
        return found

    def bought(self, way: str, money: object) -> Bought:
        """What an amount buys: each step of `keeps` in turn, from the first of the money on."""
        said, left, start, kept = self.said["boost"][way], exact(money), Fraction(0), Fraction(0)
        for step in said.get("keeps") or [{"up_to": money, "keep": "100%"}]:
            within = min(left, exact(step["up_to"]) - start)
            kept, left, start = kept + within * exact(step["keep"]), left - within, exact(step["up_to"])
        assert left == 0
        return Bought(self.minor(money), float(kept / exact(said["cpm"]) * 1000), str(said.get("rights", "0")))

    def kinds(self) -> list[str]:
        return list(dict.fromkeys(kind for offer in self.offers().values() for kind in offer["deliver"]))

    def own(self) -> dict[str, tuple[str, bool]]:
        """The scenario's own quantities: the column of each, and whether it falls with returns."""
        said = self.said.get("quantities", {})
        if isinstance(said, list):
            return {name: (name, False) for name in said}
        terms = {name: {"column": one} if isinstance(one, str) else one for name, one in said.items()}
        return {name: (one.get("column", name), str(one.get("falls")) == "true") for name, one in terms.items()}

    def agency(self) -> Fraction | None:
        said = self.said.get("costs", {}).get("agency")
        return None if said is None else exact(said)

    def terms(self, name: str, offer: Said) -> Terms:
        pay = offer.get("pay", "fee")
        said = {"model": "fee"} | self.said.get("pay", {}).get(pay, {})
        share = {"fee": "100%", "hybrid": said.get("fee")}.get(said["model"], "0%")
        return Terms(
            offer=name,
            pay=pay,
            model=said["model"],
            deliver={kind: int(exact(pieces)) for kind, pieces in offer["deliver"].items()},
            price=None if "price" not in offer else self.minor(offer["price"]),
            discount=exact(offer.get("discount", 0)),
            rights=str(offer.get("rights", said.get("rights", "0"))),
            fee_share=exact(share),
            minimum_fee=self.minor(said.get("minimum_fee", 0)),
            rate=exact(said.get("rate", 0)),
            per_conversion=self.minor(said.get("per_conversion", 0)),
            cap=None if "cap" not in said else self.minor(said["cap"]),
            product=self.minor(said.get("product", {}).get("cost", 0)),
            gives=said["model"] == "gift" or any(exact(v) > 0 for v in said.get("product", {}).values()),
            shipping=self.minor(said.get("shipping", 0)),
            handling=self.minor(said.get("handling", 0)),
            hours=float(exact(said.get("hours", 0))),
            post_rate=None if "post_rate" not in said else float(exact(said["post_rate"])),
            base=offer.get("base", name),
            boost=tuple(self.bought(way, money) for way, money in offer.get("boost", {}).items()),
        )

    # --- who ---

    def who(self, who: Any, row: Row) -> bool:
        """Whether a handle, or a filter, means this creator."""
        return key(who) == key(row["creator"]) if isinstance(who, str) else self.matches(who, row)

    def matches(self, where: Said, row: Row, terms: Terms | None = None) -> bool:
        return all(self._meets(column, asked, row, terms) for column, asked in where.items())

    @staticmethod
    def _meets(column: str, asked: Any, row: Row, terms: Terms | None) -> bool:
        if isinstance(asked, dict):
            return _in_range(column, asked, row.get(column))
        wanted = asked if isinstance(asked, list) else [asked]
        if column == "creator":
            return key(row["creator"]) in map(key, wanted)
        held = terms.answers(column) if column in OFFER_COLUMNS and terms else values_of(row.get(column))
        return bool({value.casefold() for value in held} & {str(value).casefold() for value in wanted})

    # --- figures ---

    def figure(self, name: str, kind: str | None, row: Row, terms: Terms) -> float | int | None:
        """What the creator's row gives, else what is assumed, else the fit of the niche, else the default."""
        names = [name] if kind is None else [f"{name}_{kind}", name]
        money = name == "fee"
        for column in names:
            if row.get(column) is not None:
                return self.minor(row[column]) if money else float(row[column])
        for column in names:
            lines = self.said.get("assume", {}).get(column)
            for line in [] if lines is None else lines if isinstance(lines, list) else [{"is": lines}]:
                where = {word: value for word, value in line.items() if word not in ("is", "deliverable")}
                kinds = line.get("deliverable", kind)
                spoken = kind in kinds if isinstance(kinds, list) else kind == kinds
                if spoken and self.matches(where, row, terms):
                    return self.minor(line["is"]) if money else float(exact(line["is"]))
        if name == "fit" and self.said.get("fit"):
            fits = {niche: float(exact(value)) for niche, value in self.said["fit"].items()}
            found = [fits.get(niche, fits.get("other")) for niche in values_of(row.get("niche")) or ["other"]]
            known = [value for value in found if value is not None]
            return max(known) if known else None
        return DEFAULTS.get(name)


def _in_range(column: str, asked: Said, cell: Any) -> bool:
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


def row_of(segment: Said) -> Row:
    """A segment's cells as a row of the pool."""
    row: Row = {"creator": segment["name"], "followers": None, "tier": None, "segment": segment["name"]}
    for column, said in segment.items():
        if column not in ("name", "available", "returns", "whole"):
            row[column] = cell_of(column, said)
    return row


def cell_of(column: str, said: Any) -> Any:
    """A segment's cell as a file would hold it: several values parted by bars, numbers as numbers, fees as text."""
    if isinstance(said, list):
        return "|".join(said)
    try:
        number = exact(said)
    except ValueError:
        return said
    return str(said).replace("_", "") if column.startswith("fee") else float(number)


def values_named(said: Said) -> list[str]:
    """The values of `per` that a rule names."""
    own = [
        name for word in ("at_least", "at_most", "exactly") if isinstance(said.get(word), dict) for name in said[word]
    ]
    return list(dict.fromkeys([*own, *said.get("among", [])]))


def _bound(said: Said, word: str, label: str | None) -> Any:
    bound = said.get(word)
    return bound.get(label) if isinstance(bound, dict) else bound


def ends_of(said: Said, label: str | None) -> tuple[Fraction | None, Fraction | None]:
    """The bounds of a rule, or of one value of its `per`."""
    both = _bound(said, "exactly", label)
    found = [both if both is not None else _bound(said, word, label) for word in ("at_least", "at_most")]
    low, high = (None if bound is None else exact(bound) for bound in found)
    return low, high


def is_share(said: Said) -> bool:
    bounds = [said[word] for word in ("at_least", "at_most", "exactly") if word in said]
    return any(is_percent(one) for bound in bounds for one in (bound.values() if isinstance(bound, dict) else [bound]))
