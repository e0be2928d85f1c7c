"""A first scenario for a file of creators: the guesses with their reasons, and what follows from what is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from textwrap import wrap
from typing import Final

from optimizer.domain.exact import CURRENCIES
from optimizer.guessing.content import Content
from optimizer.guessing.guess import Guess, Guesses
from optimizer.guessing.names import bare
from optimizer.loading.numerals import currencies_of
from optimizer.loading.texts import matching
from optimizer.pool_file.table import Table

_BARE: Final = re.compile(r"[^\W\d_][\w .()/&+-]*")
_WORDS: Final = frozenset("yes no on off true false null y n".split())
_WIDE: Final = 46  # where comments begin
_ORDER: Final = (
    "creator platform niche country currency followers authenticity engagement_rate average_engagements"
    " average_views fee"
).split()
_FEES: Final = {"small": 50, "nano": 100, "micro": 450, "macro": 3_000, "mega": 20_000}
_MOST_NAMED: Final = 40
_WORDS_FOR: Final = {"engagement_rate": "engagement rate", "fee": "fees"}
_LARGER: Final = {"macro": (100_000, 999_999), "mega": (1_000_000, 1_000_000_000)}


@dataclass(frozen=True)
class Draft:
    """A scenario as text, and what it could not tell from the file."""

    text: str
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Writing:
    """What a scenario is written from: the file by its name from the scenario, its sheet and header, the guesses."""

    file: str
    title: str
    table: Table
    guesses: Guesses
    sheet: str | None = None
    header: int | None = None

    def content(self, ours: str) -> Content | None:
        """The cells of one of our columns."""
        columns = self.guesses.of(ours)
        known = [name for name in columns if name in self.table.columns]
        return Content.of(self.table, known[0]) if known else None

    def blanks(self, ours: str) -> int:
        """How many rows have no number in one of our columns: blank cells, and words such as N/A."""
        columns = [name for name in self.guesses.of(ours) if name in self.table.columns]
        return int((~matching(self.table.columns[columns[0]], "[0-9]")).sum()) if columns else 0


def draft(writing: Writing) -> Draft:
    """The scenario of a file of creators."""
    currency, why_currency = _currency(writing)
    goal, why_goal = _goal(writing.guesses)
    lines = [
        "# yaml-language-server: $schema=scenario.schema.json",
        f"# Made from {writing.file}. What was guessed says why: correct what is wrong, then run",
        "#   creatormix check scenario.yaml",
        "format: 1",
        f"name: {quoted(writing.title)}",
        commented(f"currency: {currency}", why_currency),
        commented(f"budget: {_budget(writing):_}", "a first figure: write your own"),
        "",
        commented(f"objective: {{maximize: {goal}}}", why_goal),
        "",
        *_creators(writing),
        "",
        *_tiers(writing),
        *_assume(writing, goal),
        *_offers(writing),
        "# Your rules, as in:",
        "# constraints:",
        "#   what the team handles: {quantity: creators, at_most: 20}",
        "#   nano keep a fifth: {quantity: spend, group: {tier: nano}, at_least: 20%}",
    ]
    return Draft("\n".join(lines) + "\n", tuple(_asks(writing, goal)))


def quoted(text: str) -> str:
    """A text as YAML takes it inside brackets too; in quotes where it needs them."""
    if _BARE.fullmatch(text) and text.casefold() not in _WORDS and not text.endswith(" "):
        return text
    return json.dumps(text, ensure_ascii=False)


def commented(line: str, why: str) -> str:
    """A line with a comment: behind it, or above it where it is long."""
    words = " ".join(why.split())
    if len(line) <= _WIDE:
        return f"{line:<{_WIDE}} # {words}"
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}# {words}\n{line}"


# --- creators ---


def _creators(writing: Writing) -> Iterator[str]:
    guesses = writing.guesses
    yield "creators:"
    yield f"  file: {quoted(writing.file)}"
    yield from [] if writing.sheet is None else [f"  sheet: {quoted(writing.sheet)}"]
    yield from [] if writing.header is None else [f"  header: {writing.header}"]
    if guesses.posts:
        yield commented("  rows: posts", "each row is a post: figures are means over a creator's posts")
    yield "  columns:"
    if guesses.preset is not None:
        yield commented(f"    preset: {guesses.preset.name}", f"{guesses.preset.title}: {guesses.why_preset}")
        for ours, columns in guesses.by_preset.items():
            if columns:
                yield f"    #   it reads {ours} from {' + '.join(_short(name) for name in columns)}"
    for guess in sorted(guesses.columns.values(), key=_place):
        why = (guess.kept or guess.why) + ("" if guess.sure else " (check this)")
        yield commented(f"    {guess.ours}: {_source(guess)}", why)
    if not guesses.has("creator"):
        yield from _no_creator(guesses)
    for unclear in guesses.unclear:
        names = " or ".join(quoted(name) for name in unclear.columns)
        yield f"    # {unclear.ours}: {quoted(unclear.columns[0])}   # or another: {names}; choose one"
    yield from _listed("not used", guesses.unused)
    yield from _listed("blank in every row", guesses.blank)
    blank = _left_out(writing)
    if blank:
        shown = ", ".join(f"{name}: {{from: 0}}" for name in blank)
        counts = " and ".join(f"{count:,} row{'s' * (count > 1)} without {name}" for name, count in blank.items())
        yield commented(f"  where: {{{shown}}}", f"leaves out {counts}; or give an assume: for them")


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    """A comment that names columns, in lines of some length."""
    if not names:
        return
    shown = [_short(name) for name in names[:_MOST_NAMED]]
    shown += [f"and {len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    yield from (f"  # {line}" for line in wrap(f"{what}: {', '.join(shown)}", 110))


def _no_creator(guesses: Guesses) -> Iterator[str]:
    if guesses.posts and not any(one.ours == "creator" for one in guesses.unclear):
        yield '    # creator: {is: "@handle"}   # the file does not say whose posts these are: write the handle'
    elif not any(one.ours == "creator" for one in guesses.unclear):
        yield "    # creator: ...   # no column seems to hold handles or names: name the one that does"


def _place(guess: Guess) -> tuple[int, str]:
    return (_ORDER.index(guess.ours) if guess.ours in _ORDER else len(_ORDER), guess.ours)


def _source(guess: Guess) -> str:
    names = [quoted(name) for name in guess.columns]
    more = [*(["unit: percent"] if guess.percent else []), *_definition(guess)]
    if guess.way == "sum":
        return f"{{sum: [{', '.join(names)}]{''.join(f', {one}' for one in more)}}}"
    if guess.way == "from" and len(names) > 1:
        return f"[{', '.join(names)}]"
    if guess.way == "from" and not more:
        return names[0]
    return f"{{{', '.join([f'{guess.way}: {names[0]}', *more])}}}"


def _definition(guess: Guess) -> list[str]:
    return [] if guess.definition is None else [f"definition: {quoted(guess.definition)}"]


def _short(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= 60 else line[:60] + "…"


def _left_out(writing: Writing) -> dict[str, int]:
    """Our columns of figures with some blanks: creators without them could not be planned."""
    goal, _ = _goal(writing.guesses)
    needed = {
        "engagements": ["average_engagements" if writing.guesses.has("average_engagements") else "engagement_rate"],
        "impressions": ["average_views"],
    }.get(goal, [])
    if writing.guesses.has("average_engagements") and writing.guesses.has("engagement_rate"):
        needed = []  # where one of the two is blank, the other one counts
    needed += ["fee"] if writing.guesses.has("fee") else []
    if needed[:1] == ["engagement_rate"]:
        needed.append("followers")
    size = len(writing.table.rows)
    counts = {ours: writing.blanks(ours) for ours in needed if writing.guesses.has(ours)}
    return {ours: count for ours, count in counts.items() if 0 < count < size}


# --- what follows from what is known ---


def _goal(guesses: Guesses) -> tuple[str, str]:
    if guesses.has("average_engagements"):
        return "engagements", "the file has interactions"
    if guesses.has("engagement_rate") and guesses.has("followers"):
        return "engagements", "the file has followers and engagement rates"
    if guesses.has("average_views"):
        return "impressions", "the file has views, and nothing about engagement"
    if guesses.has("followers"):
        return "engagements", "the file says nothing of engagement: see assume"
    return "creators", "the file has no figures to do better by"


def _currency(writing: Writing) -> tuple[str, str]:
    found: dict[str, str] = {}
    for fee in writing.guesses.fees:
        content = writing.content(fee)
        for sign in content.signs if content is not None else ():
            codes = currencies_of(sign)
            if codes:
                code = "USD" if "USD" in codes else sorted(codes)[0]
                found.setdefault(code, f'"{sign}" stands beside the fees')
        for name in writing.guesses.of(fee):
            words = set(re.findall(r"[A-Z]{3}", name.upper())) & {"EUR", "USD", "GBP", "CHF", "CAD", "AUD"}
            words |= {"EUR"} if "€" in name else {"USD"} if "$" in name else {"GBP"} if "£" in name else set()
            for code in sorted(words & CURRENCIES):
                found.setdefault(code, f'"{_short(name)}" says so')
    if len(found) == 1:
        return next(iter(found.items()))
    if found:
        first = next(iter(found))
        return first, f"the fees are in {' and '.join(found)}: write an exchange for the others"
    return "EUR", "the file does not say: write yours"


def _budget(writing: Writing) -> int:
    """Enough for about ten creators, in one round figure."""
    middles = [
        one.middle for fee in writing.guesses.fees if (one := writing.content(fee)) is not None and one.middle > 0
    ]
    if not middles:
        return _for_ten(writing)
    amount = max(middles) * max(1, min(10, len(writing.table.rows) // 2))
    unit = 10 ** floor(log10(amount))
    return max(1, int(-(-amount // unit) * unit))


def _for_ten(writing: Writing) -> int:
    """What ten creators of the usual size would cost by the fees that are suggested."""
    content, tiers = writing.content("followers"), _larger(writing)
    if content is None or not tiers:
        return 1_000
    usual = next((tier for tier, (_, high) in tiers.items() if content.middle <= high), "nano")
    return 10 * _FEES[usual]


def _larger(writing: Writing) -> Mapping[str, tuple[int, int]]:
    """All tiers with creators, where most of these are in none of the usual ones; else nothing."""
    content = writing.content("followers")
    if content is None or not len(content.values) or _outside(content) <= 0.5:
        return {}
    small = {"small": (0, 999)} if (content.values < 1_000).any() else {}
    large = {name: ends for name, ends in _LARGER.items() if (content.values >= ends[0]).any()}
    return {**small, "nano": (1_000, 9_999), "micro": (10_000, 99_999), **large}


def _outside(content: Content) -> float:
    """The share of followers that are in neither of the usual tiers."""
    return 1 - float(((content.values >= 1_000) & (content.values < 100_000)).mean())


def _tiers(writing: Writing) -> Iterator[str]:
    """Larger tiers, where they are needed."""
    tiers, content = _larger(writing), writing.content("followers")
    if tiers and content is not None:
        share = f"{_outside(content):.0%}"
        yield f"# {share} of the creators are neither nano nor micro; only creators in a tier can be booked."
        yield f"tiers: {{{', '.join(f'{name}: [{low:_}, {high:_}]' for name, (low, high) in tiers.items())}}}"
        yield ""


def _assume(writing: Writing, goal: str) -> Iterator[str]:
    missing = _needed(writing, goal)
    if not missing:
        return
    yield "# What the file does not have. Take the # away and write your own figures; plans mark them as assumed."
    yield "# Figures of the market, each with its source: creatormix benchmarks"
    yield "# assume:"
    for figure, value in missing.items():
        yield f"#   {figure}: {value}"
    yield ""


def _needed(writing: Writing, goal: str) -> dict[str, str]:
    """The figures that a plan needs and the file does not have, each with an example."""
    guesses, missing = writing.guesses, dict[str, str]()
    if goal == "engagements" and not guesses.has("average_engagements") and not guesses.has("engagement_rate"):
        missing["engagement_rate"] = "3%"
    if not guesses.fees:
        tiers = [*_larger(writing)] or ["nano", "micro"]
        lines = ", ".join(f"{{tier: {tier}, is: {_FEES[tier]:_}}}" for tier in tiers)
        missing["fee"] = f"[{lines}]" if guesses.has("followers") else "300"
    return missing


def _offers(writing: Writing) -> Iterator[str]:
    kinds = [name.removeprefix("fee_") for name in writing.guesses.fees if name != "fee"]
    yield "# What may be booked; each creator gets one offer at the most."
    yield "offers:"
    if not kinds:
        yield f"  one post: {{deliver: {{{_kind(writing)}: 1}}}}"
    for kind in kinds:
        some = writing.blanks(f"fee_{kind}")
        to = f", to: {{fee_{kind}: {{from: 0}}}}" if some else ""
        yield f"  one {kind}: {{deliver: {{{kind}: 1}}{to}}}"
    yield ""


def _kind(writing: Writing) -> str:
    """The piece that the one fee is for, as the header says."""
    words = {word for name in writing.guesses.of("fee") for word in bare(name).split()}
    return next((kind for kind in ("reel", "story", "video", "short") if kind in words), "post")


def _asks(writing: Writing, goal: str) -> Iterator[str]:
    """What a plan needs that the file or the guesses do not give, in words."""
    guesses = writing.guesses
    for unclear in guesses.unclear:
        yield f"{unclear.ours} may be {' or '.join(_short(name) for name in unclear.columns)}: choose one"
    if not guesses.has("creator") and not any(one.ours == "creator" for one in guesses.unclear):
        yield "no column says who the creators are"
    for figure in _needed(writing, goal):
        what = _WORDS_FOR[figure]
        yield f"the file has no {what}: in the scenario, take the # away before assume, and write what you expect"
