"""Random pools: columns of creators, segments, and what is assumed of both."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

from tests.support.draws import Draws

Mapping = dict[str, Any]
Frame = dict[str, list[Any]]

NICHES = ("yoga", "chess", "books", "yoga|books", None)
OWN = ("score", "women")  # columns of numbers that are quantities of the scenario's own; a score may be below zero


def ways(widths: list[int], offers: int) -> int:
    """How many choices there are of bookings in steps of some widths, on so many offers."""
    found = 1
    for width in reversed(widths):
        full = comb(width + offers - 1, offers - 1) if offers else 0
        found = comb(width + offers, offers) - full + full * found
    return found


def widths_of(segment: Mapping) -> list[int]:
    """How many bookings each step of a segment takes, in wholes."""
    available = int(float(segment["available"]))
    ends = [min(int(float(step["up_to"])), available) for step in segment.get("returns", [])] or [available]
    return [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True) if end > start]


def is_whole(segment: Mapping, usual: bool) -> bool:
    """Whether a segment is booked in wholes."""
    return bool(segment.get("whole", str(usual).lower()) == "true")


def in_wholes(segment: Mapping) -> None:
    """Make a segment's counts whole."""
    segment["available"] = str(max(round(float(segment["available"])), 1))
    if "returns" in segment:
        lines = {max(round(float(line["up_to"])), 1): line["keep"] for line in reversed(segment["returns"])}
        segment["returns"] = [{"up_to": str(end), "keep": lines[end]} for end in sorted(lines)]


class DrawnPools(Draws):
    """Pools of a style."""

    def frame(self, count: int) -> Frame:
        rng = self.rng
        names = [rng.choice(["@", ""]) + rng.choice("abcdXYZ") + f"{at}." for at in range(count)]
        frame: Frame = {"creator": names, "followers": [self.followers() for _ in names]}
        frame["followers"][0] = self.surely_in_a_tier
        frame["platform"] = [rng.choice(["tiktok", "instagram"]) for _ in names]
        frame["niche"] = [rng.choice(NICHES) for _ in names]
        frame["country"] = [rng.choice(["FR", "DE", "FR"]) for _ in names]
        blank = rng.choice([0.0, 0.0, 0.3])

        def known(value: Any) -> Any:
            return None if self.chance(blank) else value

        frame["fee"] = [known(self.fee()) for _ in names]
        for column, share, draw in self.figures():
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

    @property
    def surely_in_a_tier(self) -> int:
        return {"tiny": 15, "large": 5_000_000}.get(self.style, 5_000)

    def figures(self) -> list[tuple[str, float, Callable[[], Any]]]:
        """Columns of figures, how often a pool has them, and how they are drawn."""
        rng = self.rng
        return [
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

    def own_value(self, column: str) -> float:
        """A value of a column that only the scenario gives a meaning to."""
        if column == "women":
            return float(self.rng.randint(0, 9))
        return self.rng.choice([-1.0, 1.0, 0.5, -2.25, 0.0, round(self.rng.uniform(-5, 5), 3)])

    def post_rates(self, count: int) -> list[float | None]:
        return [self.rng.choice([0.7, 0.333, 1.0, None, 0.0]) for _ in range(count)]

    # --- segments ---

    def supply(self, count: int, *, parts: bool = False) -> list[Mapping]:
        """Names of segments, and how many of each there are."""
        rng = self.rng
        segments: list[Mapping] = []
        for at in range(count):
            available = rng.choice([0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4])
            segment: Mapping = {"name": f"{rng.choice('ABmz')} many {at}", "available": str(available)}
            if parts and self.chance(0.3):
                segment["available"] = rng.choice(["0.5", "1.25", "2.5", "0.333333"])
            if self.chance(0.6):
                segment["returns"] = self.returns(max(available, 1), parts=parts)
            segments.append(segment)
        return segments

    def returns(self, available: int, *, parts: bool) -> list[Mapping]:
        """Falling returns; the last step may end before or beyond what is available."""
        rng = self.rng
        ends: list[float] = sorted(rng.sample(range(1, available + 3), rng.randint(1, min(3, available + 1))))
        if parts and self.chance(0.4):
            ends = sorted({end - rng.choice([0, 0.5, 0.25]) for end in ends})
        keeps = sorted((rng.choice([100, 100, 90, 60, 33.3, 10, 0]) for _ in ends), reverse=True)
        return [{"up_to": f"{end:g}", "keep": f"{keep:g}%"} for end, keep in zip(ends, keeps, strict=True)]

    def fill(self, segments: list[Mapping], kinds: set[str], *, alone: bool) -> None:
        """Give segments their cells; alone, the first of them has what rules may ask for."""
        rng = self.rng
        for at, segment in enumerate(segments):
            first = alone and at == 0
            if first or self.chance(0.85):
                segment["followers"] = str(self.surely_in_a_tier if first or self.chance(0.5) else self.followers())
            else:
                segment |= {"viewers": "4_000", "average_views": str(self.views()), "average_engagements": "120.5"}
                if self.chance(0.5):
                    segment["tier"] = rng.choice(["nano", "micro"])
            for column, values in (("platform", ["tiktok", "instagram"]), ("country", ["FR", "DE"])):
                if first or self.chance(0.8):
                    segment[column] = rng.choice(values)
            if first or self.chance(0.8):
                segment["niche"] = "yoga" if first else rng.choice(["yoga", "chess", "books", ["yoga", "books"]])
            if self.chance(0.7):
                segment["fee"] = self.fee()
            for column, share, draw in self.figures():
                if self.chance(share / 2) and (column != "fee_story" or "story" in kinds):
                    segment[column] = str(draw())

    # --- what is assumed ---

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

    def assume_of_offers(self, said: Mapping) -> None:
        """What can be assumed only of what is offered."""
        kinds = {kind for offer in said.get("offers", {}).values() for kind in offer["deliver"]}
        if "story" in kinds and self.chance(0.4):
            said["assume"]["weight_story"] = "0.25"
        if any(offer["pay"] == "gifted" for offer in said.get("offers", {}).values()) and self.chance(0.4):
            said["assume"]["deal_factor"] = [{"model": "gift", "is": "0.7"}, {"is": "1.1"}]
        if "video" in kinds and self.chance(0.5):
            said["assume"]["view_rate"] = [{"deliverable": "video", "is": "60%"}, {"is": "12.5%"}]
