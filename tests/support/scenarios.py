"""Random small scenarios that reach the shapes on which solvers and planners go wrong."""

from __future__ import annotations

import random
from collections.abc import Collection
from math import prod

from tests.support.brute import Question
from tests.support.drawn_ladders import WITH_LADDERS, DrawnLadders
from tests.support.drawn_pools import OWN, Frame, Mapping, in_wholes, is_whole, ways, widths_of
from tests.support.drawn_rules import DrawnRules

WORDS = ("terms", "segments", "logic", "wallets", "own", "kinds", "each", "talents")
TALENTS = "talents"  # drawn apart, so that scenarios without are the same
LADDERS = "ladders"  # drawn apart, too
PARTS = "parts"  # bookings in parts, which cannot be enumerated
MOST_COLUMNS = 14
MOST_PLANS = 20_000
MOST_PROGRAMS = 40  # ways to book what is booked in wholes, beside what is booked in parts
TIERS = {
    "large": {"nano": [1, 99_999], "micro": [100_000, 1_000_000_000]},
    "tiny": {"nano": [0, 20], "micro": [21, 99]},
}


def scenario(
    seed: int | str, *, style: str | None = None, sizes: tuple[int, int] = (3, 9), words: Collection[str] = ()
) -> tuple[Mapping, Frame | None]:
    """A random scenario as a mapping and columns of creators (None where it has only segments).

    Parameters
    ----------
    style
        One of `STYLES`, or `hair`: amounts that differ by less than a solver's tolerance; by default any of `STYLES`.
    sizes
        The fewest and the most creators. Up to nine of them have at most `MOST_COLUMNS` bookings to choose from.
    words
        Of `WORDS`: what the scenario may say beside creators, fees, gifts and rules over common quantities; each is
        drawn or left out. With segments there are at most `MOST_PLANS` plans.
    """
    return _Draw(random.Random(str(seed)), style, words).scenario(*sizes)


class _Draw(DrawnRules):
    def __init__(self, rng: random.Random, style: str | None, words: Collection[str]) -> None:
        super().__init__(rng, style)
        self.words = frozenset(
            word
            for word in words
            if word not in (PARTS, TALENTS, LADDERS) and self.chance(0.6 if word == "segments" else 0.45)
        )
        self.parts = PARTS in words
        self.whole = True
        self.ladders = None
        if LADDERS in words:
            self.ladders = DrawnLadders(random.Random(f"{rng.getstate()} ladders"), self.places)
        self.apart = random.Random(f"{rng.getstate()} talents") if TALENTS in words else None

    def scenario(self, fewest: int, most: int) -> tuple[Mapping, Frame | None]:
        rng = self.rng
        count = rng.randint(fewest, most)
        offers = rng.randint(1, 3 if most > 9 else max(1, min(3, MOST_COLUMNS // count)))
        segments: list[Mapping] = []
        if "segments" in self.words or self.parts:
            count, offers, segments = self.sizes(count)
        frame = self.frame(count) if count else None
        said = self.terms(offers, segments, frame)
        more = self.own(said, frame) if "own" in self.words else ()
        if "kinds" in self.words:
            more += tuple(Question(said | {"objective": {"maximize": "creators"}}, frame).kinds_counted)
        if self.ladders is not None:
            more += self.with_ladders(said, frame)
        said["objective"] = self.objective("economics" in said, more)
        late = any(len(segment.get("returns", ())) > 1 for segment in segments) and self.chance(0.6)
        if late:  # bookings on the last steps are worth the least
            said["objective"] = {"minimize": rng.choice(["impressions", "engagements", "gross_reach", "spend", *more])}
        names = [*(frame["creator"] if frame else ()), *(segment["name"] for segment in segments)]
        self.people_who(said, list(names), frame)
        if self.ladders is not None:
            self.ladders.agree(said)
        question = Question(said, frame)
        target = self.target(question)
        if self.chance(0.85):
            said["budget"] = self.budget(question, target)
        if "wallets" in self.words:
            self.wallets(said, frame, target)
        rules = self.rules(said, frame, names, target, more)
        if late and target:
            rules["enough"] = {"quantity": "creators", "at_least": str(rng.randint(1, len(target)))}
        if self.apart is not None and not late and self.apart.random() < 0.5:
            rules |= self.of_talents(said, frame, target, more)
        return (said | {"constraints": rules} if rules else said), frame

    def with_ladders(self, said: Mapping, frame: Frame | None) -> tuple[str, ...]:
        """Make ladders of the offers; the quantities that a boost brings."""

        def ways() -> int:
            return Question(said | {"objective": {"maximize": "creators"}}, frame).ways()

        most = max(ways(), MOST_PLANS // 10)
        return WITH_LADDERS if self.ladders is not None and self.ladders.into(said, ways, most) else ()

    def terms(self, offers: int, segments: list[Mapping], frame: Frame | None) -> Mapping:
        """All but goal, people and rules."""
        said: Mapping = {"format": 1, "name": "drawn", "currency": self.currency, "assume": self.assume()}
        if frame is not None and self.places == 3:  # 1.200 may mean thousands as well
            said["creators"] = {"decimal": "point"}
        if self.style in TIERS:
            said["tiers"] = TIERS[self.style]
        every_model = "terms" in self.words
        if offers > 1 or every_model or self.chance(0.6):
            said |= self.offers(offers, every_model=every_model)
        if not self.whole:
            said["whole"] = "false"
        if segments:
            kinds = {kind for offer in said.get("offers", {}).values() for kind in offer["deliver"]}
            self.fill(segments, kinds, alone=frame is None)
            said["segments"] = segments
        self.assume_of_offers(said)
        if every_model:
            self.posting(said, frame)
        if self.chance(0.9) or any("rate" in pay for pay in said.get("pay", {}).values()):
            said["economics"] = self.economics()
        if self.chance(0.4):
            said["fit"] = self.fit()
        return said

    def of_talents(self, said: Mapping, frame: Frame | None, target: list[int], more: tuple[str, ...]) -> Mapping:
        """Say who is behind accounts (one person behind several, two behind one, or nobody is named), and rules."""
        before, self.rng = self.rng, self.apart or self.rng
        names = ["Ana", "Ana", "ana", "Bo", "Cy|Ana", None]
        if frame is not None:
            frame["talent"] = ["Ana", *(self.rng.choice(names) for _ in frame["creator"][1:])]
        for at, segment in enumerate(said.get("segments", [])):
            if (at == 0 and frame is None) or self.chance(0.4):
                segment["talent"] = "Bo"
        question = Question(said, frame)
        count = self.rng.choice([1, 1, 2])
        drawn = {f"talent {at}": self.each_talent(question, f"talent {at}", target, more) for at in range(count)}
        self.rng = before
        return {name: rule for name, rule in drawn.items() if rule is not None}

    def sizes(self, count: int) -> tuple[int, int, list[Mapping]]:
        """As many creators, offers and segments as have at most `MOST_PLANS` plans."""
        rng = self.rng
        offers = rng.choice([1, 1, 2, 2, 3])
        segments = self.supply(rng.choice([1, 1, 2, 3]), parts=self.parts)
        count, most = 0 if self.chance(0.25) else min(count, 6), MOST_PLANS
        if self.parts:
            offers, count, most = min(offers, 2), min(count, 4), MOST_PROGRAMS
            self.whole = self.who_is_whole(segments)
        while True:
            plans = prod(ways(widths_of(segment), offers) for segment in segments if is_whole(segment, self.whole))
            if plans <= most:
                break
            segments.pop()
        while count and self.whole and plans * (offers + 1) ** count > most:
            count -= 1
        return count, offers, segments

    def who_is_whole(self, segments: list[Mapping]) -> bool:
        """Draw who is booked in parts: all but some segments, or some segments; returns whether creators are whole."""
        whole = self.chance(0.4)
        for at, segment in enumerate(segments):
            if whole and (at == 0 or self.chance(0.5)):
                segment["whole"] = "false"
            elif not whole and self.chance(0.3):
                segment["whole"] = "true"
            if is_whole(segment, whole):
                in_wholes(segment)
        return whole

    def own(self, said: Mapping, frame: Frame | None) -> tuple[str, ...]:
        """Columns of numbers as quantities of the scenario's own."""
        rng = self.rng
        columns = rng.sample(OWN, rng.randint(1, 2))
        returns = any("returns" in segment for segment in said.get("segments", []))
        named: Mapping = {}
        for column in columns:
            name = rng.choice([column, f"my {column}"])
            named[name] = {} if name == column else {"column": column}
            if returns or self.chance(0.3):
                named[name]["falls"] = rng.choice(["true", "false"])
            if frame is not None:
                frame[column] = [self.own_value(column) for _ in frame["creator"]]
            for segment in said.get("segments", []):
                segment[column] = str(self.own_value(column))
        plain = not any(named.values()) and self.chance(0.5)
        said["quantities"] = list(named) if plain else named
        return tuple(named)

    def rules(
        self, said: Mapping, frame: Frame | None, names: list[str], target: list[int], more: tuple[str, ...]
    ) -> Mapping:
        rng = self.rng
        numbers = range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5]))
        drawn = {f"rule {at}": self.rule(Question(said, frame), f"rule {at}", target, more) for at in numbers}
        if "logic" in self.words:
            question = Question(said, frame)
            whole = [column.creator for column in question.columns if question.supply_of(column).whole]
            named = names if not self.parts else list(dict.fromkeys(whole))
            for at in range(rng.randint(1, 3) if named else 0):
                drawn[f"logic {at}"] = self.logic(question, f"logic {at}", named, target, filters=not self.parts)
        if "each" in self.words:
            question = Question(said, frame)
            for at in range(rng.randint(1, 2)):
                draw = rng.choice([self.each, self.each, self.per_value])
                drawn[f"each {at}"] = draw(question, f"each {at}", target, more)
        return {name: rule for name, rule in drawn.items() if rule is not None}
